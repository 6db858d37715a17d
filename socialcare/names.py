"""Customers' names, where messages carry none: asked for before a case's card is shown.

Theory of operation. The desk's card is rendered when it is sent. Where the customer has no name yet
and the platform can be asked (`channels.contract.Directory`), it is asked then, for two seconds at
most: the customer's answer has a way of its own and never waits for it. What is told becomes an
arrival of the conversation, so the log has it, the next cards show it, and erasing the person
erases it. Whoever the platform does not name, or cannot be asked about now, is left alone a while.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import structlog

from channels.contract import Adapter, Rate
from channels.errors import SendError
from channels.registry import directory_of
from conversation.clock import Clock
from conversation.events import Introduced, encode
from conversation.model import Arrival, Peer
from conversation.state import ConversationState
from conversation.store import Acceptance, ConversationRow, Store, StoreUnavailable
from socialcare.pacing import Pacer
from socialcare.reading import DIRECTORY
from socialcare.waking import Wake

ASK_S: Final = 2.0
"""Seconds that a card may wait for a name."""
KEPT_S: Final = 600.0
"""Seconds that an answer, or that there is none, is remembered."""
KEPT_MAX: Final = 2_000
RATES: Final = (Rate(count=30, window_s=60.0),)
"""Of a channel: Slack takes a hundred a minute, Meta counts by the hour; cards are rarer."""

_log = structlog.get_logger(__name__)


class Names:
    """Who customers are, by asking their platforms."""

    def __init__(
        self, *, store: Store, adapters: Mapping[str, Adapter], clock: Clock, turns: Wake
    ) -> None:
        self._store = store
        self._adapters = adapters
        self._clock = clock
        self._turns = turns
        self._pacers: dict[str, Pacer] = {}
        self._kept: OrderedDict[tuple[str, str], tuple[float, Peer | None]] = OrderedDict()

    async def named(self, row: ConversationRow, state: ConversationState) -> ConversationState:
        """Add the customer's name to a state, where it can be learned; never raises."""
        peer = state.peer
        if peer is None or peer.name or peer.username:
            return state
        found = await self._found(row, peer.user_id)
        if found is None:
            return state
        known = replace(found, language=peer.language)
        await self._keep(row, known)
        return replace(state, peer=known)

    async def _found(self, row: ConversationRow, user_id: str) -> Peer | None:
        channel, now_s = row.address.channel, self._clock.monotonic()
        directory = directory_of(self._adapters.get(channel))
        if directory is None:
            return None
        key = (channel, user_id)
        until_s, known = self._kept.get(key, (0.0, None))
        if now_s < until_s:
            return known
        pacer = self._pacers.setdefault(channel, Pacer(self._clock))
        found: Peer | None = None
        try:
            pacer.ask(DIRECTORY, RATES)
            async with self._clock.timeout(ASK_S):
                found = await directory.look_up(row.address, user_id)
        except SendError as error:
            pacer.note(DIRECTORY, error)
            _log.info("name not learned", conversation=row.id, failure=error.failure)
        except TimeoutError:
            _log.info("name not learned", conversation=row.id, failure="late")
        self._remember(key, found)
        return found

    def _remember(self, key: tuple[str, str], found: Peer | None) -> None:
        self._kept[key] = (self._clock.monotonic() + KEPT_S, found)
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)

    async def _keep(self, row: ConversationRow, peer: Peer) -> None:
        """Have the conversation hear of it; where the store cannot, the next card asks again."""
        arrival = Arrival(
            channel=DIRECTORY,
            account="",
            event_id=f"{row.id}:{row.accepted}",
            address=None,
            kind="introduced",
            occurred_at=self._clock.now(),
            body=encode(Introduced(peer=peer)).encode(),
            to=row.id,
        )
        try:
            await self._store.accept(Acceptance(arrivals=(arrival,), received_at=self._clock.now()))
        except StoreUnavailable as error:
            _log.warning("name not kept", conversation=row.id, why=str(error))
            return
        self._turns.set()
