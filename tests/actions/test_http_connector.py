"""The HTTP connector against a real server with a script of faults."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from typing_extensions import override

from actions.connectors.contract import (
    BadAnswer,
    Connector,
    Lost,
    NotFound,
    Rejected,
    Unreachable,
)
from actions.connectors.http import HttpConnector, open_http_connector
from config.connectors import HttpConnector as HttpSettings
from conversation.clock import SystemClock

GOOD = {"refunds": [{"id": "re_1", "status": "done"}]}
REFUND = {"charge_id": "ch_1", "amount": "24.90", "currency": "GBP", "reason": "lost"}
OPERATIONS: dict[str, Any] = {
    "order": {"method": "GET", "path": "/orders/{order_id}", "result": "order"},
    "charges": {
        "method": "GET",
        "path": "/orders/{order_id}/charges",
        "result": "charges[].{charge_id: id, amount: amount, currency: currency}",
        "minor_units": True,
    },
    "refund": {
        "method": "POST",
        "path": "/refunds",
        "body": {"charge": "{charge_id}", "amount": "{amount}", "note": "because {reason}"},
        "idempotency_header": "Idempotency-Key",
        "result": "refunds[0].{refund_id: id, status: status}",
    },
    "replacement": {
        "method": "PUT",
        "path": "/replacements/{key}",
        "body": {"lines": "{line_ids}", "amount": "{amount}"},
        "result": "@",
        "minor_units": True,
    },
    "find_refund": {
        "method": "GET",
        "path": "/refunds",
        "query": {"key": "{key}"},
        "result": "refunds[0].{refund_id: id, status: status}",
    },
    "promise": {"method": "GET", "path": "/promise", "result": "abs(earliest)"},
}


class HandClock(SystemClock):
    """A clock whose timeouts run out when told to."""

    def __init__(self) -> None:
        self.open: list[asyncio.Timeout] = []

    @override
    def now(self) -> datetime:
        raise AssertionError("a connector needs no wall clock")

    @override
    @asynccontextmanager
    async def timeout(self, seconds: float) -> AsyncIterator[object]:
        assert seconds == 5
        async with asyncio.timeout(None) as timeout:
            self.open.append(timeout)
            yield timeout

    def run_out(self) -> None:
        for each in self.open:
            if not each.expired():
                each.reschedule(0)
        self.open.clear()


@dataclass(kw_only=True)
class Backend:
    """A server that does what its script says, request by request, then answers well."""

    clock: HandClock
    script: list[Any] = field(default_factory=list)
    seen: list[tuple[str, str, Any]] = field(default_factory=list)
    headers: list[Any] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json() if request.can_read_body else None
        self.seen.append((request.method, request.raw_path, body))
        self.headers.append(request.headers)
        step = self.script.pop(0) if self.script else GOOD
        if step == "timeout":
            self.clock.run_out()
            await self.over.wait()
        if step == "reset":
            assert request.transport is not None
            request.transport.abort()
        if isinstance(step, web.Response):
            return step
        return web.json_response(step)


@pytest.fixture
async def backend() -> Backend:
    return Backend(clock=HandClock())


@pytest.fixture
async def server(backend: Backend) -> AsyncIterator[TestServer]:
    app = web.Application()
    app.router.add_route("*", "/{anything:.*}", backend.answer)
    running = TestServer(app)
    async with running:
        yield running
        backend.over.set()


@pytest.fixture
async def connector(backend: Backend, server: TestServer) -> AsyncIterator[HttpConnector]:
    async with open_http_connector(
        settings_for(str(server.make_url("/api/"))), clock=backend.clock
    ) as opened:
        yield opened


def settings_for(base_url: str) -> HttpSettings:
    return HttpSettings.model_validate(
        {
            "kind": "http",
            "base_url": base_url,
            "headers": {"Authorization": "Bearer s3cret"},
            "operations": OPERATIONS,
        }
    )


async def test_a_write_carries_key_types_and_credentials(
    backend: Backend, connector: Connector
) -> None:
    answer = await connector.ask("refund", REFUND, key="refund:1:0")

    assert answer == {"refund_id": "re_1", "status": "done"}
    body = {"charge": "ch_1", "amount": "24.90", "note": "because lost"}
    assert backend.seen == [("POST", "/api/refunds", body)]
    assert backend.headers[0]["Idempotency-Key"] == "refund:1:0"
    assert backend.headers[0]["Authorization"] == "Bearer s3cret"
    assert backend.headers[0]["Content-Type"] == "application/json"


async def test_a_backend_that_counts_in_pence_is_asked_in_pence(
    backend: Backend, connector: Connector
) -> None:
    backend.script = [{"charges": [{"id": 1, "amount": 2490, "currency": "GBP"}]}]
    charges = await connector.ask("charges", {"order_id": "A-1"})
    await connector.ask("replacement", REFUND | {"line_ids": ["1", "2"]}, key="k")

    assert charges == [{"charge_id": 1, "amount": "24.90", "currency": "GBP"}]
    assert backend.seen[1] == ("PUT", "/api/replacements/k", {"lines": ["1", "2"], "amount": 2490})


async def test_what_an_id_contains_stays_in_its_place(
    backend: Backend, connector: Connector
) -> None:
    await connector.ask("order", {"order_id": "#A 1/x?y=%2e"})
    await connector.ask("find_refund", {}, key="a&b=c")
    for bad in ("..", "../refunds", ""):
        with pytest.raises(NotFound):
            await connector.ask("order", {"order_id": bad})

    assert [path for _, path, _ in backend.seen] == [
        "/api/orders/%23A%201%2Fx%3Fy%3D%252e",
        "/api/refunds?key=a%26b%3Dc",
    ]


@pytest.mark.parametrize(
    ("step", "error"),
    [
        ("timeout", Lost),
        ("reset", Lost),
        (web.Response(status=500), Lost),
        (web.Response(status=503), Lost),
        (web.Response(status=404), NotFound),
        (web.Response(status=400, text="no"), Rejected),
        (web.Response(status=401), Rejected),
        (web.Response(status=409), Rejected),
        (web.Response(status=408), Unreachable),
        (web.Response(status=429, headers={"Retry-After": "7"}), Unreachable),
        (web.Response(status=303, headers={"Location": "/api/refunds"}), BadAnswer),
        (web.Response(status=307, headers={"Location": "http://127.0.0.2/"}), BadAnswer),
        (web.Response(status=204), BadAnswer),
        (web.Response(text="done"), BadAnswer),
        (web.Response(text="{", content_type="application/json"), BadAnswer),
        (web.Response(text="", content_type="application/json"), BadAnswer),
        (web.Response(body=b"\xff", content_type="application/json"), BadAnswer),
        (web.Response(text="[NaN]", content_type="application/json"), BadAnswer),
        (web.Response(text="[" * 100_000, content_type="application/json"), BadAnswer),
        (web.Response(text="9" * 5_000, content_type="application/json"), BadAnswer),
        (web.Response(body=b" " * 2_000_000, content_type="application/json"), BadAnswer),
    ],
)
async def test_a_write_goes_out_once_and_says_what_to_think(
    backend: Backend, connector: Connector, step: Any, error: type[Exception]
) -> None:
    backend.script = [step]
    for operation in ("refund", "replacement"):
        backend.script = [_fresh(step)]
        with pytest.raises(error):
            await connector.ask(operation, REFUND | {"line_ids": []}, key="k")

    assert len(backend.seen) == 2


def _fresh(step: Any) -> Any:
    if not isinstance(step, web.Response):
        return step
    return web.Response(status=step.status, headers=step.headers.copy(), body=step.body)


@pytest.mark.parametrize("step", ["timeout", "reset", 502])
async def test_a_lost_read_is_asked_once_more(
    backend: Backend, connector: Connector, step: Any
) -> None:
    one = [_status(step), {"order": {"order_id": "A-1"}}]
    backend.script = one
    assert await connector.ask("order", {"order_id": "A-1"}) == {"order_id": "A-1"}
    backend.script = [_status(step), _status(step), {"order": 1}]
    with pytest.raises(Lost):
        await connector.ask("order", {"order_id": "A-1"})
    backend.script.clear()


def _status(step: Any) -> Any:
    return web.Response(status=step) if isinstance(step, int) else step


async def test_a_backend_that_asks_to_wait_is_heard(backend: Backend, connector: Connector) -> None:
    for text, seconds in (("7", 7.0), ("soon", None), ("-1", None), ("9" * 9, 3600.0)):
        backend.script = [web.Response(status=429, headers={"Retry-After": text})]
        with pytest.raises(Unreachable) as caught:
            await connector.ask("refund", REFUND, key="k")
        assert caught.value.retry_after_s == seconds


async def test_no_words_of_the_backend_stand_in_the_message(
    backend: Backend, connector: Connector
) -> None:
    backend.script = [web.Response(status=422, text="ann@example.com\x1b[31m" + "x" * 5_000)]
    with pytest.raises(Rejected) as caught:
        await connector.ask("refund", REFUND, key="k")

    assert str(caught.value) == "the backend said no (422)"
    assert caught.value.detail.startswith("ann@example.com [31m")
    assert len(caught.value.detail) == 200


async def test_nothing_found_is_not_found(backend: Backend, connector: Connector) -> None:
    backend.script = [{"refunds": []}, {"order": None}]
    with pytest.raises(NotFound):
        await connector.ask("find_refund", {}, key="k")

    assert await connector.ask("order", {"order_id": "A-1"}) is None


async def test_an_answer_that_does_not_fit_its_expression(
    backend: Backend, connector: Connector
) -> None:
    backend.script = [{"earliest": "x"}]
    with pytest.raises(BadAnswer):
        await connector.ask("promise", {})


async def test_where_nobody_listens_surely_nothing_happened() -> None:
    server = TestServer(web.Application())
    await server.start_server()
    base_url = str(server.make_url("/"))
    await server.close()
    async with open_http_connector(settings_for(base_url), clock=HandClock()) as connector:
        for operation in ("refund", "order"):
            with pytest.raises(Unreachable):
                await connector.ask(operation, REFUND | {"order_id": "A-1"}, key="k")


async def test_what_cannot_be_asked_is_not_sent(backend: Backend, connector: Connector) -> None:
    with pytest.raises(Unreachable):
        await connector.ask("booking", {})
    with pytest.raises(Unreachable, match="order_id"):
        await connector.ask("order", {})
    with pytest.raises(Rejected):
        await connector.ask("replacement", {"amount": "1.999", "currency": "GBP"}, key="k")

    assert backend.seen == []


async def test_the_secret_is_not_shown(connector: HttpConnector) -> None:
    assert "s3cret" not in repr(connector)


async def test_oauth2_is_refused_at_the_door() -> None:
    settings = HttpSettings.model_validate(
        {
            "kind": "http",
            "base_url": "https://billing.example",
            "oauth2": {"token_url": "https://a.example", "client_id": "i", "client_secret": "s"},
            "operations": OPERATIONS,
        }
    )
    with pytest.raises(ValueError, match="not built"):
        async with open_http_connector(settings, clock=HandClock()):
            pass
