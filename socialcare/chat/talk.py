"""One socket: who it is, what comes in, what goes out.

A socket begins with a `hello` that carries the visitor's token and the place up to which the page
has seen the log; it is welcomed, fed from there, and heard. What is an event of the conversation
is acknowledged after its commit and never before, exactly like a platform's webhook.
"""

import asyncio
import contextlib
import secrets
from collections import deque
from collections.abc import Mapping
from typing import Final, assert_never

from aiohttp import ClientError, WSCloseCode, WSMsgType, web
from pydantic import JsonValue

from channels.webchat import lines
from channels.webchat.adapter import WebchatAdapter
from channels.webchat.codec import Refused, read_frame
from channels.webchat.payloads import (
    TEXT_LIMIT,
    Beat,
    ClientFrame,
    FileOffered,
    Hello,
    LinkWanted,
    Rating,
    Referral,
    Said,
    Seen,
    Transcript,
    Typing,
    Written,
)
from channels.webchat.tokens import (
    LINK_LASTS,
    TokenFault,
    TokenKind,
    Visitor,
    mint,
    read_token,
)
from config.channels import WebchatChannel
from conversation.store import StoreUnavailable
from socialcare.chat.followers import ENTRIES_MAX, Feed
from socialcare.chat.keeping import House, keep

HELLO_S: Final = 10.0
"""Seconds until a socket must have said who it is."""
BEAT_S: Final = 15.0
"""Seconds of silence after which we say that we are there; proxies cut after 30 or 60."""
SILENCE_S: Final = 45.0
"""Seconds without a word after which a page counts as gone; it answers each beat."""
WRITE_S: Final = 20.0
"""Seconds that a page gets to take one frame."""
BUSY_S: Final = 5.0
"""When to come again where nothing can be kept now."""
TRANSCRIPT_MAX: Final = 2_000
"""Lines of a transcript: the latest."""
VISITOR_BYTES: Final = 16


class Talk:
    """One socket's life."""

    def __init__(
        self,
        house: House,
        adapter: WebchatAdapter,
        socket: web.WebSocketResponse,
        *,
        transport: asyncio.Transport | None,
        address: str,
    ) -> None:
        self._house = house
        self._adapter = adapter
        self._socket = socket
        self._transport = transport
        self._address = address
        self._visitor = ""
        self._feed = Feed("", position=0)

    async def hold(self) -> None:
        """Talk until one side goes."""
        hello = await self._hello()
        visitor = None if hello is None else await self._admitted(hello)
        if hello is None or visitor is None:
            return
        self._visitor = visitor.id
        conversation = self._adapter.codec.address(visitor.id).conversation
        with self._house.gates.of_visitor.take(f"{self._adapter.name}:{visitor.id}") as has_place:
            if not has_place:
                await self._part(WSCloseCode.TRY_AGAIN_LATER, lines.refused(None, why="sockets"))
                return
            position = await self._place(conversation, hello.seq)
            self._feed = Feed(conversation, position=position or 0)
            self._feed.answer(self._welcome(hello, visitor))
            if position is None:
                self._feed.answer(lines.RESET)
            writer = asyncio.create_task(self._write())
            self._house.followers.join(self._feed)
            try:
                await self._read()
            finally:
                self._house.followers.leave(self._feed)
                writer.cancel()
                await asyncio.gather(writer, return_exceptions=True)

    # --- who is it

    async def _hello(self) -> Hello | None:
        try:
            async with self._house.clock.timeout(HELLO_S):
                message = await self._socket.receive()
        except TimeoutError:
            await self._part(WSCloseCode.POLICY_VIOLATION)
            return None
        frame = read_frame(message.data) if message.type is WSMsgType.TEXT else None
        if isinstance(frame, Hello):
            return frame
        if not self._socket.closed:
            await self._part(WSCloseCode.POLICY_VIOLATION, lines.refused(None, why="hello"))
        return None

    async def _admitted(self, hello: Hello) -> Visitor | None:
        """Say whose socket it is: the token's, or a new visitor's."""
        now = self._house.clock.now()
        if hello.token is None:
            wait_s = self._house.gates.strangers.take(self._address)
            if wait_s:
                self._count("strangers")
                told = lines.later(None, why="rate", after_s=wait_s)
                await self._part(WSCloseCode.TRY_AGAIN_LATER, told)
                return None
            # Due at once, so that it is told its token.
            new = secrets.token_urlsafe(VISITOR_BYTES)
            return Visitor(id=new, kind=TokenKind.LINK, expires_at=now)
        found = read_token(hello.token, secret=self._secret, channel=self._adapter.name, now=now)
        if isinstance(found, TokenFault):
            self._count(f"token_{found}")
            await self._part(WSCloseCode.POLICY_VIOLATION, lines.stranger(why=found))
            return None
        return found

    async def _place(self, conversation: str, seq: int) -> int | None:
        """Say where to go on; None: what the page has seen is not in the log."""
        if not seq:
            return 0
        with contextlib.suppress(StoreUnavailable):
            there = await self._house.store.entries_after(
                {conversation: seq - 1}, kinds=(), limit=1
            )
            return seq if there else None
        return seq

    def _welcome(self, hello: Hello, visitor: Visitor) -> str:
        now = self._house.clock.now()
        brand = self._house.settings().brand
        token = hello.token
        if token is None or visitor.is_due(now):
            token = mint(
                secret=self._secret, channel=self._adapter.name, visitor=visitor.id, now=now
            )
        section = self._house.settings().channels.get(self._adapter.name)
        language = (hello.language or "").partition("-")[0].lower()
        return lines.welcome(
            token=token,
            brand=brand.name,
            disclosure=brand.disclosure_in(
                language if language in brand.languages else brand.languages[0]
            ),
            privacy_url=brand.privacy_url,
            text_limit=TEXT_LIMIT,
            beat_s=BEAT_S,
            takes_files=section.files if isinstance(section, WebchatChannel) else False,
        )

    @property
    def _secret(self) -> str:
        return self._adapter.secret.get_secret_value()

    # --- what goes out

    async def _write(self) -> None:
        """Send what the feed holds, and a beat where it holds nothing."""
        feed, clock = self._feed, self._house.clock
        try:
            while True:
                try:
                    async with clock.timeout(BEAT_S):
                        frame = await feed.queue.get()
                except TimeoutError:
                    frame = lines.BEAT
                async with clock.timeout(WRITE_S):
                    await self._socket.send_str(frame)
                if feed.waits and feed.queue.empty():
                    feed.waits = False
                    self._house.followers.ring(feed.conversation)
        except (TimeoutError, ClientError, ConnectionError, RuntimeError):
            # Gone, or it takes nothing any more; its page comes again with the place it knows.
            self._abort()

    def _abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _answer(self, frame: str) -> None:
        if not self._feed.answer(frame):
            self._abort()

    async def _part(self, code: WSCloseCode, frame: str | None = None) -> None:
        """Say a last word and close."""
        with contextlib.suppress(TimeoutError, ClientError, ConnectionError, RuntimeError):
            async with self._house.clock.timeout(WRITE_S):
                if frame is not None:
                    await self._socket.send_str(frame)
                await self._socket.close(code=code)

    # --- what comes in

    async def _read(self) -> None:
        """Hear frames until the page goes, falls silent, or asks too much."""
        while True:
            try:
                async with self._house.clock.timeout(SILENCE_S):
                    message = await self._socket.receive()
            except TimeoutError:
                self._abort()
                return
            if message.type is WSMsgType.BINARY:
                await self._part(WSCloseCode.UNSUPPORTED_DATA)
                return
            if message.type is not WSMsgType.TEXT:
                return
            gates = self._house.gates
            flood = gates.frames.take(self._key) or gates.bytes.take(
                self._key, len(message.data.encode())
            )
            if flood:
                self._count("flood")
                await self._part(
                    WSCloseCode.POLICY_VIOLATION, lines.later(None, why="rate", after_s=flood)
                )
                return
            await self._hear(read_frame(message.data))

    @property
    def _key(self) -> str:
        return f"{self._adapter.name}:{self._visitor}"

    async def _hear(self, frame: Hello | ClientFrame | Refused) -> None:
        match frame:
            case Refused():
                self._count("unreadable")
                self._answer(lines.refused(frame.id, why=frame.why))
            case Written() | Seen() | Rating() | Referral():
                await self._take(frame)
            case FileOffered():
                self._count("file")
                self._answer(lines.refused(frame.id, why="files go by POST"))
            case Typing():
                self._house.followers.hint(
                    self._feed.conversation, lines.TYPING_ELSEWHERE, but=self._feed
                )
            case Transcript() | LinkWanted():
                await self._run_errand(frame)
            case Beat() | Hello():
                pass
            case _:
                assert_never(frame)

    async def _take(self, frame: Said) -> None:
        match frame:
            case Written():
                await self._written(frame)
            case Seen():
                if not self._house.gates.receipts.take(self._key):
                    await self._keep(frame, told=None)
            case Rating():
                await self._rating(frame)
            case Referral():
                wait_s = self._house.gates.errands.take(self._key)
                if wait_s:
                    self._answer(lines.later(frame.id, why="rate", after_s=wait_s))
                else:
                    await self._keep(frame, told=frame.id)

    async def _written(self, frame: Written) -> None:
        gates = self._house.gates
        wait_s = gates.messages.take(self._key) or gates.messages_of_address.take(self._address)
        if wait_s:
            self._count("rate")
            self._answer(lines.later(frame.id, why="rate", after_s=wait_s))
            return
        await self._keep(frame, told=frame.id)

    async def _rating(self, frame: Rating) -> None:
        """Keep a rating of a resolution that there was."""
        try:
            (entry, *_) = await self._house.store.entries_after(
                {self._feed.conversation: max(0, frame.about - 1)}, kinds=("resolved",), limit=1
            ) or (None,)
        except StoreUnavailable:
            self._answer(lines.later(None, why="busy", after_s=BUSY_S))
            return
        if entry is None or entry.event is None or entry.position != frame.about:
            self._answer(lines.refused(None, why="rating: nothing was resolved there"))
            return
        await self._keep(frame, told=None)

    async def _keep(self, frame: Said, *, told: str | None) -> None:
        if not await keep(self._house, self._adapter, frame, visitor=self._visitor):
            self._answer(lines.later(told, why="busy", after_s=BUSY_S))
        elif told is not None:
            self._answer(lines.accepted(told))

    # --- errands

    async def _run_errand(self, frame: Transcript | LinkWanted) -> None:
        wait_s = self._house.gates.errands.take(self._key)
        if wait_s:
            self._count("rate")
            self._answer(lines.later(None, why="rate", after_s=wait_s))
        elif isinstance(frame, Transcript):
            await self._transcript()
        else:
            self._link()

    async def _transcript(self) -> None:
        """Give all that was said, the latest `TRANSCRIPT_MAX` lines of it."""
        said: deque[Mapping[str, JsonValue]] = deque(maxlen=TRANSCRIPT_MAX)
        position = 0
        try:
            while entries := await self._house.store.entries_after(
                {self._feed.conversation: position}, kinds=lines.SAID, limit=ENTRIES_MAX
            ):
                position = entries[-1].position
                said += [one for one in map(lines.transcript_line, entries) if one is not None]
        except StoreUnavailable:
            self._answer(lines.later(None, why="busy", after_s=BUSY_S))
            return
        self._answer(lines.transcript(list(said)))

    def _link(self) -> None:
        """Give what opens this conversation on another device, for a few minutes."""
        token = mint(
            secret=self._secret,
            channel=self._adapter.name,
            visitor=self._visitor,
            now=self._house.clock.now(),
            kind=TokenKind.LINK,
        )
        self._answer(lines.link(token, lasts_s=LINK_LASTS.total_seconds()))

    def _count(self, why: str) -> None:
        self._house.figures.rejected.labels(self._adapter.name, why).inc()
