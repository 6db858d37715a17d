"""The sandbox page: static files, one stream of news, the visitor's wishes; on 127.0.0.1 alone.

Nobody else may drive it: other sites are kept out by Host (no rebinding), Origin, Sec-Fetch-Site
and a token that stands in the page alone. The page carries strangers' words as text, nothing else;
its policy allows no script but its own files.
"""

import hmac
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files

import structlog
from aiohttp import web
from pydantic import ValidationError

from conversation.clock import Clock
from socialcare.demo.acts import Acts, Unfit
from socialcare.demo.board import Board
from socialcare.demo.orders import TooManyError

BODY_MAX = 64 * 1024
"""Bytes of a wish; a message has at most 4,000 characters."""
STREAMS_MAX = 24
"""Open pages; each holds a connection."""
BREATH_S = 15.0
"""Between signs of life on a stream, so that one that nobody reads is noticed."""
TOKEN_HEADER = "X-Sandbox-Token"  # noqa: S105 - the name of a header
TYPES = {
    "css": "text/css",
    "html": "text/html",
    "js": "text/javascript",
    "svg": "image/svg+xml",
}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Content-Security-Policy"""

_log = structlog.get_logger(__name__)


def page_files() -> Mapping[str, str]:
    """Read the page's files out of the package."""
    folder = files("socialcare.demo").joinpath("page")
    return {
        one.name: one.read_text("utf-8")
        for one in folder.iterdir()
        if one.name.rpartition(".")[2] in TYPES
    }


@dataclass(slots=True, kw_only=True)
class Sandbox:
    """The page's server."""

    board: Board
    acts: Acts
    clock: Clock
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    url: str = ""
    """Where it listens, once it does."""
    _files: Mapping[str, str] = field(default_factory=page_files)
    _runner: web.AppRunner | None = None
    _streams: int = 0

    async def start(self, *, port: int) -> None:
        """Listen on 127.0.0.1; raises `OSError` where the port is taken."""
        runner = web.AppRunner(
            self.application(),
            access_log=None,
            handle_signals=False,
            handler_cancellation=True,
            shutdown_timeout=0.1,
        )
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        try:
            await site.start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Listen no longer."""
        if self._runner is not None:
            await self._runner.cleanup()

    def application(self) -> web.Application:
        """Make the routes."""
        app = web.Application(client_max_size=BODY_MAX, middlewares=[self._guarded])
        app.router.add_get("/", self._home)
        app.router.add_get("/sandbox", self._page)
        app.router.add_get("/sandbox/events", self._events)
        app.router.add_get("/sandbox/{file}", self._file)
        app.router.add_post("/sandbox/do/{act:.+}", self._do)
        app.on_response_prepare.append(_dressed)
        return app

    # --- who may come in

    @web.middleware
    async def _guarded(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        port = self.url.rpartition(":")[2]
        if request.host not in {f"127.0.0.1:{port}", f"localhost:{port}"}:
            return web.Response(status=421, text="this page is for 127.0.0.1")
        if request.method != "GET" and not self._ours(request):
            return web.Response(status=403, text="not from this page")
        return await handler(request)

    def _ours(self, request: web.Request) -> bool:
        """Whether a wish comes from our own page."""
        origin = request.headers.get("Origin", "")
        if origin != f"http://{request.host}":
            return False
        if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            return False
        if request.content_type != "application/json":
            return False
        given = request.headers.get(TOKEN_HEADER, "")
        return hmac.compare_digest(given.encode(), self.token.encode())

    # --- what it shows

    async def _home(self, _: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/sandbox")

    async def _page(self, _: web.Request) -> web.StreamResponse:
        text = self._files["index.html"].replace("{token}", self.token)
        return web.Response(text=text, content_type="text/html", charset="utf-8")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["file"]
        if name not in self._files or name == "index.html":
            return web.Response(status=404, text="no such file")
        kind = TYPES[name.rpartition(".")[2]]
        return web.Response(text=self._files[name], content_type=kind, charset="utf-8")

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Tell every document that the browser has not seen, then each change as it comes."""
        if self._streams >= STREAMS_MAX:
            return web.Response(status=503, text="too many pages are open")
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        self._streams += 1
        try:
            await self._tell(response, self.board.read(request.headers.get("Last-Event-ID", "")))
        except ConnectionResetError:
            pass
        finally:
            self._streams -= 1
        return response

    async def _tell(self, response: web.StreamResponse, version: int) -> None:
        if version == 0:
            # Documents of a demo that is over must not stay on the page.
            await response.write(b"event: anew\ndata: {}\n\n")
        while True:
            heard = self.board.changes.bell()
            news = self.board.since(version)
            if news:
                version = news[-1].version
                told = ",".join(f'{{"key":{json.dumps(one.key)},"doc":{one.text}}}' for one in news)
                line = f"id: {self.board.run}.{version}\ndata: [{told}]\n\n"
                await response.write(line.encode())
                continue
            try:
                async with self.clock.timeout(BREATH_S):
                    await heard.wait()
            except TimeoutError:
                await response.write(b": still here\n\n")

    # --- what it is asked for

    async def _do(self, request: web.Request) -> web.StreamResponse:
        found = self.acts.table().get(request.match_info["act"])
        if found is None:
            return web.json_response({"error": "nothing of that name can be done"}, status=404)
        shape, act = found
        try:
            wish = shape.model_validate_json(await request.read())
            return web.json_response(await act(wish))
        except ValidationError as error:
            what = "; ".join(str(one["msg"]) for one in error.errors(include_url=False))
            return web.json_response({"error": what}, status=422)
        except (Unfit, TooManyError) as error:
            return web.json_response({"error": str(error)}, status=409)


async def _dressed(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)
