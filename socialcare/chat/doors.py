"""Who comes to a chat: which chat, from which page, from where, with whose token."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import web

from channels.contract import Adapter
from channels.webchat.adapter import WebchatAdapter
from config.channels import WebchatChannel
from socialcare.chat.keeping import House
from socialcare.chat.whereabouts import address_of, origin_allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What all routes of the chats ask of a request."""

    house: House
    adapters: Mapping[str, Adapter]
    own_urls: Callable[[], tuple[str, ...]]
    """Where our own page is reached."""

    def adapter(self, request: web.Request) -> WebchatAdapter:
        """Find the chat; raises `HTTPNotFound`."""
        adapter = self.adapters.get(request.match_info["channel"])
        if not isinstance(adapter, WebchatAdapter):
            raise web.HTTPNotFound(text="no such chat")
        return adapter

    def origin(self, request: web.Request, adapter: WebchatAdapter) -> str | None:
        """Name the site whose page asks; None: one that may not."""
        origin = request.headers.get("Origin")
        own = {_origin(url) for url in self.own_urls()}
        return origin if origin_allowed(origin, allowed=adapter.origins | own) else None

    def address(self, request: web.Request, adapter: WebchatAdapter) -> str:
        """Say where a visitor comes from."""
        section = self.section(adapter)
        forwarded = request.headers.getall("X-Forwarded-For", ())
        proxies = () if section is None else section.proxies
        return address_of(request.remote, forwarded, proxies=proxies)

    def section(self, adapter: WebchatAdapter) -> WebchatChannel | None:
        """Give the chat's configuration in force."""
        section = self.house.settings().channels.get(adapter.name)
        return section if isinstance(section, WebchatChannel) else None

    def count(self, adapter: WebchatAdapter, why: str) -> None:
        """Count what was refused."""
        self.house.figures.rejected.labels(adapter.name, why).inc()


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
