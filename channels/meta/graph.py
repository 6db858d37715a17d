"""Meta's Graph API, on the service's own aiohttp session.

https://developers.facebook.com/docs/graph-api/overview. Every answer that is no success becomes a
`SendError` that says what to do (`channels.meta.failures`); whether Meta may have acted is the one
thing a sender has to know, so a request that was never written is told apart from a lost answer.
"""

import json
from collections.abc import Mapping
from typing import Final

import aiohttp
from pydantic import JsonValue, SecretStr

from channels.errors import SendError, SendFailure
from channels.meta.failures import has_error, read_send_error
from conversation.clock import Clock

CALL_TIMEOUT_S: Final = 25.0
"""A whole call; above the transport's own timeouts, which say more."""
CONNECT_TIMEOUT_S: Final = 5.0
READ_TIMEOUT_S: Final = 15.0
BODY_LIMIT: Final = 1024 * 1024
"""Bytes of an answer: nothing we ask for is longer than a few kilobytes."""

# aiohttp raises these before the first byte of the request is written; InvalidURL and the like
# never get as far as a connection.
_BEFORE_SENDING: Final = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ServerFingerprintMismatch,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
)


class Graph:
    """One version of the Graph API, called with one token."""

    def __init__(
        self,
        *,
        session: aiohttp.ClientSession,
        base: str,
        version: str,
        token: SecretStr,
        clock: Clock,
    ) -> None:
        self._session = session
        self._root = f"{base.rstrip('/')}/{version}"
        self._token = token
        self._clock = clock

    async def call(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, JsonValue] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> dict[str, JsonValue]:
        """Call `path` (below the version, without a slash in front) and give the answer's object.

        The token travels in a header: paths and queries end up in logs and exceptions.

        Raises:
            SendError: there was no success; nothing else is raised.
        """
        said = f"{method} {path}"
        try:
            async with self._clock.timeout(CALL_TIMEOUT_S):
                status, headers, answer = await self._exchange(method, path, body, query)
        except _BEFORE_SENDING as error:
            # Without a cause: aiohttp's errors can hold headers, and with them the token.
            raise SendError(SendFailure.UNAVAILABLE, f"{said}: {type(error).__name__}") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise SendError(SendFailure.UNKNOWN, f"{said}: {type(error).__name__}") from None
        if not 200 <= status <= 299 or has_error(answer):
            raise read_send_error(status, headers, answer) from None
        return _object(answer, said)

    async def _exchange(
        self,
        method: str,
        path: str,
        body: Mapping[str, JsonValue] | None,
        query: Mapping[str, str] | None,
    ) -> tuple[int, Mapping[str, str], bytes]:
        if self._session.closed:
            raise SendError(SendFailure.UNAVAILABLE, "the service is stopping")
        timeout = aiohttp.ClientTimeout(
            total=None,  # the clock bounds the whole
            connect=CONNECT_TIMEOUT_S,
            sock_read=READ_TIMEOUT_S,
        )
        async with self._session.request(
            method,
            f"{self._root}/{path}",
            params=query,
            json=body,
            headers={"Authorization": f"Bearer {self._token.get_secret_value()}"},
            timeout=timeout,
            allow_redirects=False,  # a redirect would carry the token to another host
        ) as response:
            return response.status, response.headers, await _limited(response)


def _object(answer: bytes, said: str) -> dict[str, JsonValue]:
    """Read a success; Meta said yes, but a body that is no object does not say to what."""
    try:
        value = json.loads(answer)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise SendError(SendFailure.UNKNOWN, f"{said}: the answer is no object")
    return value


async def _limited(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise aiohttp.ClientPayloadError("the answer is too long")
    return bytes(body)
