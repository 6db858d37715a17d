"""CASES 10, 11: messages that come during a turn; think again twice at most, then speak."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import aiohttp
from pydantic import SecretStr
from typing_extensions import override

from actions.action import Outcome
from bench.core_load import SECRET, TOKEN, Messages
from bench.core_service import CONFIGURATION, Nowhere, QuickBrain, make_core, working
from brain.decision import Decision, Turn
from channels.contract import OutboundMessage, Sent
from config.load import load
from config.stages import Stage
from conversation.clock import SystemClock
from conversation.model import Address
from conversation.store import Acceptance, Store
from socialcare.stores import make_store
from socialcare.turns import RETHINKS_MAX

PATIENCE_S = 20
WRITTEN = 9
"""Messages in all: the first, and one in the middle of each thought until they are used up."""


class Interrupted(QuickBrain):
    """A brain whose customer goes on writing while it thinks."""

    def __init__(self, store: Store, adapter: Nowhere) -> None:
        self._store = store
        self._adapter = adapter
        self._updates = Messages()
        self._chat = self._updates.new_chat()
        self.written = 0
        self.saw: list[int] = []
        """How much had been written when each thought began."""
        self.knew: list[int] = []
        """Messages that each thought was about."""

    async def write(self) -> None:
        """Let the customer write once more."""
        body = self._updates.request(self._chat).partition(b"\r\n\r\n")[2]
        arrivals = self._adapter.codec.split(body)
        now = SystemClock().now()
        await self._store.accept(Acceptance(arrivals=arrivals, received_at=now))
        self.written += 1

    @override
    async def decide(self, turn: Turn, stage: Stage, outcomes: Sequence[Outcome]) -> Decision:
        """Think, and be interrupted."""
        decision = await super().decide(turn, stage, outcomes)
        self.saw.append(self.written)
        self.knew.append(len(turn.messages))
        if self.written < WRITTEN:
            await self.write()
        return decision


class Heard(Nowhere):
    """Notes after how many thoughts each reply left."""

    brain: Interrupted
    left: list[int]
    over: asyncio.Event

    @override
    async def send(self, address: Address, message: OutboundMessage) -> Sent:
        """Note it."""
        self.left.append(len(self.brain.saw))
        if self.brain.written == WRITTEN:
            self.over.set()
        return await super().send(address, message)


async def test_it_thinks_again_twice_and_then_speaks(tmp_path: Path) -> None:
    """No reply to less than what was known; and who writes without end is answered all the same."""
    said = {"TOKEN": TOKEN, "SECRET": SECRET, "SINK": "http://127.0.0.1:1", "STORE": "sqlite:///c"}
    settings = load(CONFIGURATION, env=said)
    store = make_store(settings, folder=tmp_path, clock=SystemClock())
    await store.open()
    async with aiohttp.ClientSession() as session:
        adapter = Heard(
            name="telegram",
            token=SecretStr(TOKEN),
            webhook_secret=SecretStr(SECRET),
            api_base="http://127.0.0.1:1",
            session=session,
            clock=SystemClock(),
        )
        brain = Interrupted(store, adapter)
        adapter.expect(WRITTEN)
        adapter.brain, adapter.left, adapter.over = brain, [], asyncio.Event()
        core = make_core(store, adapter, settings, brain=brain)
        await brain.write()
        async with asyncio.timeout(PATIENCE_S), working(core):
            await adapter.over.wait()
    await store.close()
    assert adapter.left[0] == RETHINKS_MAX + 1, "twice anew, then it spoke"
    assert brain.knew[: RETHINKS_MAX + 1] == brain.saw[: RETHINKS_MAX + 1] == [1, 2, 3]
    assert len(adapter.left) >= len(brain.saw) // (RETHINKS_MAX + 1)
