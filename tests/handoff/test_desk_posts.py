"""Which posts a turn makes: each once, in order, under keys that a re-run finds again."""

from datetime import UTC, datetime, timedelta

import pytest

from config.stages import Surface
from conversation.events import (
    Claimed,
    Colleague,
    ColleagueReplied,
    DraftDiscarded,
    Drafted,
    Event,
    HandedOff,
    MessageDeleted,
    MessageReceived,
    NotDelivered,
    Receipt,
    ReceiptStatus,
    Released,
    SignOffAsked,
    SignOffDecided,
    ThreadWritten,
)
from conversation.model import Address, Owner, Peer
from conversation.state import ConversationState, fold
from conversation.store import ConversationRow, OutboxKind
from handoff.posts import (
    CardPost,
    CustomerLinePost,
    DeskPost,
    DetailsPost,
    DraftPost,
    NotePost,
    PromptPost,
    SignOffPost,
    decode_post,
    encode_post,
    posts_for,
)

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BEN = Colleague(user_id="U0BEN", name="Ben")
HANDED_OFF = HandedOff(reason="wants_human", note="n", case_id="k1")
DRAFTED = Drafted(draft_id="d1", text="Sorry", case_id="k1")
ASKED = SignOffAsked(
    approval_id="a1",
    call_key="c",
    summary="Refund",
    expires_at=NOW + timedelta(minutes=30),
    case_id="k1",
)


def row(owner: Owner) -> ConversationRow:
    return ConversationRow(
        id="c_1",
        address=Address(channel="telegram", account="42", key="1", surface=Surface.PRIVATE),
        customer="cu",
        owner=owner,
        epoch=1,
        claimed_by=None,
        accepted=1,
        token=1,
    )


def wrote(text: str = "hello") -> MessageReceived:
    return MessageReceived(
        message_id="1", sender=Peer(user_id="7", name="Mia"), occurred_at=NOW, text=text
    )


def told(before: list[Event], events: list[Event], *, owner: Owner = Owner.DESK) -> list[DeskPost]:
    old = fold(ConversationState(), [(NOW, event) for event in before])
    new = fold(old, [(NOW, event) for event in events])
    rows = posts_for(row(owner), old, new, events, "t1")
    assert [each.key for each in rows] == [f"t1:desk:{n}" for n in range(len(rows))]
    assert all(not each.fenced and each.kind is OutboxKind.DESK for each in rows)
    assert {each.destination for each in rows} <= {"case:k1"}
    assert rows == posts_for(row(owner), old, new, events, "t1")
    return [decode_post(each.payload) for each in rows]


CARD, DETAILS = CardPost(case_id="k1"), DetailsPost(case_id="k1")


def test_without_a_case_the_desk_hears_nothing() -> None:
    assert told([], [wrote()], owner=Owner.BOT) == []


def test_a_new_case_is_a_card_and_its_details() -> None:
    assert told([], [wrote(), HANDED_OFF]) == [CARD, DETAILS]


def test_a_claim_refreshes_the_card() -> None:
    assert told([HANDED_OFF], [Claimed(by=BEN)]) == [CARD]


@pytest.mark.parametrize("owner", [Owner.DESK, Owner.COLLEAGUE])
def test_customers_lines_reach_who_answers(owner: Owner) -> None:
    posts = told([wrote(), HANDED_OFF], [wrote("still there?")], owner=owner)
    line = CustomerLinePost(case_id="k1", text="still there?", name="Mia", message_id="1")
    assert posts == [line]


def test_a_line_that_was_taken_back_is_emptied_and_what_led_here_shown_anew() -> None:
    gone = MessageDeleted(message_id="1", occurred_at=NOW)
    line = CustomerLinePost(case_id="k1", text="", name="", message_id="1", taken_back=True)
    edited = line.model_copy(update={"edited": True})
    assert told([wrote(), HANDED_OFF], [gone]) == [line, edited, CARD, DETAILS]
    first = DraftPost(case_id="k1", draft_id="d1", text="Sorry")
    assert told([wrote(), DRAFTED], [gone])[-1] == first, "it shows what it answers"


def test_what_comes_and_is_taken_back_at_once_is_never_posted() -> None:
    gone = MessageDeleted(message_id="1", occurred_at=NOW)
    posts = told([HANDED_OFF], [wrote("oh no"), gone], owner=Owner.COLLEAGUE)
    assert all(post.text == "" for post in posts if isinstance(post, CustomerLinePost))


def test_who_had_a_case_is_told_that_another_has_it_without_a_press() -> None:
    mira, joined = Colleague(user_id="U0MIRA", name="Mira"), Claimed(by=BEN, joined=True)
    words = "One person with the customer of another case, which Ben has: this one is theirs too"
    waits = NotePost(case_id="k1", text=f"{words}.")
    taken = NotePost(case_id="k1", text=f"{words} (it was Mira's).")
    assert waits in told([HANDED_OFF], [joined])
    assert taken in told([HANDED_OFF, Claimed(by=mira)], [joined])
    assert taken in told([HANDED_OFF], [Claimed(by=mira), joined]), "read in one turn"
    assert told([HANDED_OFF], [Claimed(by=BEN)]) == [CardPost(case_id="k1")]


def test_while_the_bot_answers_the_desk_is_left_in_peace() -> None:
    assert told([wrote(), HANDED_OFF], [wrote()], owner=Owner.BOT) == []


def test_a_draft_is_shown_with_its_case_and_replaced() -> None:
    first = DraftPost(case_id="k1", draft_id="d1", text="Sorry")
    assert told([], [DRAFTED], owner=Owner.BOT) == [CARD, DETAILS, first]
    newer = Drafted(draft_id="d2", text="Very sorry", case_id="k1")
    old = first.model_copy(update={"outcome": "Replaced by a newer draft"})
    new = DraftPost(case_id="k1", draft_id="d2", text="Very sorry")
    assert told([DRAFTED], [newer], owner=Owner.BOT) == [CARD, old, new]


def test_what_became_of_a_draft_is_said() -> None:
    shown = DraftPost(case_id="k1", draft_id="d1", text="Sorry", outcome="Discarded by Ben")
    assert told([DRAFTED], [DraftDiscarded(draft_id="d1", by=BEN)]) == [CARD, shown]
    sent = ColleagueReplied(reply_id="r", by=BEN, text="Sorry", draft_id="d1")
    assert told([DRAFTED], [sent]) == [
        CARD,
        NotePost(case_id="k1", text="Ben → customer: Sorry"),
        shown.model_copy(update={"outcome": "Sent by Ben"}),
    ]


def test_sign_offs_asked_decided_and_lapsed() -> None:
    shown = SignOffPost(case_id="k1", approval_id="a1")
    assert told([], [ASKED]) == [CARD, DETAILS, shown]
    decided = SignOffDecided(approval_id="a1", approved=True, by=BEN)
    assert told([ASKED], [decided]) == [CARD, shown]


def test_what_could_not_be_delivered_is_said() -> None:
    gone = NotDelivered(outbox_key="o", why="blocked by the customer")
    assert told([HANDED_OFF], [gone]) == [
        NotePost(case_id="k1", text="Could not be delivered: blocked by the customer")
    ]


def test_what_was_accepted_and_failed_later_is_said() -> None:
    failed = Receipt(message_id="1", status=ReceiptStatus.FAILED, occurred_at=NOW, why="131026")
    assert told([HANDED_OFF], [failed]) == [
        NotePost(case_id="k1", text="Accepted, but not delivered: 131026")
    ]
    read = Receipt(message_id="1", status=ReceiptStatus.READ, occurred_at=NOW)
    assert told([HANDED_OFF], [read]) == []
    # Where it is the reason for the case, the case says so.
    assert told([], [failed, HANDED_OFF]) == [CARD, DETAILS]


def test_a_line_in_the_thread_is_asked_about_and_closed() -> None:
    written = ThreadWritten(note_id="C:1", by=BEN, text="Ships today")
    asked = PromptPost(case_id="k1", note_id="C:1", text="Ships today", by="Ben")
    assert told([HANDED_OFF], [written]) == [asked]
    sent = ColleagueReplied(reply_id="C:1", by=BEN, text="Ships today")
    assert told([HANDED_OFF], [sent]) == [
        NotePost(case_id="k1", text="Ben → customer: Ships today"),
        asked.model_copy(update={"outcome": "Sent by Ben"}),
    ]


def test_a_second_case_has_its_own_card() -> None:
    again = HandedOff(reason="no_answer", note="n", case_id="k1")
    first = HandedOff(reason="no_answer", note="n", case_id="k0")
    assert told([first, Released(by=BEN)], [again]) == [CARD, DETAILS]


def test_a_handoff_of_an_open_case_says_why_again() -> None:
    again = HandedOff(reason="no_answer", note="Now this.", case_id="k9")
    words = "Handed off again: The bot found no answer. Now this."
    assert told([HANDED_OFF], [again]) == [CARD, DETAILS, NotePost(case_id="k1", text=words)]


def test_a_handoff_after_a_sign_off_shows_what_was_said_meanwhile() -> None:
    """The bot went on while colleagues were asked: none of it stands in the thread yet."""
    again = HandedOff(reason="human_request", note="", case_id="k9")
    words = "Handed off again: The customer asks for a person."
    assert told([ASKED], [wrote("a person please"), again], owner=Owner.BOT) == [
        CARD,
        DETAILS,
        NotePost(case_id="k1", text=words),
    ]


def test_posts_survive_the_outbox() -> None:
    for post in (CARD, DETAILS, SignOffPost(case_id="k1", approval_id="a<b>")):
        assert decode_post(encode_post(post)) == post
