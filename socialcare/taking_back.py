"""Messages that customers took back: which arrivals brought them, so that they can be emptied."""

from collections.abc import Mapping

from channels.contract import Codec
from conversation.store import Forgotten, Store, Work
from socialcare.reading import Reading, messages_in

PAGE = 200
LOOKED_AT_MAX = 4_000
"""Arrivals of a conversation that are looked through; platforms let nobody take back older ones."""


async def forgotten(
    store: Store, work: Work, reading: Reading, codecs: Mapping[str, Codec]
) -> tuple[Forgotten, ...]:
    """Find all arrivals of the messages that a turn's events take back.

    Raises:
        StoreUnavailable: they cannot be looked through now.
    """
    if not reading.taken_back:
        return ()
    found: dict[str, set[int]] = {one: set() for one in reading.taken_back}
    before, seen = max(one.seq for one in work.pending) + 1, 0
    while seen < LOOKED_AT_MAX:
        page = await store.arrivals(work.row.id, before=before, limit=PAGE)
        for one in page:
            for message_id in messages_in(one, codecs) & reading.taken_back:
                found[message_id].add(one.seq)
        if len(page) < PAGE:
            break
        before, seen = page[-1].seq, seen + len(page)
    return tuple(
        Forgotten(message_id=one, arrivals=tuple(sorted(seqs))) for one, seqs in found.items()
    )
