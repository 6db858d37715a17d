"""What a turn's messages say to what was proposed: words and buttons alike."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from brain.memory import Memory, Wish
from config.schema import Brand
from conversation.events import MessageReceived, Pressed
from conversation.ledger import CallState
from conversation.model import Peer
from conversation.state import Act, ConversationState, Waiting
from socialcare.consenting import consent_of, is_vip

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
ANA = Peer(user_id="7")
ASKED = ConversationState(proposed=("refund:abc:0|42.00 GBP",))
WAITS = ConversationState(
    waiting=(Waiting(approval_id="a", call_key="refund:abc:0", summary="s", expires_at=NOW),)
)


def wrote(*texts: str) -> tuple[MessageReceived, ...]:
    return tuple(
        MessageReceived(message_id=str(n), sender=ANA, occurred_at=NOW, text=text)
        for n, text in enumerate(texts)
    )


def pressed(payload: str) -> tuple[Pressed, ...]:
    return (Pressed(press_id="p", message_id="1", sender=ANA, occurred_at=NOW, payload=payload),)


@pytest.mark.parametrize("messages", [wrote("yes"), wrote("Ja, bitte"), pressed("yes")])
def test_a_yes_agrees_to_what_was_asked_and_to_nothing_else(
    messages: tuple[MessageReceived | Pressed, ...],
) -> None:
    assert consent_of(messages, ASKED).agreed == frozenset(ASKED.proposed)
    assert consent_of(messages, ConversationState()).agreed == frozenset()


@pytest.mark.parametrize(
    "messages",
    [(), wrote("no"), wrote("yes", "wait, don't refund it"), wrote("where is it?"), pressed("no")],
)
def test_all_else_agrees_to_nothing(
    messages: tuple[MessageReceived | Pressed, ...],
) -> None:
    assert consent_of(messages, ASKED).agreed == frozenset()


def test_what_is_named_is_taken_back() -> None:
    found = consent_of(wrote("please don't refund it"), ConversationState())
    assert found.withdrawn == {"refund"}


def test_never_mind_means_what_waits_or_what_was_done_last() -> None:
    assert consent_of(wrote("never mind"), WAITS).withdrawn == {"refund"}
    assert consent_of(wrote("never mind"), ASKED).withdrawn == {"refund"}
    act = Act(at=NOW, action="replacement", state=CallState.DONE, summary="s", key="k")
    done = ConversationState(acts=(act,))
    assert consent_of(wrote("I changed my mind"), done).withdrawn == {"replacement"}
    assert consent_of(wrote("never mind"), ConversationState()).withdrawn == frozenset()


def test_never_mind_leaves_a_sign_off_while_something_else_is_open() -> None:
    memory = Memory(wishes=(Wish(topic="order_status"),))
    state = replace(WAITS, memory=memory.model_dump_json())
    assert consent_of(wrote("never mind"), state).withdrawn == frozenset()


@pytest.mark.parametrize(
    ("least", "followers", "vip"),
    [(None, 10**9, False), (100, None, False), (100, 99, False), (100, 100, True)],
)
def test_a_following_counts_only_where_the_brand_says_so(
    least: int | None, followers: int | None, vip: bool
) -> None:
    state = ConversationState(peer=replace(ANA, followers=followers))
    assert is_vip(state, Brand(name="N", vip_followers=least)) is vip
    assert is_vip(ConversationState(), Brand(name="N", vip_followers=least)) is False
