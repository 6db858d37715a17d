"""Failures of messages that are ours: platforms tell each app what became of all of a number's.

A brand that sends its order news from the same number by another tool hears of each that failed
(https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview: every
app that is subscribed gets a copy). Those are nobody's case at the desk.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeGuard

from conversation.events import Delivered, Event, Ignored, Receipt, ReceiptStatus, Said
from conversation.store import Store, Work
from socialcare.reading import Reading, undelivered

IN_DOUBT = timedelta(hours=1)
"""Since words of ours: a message's id may not be noted yet, or the answer that named it be lost."""
FOREIGN = "foreign_receipt"


async def ours_alone(store: Store, work: Work, reading: Reading, *, now: datetime) -> Reading:
    """Leave out failures of messages that others sent in the account's name.

    Raises:
        StoreUnavailable: what we sent cannot be read now.
    """
    failed = {event.message_id for event in reading.events if _failed(event)}
    if not failed:
        return reading
    log = await store.log(work.row.id)
    if any(isinstance(event, Said) and now - at <= IN_DOUBT for at, event in log):
        return reading
    known = {event.message_id for _, event in log if isinstance(event, Delivered)}
    events = tuple(
        Ignored(what=FOREIGN) if _failed(event) and event.message_id not in known else event
        for event in reading.events
    )
    return replace(reading, events=events, undelivered=undelivered(events))


def _failed(event: Event) -> TypeGuard[Receipt]:
    return isinstance(event, Receipt) and event.status is ReceiptStatus.FAILED
