"""Servers on 127.0.0.1 that can go away and come back under the same address."""

from collections.abc import Iterable
from typing import Generic, Protocol, Self, TypeVar

from aiohttp import web

from socialcare.sandbox.faults import FaultPlan

_BODY_MAX_BYTES = 8 * 1024 * 1024


class LocalServer:
    """One aiohttp server; a request whose client gave up is cancelled."""

    def __init__(self, routes: Iterable[web.AbstractRouteDef], *, port: int = 0) -> None:
        self._routes = tuple(routes)
        self._runner: web.AppRunner | None = None
        self.port = port
        """0 until the first start; kept afterwards."""

    @property
    def url(self) -> str:
        """Scheme, host and port, without a slash."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen; on the same port as before when it listened already."""
        app = web.Application(client_max_size=_BODY_MAX_BYTES)
        app.add_routes(self._routes)
        runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.05
        )
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self.port)
        await site.start()
        self.port = int(runner.addresses[0][1])
        self._runner = runner

    async def stop(self) -> None:
        """Refuse connections and cut the open ones."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None


class Delivering(Protocol):
    """What posts to the app's webhooks."""

    async def start(self) -> None:
        """Begin to deliver what waits."""

    async def stop(self) -> None:
        """Deliver no more."""


D = TypeVar("D", bound=Delivering)


class StandIn(Generic[D]):
    """A platform: its API, what it delivers, and what goes wrong with both."""

    faults: FaultPlan
    deliveries: D
    _server: LocalServer

    async def __aenter__(self) -> Self:
        await self._server.start()
        await self.deliveries.start()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self.faults.release()
        await self.deliveries.stop()
        await self._server.stop()

    @property
    def base_url(self) -> str:
        """Where its API is served."""
        return self._server.url

    async def go_down(self) -> None:
        """Refuse connections to the API."""
        await self._server.stop()

    async def come_back(self) -> None:
        """Serve the API again, under the same address."""
        await self._server.start()
