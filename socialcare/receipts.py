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
    if not failed <= known:
        known |= await _elsewhere(store, work)
    events = tuple(
        Ignored(what=FOREIGN) if _failed(event) and event.message_id not in known else event
        for event in reading.events
    )
    return replace(reading, events=events, undelivered=undelivered(events))


async def _elsewhere(store: Store, work: Work) -> set[str]:
    """Name what we sent the same customer in their other conversations of the channel.

    Who was known by a number has another one since their messages name an id as well.
    """
    channel = work.row.address.channel
    places = [
        one.conversation
        for one in await store.relatives(work.row.id)
        if one.same and one.channel == channel
    ]
    return {
        event.message_id
        for place in places
        for _, event in await store.log(place)
        if isinstance(event, Delivered)
    }


def _failed(event: Event) -> TypeGuard[Receipt]:
    return isinstance(event, Receipt) and event.status is ReceiptStatus.FAILED
