"""A server on 127.0.0.1 that can go away and come back under the same address."""

from collections.abc import Iterable

from aiohttp import web

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
