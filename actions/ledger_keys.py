"""Under which keys a wish stands in the ledger: one for each time it may be tried."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Protocol

from conversation.ceilings import Ceiling, Used
from conversation.ledger import CallRecord, call_key

GENERATIONS_MAX: Final = 5
"""A wish that failed that often is a person's business."""

Ledger = Callable[[Sequence[str]], Awaitable[Mapping[str, CallRecord]]]
"""Looks rows up by their keys."""


class Usage(Protocol):
    """What was had below limits over time; `conversation.store.Store.used` is one."""

    async def __call__(self, ceilings: Sequence[Ceiling], *, key: str) -> Sequence[Used]:
        """Sum up the ledger below each, the call of that key left out."""
        ...


def keys_of(*, connector: str, action: str, once_per: Mapping[str, str]) -> list[str]:
    """Give the keys of a wish, the first try's first."""
    return [
        call_key(connector=connector, action=action, once_per=once_per, generation=generation)
        for generation in range(GENERATIONS_MAX)
    ]
