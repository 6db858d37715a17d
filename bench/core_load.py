"""The other side of `bench/core.py`: customers who write over HTTP, and where replies arrive.

Written on asyncio's transports, not on an HTTP client: whatever the load costs is not there for
the measured side, and a client would cost as much as the handler it is held against.
"""

import asyncio
import contextlib
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import count

from aiohttp import web
from typing_extensions import override

TOKEN = "7000000001:bench-AAAAAAAAAAAAAAAAAAAAAAAAAAA"  # noqa: S105 - a made-up bot, known to nobody
SECRET = "bench-secret-0123456789"  # noqa: S105 - between two processes of one measurement
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
REPLY_LIMIT_S = 20.0
"""A reply that takes longer counts as lost, and the measurement says so."""
MESSAGES_OF_ONE = 4
"""Messages of one customer before a new one comes: most contacts are that short."""
TEXT = "hi, when do you open on saturday?"


ANSWERS = {
    "getMe": '{"ok":true,"result":{"id":7000000001,"is_bot":true,"first_name":"Bench",'
    '"username":"bench_bot"}}',
    "auth.test": '{"ok":true,"team_id":"T1","user_id":"U1","bot_id":"B1","url":"https://x.invalid/"}',
}
SENDING = frozenset({"sendMessage", "chat.postMessage"})


class Sink:
    """Where replies arrive: a Telegram, or a Slack, that says yes to everything."""

    def __init__(self) -> None:
        self._waiting: dict[int, asyncio.Future[float]] = {}
        self.url = ""

    def expect(self, chat: int) -> "asyncio.Future[float]":
        """Give what will be the moment of this chat's next reply."""
        reply: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting[chat] = reply
        return reply

    def forget(self, chat: int) -> None:
        """Wait no more."""
        self._waiting.pop(chat, None)

    async def take(self, request: web.BaseRequest) -> web.Response:
        """Take one call."""
        method = request.path.rpartition("/")[2]
        if method not in SENDING:
            answer = ANSWERS.get(method, '{"ok":true,"result":true}')
            return web.Response(text=answer, content_type="application/json")
        form = request.content_type == "application/x-www-form-urlencoded"
        given = await request.post() if form else await request.json()
        chat = int(str(given.get("chat_id") or given.get("channel")).removeprefix("C"))
        reply = self._waiting.pop(chat, None)
        if reply is not None and not reply.done():
            reply.set_result(time.perf_counter())
        sent = {"message_id": 1, "date": 1, "chat": {"id": chat, "type": "private"}}
        answer = json.dumps({"ok": True, "result": sent, "channel": f"C{chat}", "ts": "1.1"})
        return web.Response(text=answer, content_type="application/json")


@contextlib.asynccontextmanager
async def sink() -> AsyncIterator[Sink]:
    """Open a sink on a free port of 127.0.0.1."""
    one = Sink()
    runner = web.ServerRunner(web.Server(one.take, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    one.url = f"http://{host}:{port}"
    try:
        yield one
    finally:
        await runner.cleanup()


class Line(asyncio.Protocol):
    """One kept-alive connection: one request at a time, the status as its answer."""

    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport | None = None
        self._got = bytearray()
        self._answer: asyncio.Future[int] | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        assert isinstance(transport, asyncio.WriteTransport)  # noqa: S101 - for the type checker
        self._transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        """Collect an answer; complete when its length says so."""
        self._got += data
        head, found, body = self._got.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        if len(body) >= length and self._answer is not None:
            self._answer.set_result(int(head[9:12]))
            self._got.clear()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """Tell who waits."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionError("the service hung up"))

    async def post(self, request: bytes) -> int:
        """Send a request; gives the status."""
        if self._transport is None:
            raise ConnectionError
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


class Messages:
    """Customers' messages as a platform posts them: each of its own id, four to a customer."""

    def __init__(self, *, first: int = 1) -> None:
        self._ids = count(first)
        self._chats = count(1_000_000 + first)

    def new_chat(self) -> int:
        """Bring in a customer nobody knows."""
        return next(self._chats)

    def request(self, chat: int) -> bytes:
        """Write a customer's message as Telegram's POST."""
        number = next(self._ids)
        who = {"id": chat, "is_bot": False, "first_name": f"Guest {chat}", "language_code": "en"}
        message = {
            "message_id": number,
            "from": who,
            "chat": {"id": chat, "type": "private", "first_name": who["first_name"]},
            "date": int(time.time()),
            "text": TEXT,
        }
        body = json.dumps({"update_id": number, "message": message}).encode()
        return post("/webhooks/telegram", body, {SECRET_HEADER: SECRET})


class SlackMessages(Messages):
    """The same as Slack's events, signed."""

    @override
    def request(self, chat: int) -> bytes:
        """Write a customer's message as Slack's POST."""
        number, at = next(self._ids), str(int(time.time()))
        event = {"type": "message", "channel": f"C{chat}", "channel_type": "im", "user": "U9"}
        event |= {"text": TEXT, "ts": f"{at}.{number:06}"}
        called = {"type": "event_callback", "team_id": "T1", "api_app_id": "A1", "event": event}
        body = json.dumps({**called, "event_id": f"Ev{number}", "event_time": int(at)}).encode()
        signed = hmac.new(SECRET.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
        headers = {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={signed}"}
        return post("/slack/events", body, headers)


def post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Write one HTTP request."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    lines += [
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the customers saw in one window."""

    seconds: float
    ack_ms: list[float]
    reply_ms: list[float]
    lost: int
    """Messages without their answer in time."""

    @property
    def per_s(self) -> float:
        """Give the messages a second that ended as they must."""
        return len(self.reply_ms or self.ack_ms) / self.seconds


@dataclass(slots=True, kw_only=True)
class Customers:
    """Everybody who writes to one service."""

    port: int
    sink: Sink
    updates: Messages
    replies: bool
    """Whether they wait for a reply, or only for the 200."""
    _free: list[Line] = field(default_factory=list)

    async def line(self) -> Line:
        """Get a connection that nobody uses now."""
        if self._free:
            return self._free.pop()
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(Line, "127.0.0.1", self.port)
        return line

    def hang_up(self) -> None:
        """Close all connections."""
        for line in self._free:
            line.close()
        self._free.clear()

    async def write(self, chat: int, since: float) -> tuple[float, float | None]:
        """Have one message sent and answered; gives both waits in milliseconds.

        Raises:
            TimeoutError: no reply in time.
            ConnectionError: the answer was no 200.
        """
        reply = self.sink.expect(chat) if self.replies else None
        try:
            line = await self.line()
            status = await line.post(self.updates.request(chat))
            acked = time.perf_counter()
            self._free.append(line)
            if status != 200:
                raise ConnectionError(f"the service answered {status}")
            if reply is None:
                return (acked - since) * 1_000, None
            async with asyncio.timeout(REPLY_LIMIT_S):
                replied = await reply
        finally:
            self.sink.forget(chat)
        return (acked - since) * 1_000, (replied - since) * 1_000

    async def crowd(self, *, people: int, seconds: float, most: int) -> Seen:
        """Let so many people write without a pause, each waiting for the answer to the last."""
        acks: list[float] = []
        replies: list[float] = []
        began, lost, sent = time.perf_counter(), 0, 0

        async def one() -> None:
            nonlocal lost, sent
            chat = 0
            for written in count():
                if time.perf_counter() - began > seconds or sent >= most:
                    return
                if written % MESSAGES_OF_ONE == 0:
                    chat = self.updates.new_chat()
                sent += 1
                try:
                    ack, reply = await self.write(chat, time.perf_counter())
                except (TimeoutError, ConnectionError):
                    lost += 1
                    return
                acks.append(ack)
                if reply is not None:
                    replies.append(reply)

        await asyncio.gather(*(one() for _ in range(people)))
        return Seen(seconds=time.perf_counter() - began, ack_ms=acks, reply_ms=replies, lost=lost)

    async def steady(self, *, rate: float, seconds: float) -> Seen:
        """Let people write at a steady rate, counted from when each message was due."""
        began = time.perf_counter()
        tasks = []
        for number in range(int(rate * seconds)):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            tasks.append(asyncio.create_task(self.write(self.updates.new_chat(), due)))
        done = await asyncio.gather(*tasks, return_exceptions=True)
        good = [one for one in done if not isinstance(one, BaseException)]
        return Seen(
            seconds=time.perf_counter() - began,
            ack_ms=[ack for ack, _ in good],
            reply_ms=[reply for _, reply in good if reply is not None],
            lost=len(done) - len(good),
        )
