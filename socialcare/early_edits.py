"""Edits that came a whole turn before their message: platforms promise no order."""

from conversation.events import MessageEdited, MessageReceived
from conversation.store import Store, Work
from socialcare.reading import Reading, amended


async def with_early_edits(store: Store, work: Work, reading: Reading) -> Reading:
    """Read messages with the words that earlier turns heard they have by now.

    Raises:
        StoreUnavailable: those cannot be read now.
    """
    late = {one.message_id for one in reading.events if isinstance(one, MessageReceived)}
    early = late & set(work.state.early)
    if not early:
        return reading
    found = {
        event.message_id: event
        for _, event in await store.log(work.row.id)
        if isinstance(event, MessageEdited) and event.message_id in early
    }
    # What came since, in this turn itself, is newer.
    changed = {one.message_id for one in reading.events if isinstance(one, MessageEdited)}
    return amended(reading, {name: one for name, one in found.items() if name not in changed})
