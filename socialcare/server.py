"""The front of the service: platforms' requests are kept, then acknowledged; never the reverse."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog
from aiohttp import web

from channels.contract import Adapter, Handshake
from conversation.clock import Clock
from conversation.store import StoreUnavailable
from handoff.desk import Desk
from socialcare.backlog import Backlog
from socialcare.chat.doors import Doors
from socialcare.chat.keeping import House
from socialcare.chat.limits import gates
from socialcare.chat.site import Chats, Site
from socialcare.fault_points import Passing, Point, unheard
from socialcare.figures import Figures
from socialcare.intake import Intake
from socialcare.waking import Wake

BODY_MAX = 1024 * 1024
"""Bytes of one request; platforms send a few kilobytes."""
BODY_S = 30.0
"""Seconds that a request may take to arrive whole; platforms' are there at once."""
RETRY_AFTER_S = "5"

Readiness = Callable[[], Awaitable[Mapping[str, str]]]
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """Everything the routes need."""

    intake: Intake
    adapters: Mapping[str, Adapter]
    desk: Desk | None
    clock: Clock
    figures: Figures
    turns: Wake
    deliveries: Wake
    backlog: Backlog
    readiness: Readiness
    """What is not ready, and why; empty when all is."""
    chats: Chats | None = None
    """What web chats need besides; None: none are served."""
    passing: Passing = unheard
    refused: Callable[[], None] = lambda: None
    """Hears of each write that the store refused."""

    def application(self) -> web.Application:
        """Make the aiohttp application with all routes."""
        app = web.Application(client_max_size=BODY_MAX)
        app.router.add_post("/webhooks/desk", self._desk)
        app.router.add_post("/webhooks/{channel}", self._webhook)
        app.router.add_get("/webhooks/{channel}", self._handshake)
        app.router.add_get("/healthz", self._health)
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/metrics", self._metrics)
        if self.chats is not None:
            self._site(self.chats).add_to(app)
        return app

    def _site(self, chats: Chats) -> Site:
        house = House(
            store=self.intake.store,
            backlog=self.backlog,
            settings=chats.settings,
            clock=self.clock,
            figures=self.figures,
            turns=self.turns,
            followers=chats.followers,
            gates=gates(chats.limits, clock=self.clock),
            passing=self.passing,
        )
        doors = Doors(house=house, adapters=self.adapters, own_urls=chats.own_urls)
        return Site(doors=doors)

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
        if (question := adapter.reply_to_post(body)) is not None:
            return _told(question)
        if self.backlog.closed:
            self.figures.rejected.labels(channel, "backlog").inc()
            return _later("too much waits")
        try:
            await self.intake.keep(adapter, body)
        except StoreUnavailable as error:
            self.figures.rejected.labels(channel, "store").inc()
            self.refused()
            _log.warning("not accepted", channel=channel, why=str(error))
            return _later("cannot store now")
        self.figures.ack_seconds.observe(self.clock.monotonic() - began)
        return web.Response(text="ok")

    async def _handshake(self, request: web.Request) -> web.Response:
        """Answer a platform's question whether this address is ours."""
        channel = request.match_info["channel"]
        adapter = self.adapters.get(channel)
        answer = None if adapter is None else adapter.handshake(request.query)
        if answer is None:
            return web.Response(status=404, text="nothing is asked here by GET")
        if answer.status != web.HTTPOk.status_code:
            self.figures.rejected.labels(channel, "handshake").inc()
        return _told(answer)

    async def _body(self, request: web.Request, channel: str) -> bytes:
        try:
            async with self.clock.timeout(BODY_S):
                return await request.read()
        except TimeoutError:
            self.figures.rejected.labels(channel, "slow").inc()
            raise web.HTTPRequestTimeout(text="the body did not come") from None
        except web.HTTPRequestEntityTooLarge:
            self.figures.rejected.labels(channel, "too_large").inc()
            raise
        except web.RequestPayloadError:
            self.figures.rejected.labels(channel, "unreadable").inc()
            raise web.HTTPBadRequest(text="not packed as it says") from None

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


def _told(answer: Handshake) -> web.Response:
    return web.Response(status=answer.status, text=answer.body, content_type=answer.content_type)
