"""The care of a store: a second way in, beside the service's own, for commands and upkeep.

Theory of operation. `conversation.store.Store` is what the workers need, in few operations that
share transactions. Care is rare, and each piece of it is one transaction of its own on a connection
of its own; the service may run meanwhile, in this process or in others. What care changes is
therefore judged on locked rows, and wakes whom it concerns by what it writes: a moment to look at,
an arrival, a timer. `quarantine`, `people` and `forgetting` say what is done, in the names of
statements; each engine brings its way in and its wording of them.
"""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from conversation.events import Event
from conversation.judging import microseconds, write_log
from conversation.row_json import log_json, place_json
from conversation.rows import row_state
from conversation.writes import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """What became of the room that erased rows took."""

    freed: bool
    """No file of the store holds their bytes any more."""
    why: str = ""
    """What stands in the way, where it does."""


class Care(Protocol):
    """One engine's second way in."""

    async def open(self) -> None:
        """Reach a store that is there; raises `StoreUnusable`."""
        ...

    async def close(self) -> None:
        """Let go of it."""
        ...

    def writing(self) -> AbstractAsyncContextManager[Session]:
        """Open a transaction; raises `StoreUnavailable` where it does not hold."""
        ...

    def looking(self) -> AbstractAsyncContextManager[Session]:
        """Open a look at one moment."""
        ...

    async def tidy(self) -> None:
        """Keep the files small, as far as that costs nobody a wait."""
        ...

    async def scrub(self) -> Space:
        """Leave nothing of erased rows in the files; writers may wait for it."""
        ...


async def note(
    session: Session, conversation: str, *events: Event, at: datetime, turn: str | None = None
) -> None:
    """Put entries behind a conversation's log; of a turn, where one wrote them."""
    rows = await session.all("rows_for_commit", [conversation])
    if not rows:
        return
    row = row_state(rows[0])
    logged = write_log(conversation, row, events, at_us=microseconds(at), turn=turn)
    await session.each("log_add", [log_json(one) for one in logged])
    await session.each("conversation_log", [place_json(conversation, row)])
