"""The fold: whole or from a snapshot, it comes to the same, and it stays small."""

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from conversation.events import (
    AnsweredElsewhere,
    DeskEvent,
    Drafted,
    Erased,
    Event,
    HandedOff,
    Inbound,
    MessageReceived,
    OwnEvent,
    Resolved,
    Unsupported,
    decode,
    decode_desk,
    encode,
)
from conversation.model import NAME_LIMIT, Peer
from conversation.state import (
    ACTS_KEPT,
    FACTS_KEPT,
    ISSUES_KEPT,
    LINES_KEPT,
    PROOFS_KEPT,
    TEXT_KEPT,
    WAITING_KEPT,
    CaseStatus,
    ConversationState,
    decode_state,
    encode_state,
    fold,
)
from tests.conversation.store_world import NOW

IDS = st.sampled_from(["1", "2", "3"])
TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
MOMENTS = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 - Hypothesis wants bounds without a zone
    max_value=datetime(2030, 1, 1),  # noqa: DTZ001 - the same
    timezones=st.just(UTC),
)
KINDS = (*get_args(Inbound), *get_args(DeskEvent), *get_args(OwnEvent))


def test_what_comes_late_does_not_turn_the_reply_window_back() -> None:
    """Meta repeats for seven days what it could not deliver: older words may come after newer."""
    ana = Peer(user_id="7")
    days = (3, 1, 2)
    events = [
        MessageReceived(
            message_id=f"{day}", sender=ana, occurred_at=NOW + timedelta(days=day), text="hi"
        )
        for day in days
    ]
    state = fold(ConversationState(), ((NOW, event) for event in events))
    assert state.last_customer_at == NOW + timedelta(days=3)


@pytest.mark.parametrize(("sender", "opens"), [(Peer(user_id="7"), True), (None, False)])
def test_what_cannot_be_read_opens_the_reply_window_too(
    sender: Peer | None, *, opens: bool
) -> None:
    """A poll, a picture to be seen once: the customer wrote; a mention elsewhere is no such."""
    strange = Unsupported(what="poll", message_id="1", sender=sender, occurred_at=NOW)
    state = fold(ConversationState(), [(NOW, strange)])
    assert (state.last_customer_at == NOW) is opens


def name_of(kind: type) -> str:
    return str(next(field.default for field in fields(kind) if field.name == "kind"))


def entries(kind: type) -> st.SearchStrategy[Event]:
    """Make entries of a kind from its annotations; ids are few, so that entries meet."""
    st.register_type_strategy(datetime, MOMENTS)
    st.register_type_strategy(str, TEXTS)
    st.register_type_strategy(float, st.floats(0, 1))  # what the log holds of them is probable
    ids = ("message_id", "draft_id", "approval_id", "call_key", "case_id", "order_id", "outbox_key")
    given = {field.name: IDS for field in fields(kind) if field.name in ids}
    return st.builds(kind, kind=st.just(name_of(kind)), **given)


ANY_ENTRY = st.one_of(*map(entries, KINDS))
LOGS = st.lists(st.tuples(MOMENTS, ANY_ENTRY | st.just(Erased())), max_size=25)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_of_entry_comes_back_as_it_was(kind: type) -> None:
    @settings(max_examples=15, deadline=None)
    @given(entry=entries(kind))
    def holds(entry: Event) -> None:
        assert decode(encode(entry)) == entry
        if kind in get_args(DeskEvent):
            assert decode_desk(encode(entry)) == entry
        else:
            with pytest.raises(ValidationError):
                decode_desk(encode(entry))

    holds()


def test_every_kind_has_a_name_of_its_own() -> None:
    names = [name_of(kind) for kind in KINDS]
    assert len(set(names)) == len(names) == 40


@settings(max_examples=150, deadline=None)
@given(log=LOGS, cut=st.integers(0, 25))
def test_a_snapshot_with_the_entries_after_it_equals_the_whole(
    log: list[tuple[datetime, Event | Erased]], cut: int
) -> None:
    whole = fold(ConversationState(), log)
    snapshot = decode_state(encode_state(fold(ConversationState(), log[:cut])))
    assert fold(snapshot, log[cut:]) == whole
    assert decode_state(encode_state(whole)) == whole


@settings(max_examples=60, deadline=None)
@given(log=st.lists(st.tuples(MOMENTS, ANY_ENTRY), min_size=1, max_size=10), times=st.just(60))
def test_a_conversation_of_a_year_is_no_larger_than_one_of_a_day(
    log: list[tuple[datetime, Event]], times: int
) -> None:
    state = fold(ConversationState(), log * times)
    assert len(state.lines) <= LINES_KEPT
    assert len(state.acts) <= ACTS_KEPT
    assert len(state.facts) <= FACTS_KEPT
    assert len(state.proofs) <= PROOFS_KEPT
    assert len(state.waiting) <= WAITING_KEPT
    assert len(state.issues) <= ISSUES_KEPT


def heard(**spoken: object) -> MessageReceived:
    given: dict[str, object] = {
        "message_id": "1",
        "sender": {"user_id": "5", "name": "A" * 500},
        "occurred_at": NOW.isoformat(),
        "kind": "message",
    }
    event = decode(json.dumps(given | spoken))
    assert isinstance(event, MessageReceived)
    return event


def test_long_texts_and_names_are_cut_in_the_state_only() -> None:
    event = heard(text="x" * (TEXT_KEPT + 9))
    state = fold(ConversationState(), [(NOW, event)])
    assert len(state.lines[0].text) == TEXT_KEPT
    assert state.peer is not None
    assert len(state.peer.name or "") == NAME_LIMIT
    assert len(event.text) == TEXT_KEPT + 9


def test_an_erased_entry_means_nothing_any_more() -> None:
    one, two = heard(text="secret"), heard(message_id="2", text="hello")
    assert fold(ConversationState(), [(NOW, Erased()), (NOW, two)]) == fold(
        ConversationState(), [(NOW, two)]
    )
    assert fold(ConversationState(), [(NOW, one), (NOW, two)]).lines[0].text == "secret"


def test_a_thread_that_was_only_taken_still_waits_for_an_answer() -> None:
    wrote = MessageReceived(
        message_id="1", sender=Peer(user_id="ana"), occurred_at=NOW, text="hello?"
    )
    taken = AnsweredElsewhere(message_id="2", occurred_at=NOW)
    state = fold(ConversationState(), [(NOW, wrote), (NOW, taken)])
    assert (len(state.lines), state.unanswered_since) == (1, NOW)
    answered = fold(state, [(NOW, replace(taken, text="Ben here"))])
    assert (len(answered.lines), answered.unanswered_since) == (2, None)


def test_one_case_is_open_at_a_time() -> None:
    draft = Drafted(draft_id="d1", text="t", case_id="k1")
    handed = HandedOff(reason="wants_human", note="n", case_id="k2")
    state = fold(ConversationState(), [(NOW, draft), (NOW, handed)])
    assert state.case is not None
    assert (state.case.id, state.case.reason) == ("k1", "wants_human")
    by = {"user_id": "U1", "name": "Kim"}
    resolved = decode(json.dumps({"kind": "resolved", "by": by}))
    assert isinstance(resolved, Resolved)
    state = fold(state, [(NOW, resolved)])
    assert state.case is not None
    assert state.case.status is CaseStatus.RESOLVED
    state = fold(state, [(NOW, handed)])
    assert state.case is not None
    assert (state.case.id, state.case.status) == ("k2", CaseStatus.OPEN)


@pytest.mark.parametrize("text", ["", "{}", '{"kind": "odd"}', '{"kind": "erased"}', "[]", "null"])
def test_what_was_never_an_entry_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        decode(text)
