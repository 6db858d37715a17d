"""What a turn's messages name by which their author may be known elsewhere."""

from datetime import UTC, datetime

from brain.entities import order_id_patterns
from conversation.events import Acted, MessageReceived, Pressed, Proof
from conversation.kin import Mention, Named, proofs_in
from conversation.ledger import CallState
from conversation.model import Peer
from socialcare.mentions import MENTIONS_MAX, named_in

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ANA = Peer(user_id="1", name="Ana")
PATTERNS = order_id_patterns([r"#?[A-Z]-?\d{5,6}"])


def message(text: str) -> MessageReceived:
    return MessageReceived(message_id="1", sender=ANA, occurred_at=NOW, text=text)


def looked_up(level: str) -> Acted:
    proof = Proof(order_id="A-10293", level=level)
    return Acted(
        call_key=None, action="order", state=CallState.DONE, summary="looked up", proof=proof
    )


def test_numbers_and_addresses_are_named_in_their_canonical_spelling() -> None:
    told = message("It's #a-10293, or A-10293; write to Ana@Northwind.example")
    assert named_in([told], [], patterns=PATTERNS) == (
        Mention(kind=Named.ORDER, value="A-10293"),
        Mention(kind=Named.EMAIL, value="ana@northwind.example"),
    )


def test_only_the_strong_proof_counts_as_one() -> None:
    weak = named_in([], [looked_up("order_postcode")], patterns=PATTERNS)
    strong = named_in([], [looked_up("order_email")], patterns=PATTERNS)
    assert not proofs_in(weak)
    assert strong == (Mention(kind=Named.PROOF, value="A-10293"),)
    assert proofs_in(strong)


def test_a_press_names_nothing_and_a_list_is_cut() -> None:
    press = Pressed(press_id="1", message_id=None, sender=ANA, occurred_at=NOW, payload="A-10293")
    assert named_in([press], [], patterns=PATTERNS) == ()
    many = [message(f"A-{n:05}") for n in range(MENTIONS_MAX * 2)]
    assert len(named_in(many, [], patterns=PATTERNS)) == MENTIONS_MAX
