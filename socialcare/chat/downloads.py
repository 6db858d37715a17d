"""Files for colleagues: by an address of its own that ends, as a download and never as a page.

The desk shows `GET /chat/{channel}/files/{file}?until=…&signature=…`. Whoever has the address may
fetch that one file until then; a card that is brought up to date gets a new one. A browser is told
to save it, to believe the type that we found, and, should it show it anyway, to run nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from channels.contract import Adapter
from channels.webchat.adapter import WebchatAdapter
from channels.webchat.files import type_named
from channels.webchat.tokens import TokenFault, may_fetch, sign_file
from conversation.clock import Clock
from conversation.model import Attachment
from conversation.store import StoreUnavailable
from socialcare.chat.doors import Doors

LASTS: Final = timedelta(days=7)
"""An address works for so long: a case is mostly closed by then."""
_HEADERS: Final = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloads:
    """The way out for files of all chats of a process."""

    doors: Doors

    def add_to(self, app: web.Application) -> None:
        """Add the route."""
        app.router.add_get("/chat/{channel}/files/{file}", self._get)

    async def _get(self, request: web.Request) -> web.Response:
        adapter = self.doors.adapter(request)
        media = request.match_info["file"]
        fault = may_fetch(
            secret=adapter.secret.get_secret_value(),
            channel=adapter.name,
            media=media,
            expires=request.query.get("until", ""),
            signature=request.query.get("signature", ""),
            now=self.doors.house.clock.now(),
        )
        if fault is not None:
            self.doors.count(adapter, f"download_{fault}")
            told = (
                "This address has ended. Claim the case, and its card has a new one."
                if fault is TokenFault.EXPIRED
                else "This address is not ours."
            )
            return _told(told, web.HTTPForbidden.status_code)
        try:
            found = await self.doors.house.store.media(media)
        except StoreUnavailable:
            return _told("The store cannot be read now.", web.HTTPServiceUnavailable.status_code)
        kind = None if found is None else type_named(found.mime)
        if found is None or kind is None:
            return _told("This file is kept no more.", web.HTTPGone.status_code)
        # Under a name of ours: the customer's own stands beside the link.
        name = f"socialcare-{found.id[2:10]}.{kind.ending}"
        headers = {**_HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
        return web.Response(body=found.body, content_type=kind.mime, headers=headers)


def _told(text: str, status: int) -> web.Response:
    return web.Response(status=status, text=text, headers=_HEADERS)


def address_maker(
    adapters: Mapping[str, Adapter], *, own_url: Callable[[], str], clock: Clock
) -> Callable[[str, Attachment], str | None]:
    """Give what makes addresses of files, from the channel's name and the attachment.

    Each works from now on for `LASTS`; None: the bytes are not with us.
    """

    def address(channel: str, attachment: Attachment) -> str | None:
        adapter = adapters.get(channel)
        if not isinstance(adapter, WebchatAdapter) or attachment.media_id is None:
            return None
        expires = clock.now() + LASTS
        signature = sign_file(
            secret=adapter.secret.get_secret_value(),
            channel=channel,
            media=attachment.media_id,
            expires=expires,
        )
        asked = urlencode({"until": int(expires.timestamp()), "signature": signature})
        return f"{own_url().rstrip('/')}/chat/{channel}/files/{attachment.media_id}?{asked}"

    return address
