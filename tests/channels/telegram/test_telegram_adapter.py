import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import pytest
from aiohttp import web
from multidict import CIMultiDict
from pydantic import SecretStr
from telegram.warnings import PTBUserWarning

from channels.contract import Adapter, LengthUnit, OutboundMessage, Polled, Sent
from channels.errors import SendError, SendFailure
from channels.registry import PlatformNotServedError, build_adapter
from channels.telegram.adapter import TelegramAdapter
from channels.telegram.codec import READ_KINDS, TelegramCodec
from channels.telegram.request import BODY_LIMIT
from config.channels import AnyChannel, TelegramChannel
from config.stages import Surface
from conversation.clock import Clock
from conversation.events import Ignored, MessageReceived
from conversation.model import Address, Button

SHARED = Path(__file__).parents[3] / ".." / "shared"
SPECIFICATION = SHARED / "specs" / "telegram-bot-api-10.1.json"

TOKEN = "7000000001:AAH-not-a-real-token_0123456789"  # noqa: S105  # nobody's
ADA = Address(channel="telegram", account="7000000001", key="5012345678", surface=Surface.PRIVATE)
HELLO = OutboundMessage(text="Hello")


class HandClock:
    """Time that passes only when a test says so."""

    def __init__(self) -> None:
        self.timeouts: list[asyncio.Timeout] = []

    def now(self) -> datetime:
        return datetime(2026, 11, 16, 10, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("the channel never waits by itself")

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        self.timeouts.append(asyncio.timeout(None))
        return self.timeouts[-1]

    def run_out(self) -> None:
        self.timeouts[-1].reschedule(0)


Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Server:
    """A Bot API that answers as it is told and remembers what it was asked."""

    base: str = ""
    answer: Answer | None = None
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.StreamResponse:
        assert request.match_info["token"] == TOKEN
        assert request.content_type == "application/json"
        self.calls.append((request.match_info["method"], await request.json()))
        self.asked.set()
        if self.answer is not None:
            return await self.answer(request)
        return web.json_response({"ok": True, "result": {"message_id": 55}})

    def says(self, status: int, body: object) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()

        async def answer(request: web.Request) -> web.StreamResponse:
            return web.Response(status=status, body=raw)

        self.answer = answer

    def gives(self, result: object) -> None:
        self.says(200, {"ok": True, "result": result})


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    app = web.Application()
    app.router.add_post("/bot{token}/{method}", server.take)
    runner = web.AppRunner(app, shutdown_timeout=0, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0]
    server.base = f"http://{host}:{port}"
    yield server
    server.closing.set()
    await runner.cleanup()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def dead_port() -> Iterator[int]:
    """A port that is taken, and where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def telegram(api_base: str, session: aiohttp.ClientSession, clock: Clock) -> TelegramAdapter:
    return TelegramAdapter(
        name="telegram",
        token=SecretStr(TOKEN),
        webhook_secret=SecretStr("s3cret"),
        api_base=api_base,
        session=session,
        clock=clock,
    )


@pytest.fixture
async def adapter(
    server: Server, session: aiohttp.ClientSession, clock: HandClock
) -> TelegramAdapter:
    return telegram(server.base, session, clock)


# --- before any request


def test_keeps_the_contract(adapter: TelegramAdapter) -> None:
    kept: Adapter = adapter
    assert kept.name == "telegram"
    capabilities = kept.capabilities(Surface.PRIVATE)
    assert (capabilities.max_length, capabilities.unit) == (4096, LengthUnit.UTF16)


async def test_accepts_before_telegram_was_ever_reached(
    adapter: TelegramAdapter, server: Server
) -> None:
    update = {"update_id": 1, "message": {"chat": {"id": 5, "type": "private"}}}
    (arrival,) = adapter.codec.split(json.dumps(update).encode())
    assert arrival.account == adapter.account == "7000000001"
    assert server.calls == []


@pytest.mark.parametrize("token", ["", "no-colon", "x:y", "123:", ":abc", "bot1:abc"])
async def test_a_token_that_is_none_is_named_at_once_and_not_shown(
    token: str, session: aiohttp.ClientSession, clock: HandClock
) -> None:
    with pytest.raises(ValueError, match="a Telegram token is") as caught:
        TelegramAdapter(
            name="telegram",
            token=SecretStr(token),
            webhook_secret=SecretStr("s"),
            api_base="http://127.0.0.1:9",
            session=session,
            clock=clock,
        )
    assert not token or token not in str(caught.value)


@pytest.mark.parametrize(
    ("headers", "authentic"),
    [
        ({"X-Telegram-Bot-Api-Secret-Token": "s3cret"}, True),
        ({"x-telegram-bot-api-secret-token": "s3cret"}, True),
        (CIMultiDict({"X-TELEGRAM-BOT-API-SECRET-TOKEN": "s3cret"}), True),
        ({"X-Telegram-Bot-Api-Secret-Token": "S3cret"}, False),
        ({"X-Telegram-Bot-Api-Secret-Token": "s3cret\udcff"}, False),
        ({"X-Telegram-Bot-Api-Secret-Token": "é"}, False),
        ({"X-Telegram-Bot-Api-Secret-Token": ""}, False),
        ({}, False),
    ],
)
async def test_only_our_secret_is_authentic(
    adapter: TelegramAdapter, headers: dict[str, str], authentic: bool
) -> None:
    assert adapter.authentic(headers, b"anything") is authentic


# --- calls


async def test_send(adapter: TelegramAdapter, server: Server) -> None:
    message = OutboundMessage(
        text="<b> & co", reply_to="101", buttons=(Button(label="Yes", payload="y"),)
    )
    assert await adapter.send(ADA, message) == Sent(message_id="55")
    assert server.calls == [
        (
            "sendMessage",
            {
                "chat_id": 5012345678,
                "text": "&lt;b&gt; &amp; co",
                "parse_mode": "HTML",
                "link_preview_options": {"is_disabled": True},
                "reply_parameters": {"message_id": 101, "allow_sending_without_reply": True},
                "reply_markup": {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]},
            },
        )
    ]


async def test_open_learns_the_name_by_which_groups_call(
    adapter: TelegramAdapter, server: Server
) -> None:
    server.gives({"id": 7000000001, "is_bot": True, "first_name": "C", "username": "CareBot"})
    await adapter.open()
    message = {
        "message_id": 1,
        "date": 1,
        "chat": {"id": -5, "type": "group"},
        "from": {"id": 5, "first_name": "Ada"},
    }

    def read(name: str) -> object:
        entity = {"type": "mention", "offset": 0, "length": len(name)}
        update = {
            "update_id": 1,
            "message": {**message, "text": f"{name} hi", "entities": [entity]},
        }
        (arrival,) = adapter.codec.split(json.dumps(update).encode())
        return adapter.codec.decode(arrival)[0]

    assert isinstance(read("@carebot"), MessageReceived)
    assert read("@otherbot") == Ignored(what="not_addressed")
    await adapter.close()


@pytest.mark.parametrize("result", [None, True, {"username": "x"}])
async def test_open_that_learns_nothing_can_be_tried_again(
    adapter: TelegramAdapter, server: Server, result: object
) -> None:
    server.gives(result)
    with pytest.raises(SendError) as caught:
        await adapter.open()
    assert caught.value.retryable


async def test_webhook_typing_and_press(adapter: TelegramAdapter, server: Server) -> None:
    server.gives(True)  # what these methods give
    await adapter.subscribe("https://care.northwind.example/channels/telegram")
    await adapter.prepare("updates")
    await adapter.show_typing(ADA)
    await adapter.acknowledge_press("p1")
    assert server.calls == [
        (
            "setWebhook",
            {
                "url": "https://care.northwind.example/channels/telegram",
                "secret_token": "s3cret",
                "allowed_updates": list(READ_KINDS),
            },
        ),
        ("deleteWebhook", {}),
        ("sendChatAction", {"chat_id": 5012345678, "action": "typing"}),
        ("answerCallbackQuery", {"callback_query_id": "p1"}),
    ]


async def test_typing_and_press_fail_in_silence(adapter: TelegramAdapter, server: Server) -> None:
    server.says(500, b"<html>")
    await adapter.show_typing(ADA)
    await adapter.acknowledge_press("p1")
    assert len(server.calls) == 2


async def test_poll_gives_every_update_and_the_offset_after_it(
    adapter: TelegramAdapter, server: Server
) -> None:
    server.gives([{"update_id": 8, "message": {"text": "half"}}, {"odd": 1}, {"update_id": 9}])
    polled = await adapter.poll("updates", "8")
    assert polled.cursor == "10"
    assert [each.kind for each in adapter.codec.split(polled.body)] == [
        "message",
        "unreadable",
        "empty",
    ]
    assert server.calls[0][1]["offset"] == 8
    server.gives([])
    assert await adapter.poll("updates", "10") == Polled(body=b"[]", cursor="10")
    assert await adapter.poll("updates", None) == Polled(body=b"[]", cursor=None)
    assert "offset" not in server.calls[-1][1]
    server.gives({})
    with pytest.raises(SendError):
        await adapter.poll("updates", "10")


async def test_calls_are_those_of_the_specification(
    adapter: TelegramAdapter, server: Server
) -> None:
    if not SPECIFICATION.exists():
        pytest.skip(f"no machine-readable Bot API beside the checkout: {SPECIFICATION.name}")
    methods = json.loads(SPECIFICATION.read_text())["methods"]
    await test_send(adapter, server)
    server.gives([])
    await adapter.poll("updates", "1")
    server.gives({"id": 7000000001})
    await adapter.open()
    await adapter.subscribe("https://care.northwind.example")
    await adapter.prepare("updates")
    await adapter.show_typing(ADA)
    await adapter.acknowledge_press("p1")
    assert len(server.calls) == 7
    for method, parameters in server.calls:
        fields = methods[method].get("fields", [])
        assert set(parameters) <= {each["name"] for each in fields}
        assert {each["name"] for each in fields if each["required"]} <= set(parameters)


# --- refusals and broken lines


def refusal(code: int, description: str, **parameters: object) -> dict[str, object]:
    answer: dict[str, object] = {"ok": False, "error_code": code, "description": description}
    return {**answer, "parameters": parameters} if parameters else answer


@pytest.mark.parametrize(
    ("status", "body", "failure"),
    [
        (429, refusal(429, "Too Many Requests", retry_after=3), SendFailure.RATE_LIMITED),
        (429, refusal(429, "Too Many Requests"), SendFailure.RATE_LIMITED),
        (403, refusal(403, "Forbidden: bot was blocked by the user"), SendFailure.BLOCKED),
        (400, refusal(400, "Bad Request: chat not found"), SendFailure.REFUSED),
        (400, refusal(400, "Bad Request: can't parse entities"), SendFailure.REFUSED),
        (400, refusal(400, "Bad Request: upgraded", migrate_to_chat_id=-9), SendFailure.MOVED),
        (401, refusal(401, "Unauthorized"), SendFailure.REVOKED),
        (404, refusal(404, "Not Found"), SendFailure.REVOKED),
        (502, b"<html>Bad Gateway</html>", SendFailure.UNAVAILABLE),
        (500, b"[]", SendFailure.UNAVAILABLE),
        (307, b"", SendFailure.UNAVAILABLE),
        (200, refusal(403, "Forbidden"), SendFailure.BLOCKED),
        (200, b"<html>Welcome to the hotel</html>", SendFailure.UNKNOWN),
        (200, b"[" * 100_000, SendFailure.UNKNOWN),
        (200, {"ok": True}, SendFailure.UNKNOWN),
        (200, {"ok": True, "result": True}, SendFailure.UNKNOWN),
        (200, b"x" * (BODY_LIMIT + 1), SendFailure.UNKNOWN),
    ],
    ids=lambda value: repr(value)[:99],
)
async def test_what_a_refusal_means(
    adapter: TelegramAdapter, server: Server, status: int, body: object, failure: SendFailure
) -> None:
    server.says(status, body)
    with pytest.raises(SendError) as caught:
        await adapter.send(ADA, HELLO)
    assert caught.value.failure is failure
    assert len(server.calls) == 1


async def test_a_redirect_takes_the_token_nowhere(adapter: TelegramAdapter, server: Server) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": f"{server.base}{request.path}"})

    server.answer = answer
    with pytest.raises(SendError):
        await adapter.send(ADA, HELLO)
    assert len(server.calls) == 1


async def test_a_refused_connection_did_nothing(
    session: aiohttp.ClientSession, clock: HandClock, dead_port: int
) -> None:
    adapter = telegram(f"http://127.0.0.1:{dead_port}", session, clock)
    with pytest.raises(SendError) as caught:
        await adapter.send(ADA, HELLO)
    assert caught.value.failure is SendFailure.UNAVAILABLE


async def test_a_closed_session_did_nothing(
    adapter: TelegramAdapter, session: aiohttp.ClientSession
) -> None:
    await session.close()
    with pytest.raises(SendError) as caught:
        await adapter.send(ADA, HELLO)
    assert caught.value.failure is SendFailure.UNAVAILABLE


async def test_a_reset_after_the_request_may_have_delivered(
    adapter: TelegramAdapter, server: Server
) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    server.answer = answer
    with pytest.raises(SendError) as caught:
        await adapter.send(ADA, HELLO)
    assert caught.value.failure is SendFailure.UNKNOWN
    assert not caught.value.retryable


async def test_an_answer_that_breaks_off_may_have_delivered(
    adapter: TelegramAdapter, server: Server
) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b'{"ok": true, "result": {"message_id": ')
        assert request.transport is not None
        request.transport.abort()
        return response

    server.answer = answer
    with pytest.raises(SendError) as caught:
        await adapter.send(ADA, HELLO)
    assert caught.value.failure is SendFailure.UNKNOWN


async def test_a_hang_may_have_delivered(
    adapter: TelegramAdapter, server: Server, clock: HandClock
) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        await server.closing.wait()
        return web.Response()

    server.answer = answer
    sending = asyncio.create_task(adapter.send(ADA, HELLO))
    await server.asked.wait()
    clock.run_out()
    with pytest.raises(SendError) as caught:
        await sending
    assert caught.value.failure is SendFailure.UNKNOWN


async def test_cancelling_is_not_a_failed_send(adapter: TelegramAdapter, server: Server) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        await server.closing.wait()
        return web.Response()

    server.answer = answer
    sending = asyncio.create_task(adapter.send(ADA, HELLO))
    await server.asked.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending


async def test_the_token_is_nowhere_to_be_read(
    server: Server,
    session: aiohttp.ClientSession,
    clock: HandClock,
    caplog: pytest.LogCaptureFixture,
    dead_port: int,
) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    for base in (server.base, f"http://127.0.0.1:{dead_port}", "http://[bad", "nothing://x"):
        adapter = telegram(base, session, clock)
        said += [repr(adapter), repr(vars(adapter))]
        server.says(401, b"<html>")
        try:
            await adapter.send(ADA, HELLO)
        except SendError as error:
            said += [str(error), repr(error), repr(error.__cause__)]
    said.append(caplog.text)
    assert len(said) == 21
    assert not any("AAH-not-a-real" in words for words in said)


# --- the registry


async def test_the_registry_builds_what_is_configured(
    server: Server, session: aiohttp.ClientSession, clock: HandClock
) -> None:
    settings = TelegramChannel.model_validate(
        {
            "platform": "telegram",
            "token": TOKEN,
            "webhook_secret": "s3cret",
            "api_base": server.base,
        }
    )
    adapter = build_adapter("tg", settings, session=session, clock=clock)
    assert adapter.name == "tg"
    assert isinstance(adapter.codec, TelegramCodec)
    assert await adapter.send(ADA, HELLO) == Sent(message_id="55")


async def test_a_platform_without_an_adapter_is_named(
    session: aiohttp.ClientSession, clock: HandClock
) -> None:
    settings = cast("AnyChannel", SimpleNamespace(platform="fax"))
    with pytest.raises(PlatformNotServedError, match="channel shop: no adapter for fax"):
        build_adapter("shop", settings, session=session, clock=clock)


async def test_other_advice_of_the_library_is_heard(adapter: TelegramAdapter) -> None:
    with pytest.warns(PTBUserWarning, match="something else"):
        adapter._bot._warn("something else")
