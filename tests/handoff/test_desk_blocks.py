"""What the desk sees: within Slack's limits and harmless, whatever customers write."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block as SdkBlock

from config.money import Money
from config.stages import Surface
from conversation.events import (
    Acted,
    Claimed,
    Colleague,
    Decided,
    Drafted,
    Event,
    Fact,
    HandedOff,
    IssueSeen,
    MessageReceived,
    Resolved,
    SignOffAsked,
)
from conversation.ledger import Approval, ApprovalState, CallRecord, CallState
from conversation.model import Address, Owner, Peer
from conversation.state import ConversationState, Draft, fold
from conversation.store import ConversationRow
from handoff import blocks
from handoff.cleaning import clean_name, clean_text, cut, mask_cards, mask_personal
from handoff.context import Priority, context_pack
from handoff.handles import Handle, read_handle
from handoff.modals import reply_modal
from socialcare.sandbox.slack_reading import Message, pings, plain
from socialcare.sandbox.slack_rules import check_blocks, check_view

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BEN = Colleague(user_id="U0BEN", name="Ben")
NASTY = [
    "<!channel> <!here> <@U0BEN> <!subteam^S0CARE>",
    "@channel @here @everyone",
    "*bold* _it_ ~x~ `code` <https://evil.example|northwind.example>",
    "\u202eevil\u202c \u2066x\u2069 \u200fRTL שלום",
    "a" * 40_000,
    '"\\\n' * 13_000,
    "👩‍👩‍👧‍👦" * 5_000,
    "\x00\x1b[31m\ud800\ufffe",
    "",
    "   \n\n  ",
    "&amp; &lt;!channel&gt;",
]
TEXTS = st.text(max_size=300)


def row(owner: Owner = Owner.DESK) -> ConversationRow:
    return ConversationRow(
        id="c_" + "0" * 20,
        address=Address(channel="telegram", account="42", key="1", surface=Surface.PRIVATE),
        customer="cu",
        owner=owner,
        epoch=1,
        claimed_by=None,
        accepted=1,
        token=1,
    )


def story(text: str = "my jacket came torn", *, draft: bool = True) -> ConversationState:
    """Fill every list to its brim with the same words."""
    peer = Peer(user_id="7", name=text, username=text)
    events: list[Event] = [
        MessageReceived(message_id=str(n), sender=peer, occurred_at=NOW, text=text)
        for n in range(20)
    ]
    events.append(
        Decided(
            turn="t",
            stage="copilot",
            shadow=False,
            language="en",
            mood="angry",
            issues=tuple(IssueSeen(topic="damaged_item", text=text) for _ in range(8)),
            deadline="2026-11-27",
            memory="{}",
            summary=text,
            facts=tuple(Fact(label=text, value=f"{n}{text}", source=text) for n in range(15)),
        )
    )
    events += [
        Acted(call_key=f"k{n}", action="refund", state=CallState.REFUSED, summary=text)
        for n in range(15)
    ]
    events.append(HandedOff(reason="refused", note=text, case_id="case-1"))
    events += [
        SignOffAsked(
            approval_id=f"a{n}",
            call_key=f"w{n}",
            summary=text,
            expires_at=NOW + timedelta(minutes=30),
            case_id="case-1",
        )
        for n in range(8)
    ]
    if draft:
        events.append(Drafted(draft_id="d1", text=text or "x", case_id="case-1"))
    return fold(ConversationState(), [(NOW, event) for event in events])


def call(text: str) -> tuple[Approval, CallRecord]:
    record = CallRecord(
        key="refund:1:0",
        conversation=row().id,
        turn="t",
        action="refund",
        connector="billing",
        args="{}",
        amount=Money(8900, "GBP"),
        state=CallState.AWAITING,
        summary=text,
    )
    approval = Approval(
        id="a1",
        call_key=record.key,
        conversation=record.conversation,
        digest=record.digest,
        state=ApprovalState.WAITING,
        asked_at=NOW,
        expires_at=NOW + timedelta(minutes=30),
    )
    return approval, record


def posts(text: str) -> list[blocks.Post]:
    """Make every post there is about a conversation full of these words."""
    state = story(text)
    assert state.case is not None
    pack = context_pack(row(), state, state.case)
    claimed = fold(state, [(NOW, Claimed(by=Colleague(user_id="U1", name=text)))])
    resolved = fold(state, [(NOW, Resolved(by=BEN))])
    assert claimed.case is not None
    assert resolved.case is not None
    approval, record = call(text)
    handle = Handle(conversation=row().id, case_id="case-1", about="C0CARE:1763629300.000300")
    return [
        blocks.card(pack),
        blocks.card(context_pack(row(Owner.COLLEAGUE), claimed, claimed.case)),
        blocks.card(context_pack(row(Owner.BOT), resolved, resolved.case)),
        blocks.details(pack),
        blocks.customer_line(text, text),
        blocks.note(text),
        blocks.prompt(handle, text, text),
        blocks.prompt_decided(text, f"Sent by {text}"),
        blocks.draft_post(pack, Draft(id="d1", text=text, at=NOW), state.lines[-3:]),
        blocks.draft_gone(text, f"Sent by {text}"),
        blocks.sign_off(approval, record, pack),
        blocks.sign_off(approval, record, None),
        blocks.sign_off(replace(approval, state=ApprovalState.APPROVED), record, pack),
    ]


def as_message(post: blocks.Post) -> Message:
    return Message(
        channel="C", ts="1.2", user="B", text=post.text, at=NOW, blocks=tuple(post.blocks)
    )


def check(text: str) -> None:
    for post in posts(text):
        json.dumps([*post.blocks]).encode()
        check_blocks([*post.blocks])
        assert len(post.text.encode()) < 4_000
        assert "<" not in post.text
        assert not pings(as_message(post))
        for block in SdkBlock.parse_all([*post.blocks]):
            block.validate_json()


@pytest.mark.parametrize("number", range(len(NASTY)))
def test_nasty_words_keep_slack_s_limits_and_ping_nobody(number: int) -> None:
    check(NASTY[number])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=40)
@given(text=TEXTS)
def test_every_post_keeps_slack_s_limits_and_pings_nobody(text: str) -> None:
    check(text)


@settings(deadline=None, max_examples=40)
@given(text=TEXTS)
def test_strangers_words_stand_in_no_markup(text: str) -> None:
    mrkdwn: list[str] = []

    def walk(value: object) -> None:
        if isinstance(value, dict):
            if value.get("type") == "mrkdwn":
                mrkdwn.append(value["text"])
            for each in value.values():
                walk(each)
        elif isinstance(value, list | tuple):
            for each in value:
                walk(each)

    for post in posts(text):
        walk(post.blocks)
    assert {each[:16] for each in mrkdwn} <= {"Expires <!date^1"}


def test_the_card_of_each_status_offers_what_fits() -> None:
    state = story(draft=False)
    assert state.case is not None

    def offered(owner: Owner, given_state: ConversationState) -> list[str]:
        assert given_state.case is not None
        post = blocks.card(context_pack(row(owner), given_state, given_state.case))
        return [b["action_id"] for b in as_message_with_ids(post).buttons]

    assert offered(Owner.DESK, state) == [
        "case.claim", "case.reply", "case.release", "case.resolve", "case.why",
    ]  # fmt: skip
    assert offered(Owner.BOT, story()) == [
        "draft.send", "draft.edit", "draft.discard",
        "case.claim", "case.reply", "case.resolve", "case.why",
    ]  # fmt: skip
    claimed = fold(state, [(NOW, Claimed(by=BEN))])
    assert offered(Owner.COLLEAGUE, claimed) == [
        "case.reply", "case.release", "case.resolve", "case.why",
    ]  # fmt: skip
    assert offered(Owner.BOT, fold(state, [(NOW, Resolved(by=BEN))])) == ["case.why"]


def as_message_with_ids(post: blocks.Post) -> Message:
    return replace(as_message(post), blocks=tuple(check_blocks([*post.blocks])))


def test_buttons_carry_ids_alone() -> None:
    for post in posts("refund 89.00 GBP"):
        for button in as_message_with_ids(post).buttons:
            handle = read_handle(button["value"])
            assert handle is not None
            assert "GBP" not in button["value"]


def test_a_sign_off_shows_the_backend_s_facts_and_when_it_expires() -> None:
    approval, record = call("Refund 89.00 GBP of charge ch_2 (order A-10293)")
    state = story("approved by the manager")
    assert state.case is not None
    post = blocks.sign_off(approval, record, context_pack(row(), state, state.case))
    shown = plain(as_message(post))
    assert "Sign-off: Refund · 89.00 GBP" in shown
    assert "Refund 89.00 GBP of charge ch_2 (order A-10293)" in shown
    assert "2026-11-20 09:30 UTC" in json.dumps([*post.blocks])
    decided = blocks.sign_off(replace(approval, state=ApprovalState.REJECTED), record, None)
    assert "Rejected" in plain(as_message(decided))
    assert "signoff.approve" not in json.dumps([*decided.blocks])


def test_the_customer_s_name_is_marked_as_their_own_choice() -> None:
    state = story("\u202eNorthwind Support")
    assert state.case is not None
    shown = plain(as_message(blocks.card(context_pack(row(), state, state.case))))
    assert "“Northwind Support” (name chosen by the customer)" in shown


@pytest.mark.parametrize("public", [True, False])
@pytest.mark.parametrize("initial", ["", "x" * 3000, "<!channel>"])
def test_the_modal_keeps_the_limits(public: bool, initial: str) -> None:
    handle = Handle(conversation="c" * 200, case_id="k" * 200, about="a" * 300)
    view = reply_modal(handle, channel="telegram" * 200, public=public, initial=initial)
    check_view(view)
    assert read_handle(view["private_metadata"]) == handle


@pytest.mark.parametrize("value", ["", "x", "{}", '{"c":1,"k":"x"}', '{"c":"x","k":"y","z":1}'])
def test_a_strange_value_is_no_handle(value: str) -> None:
    assert read_handle(value) is None


# --- cleaning


def test_names_lose_what_hides_and_what_reorders() -> None:
    assert clean_name("\u202eMia\u200b\n  W\x00") == "Mia W"
    assert clean_name(None) == ""
    assert len(clean_name("x" * 500)) == 80


def test_texts_keep_emoji_and_line_breaks() -> None:
    assert clean_text("👩‍👧 a\r\nb\u2028c\u202e") == "👩‍👧 a\nb\nc"


@pytest.mark.parametrize(
    ("given_text", "masked"),
    [
        ("card 4111 1111 1111 1111 please", "card •••• 1111 please"),
        ("4111-1111-1111-1111", "•••• 1111"),
        ("order 10293 4111 1111 1111 1111", "order 10293 •••• 1111"),
        ("4111\u00a01111\u00a01111\u00a01111", "•••• 1111"),
        ("order 4111111111111112", "order 4111111111111112"),
        ("tracking 000000000000", "tracking 000000000000"),
    ],
)
def test_card_numbers_are_masked_by_their_check_digit(given_text: str, masked: str) -> None:
    assert mask_cards(given_text) == masked


@pytest.mark.parametrize(
    ("given_text", "masked"),
    [
        ("mia.w@shop.example", "m•••@shop.example"),
        ("+44 20 7946 0958", "••• 958"),
        ("order A-10293 of 2026-11-20", "order A-10293 of 2026-11-20"),
        ("24.90 GBP", "24.90 GBP"),
        ("to DE89 3704 0044 0532 0130 00.", "to DE•• •••• 3000."),
        ("gb29nwbk60161331926819", "GB•• •••• 6819"),
        ("four one one one one one one one one one one one one one one one", "•••• 1111"),
        ("ana at northwind dot example", "•••"),
        ("placed 2026-11-11 12:04", "placed 2026-11-11 12:04"),
        ("👩‍👧 says hello", "👩‍👧 says hello"),
    ],
)
def test_personal_facts_are_masked_so_far_that_they_compare(given_text: str, masked: str) -> None:
    assert mask_personal(given_text) == masked


@given(text=st.text(), limit=st.integers(min_value=1, max_value=50))
def test_what_is_cut_fits_in_every_count(text: str, limit: int) -> None:
    assert len(cut(text, limit).encode("utf-16-le", "surrogatepass")) <= limit * 2


@given(text=st.text())
def test_cleaning_is_done_in_one_go(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once
    assert clean_name(clean_name(text)) == clean_name(text)


def understood(**more: Any) -> Decided:
    told: dict[str, Any] = {"mood": "neutral", "urgency": "normal", **more}
    return Decided(
        turn="t",
        stage="autonomous",
        shadow=False,
        language="en",
        issues=(),
        deadline=None,
        memory="{}",
        summary="",
        **told,
    )


def troubled(*turns: Decided) -> ConversationState:
    """A conversation with what triage heard in it."""
    events: list[Event] = [*turns, HandedOff(reason="late", note="n", case_id="case-1")]
    return fold(ConversationState(), [(NOW, event) for event in events])


@pytest.mark.parametrize(
    ("more", "priority", "begins"),
    [
        ({}, Priority.NORMAL, "The answer took too long"),
        ({"urgency": "low"}, Priority.LOW, "The answer took too long"),
        ({"urgency": "high"}, Priority.HIGH, "🟠 High priority"),
        ({"mood": "angry"}, Priority.HIGH, "🟠 High priority"),
        ({"risks": ("press",)}, Priority.HIGH, "🟠 High priority"),
        ({"risks": ("press", "self_harm")}, Priority.URGENT, "🔴 URGENT"),
        ({"risks": ("safety_issue",), "urgency": "low"}, Priority.URGENT, "🔴 URGENT"),
    ],
)
def test_what_is_urgent_is_seen_first(
    more: dict[str, Any], priority: Priority, begins: str
) -> None:
    state = troubled(understood(**more))
    assert state.case is not None
    pack = context_pack(row(), state, state.case)
    assert pack.priority is priority
    post = blocks.card(pack)
    assert post.text.startswith(begins)
    shown = json.dumps(post.blocks, ensure_ascii=False)
    assert f"Priority: {priority}" in shown
    assert ("Take care" in shown) is bool(more.get("risks"))


def test_the_gravest_risk_stands_first_on_the_card() -> None:
    state = troubled(understood(risks=("press", "self_harm")))
    assert state.case is not None
    pack = context_pack(row(), state, state.case)
    assert pack.risks == ("may want to harm themselves", "speaks of the press")


def test_a_mood_that_falls_is_said_and_a_closed_case_begins_anew() -> None:
    fallen = troubled(understood(), understood(mood="upset"), understood(mood="upset"))
    assert fallen.case is not None
    pack = context_pack(row(), fallen, fallen.case)
    assert pack.mood_falls
    assert "getting worse" in json.dumps(blocks.card(pack).blocks)
    closed = fold(fallen, [(NOW, Resolved(by=Colleague(user_id="U1", name="Mia")))])
    assert (closed.moods, closed.urgency, closed.risks) == ((), "", ())


TALK = (
    ("greeting", "hello there"),
    ("store_hours", "when do you open?"),
    ("shipping_info", "do you ship to Wales?"),
    ("start_return", "can I return it?"),
    ("refund_status", "and how long does it take?"),
    ("damaged_item", "my mug arrived broken"),
    ("gift_card", "what about a gift card?"),
    ("thanks", "thanks"),
)


def talked(*talk: tuple[str, str], note: str) -> ConversationState:
    """A conversation of a turn for each wish, handed over in the end."""
    events: list[Event] = [
        replace(understood(), issues=(IssueSeen(topic=topic, text=text),)) for topic, text in talk
    ]
    events.append(HandedOff(reason="no_answer", note=note, case_id="case-1"))
    return fold(ConversationState(), [(NOW, event) for event in events])


def test_a_long_conversations_card_says_what_it_was_handed_over_for() -> None:
    """Not what was said first: a greeting is no case, and what is settled is not the news."""
    state = talked(*TALK, note="Gift card.")
    assert state.case is not None
    pack = context_pack(row(), state, state.case)
    assert pack.title == "Gift card"
    assert [want.words for want in pack.wants] == [
        "what about a gift card?",
        "do you ship to Wales?",
        "can I return it?",
        "and how long does it take?",
        "my mug arrived broken",
    ]


def test_who_only_greeted_and_asks_for_a_person_wants_that() -> None:
    state = talked(("greeting", "hi"), ("human_request", "a person please"), note="")
    assert state.case is not None
    assert context_pack(row(), state, state.case).title == "Human request"


def test_what_was_looked_up_twice_is_shown_as_it_was_last() -> None:
    def looked_up(value: str) -> Decided:
        return replace(understood(), facts=(Fact(label="charge", value=value, source="billing"),))

    turns = (
        looked_up("ch_1: 42.00 GBP, refunded 0.00 GBP"),
        looked_up("ch_1: 42.00 GBP, refunded 42.00 GBP"),
        looked_up("ch_2: 9.00 GBP, refunded 0.00 GBP"),
    )
    state = troubled(*turns)
    assert state.case is not None
    assert [fact.value for fact in context_pack(row(), state, state.case).facts] == [
        "ch_1: 42.00 GBP, refunded 42.00 GBP",
        "ch_2: 9.00 GBP, refunded 0.00 GBP",
    ]
