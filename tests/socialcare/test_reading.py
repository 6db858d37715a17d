"""Arrivals of a turn, read into the domain's words."""

from dataclasses import dataclass
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from channels.contract import Codec
from channels.telegram.codec import TelegramCodec
from conversation.events import (
    Colleague,
    Inbound,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Moved,
    NotDelivered,
    Pressed,
    Receipt,
    ReceiptStatus,
    Released,
    SignOffDecided,
    TimerFired,
    Undecodable,
    encode,
)
from conversation.model import Arrival, Peer
from conversation.store import Pending
from socialcare.reading import TRIES_MAX, Reading, amended, read, without

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MIA = Peer(user_id="7", name="Mia")


@dataclass(frozen=True)
class FixedCodec(TelegramCodec):
    """A codec that finds what the test says, by event id."""

    found: dict[str, tuple[Inbound, ...]]

    @override
    def decode(self, arrival: Arrival) -> tuple[Inbound, ...]:
        return self.found[arrival.event_id]


def pending(seq: int, *, channel: str = "telegram", tries: int = 1, **more: object) -> Pending:
    arrival = Arrival(
        channel=channel,
        account="42",
        event_id=str(seq),
        address=None,
        kind=str(more.get("kind", "message")),
        occurred_at=NOW,
        body=bytes(str(more.get("body", "")), "utf-8"),
    )
    return Pending(seq=seq, arrival=arrival, received_at=NOW, tries=tries)


def wrote(number: int, text: str) -> MessageReceived:
    return MessageReceived(message_id=str(number), sender=MIA, occurred_at=NOW, text=text)


def edited(number: int, text: str) -> MessageEdited:
    return MessageEdited(message_id=str(number), sender=MIA, occurred_at=NOW, text=text)


def gone(number: int) -> MessageDeleted:
    return MessageDeleted(message_id=str(number), occurred_at=NOW)


def read_all(*events: Inbound) -> Reading:
    found: dict[str, tuple[Inbound, ...]] = {
        str(seq): (event,) for seq, event in enumerate(events, start=1)
    }
    codecs: dict[str, Codec] = {"telegram": FixedCodec(found)}
    return read([pending(seq) for seq in range(1, len(events) + 1)], codecs)


def texts(reading: Reading) -> list[str]:
    return [one.text for one in reading.messages if isinstance(one, MessageReceived)]


def test_a_burst_is_one_turn_in_order() -> None:
    reading = read_all(wrote(1, "hi"), wrote(2, "my order"), wrote(3, "is late"))
    assert texts(reading) == ["hi", "my order", "is late"]
    assert reading.consumed == (1, 2, 3)
    assert reading.peer == MIA


def test_edits_and_deletions_of_the_burst_are_applied() -> None:
    reading = read_all(wrote(1, "helo"), edited(1, "hello"), wrote(2, "nonsense"), gone(2))
    assert texts(reading) == ["hello"]
    assert len(reading.events) == 4


def test_what_changes_a_message_counts_after_it_whichever_comes_first() -> None:
    reading = read_all(gone(2), edited(1, "one, corrected"), wrote(1, "one"), wrote(2, "two"))
    assert texts(reading) == ["one, corrected"]
    assert [event.kind for event in reading.events] == ["message", "edit", "message", "delete"]


def test_what_was_taken_back_before_it_came_is_forgotten() -> None:
    late = without(read_all(wrote(1, "purple"), wrote(2, "two")), ("1",))
    assert texts(late) == ["two"]
    assert late.taken_back == frozenset({"1"})
    assert "purple" not in str(late.events)
    assert without(late, ("9",)) is late


def test_what_was_changed_before_it_came_has_the_words_of_the_change() -> None:
    came = read_all(wrote(1, "one"), wrote(2, "two"))
    early = read_all(edited(1, "one, corrected")).events[0]
    assert isinstance(early, MessageEdited)
    late = amended(came, {"1": early})
    assert texts(late) == ["one, corrected", "two"]
    assert [event.kind for event in late.events] == ["message", "edit", "message"]


def test_an_edit_of_an_earlier_turns_message_is_no_new_message() -> None:
    reading = read_all(edited(1, "hello"))
    assert reading.messages == ()
    assert reading.peer is None
    assert reading.consumed == (1,)


def test_whom_the_platform_renamed_is_known_by_the_new_id() -> None:
    moved = Moved(new_key="GB.2", user_id="GB.2", occurred_at=NOW)
    assert read_all(moved).peer == Peer(user_id="GB.2")
    assert read_all(wrote(1, "hi"), moved).peer == Peer(user_id="GB.2")


def test_a_chat_of_many_that_moved_renames_nobody() -> None:
    reading = read_all(wrote(1, "hi"), Moved(new_key="-100", occurred_at=NOW))
    assert reading.peer == MIA


def test_a_press_is_something_the_customer_says() -> None:
    press = Pressed(press_id="p1", message_id="1", sender=MIA, occurred_at=NOW, payload="yes")
    reading = read_all(press)
    assert reading.messages == (press,)
    assert reading.presses == ("p1",)


def test_what_cannot_be_read_is_put_aside_and_the_rest_goes_on() -> None:
    reading = read_all(wrote(1, "hi"), Undecodable(why="no text"), wrote(3, "there"))
    assert reading.quarantined == ((2, "no text"),)
    assert reading.consumed == (1, 3)
    assert not reading.poisoned
    assert texts(reading) == ["hi", "there"]


def test_what_killed_turns_before_is_poison() -> None:
    codecs: dict[str, Codec] = {"telegram": FixedCodec({"1": (wrote(1, "boom"),)})}
    fine = read([pending(1, tries=TRIES_MAX)], codecs)
    bad = read([pending(1, tries=TRIES_MAX + 1)], codecs)
    assert (fine.poisoned, bad.poisoned) == (False, True)
    assert bad.consumed == ()
    assert bad.quarantined[0][0] == 1
    assert texts(bad) == ["boom"]
    worse = read([pending(1, tries=TRIES_MAX + 2)], codecs)
    assert [type(event) for event in worse.events] == [Undecodable]


def test_poison_that_cannot_even_be_read_is_put_aside() -> None:
    codecs: dict[str, Codec] = {"telegram": FixedCodec({})}
    bad = read([pending(1, tries=TRIES_MAX + 1)], codecs)
    assert bad.quarantined[0][0] == 1


def test_arrivals_of_our_own() -> None:
    ben = Colleague(user_id="U1", name="Ben")
    decided = SignOffDecided(approval_id="a", approved=True, by=ben)
    lost = NotDelivered(outbox_key="k", why="blocked")
    reading = read(
        [
            pending(1, channel="desk", body=encode(Released(by=ben))),
            pending(2, channel="desk", body=encode(decided)),
            pending(3, channel="timer", kind="human", body="x"),
            pending(4, channel="outbox", body=encode(lost)),
        ],
        {},
    )
    assert reading.released
    assert reading.decisions == (decided,)
    assert reading.timers == (TimerFired(name="human", data="x"),)
    assert reading.undelivered == ("blocked",)
    assert reading.messages == ()


def test_the_platforms_word_that_it_failed_counts_as_undelivered() -> None:
    failed = Receipt(message_id="1", status=ReceiptStatus.FAILED, occurred_at=NOW)
    done = Receipt(message_id="1", status=ReceiptStatus.READ, occurred_at=NOW)
    assert len(read_all(failed).undelivered) == 1
    assert read_all(done).undelivered == ()


def test_what_waited_for_a_channel_that_is_gone_is_put_aside() -> None:
    """It was acknowledged, so somebody must hear of it; with the channel back it is tried again."""
    reading = read([pending(1, channel="myspace")], {})
    assert reading.quarantined == ((1, "the channel myspace is not configured any more"),)
    assert reading.consumed == ()


def test_broken_arrivals_of_our_own_are_put_aside() -> None:
    reading = read(
        [pending(1, channel="desk", body="{"), pending(2, channel="outbox", body='{"kind": "x"}')],
        {},
    )
    assert [seq for seq, _ in reading.quarantined] == [1, 2]


EVENTS = st.one_of(
    st.builds(wrote, st.integers(1, 4), st.text(max_size=5)),
    st.builds(edited, st.integers(1, 4), st.text(max_size=5)),
    st.builds(gone, st.integers(1, 4)),
    st.just(Undecodable(why="x")),
)


@given(st.lists(EVENTS, max_size=12))
def test_every_arrival_ends_consumed_or_put_aside(events: list[Inbound]) -> None:
    reading = read_all(*events)
    ends = [*reading.consumed, *(seq for seq, _ in reading.quarantined)]
    assert sorted(ends) == list(range(1, len(events) + 1))
    assert len(reading.events) == len(events)
