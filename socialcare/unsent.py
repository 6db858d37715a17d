"""What a conversation hears of words that were not sent."""

from datetime import datetime

from conversation.delivery import DeliveryState
from conversation.events import HeldBack, NotDelivered, encode
from conversation.model import Arrival
from conversation.store import Delivery, Settlement
from socialcare.pile_on import PILE_ON
from socialcare.reply_payload import ReplyPayload


def told(delivery: Delivery, event: NotDelivered | HeldBack, *, at: datetime) -> Arrival:
    """Make what the conversation is woken by."""
    return Arrival(
        channel="outbox",
        account="",
        event_id=delivery.key,
        address=None,
        kind=event.kind,
        occurred_at=at,
        body=encode(event).encode(),
        to=delivery.conversation,
    )


def silenced(delivery: Delivery, *, at: datetime) -> Settlement:
    """Drop words of the bot's where it is silent by now; told once, however many parts they had."""
    first = ReplyPayload.model_validate_json(delivery.payload).part == 0
    return Settlement(
        delivery=delivery,
        state=DeliveryState.SUPERSEDED,
        at=at,
        why=PILE_ON,
        wake=told(delivery, HeldBack(reason=PILE_ON), at=at) if first else None,
    )
