"""The front of the service: platforms' requests are kept, then acknowledged; never the reverse."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from aiohttp import web

from channels.contract import Adapter
from conversation.clock import Clock
from conversation.events import AnsweredElsewhere, Delivered
from conversation.model import Arrival, Owner
from conversation.state import OWNER_MOVES
from conversation.store import Acceptance, OwnerChange, Store, StoreUnavailable
from handoff.desk import Desk
from socialcare.backlog import Backlog
from socialcare.fault_points import Passing, Point, unheard
from socialcare.figures import Figures
from socialcare.waking import Wake

BODY_MAX = 1024 * 1024
"""Bytes of one request; platforms send a few kilobytes."""
RETRY_AFTER_S = "5"
TAKEN_FROM = frozenset(owner for owner, to in OWNER_MOVES.items() if Owner.ELSEWHERE in to)
"""Who loses a conversation to a colleague who answers in the platform's own app."""

Readiness = Callable[[], Awaitable[Mapping[str, str]]]
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """Everything the routes need."""

    store: Store
    adapters: Mapping[str, Adapter]
    desk: Desk | None
    clock: Clock
    figures: Figures
    turns: Wake
    deliveries: Wake
    backlog: Backlog
    readiness: Readiness
    """What is not ready, and why; empty when all is."""
    passing: Passing = unheard

    def application(self) -> web.Application:
        """Make the aiohttp application with all routes."""
        app = web.Application(client_max_size=BODY_MAX)
        app.router.add_post("/webhooks/desk", self._desk)
        app.router.add_post("/webhooks/{channel}", self._webhook)
        app.router.add_get("/webhooks/{channel}", self._handshake)
        app.router.add_get("/healthz", self._health)
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/metrics", self._metrics)
        return app

    # --- platforms

    async def _webhook(self, request: web.Request) -> web.Response:
        began = self.clock.monotonic()
        channel = request.match_info["channel"]
        adapter = self.adapters.get(channel)
        if adapter is None:
            # Whatever a stranger writes into the path is no label of a figure.
            self.figures.rejected.labels("unknown", "unknown_channel").inc()
            return web.Response(status=404, text="no such channel")
        body = await self._body(request, channel)
        if not adapter.authentic(request.headers, body):
            self.figures.rejected.labels(channel, "signature").inc()
            return web.Response(status=401, text="wrong signature")
        arrivals = adapter.codec.split(body)
        if self.backlog.closed:
            self.figures.rejected.labels(channel, "backlog").inc()
            return _later("too much waits")
        try:
            new = await self._keep(arrivals)
        except StoreUnavailable as error:
            self.figures.rejected.labels(channel, "store").inc()
            _log.warning("not accepted", channel=channel, why=str(error))
            return _later("cannot store now")
        self.passing(Point.ACCEPTED)
        self.figures.accepted.labels(channel).inc(len(new))
        self.figures.duplicates.labels(channel).inc(len(arrivals) - len(new))
        unreadable = sum(one.conversation is None and one.why is not None for one in new)
        if unreadable:
            self.figures.quarantined.labels(channel).inc(unreadable)
        if new:
            self.turns.set()
        self.figures.ack_seconds.observe(self.clock.monotonic() - began)
        return web.Response(text="ok")

    async def _keep(self, arrivals: tuple[Arrival, ...]) -> list[Arrival]:
        """Keep arrivals; gives those that are new. Answers given elsewhere silence the bot at once.

        Raises:
            StoreUnavailable: they were not all kept; the platform comes again.
        """
        at = self.clock.now()
        ours = tuple(one for one in arrivals if not (one.elsewhere and one.conversation))
        accepted = await self.store.accept(Acceptance(arrivals=ours, received_at=at))
        new = [one for one, fresh in zip(ours, accepted.new, strict=True) if fresh]
        for one in arrivals:
            if one.elsewhere and one.conversation:
                new += await self._keep_elsewhere(one, one.conversation, at)
        return new

    async def _keep_elsewhere(
        self, arrival: Arrival, conversation: str, at: datetime
    ) -> list[Arrival]:
        if await self._said_here(arrival, conversation):
            arrival = replace(arrival, address=None, elsewhere=False)
            echo = await self.store.accept(Acceptance(arrivals=(arrival,), received_at=at))
            return [arrival] if any(echo.new) else []
        change = OwnerChange(conversation=conversation, to=Owner.ELSEWHERE, only_from=TAKEN_FROM)
        kept = Acceptance(arrivals=(arrival,), received_at=at, owner=change)
        accepted = await self.store.accept(kept)
        if not accepted.applied:
            # Nobody's yet, or elsewhere already: it is but a line of the log.
            accepted = await self.store.accept(replace(kept, owner=None))
        return [arrival] if any(accepted.new) else []

    async def _said_here(self, arrival: Arrival, conversation: str) -> bool:
        """Say whether it was this service after all, in another process or an earlier life.

        A platform that does not name the sending app is understood by whoever sent it, from memory.
        """
        found = self.adapters[arrival.channel].codec.decode(arrival)
        ids = {event.message_id for event in found if isinstance(event, AnsweredElsewhere)}
        log = await self.store.log(conversation)
        return any(isinstance(event, Delivered) and event.message_id in ids for _, event in log)

    async def _handshake(self, request: web.Request) -> web.Response:
        """Answer a platform's question whether this address is ours."""
        channel = request.match_info["channel"]
        adapter = self.adapters.get(channel)
        answer = None if adapter is None else adapter.handshake(request.query)
        if answer is None:
            return web.Response(status=404, text="nothing is asked here by GET")
        if answer.status != web.HTTPOk.status_code:
            self.figures.rejected.labels(channel, "handshake").inc()
        return web.Response(
            status=answer.status, text=answer.body, content_type=answer.content_type
        )

    async def _body(self, request: web.Request, channel: str) -> bytes:
        try:
            return await request.read()
        except web.HTTPRequestEntityTooLarge:
            self.figures.rejected.labels(channel, "too_large").inc()
            raise

    async def _desk(self, request: web.Request) -> web.Response:
        if self.desk is None:
            return web.Response(status=404, text="no desk is configured")
        body = await self._body(request, "desk")
        answer = await self.desk.answer(request.headers, body)
        self.passing(Point.PRESSED)
        if answer.status == web.HTTPUnauthorized.status_code:
            self.figures.rejected.labels("desk", "signature").inc()
        self.turns.set()
        self.deliveries.set()
        headers = {"Content-Type": answer.content_type}
        if answer.retry_after_s is not None:
            headers["Retry-After"] = str(answer.retry_after_s)
        return web.Response(status=answer.status, body=answer.body.encode(), headers=headers)

    # --- operators

    async def _health(self, _: web.Request) -> web.Response:
        return web.Response(text="alive")

    async def _ready(self, _: web.Request) -> web.Response:
        missing = await self.readiness()
        return web.json_response(
            {"ready": not missing, "missing": dict(missing)}, status=503 if missing else 200
        )

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(
            body=self.figures.text(), headers={"Content-Type": "text/plain; version=0.0.4"}
        )


def _later(why: str) -> web.Response:
    """Have the platform come again."""
    return web.Response(status=503, headers={"Retry-After": RETRY_AFTER_S}, text=why)
