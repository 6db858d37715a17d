"""The chat's routes: the page, the script for the brand's pages, and the sockets."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from html import escape
from importlib.resources import files
from typing import Final

from aiohttp import WSCloseCode, web

from channels.webchat.adapter import WebchatAdapter
from channels.webchat.lines import TYPING
from channels.webchat.payloads import FRAME_MAX
from config.schema import Settings
from conversation.model import Address
from socialcare.chat.doors import Doors
from socialcare.chat.downloads import Downloads
from socialcare.chat.followers import Followers
from socialcare.chat.limits import USUAL, Limits
from socialcare.chat.talk import Talk
from socialcare.chat.uploads import Uploads

CACHE_S: Final = 300
"""Seconds that browsers keep the script; a change of ours is everywhere after that."""
CLOSE_S: Final = 5.0
"""Seconds that a page gets to say goodbye too when the service stops."""
STATIC: Final[Mapping[str, str]] = {
    "widget.js": "text/javascript",
    "page.css": "text/css",
}
"""What is served of `pages/`, with its type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chats:
    """What chats need that webhooks do not."""

    followers: Followers
    settings: Callable[[], Settings]
    own_urls: Callable[[], tuple[str, ...]]
    """Where our own page is reached."""
    limits: Limits = USUAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """All chats of a service."""

    doors: Doors
    _sockets: set[web.WebSocketResponse] = field(default_factory=set)

    def add_to(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get("/chat/{channel}", self._page)
        app.router.add_get("/chat/{channel}/ws", self._socket)
        app.router.add_get("/chat/{channel}/{name}", self._static)
        Uploads(doors=self.doors).add_to(app)
        Downloads(doors=self.doors).add_to(app)
        app.on_shutdown.append(self._close)
        for adapter in self.doors.adapters.values():
            if isinstance(adapter, WebchatAdapter):
                adapter.on_typing(self._show_typing)

    def _show_typing(self, address: Address) -> None:
        self.doors.house.followers.hint(address.conversation, TYPING)
        self.doors.house.store.hint(address.conversation)

    # --- pages

    async def _page(self, request: web.Request) -> web.Response:
        adapter = self.doors.adapter(request)
        settings = self.doors.house.settings()
        text = _read("page.html")
        for mark, said in {
            "{language}": settings.brand.languages[0],
            "{brand}": escape(settings.brand.name),
            "{channel}": adapter.name,
        }.items():
            text = text.replace(mark, said)
        framing = " ".join(["'self'", *sorted(adapter.origins)])
        host = request.headers.get("Host", "")
        # Browsers before 2022 do not count a socket to the same place as 'self'.
        sockets = f"ws://{host} wss://{host}" if _is_host(host) else ""
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            f"connect-src 'self' {sockets}; base-uri 'none'; form-action 'none'; "
            f"frame-ancestors {framing}"
        )
        headers = {"Content-Security-Policy": policy, "Cache-Control": "no-cache", **_STRICT}
        return web.Response(text=text, content_type="text/html", charset="utf-8", headers=headers)

    async def _static(self, request: web.Request) -> web.Response:
        self.doors.adapter(request)
        name = request.match_info["name"]
        if name not in STATIC:
            raise web.HTTPNotFound(text="no such file")
        text = _read(name)
        tag = _tag(name)
        headers = {
            "Cache-Control": f"public, max-age={CACHE_S}",
            "ETag": tag,
            # Any page may ask for the script; who may open a socket is another question.
            "Cross-Origin-Resource-Policy": "cross-origin",
            **_STRICT,
        }
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=web.HTTPNotModified.status_code, headers=headers)
        return web.Response(text=text, content_type=STATIC[name], charset="utf-8", headers=headers)

    # --- sockets

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        adapter = self.doors.adapter(request)
        if self.doors.origin(request, adapter) is None:
            return self._refuse(adapter, "origin", web.HTTPForbidden.status_code)
        gates = self.doors.house.gates
        address = self.doors.address(request, adapter)
        if gates.opened.take(address):
            return self._refuse(adapter, "opened", web.HTTPTooManyRequests.status_code)
        with gates.of_process.take("") as has_place, gates.of_address.take(address) as has_own:
            if not (has_place and has_own):
                return self._refuse(adapter, "sockets", web.HTTPTooManyRequests.status_code)
            socket = web.WebSocketResponse(max_msg_size=FRAME_MAX, compress=False, timeout=CLOSE_S)
            if not socket.can_prepare(request).ok:
                return web.Response(status=web.HTTPBadRequest.status_code, text="a socket is asked")
            await socket.prepare(request)
            self._sockets.add(socket)
            try:
                transport = request.transport
                house = self.doors.house
                talk = Talk(house, adapter, socket, transport=transport, address=address)
                await talk.hold()
            finally:
                self._sockets.discard(socket)
            return socket

    def _refuse(self, adapter: WebchatAdapter, why: str, status: int) -> web.Response:
        self.doors.count(adapter, why)
        return web.Response(status=status, text=why, headers={"Retry-After": "60"})

    async def _close(self, _: web.Application) -> None:
        """Send everybody away; their pages come again, to us or to another process."""
        going = [one.close(code=WSCloseCode.GOING_AWAY) for one in tuple(self._sockets)]
        await asyncio.gather(*going, return_exceptions=True)


_STRICT: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


@cache
def _read(name: str) -> str:
    return files("socialcare.chat").joinpath("pages", name).read_text("utf-8")


@cache
def _tag(name: str) -> str:
    return f'"{hashlib.sha256(_read(name).encode()).hexdigest()[:20]}"'


def _is_host(text: str) -> bool:
    """Say whether a header's text is a host and nothing that could end a policy's directive."""
    return bool(text) and all(sign.isalnum() or sign in ".-:[]" for sign in text)
