"""What may still go when the customer has been silent: a table."""

from datetime import UTC, datetime, timedelta

import pytest

from channels.contract import Capabilities, LengthUnit, OutboundMessage, Window
from conversation.model import Author
from socialcare.windows import Closed, Lawful, Reopen, judge

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
DAY, WEEK = timedelta(hours=24), timedelta(days=7)
META = Window(bot=DAY, colleague=WEEK)
WHATSAPP = Window(bot=DAY, template=True)
BOT = OutboundMessage(text="hi")
COLLEAGUE = OutboundMessage(text="hi", author=Author.COLLEAGUE)
REOPEN = frozenset({"reopen"})


def judged(
    message: OutboundMessage,
    window: Window | None,
    silent: timedelta | None,
    templates: frozenset[str] = REOPEN,
) -> Lawful | Reopen | Closed:
    return judge(
        message,
        Capabilities(max_length=100, unit=LengthUnit.CHARACTERS, window=window),
        last_customer_at=None if silent is None else NOW - silent,
        now=NOW,
        templates=templates,
    )


@pytest.mark.parametrize(
    ("message", "window", "silent", "kind"),
    [
        (BOT, None, None, Lawful),
        (BOT, META, DAY, Lawful),
        (BOT, META, DAY + timedelta(microseconds=1), Closed),
        (BOT, META, None, Closed),
        (COLLEAGUE, META, WEEK, Lawful),
        (COLLEAGUE, META, WEEK + timedelta(seconds=1), Closed),
        (BOT, WHATSAPP, DAY, Lawful),
        (BOT, WHATSAPP, WEEK, Reopen),
        (COLLEAGUE, WHATSAPP, WEEK, Reopen),
    ],
)
def test_who_may_write_how_late(
    message: OutboundMessage, window: Window | None, silent: timedelta | None, kind: type
) -> None:
    assert isinstance(judged(message, window, silent), kind)


def test_only_a_colleagues_late_words_say_that_they_are_late() -> None:
    assert judged(COLLEAGUE, META, DAY) == Lawful(message=COLLEAGUE)
    late = judged(COLLEAGUE, META, DAY * 2)
    assert isinstance(late, Lawful)
    assert late.message.late


def test_a_template_that_is_not_configured_does_not_go() -> None:
    assert judged(BOT, WHATSAPP, WEEK, templates=frozenset({"other"})) == Closed()
    reopened = judged(BOT, WHATSAPP, WEEK)
    assert isinstance(reopened, Reopen)
    assert reopened.message.template == "reopen"


@pytest.mark.parametrize(
    ("lasts", "silent", "kind"),
    [
        (WEEK, WEEK, Lawful),
        (WEEK, WEEK + timedelta(microseconds=1), Closed),
        (WEEK, None, Lawful),
    ],
)
def test_a_private_reply_goes_within_its_own_time(
    lasts: timedelta, silent: timedelta | None, kind: type
) -> None:
    private = OutboundMessage(text="hi", private=True, reply_to="1")
    public = Capabilities(max_length=100, unit=LengthUnit.CHARACTERS, private_reply=lasts)
    heard_at = None if silent is None else NOW - silent
    verdict = judge(private, public, last_customer_at=heard_at, now=NOW, templates=frozenset())
    assert isinstance(verdict, kind)


def test_a_draft_sent_as_it_was_is_no_persons_own_words() -> None:
    """HUMAN_AGENT is for what a person wrote: the bot's wording goes within the bot's window."""
    drafted = OutboundMessage(text="hi", author=Author.COLLEAGUE, drafted=True)
    assert judged(drafted, META, DAY) == Lawful(message=drafted)
    assert judged(drafted, META, DAY * 2) == Closed()
