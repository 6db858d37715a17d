"""What is doubtful in a colleague's words, and what is not: read, never changed."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from brain.doubts import DOUBTS_MAX, NO_BACKING, SHOWN_MAX, Backing, backing, doubts_in
from brain.knowledge.articles import Article
from config.stages import Surface
from conversation.events import Doubt, Fact, IssueSeen
from conversation.ledger import CallState
from conversation.model import Author, Peer
from conversation.state import Act, ConversationState, Draft, Line, Waiting

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
EMPTY = ConversationState(language="en")


def article(text: str) -> Article:
    return Article(id="a", title="Returns", surface=Surface.PRIVATE, answer=text, body="")


BRAND = backing(
    ("northwind.example",),
    (article("Send it back within 30 days, by www.parcel.example. Postage is £3.50."),),
)


def kinds(
    words: str,
    state: ConversationState = EMPTY,
    *,
    of: Backing = BRAND,
    with_person: bool = True,
) -> list[str]:
    return [one.kind for one in doubts_in(words, state=state, backing=of, with_person=with_person)]


def act(state: CallState, *, action: str = "refund") -> Act:
    summary = "Refund 42.00 GBP of charge ch_2 (order A-10293)"
    return Act(at=NOW, action=action, state=state, summary=summary, key="k")


def heard(text: str, *, deleted: bool = False) -> ConversationState:
    line = Line(at=NOW, author=Author.CUSTOMER, text=text, deleted=deleted)
    return replace(EMPTY, lines=(line,))


def looked_up(value: str) -> ConversationState:
    return replace(EMPTY, facts=(Fact(label="order", value=value, source="shop"),))


@pytest.mark.parametrize(
    "words",
    [
        "I am sorry, a new one will be on its way.",
        "You can send it back within thirty days. Postage is £3.50.",
        "See https://www.northwind.example/returns or www.parcel.example",
        "Thank you.Please wait",
        "Shall I refund it?",
        "A colleague will call you.",
    ],
)
def test_plain_words_are_in_no_doubt(words: str) -> None:
    assert kinds(words) == []


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("I have refunded you.", "claim"),
        ("Ich habe Ihnen das Geld erstattet.", "claim"),
        ("See evil.example/pay", "link"),
        ("Write to me at ben@private.example", "link"),
        ("You have 45 days.", "number"),
        ("Postage is £30.", "number"),
        ("Your order is A-99999.", "number"),
    ],
)
def test_what_nothing_shows_is_named(words: str, kind: str) -> None:
    assert kinds(words) == [kind]


def test_the_sentence_is_named_and_a_long_one_shortened() -> None:
    words = "Hello Mia. I have refunded you! Best, Ben"
    (one,) = doubts_in(words, state=EMPTY, backing=BRAND, with_person=True)
    assert one == Doubt(kind="claim", words="I have refunded you")
    (long,) = doubts_in("so " * 200 + "45", state=EMPTY, backing=BRAND, with_person=True)
    assert len(long.words) == SHOWN_MAX


def test_a_claim_with_a_wrong_number_is_one_doubt() -> None:
    assert kinds("I have refunded you £99.") == ["claim"]


def test_what_is_in_the_books_may_be_said() -> None:
    done = replace(EMPTY, acts=(act(CallState.DONE),))
    assert kinds("I have refunded you £42.00 for A-10293.", done) == []
    assert kinds("You were refunded £42.00.", done) == []
    assert kinds("I have refunded you £24.00.", done) == ["number"]
    assert kinds("I have cancelled your order.", done) == ["claim"]


@pytest.mark.parametrize("state", [CallState.UNKNOWN, CallState.FAILED, CallState.AWAITING])
def test_what_is_not_done_is_not_in_the_books(state: CallState) -> None:
    assert kinds("I have refunded you.", replace(EMPTY, acts=(act(state),))) == ["claim"]


def test_what_was_looked_up_may_be_said() -> None:
    assert kinds("Your order was cancelled.", looked_up("A-1: cancelled")) == []
    assert kinds("Your order was cancelled.", looked_up("A-1: shipped")) == ["claim"]
    back = looked_up("ch_1: 42.00 GBP, refunded 42.00 GBP")
    assert kinds("You have been refunded £42.", back) == []
    none = looked_up("ch_1: 42.00 GBP, refunded 0.00 GBP")
    assert kinds("You have been refunded.", none) == ["claim"]


def test_what_the_customer_named_may_be_said_but_no_amount_rests_on_it() -> None:
    assert kinds("A-77 it is, from ana@home.example", heard("A-77, ana@home.example")) == []
    assert kinds("You get £80.", heard("I want £80")) == ["number"]
    assert kinds("A-77 it is.", heard("A-77", deleted=True)) == ["number"]


def test_a_promised_colleague_is_doubtful_where_nobody_has_the_conversation() -> None:
    words = "A colleague will call you."
    assert kinds(words, with_person=False) == ["promise"]
    waiting = Waiting(approval_id="a", call_key="k", summary="Refund", expires_at=NOW)
    assert kinds(words, replace(EMPTY, waiting=(waiting,)), with_person=False) == []


def test_the_customers_name_may_be_said() -> None:
    named = replace(EMPTY, peer=Peer(user_id="7", name="Guest 77", username="g88"))
    assert kinds("Hello Guest 77, or g88.", named) == []


def test_praise_is_passed_on_by_who_reads_it() -> None:
    words = "Thank you. I'll pass it on to the team."
    praised = replace(EMPTY, issues=(IssueSeen(topic="praise", text="great shop"),))
    assert kinds(words, praised, with_person=False) == []
    more = replace(praised, issues=(*praised.issues, IssueSeen(topic="invoice", text="invoice")))
    assert kinds(words, more, with_person=False) == ["promise"]


def test_what_is_kept_back_in_public_is_not_offered_to_be_sent_anyway() -> None:
    own = backing(("northwind.example",), (), [r"A-\d{5}"])
    words = "I have refunded A-10293."
    assert doubts_in(words, state=EMPTY, backing=own, with_person=True, public=True) == ()
    (one,) = doubts_in(
        "I have refunded you.", state=EMPTY, backing=own, with_person=True, public=True
    )
    assert one.kind == "claim"


def test_links_of_the_draft_were_judged_when_it_was_made() -> None:
    draft = Draft(id="d", text="Go on at https://t.example/bot?start=abc", at=NOW)
    drafted = replace(EMPTY, draft=draft)
    assert kinds(draft.text, drafted) == []
    assert kinds(draft.text) == ["link"]


def test_there_is_a_limit_to_what_is_named() -> None:
    words = " ".join(f"Number {n}." for n in range(100, 160))
    assert len(kinds(words, of=NO_BACKING)) == DOUBTS_MAX
    assert kinds("", of=NO_BACKING) == []
