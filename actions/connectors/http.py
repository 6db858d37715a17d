"""A JSON API of the brand, called as its section of the configuration says.

A GET whose answer was lost is asked once more; anything else goes out exactly once, on a
connection of its own: a kept-alive one may be dying, and then nobody knows whether the request
was read.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final, NoReturn

import aiohttp
import jmespath
import yarl
from jmespath.exceptions import JMESPathError

from actions.connectors.amounts import in_major_units
from actions.connectors.contract import (
    Argument,
    BadAnswer,
    Lost,
    NotFound,
    Rejected,
    Unreachable,
)
from actions.connectors.templates import (
    MissingArgumentError,
    Value,
    fill_body,
    fill_path,
    fill_query,
)
from config.connectors import HttpConnector as HttpSettings
from config.connectors import Operation
from config.money import Money, MoneyError
from conversation.clock import Clock

ANSWER_MAX_BYTES: Final = 1 << 20
"""An order has kilobytes; a mebibyte is a mistake or an attack."""
DETAIL_MAX: Final = 200
RETRY_AFTER_MAX_S: Final = 3_600.0
_TURNED_AWAY: Final = frozenset({408, 425, 429})
"""Statuses that say: not read, come again (RFC 9110 15.5.9, RFC 8470 5.2, RFC 6585 4)."""


class HttpConnector:
    """One JSON API; made by `open_http_connector`, which owns its connections."""

    def __init__(
        self,
        settings: HttpSettings,
        *,
        reads: aiohttp.ClientSession,
        writes: aiohttp.ClientSession,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._reads = reads
        self._writes = writes
        self._clock = clock

    async def ask(
        self, operation: str, arguments: Mapping[str, Argument], *, key: str | None = None
    ) -> object:
        """Do one operation; see `actions.connectors.contract.Connector`."""
        wanted = self._settings.operations.get(operation)
        if wanted is None:
            raise Unreachable(f"the connector does not do {operation}")
        try:
            request = _request(wanted, self._settings.base_url, arguments, key=key)
        except MissingArgumentError as error:
            raise Unreachable(f"{operation} has no {{{error}}} to fill in") from error
        try:
            body = await self._exchange(request)
        except Lost:
            if request.method != "GET":
                raise
            body = await self._exchange(request)
        answer = _mapped(wanted, body)
        if answer is None and operation.startswith("find_"):
            raise NotFound(operation)
        return answer

    async def _exchange(self, request: "_Request") -> bytes:
        session = self._reads if request.method == "GET" else self._writes
        progress = SimpleNamespace(connected=False)
        try:
            async with (
                self._clock.timeout(self._settings.timeout.total_seconds()),
                session.request(
                    request.method,
                    request.url,
                    json=request.body,
                    headers=request.headers,
                    allow_redirects=False,
                    trace_request_ctx=progress,
                ) as response,
            ):
                body = await _limited(response)
                return _accepted(response, body)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            _explain(error, connected=progress.connected)


@asynccontextmanager
async def open_http_connector(
    settings: HttpSettings, *, clock: Clock
) -> AsyncIterator[HttpConnector]:
    """Open the connections of one API, and close them at the end."""
    if settings.oauth2 is not None:
        raise ValueError("connectors with oauth2 are not built yet")
    headers = {name: secret.get_secret_value() for name, secret in settings.headers.items()}
    headers.setdefault("Accept", "application/json")
    async with (
        _session(headers, force_close=False) as reads,
        _session(headers, force_close=True) as writes,
    ):
        yield HttpConnector(settings, reads=reads, writes=writes, clock=clock)


def _session(headers: Mapping[str, str], *, force_close: bool) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=50, force_close=force_close),
        headers=headers,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),  # the injected clock's instead
        trace_configs=[_watching_connections()],
        middlewares=(_sent_once,),
    )


async def _sent_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep aiohttp from repeating a PUT or DELETE whose connection broke.

    `ClientSession` sends methods that RFC 9112 9.3.1 calls idempotent a second time, on any
    broken connection, and has no setting against it; an error of ours passes it by.
    """
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise Lost(f"no answer ({type(error).__name__})") from error


def _watching_connections() -> aiohttp.TraceConfig:
    """Note when a request has a connection: before that, surely nothing was sent."""

    async def connected(_: aiohttp.ClientSession, context: SimpleNamespace, __: object) -> None:
        context.trace_request_ctx.connected = True

    tracing = aiohttp.TraceConfig()
    tracing.on_connection_create_end.append(connected)
    tracing.on_connection_reuseconn.append(connected)
    return tracing


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    method: str
    url: yarl.URL
    headers: Mapping[str, str]
    body: Any


def _request(
    operation: Operation, base_url: str, arguments: Mapping[str, Argument], *, key: str | None
) -> _Request:
    values: dict[str, Value] = dict(arguments)
    if key is not None:
        values["key"] = key
    amount, currency = values.get("amount"), values.get("currency")
    if operation.minor_units and isinstance(amount, str) and isinstance(currency, str):
        try:
            values["amount"] = Money.from_major(amount, currency).minor
        except MoneyError as error:
            raise Rejected(0, "the amount is none in that currency") from error
    headers = {}
    if operation.idempotency_header is not None and key is not None:
        headers[operation.idempotency_header] = key
    path = fill_path(operation.path, values)
    url = yarl.URL(base_url.rstrip("/") + path, encoded=True)
    return _Request(
        method=operation.method,
        url=url.with_query(fill_query(operation.query, values)),
        headers=headers,
        body=None if operation.body is None else fill_body(operation.body, values),
    )


async def _limited(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(1 << 16):
        body += chunk
        if len(body) > ANSWER_MAX_BYTES:
            response.close()
            raise BadAnswer("the answer is over 1 MiB")
    return bytes(body)


def _accepted(response: aiohttp.ClientResponse, body: bytes) -> bytes:
    status = response.status
    if 200 <= status < 300:
        if not response.content_type.endswith("json"):
            raise BadAnswer("the answer is not JSON")
        return body
    if status == 404:
        raise NotFound("404")
    if status in _TURNED_AWAY:
        raise Unreachable(
            f"turned away ({status})", retry_after_s=_seconds(response.headers.get("Retry-After"))
        )
    if 400 <= status < 500:
        raise Rejected(status, _printable(body))
    if status < 400:
        # After a POST, 303 means "done, look over there": nobody knows whether it was done.
        raise BadAnswer(f"redirected ({status}), which is never followed")
    raise Lost(f"the backend failed ({status})")


def _explain(error: Exception, *, connected: bool) -> NoReturn:
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.InvalidURL) or not connected:
        raise Unreachable(f"no connection ({type(error).__name__})") from error
    raise Lost(f"no answer ({type(error).__name__})") from error


def _mapped(operation: Operation, body: bytes) -> object:
    try:
        answer = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise BadAnswer("the answer is not JSON") from error
    try:
        mapped: object = jmespath.search(operation.result, answer)
    except (JMESPathError, RecursionError, TypeError, ValueError) as error:
        raise BadAnswer("the answer does not fit `result`") from error
    return in_major_units(mapped) if operation.minor_units else mapped


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _seconds(text: str | None) -> float | None:
    if text is None or not text.isascii() or not text.isdecimal() or len(text) > 9:
        return None
    return min(float(text), RETRY_AFTER_MAX_S)


def _printable(body: bytes) -> str:
    text = body[: DETAIL_MAX * 4].decode(errors="replace")
    return "".join(each if each.isprintable() else " " for each in text)[:DETAIL_MAX]
