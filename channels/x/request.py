"""tweepy's way to the network, on the service's own aiohttp session.

tweepy writes `https://api.twitter.com` into every call and turns answers into exceptions that no
longer tell everything (an error page in HTML becomes a ContentTypeError). It asks a session for no
more than `request`, so it is given this one: it puts the configured host into the place of X's,
follows no redirect, and every answer that is no success leaves here as `Refused`, whole, every
transport error as `Unreached` or `AnswerLost`. The OAuth 1 signature remains the one for
`https://api.twitter.com`, whatever host takes the call.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
from yarl import URL

CONNECT_TIMEOUT_S: Final = 5.0
READ_TIMEOUT_S: Final = 15.0
STREAM_SILENCE_S: Final = 45.0
"""X writes a line break every 20 s: https://docs.x.com/x-api/activity/activity-stream."""
BODY_LIMIT: Final = 8 * 1024 * 1024
"""Bytes of an answer: a hundred long posts with all that they refer to."""
LINE_LIMIT: Final = 1024 * 1024
"""Bytes of one line of the stream."""

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


class Refused(Exception):
    """X (or whoever stands in its place) answered, and it is no success."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.headers = headers
        self.body = body


class Unreached(Exception):
    """The request was not written: X surely did nothing."""


class AnswerLost(Exception):
    """The request was written, at least in part, and no whole answer came."""


class Answer:
    """A success, as far as tweepy looks at it."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.reason = ""
        self.headers = headers
        self._body = body

    async def read(self) -> bytes:
        """Give the bytes."""
        return self._body

    async def json(self) -> Any:
        """Give what the bytes say.

        Raises:
            Refused: they are no JSON, whatever the status said.
        """
        try:
            return json.loads(self._body)
        except (ValueError, RecursionError):
            raise Refused(self.status, self.headers, self._body) from None


class Requests:
    """What tweepy takes for a session."""

    def __init__(
        self,
        *,
        session: aiohttp.ClientSession,
        api_base: str,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        read_timeout_s: float = READ_TIMEOUT_S,
    ) -> None:
        self._session = session
        self._base = URL(api_base)
        self._connect_timeout_s = connect_timeout_s
        self._read_timeout_s = read_timeout_s

    @asynccontextmanager
    async def request(self, method: str, url: str | URL, **more: Any) -> AsyncIterator[Answer]:
        """Send one request; ``more`` is what aiohttp takes.

        Raises:
            Refused: the answer's status is no success.
            Unreached: the request was not written.
            AnswerLost: it was, and the answer did not come (in time).
        """
        async with self._opened(method, url, self._read_timeout_s, more) as response:
            body = await _limited(response)
            if not 200 <= response.status <= 299:
                raise Refused(response.status, response.headers, body)
            answer = Answer(response.status, response.headers, body)
        yield answer

    async def lines(self, url: str | URL, **more: Any) -> AsyncIterator[bytes]:
        """Read an answer that never ends, line by line; empty lines are signs of life.

        Raises:
            Refused: the answer's status is no success.
            Unreached: the request was not written.
            AnswerLost: the connection ended, or was silent for too long.
        """
        async with self._opened("GET", url, STREAM_SILENCE_S, more) as response:
            if not 200 <= response.status <= 299:
                raise Refused(response.status, response.headers, await _limited(response))
            rest = b""
            async for chunk in response.content.iter_any():
                *whole, rest = (rest + chunk).split(b"\n")
                for line in whole:
                    yield line.strip()
                if len(rest) > LINE_LIMIT:
                    raise AnswerLost("a line of the stream is too long")
        raise AnswerLost("the stream ended")

    @asynccontextmanager
    async def _opened(
        self, method: str, url: str | URL, read_timeout_s: float, more: Mapping[str, Any]
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        if self._session.closed:
            raise Unreached("the service is stopping")
        timeout = aiohttp.ClientTimeout(
            total=None,  # the caller's clock bounds the whole
            connect=self._connect_timeout_s,
            sock_read=read_timeout_s,
        )
        try:
            async with self._session.request(
                method,
                self._there(URL(url) if isinstance(url, str) else url),
                **more,
                timeout=timeout,
                allow_redirects=False,  # a redirect would carry the token to another host
            ) as response:
                yield response
        except _BEFORE_SENDING as error:
            raise Unreached(type(error).__name__) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise AnswerLost(type(error).__name__) from None

    def _there(self, url: URL) -> URL:
        """Put the configured host into the place of X's; the query stays as it was signed."""
        path = self._base.raw_path.rstrip("/") + url.raw_path
        query = f"?{url.raw_query_string}" if url.raw_query_string else ""
        return URL(f"{self._base.origin()}{path}{query}", encoded=True)


async def _limited(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise AnswerLost("the answer is too long")
    return bytes(body)
