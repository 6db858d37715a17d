"""Files from visitors, beside the socket, so that no word ever waits behind a picture.

`POST /chat/{channel}/files?id=…&language=…`, the file as the body, the visitor's token in
`Authorization: Bearer`, the file's name escaped in `X-File-Name`. It is read no further than it may
be long, told by its bytes, and kept in one transaction with the message that names it; 201 comes
after that commit. The same `id` is the same message, as on the socket. What is refused says why in
JSON, `{"why": "size" …}`, with the status that proxies and people know.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from channels.webchat.adapter import WebchatAdapter
from channels.webchat.files import SIZE_MAX, FileType, read_name, type_of
from channels.webchat.payloads import TOKEN_MAX, Attached
from channels.webchat.tokens import TokenFault, TokenKind, read_token
from conversation.media import Media, media_id
from conversation.store import StoreUnavailable
from socialcare.chat.doors import Doors
from socialcare.chat.keeping import keep

FILES_MAX: Final = 40
"""Files that are kept of one conversation."""
BYTES_MAX: Final = 80 * 1024 * 1024
"""And all of them together: they are exported, and erased, at one go."""
UPLOAD_S: Final = 180.0
"""Seconds that one file may take: 8 MB at 0.4 Mbit/s."""
BUSY_S: Final = 5
PREFLIGHT_S: Final = 600
"""Seconds that a browser remembers that a page may ask."""

_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
_LANGUAGE: Final = re.compile(r"[A-Za-z0-9-]{1,35}", re.ASCII)
_STATUS: Final[Mapping[str, int]] = {
    "id": 400,
    "broken": 400,
    "token": 401,
    "origin": 403,
    "off": 404,
    "slow": 408,
    "size": 413,
    "full": 413,
    "kind": 415,
    "rate": 429,
    "busy": 503,
}
"""Why a file is refused, and what HTTP calls that."""


class _Refusal(Exception):
    """A file that is not taken."""

    def __init__(self, why: str, *, after_s: float = 0.0) -> None:
        super().__init__(why)
        self.why = why
        self.after_s = after_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploads:
    """The way in for files of all chats of a process."""

    doors: Doors
    _writing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    """One file at a time goes to the store, among the many words that do."""

    def add_to(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_post("/chat/{channel}/files", self._post)
        app.router.add_options("/chat/{channel}/files", self._preflight)

    async def _preflight(self, request: web.Request) -> web.Response:
        adapter = self.doors.adapter(request)
        origin = self.doors.origin(request, adapter)
        if origin is None:
            return self._refused(adapter, _Refusal("origin"), headers={})
        headers = {
            **_shared_with(origin),
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": "Authorization, Content-Type, X-File-Name",
            "Access-Control-Max-Age": str(PREFLIGHT_S),
        }
        return web.Response(status=web.HTTPNoContent.status_code, headers=headers)

    async def _post(self, request: web.Request) -> web.Response:
        adapter = self.doors.adapter(request)
        origin = self.doors.origin(request, adapter)
        if origin is None:
            return self._refused(adapter, _Refusal("origin"), headers={})
        headers = _shared_with(origin)
        try:
            told = await self._take(request, adapter)
        except _Refusal as refusal:
            return self._refused(adapter, refusal, headers=headers)
        return web.json_response({"id": told}, status=web.HTTPCreated.status_code, headers=headers)

    def _refused(
        self, adapter: WebchatAdapter, refusal: _Refusal, *, headers: Mapping[str, str]
    ) -> web.Response:
        self.doors.count(adapter, f"file_{refusal.why}")
        given = dict(headers)
        if refusal.after_s:
            given["Retry-After"] = str(round(refusal.after_s) or 1)
        told = {"why": refusal.why, "limit": SIZE_MAX, "after_s": round(refusal.after_s, 1)}
        return web.json_response(told, status=_STATUS[refusal.why], headers=given)

    async def _take(self, request: web.Request, adapter: WebchatAdapter) -> str:
        """Take a file; gives the message's id, once it is kept."""
        section = self.doors.section(adapter)
        if section is None or not section.files:
            raise _Refusal("off")
        gates, address = self.doors.house.gates, self.doors.address(request, adapter)
        if wait_s := gates.files_of_address.take(address):
            raise _Refusal("rate", after_s=wait_s)
        visitor = self._visitor(request, adapter)
        message = request.query.get("id", "")
        if not _ID.fullmatch(message):
            raise _Refusal("id")
        key = f"{adapter.name}:{visitor}"
        if wait_s := gates.files.take(key):
            raise _Refusal("rate", after_s=wait_s)
        with gates.uploads_of_visitor.take(key) as own, gates.uploads.take("") as place:
            if not (own and place):
                raise _Refusal("rate", after_s=BUSY_S)
            size = request.content_length or SIZE_MAX
            if size > SIZE_MAX:
                raise _Refusal("size")
            if wait_s := gates.file_bytes.take(address, size):
                raise _Refusal("rate", after_s=wait_s)
            body = await self._body(request)
            found = type_of(body)
            if found is None:
                raise _Refusal("kind")
            frame = _frame(request, adapter, visitor=visitor, found=found, size=len(body))
            await self._keep(adapter, frame, visitor=visitor, body=body)
        return message

    def _visitor(self, request: web.Request, adapter: WebchatAdapter) -> str:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        found = read_token(
            token[: TOKEN_MAX + 1],
            secret=adapter.secret.get_secret_value(),
            channel=adapter.name,
            now=self.doors.house.clock.now(),
        )
        if (
            scheme.lower() != "bearer"
            or isinstance(found, TokenFault)
            or found.kind is not TokenKind.VISITOR
        ):
            raise _Refusal("token")
        return found.id

    async def _body(self, request: web.Request) -> bytes:
        """Read the file, no further than it may be long."""
        body = bytearray()
        try:
            async with self.doors.house.clock.timeout(UPLOAD_S):
                async for piece in request.content.iter_any():
                    body += piece
                    if len(body) > SIZE_MAX:
                        raise _Refusal("size")
        except TimeoutError:
            raise _Refusal("slow") from None
        except (web.HTTPException, ValueError):
            raise _Refusal("broken") from None
        return bytes(body)

    async def _keep(
        self, adapter: WebchatAdapter, frame: Attached, *, visitor: str, body: bytes
    ) -> None:
        house = self.doors.house
        conversation = adapter.codec.address(visitor).conversation
        media = Media(id=frame.media, conversation=conversation, mime=frame.mime, body=body)
        async with self._writing:
            try:
                held = await house.store.media_held(conversation)
            except StoreUnavailable:
                raise _Refusal("busy", after_s=BUSY_S) from None
            if held.count >= FILES_MAX or held.size + len(body) > BYTES_MAX:
                raise _Refusal("full")
            if not await keep(house, adapter, frame, visitor=visitor, media=(media,)):
                raise _Refusal("busy", after_s=BUSY_S)


def _frame(
    request: web.Request, adapter: WebchatAdapter, *, visitor: str, found: FileType, size: int
) -> Attached:
    message = request.query["id"]
    language = request.query.get("language", "")
    return Attached(
        type="file",
        id=message,
        media=media_id(adapter.codec.address(visitor).conversation, message),
        name=read_name(request.headers.get("X-File-Name", ""), found=found),
        mime=found.mime,
        size=size,
        language=language if _LANGUAGE.fullmatch(language) else None,
    )


def _shared_with(origin: str) -> dict[str, str]:
    """Let the page read the answer; it brings its token itself, so no cookie is allowed."""
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}
