"""A socket that takes nothing any more costs nobody more than a moment."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from socialcare.chat.followers import Feed
from socialcare.chat.talk import BEAT_S, WRITE_S, Talk
from socialcare.sandbox.hand_clock import HandClock


class StuckSocket:
    """A page whose network swallows everything."""

    def __init__(self) -> None:
        self.trying = asyncio.Event()
        self.cut = asyncio.Event()

    async def send_str(self, _: str) -> None:
        self.trying.set()
        await asyncio.Event().wait()

    def abort(self) -> None:
        self.cut.set()


async def test_a_page_that_takes_no_frame_is_cut_off() -> None:
    clock, stuck = HandClock(), StuckSocket()
    house = cast("Any", SimpleNamespace(clock=clock))
    talk = Talk(
        house, cast("Any", None), cast("Any", stuck), transport=cast("Any", stuck), address="x"
    )
    talk._feed = Feed("c_1", position=0)
    writing = asyncio.create_task(talk._write())
    await clock.waits()
    clock.advance(BEAT_S + 1)  # nothing to tell: a sign of life is tried
    await stuck.trying.wait()
    await clock.waits()
    assert not stuck.cut.is_set()
    clock.advance(WRITE_S + 1)
    await stuck.cut.wait()
    await writing
