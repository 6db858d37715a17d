"""Waiting for what a stand-in is about to see, without polling."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class NotSeenError(AssertionError):
    """What somebody waited for did not come in time."""


class Changes:
    """A bell rung at each change; whoever waits looks again then.

    The patience of whoever looks is counted on the event loop, not on the injected clock: a test
    that moves its clock by a day has not lost patience.
    """

    def __init__(self) -> None:
        self._bell = asyncio.Event()

    def tell(self) -> None:
        """Ring: everybody who waits looks again."""
        self._bell.set()
        self._bell = asyncio.Event()

    def bell(self) -> asyncio.Event:
        """Give what the next change sets; taken before a look, it misses nothing."""
        return self._bell

    async def until(
        self, look: Callable[[], T | None], *, patience_s: float, expected: Callable[[], str]
    ) -> T:
        """Wait until `look` finds something and give it back.

        Raises:
            NotSeenError: it did not come within `patience_s`; carries the words of `expected`.
        """
        try:
            async with asyncio.timeout(patience_s):
                while (found := look()) is None:
                    await self._bell.wait()
        except TimeoutError:
            msg = f"not within {patience_s} s: {expected()}"
            raise NotSeenError(msg) from None
        return found
