import pytest

from conversation.delivery import DELIVERY_MOVES, DeliveryState, may_settle
from conversation.ledger import APPROVAL_MOVES, CALL_MOVES, ApprovalState, CallState
from conversation.model import Owner
from conversation.state import OWNER_MOVES


@pytest.mark.parametrize("state", DeliveryState)
def test_only_what_is_being_sent_is_settled(state: DeliveryState) -> None:
    assert may_settle(state) == (state in DELIVERY_MOVES[DeliveryState.SENDING])


def test_every_state_of_every_machine_is_in_its_table() -> None:
    assert set(DELIVERY_MOVES) == set(DeliveryState)
    assert set(CALL_MOVES) == {None, *CallState}
    assert set(APPROVAL_MOVES) == set(ApprovalState)
    assert set(OWNER_MOVES) == set(Owner)


@pytest.mark.parametrize(
    "state", [DeliveryState.SENT, DeliveryState.SUPERSEDED, DeliveryState.DROPPED]
)
def test_what_has_ended_moves_no_more(state: DeliveryState) -> None:
    assert not DELIVERY_MOVES[state]


@pytest.mark.parametrize("state", [DeliveryState.DEAD, DeliveryState.UNKNOWN])
def test_what_ended_badly_moves_only_by_a_persons_word(state: DeliveryState) -> None:
    assert DELIVERY_MOVES[state] == {DeliveryState.WAITING, DeliveryState.DROPPED}
