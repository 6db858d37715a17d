"""python-telegram-bot's way to the network, on the service's own aiohttp session.

The library's `BaseRequest` turns answers into exceptions that no longer tell the status (a 429
without parameters becomes a NetworkError like a lost connection). So every answer that is no
success leaves here as `Refused`, whole, and every transport error as `Unreached` or `AnswerLost`:
whether Telegram may have acted is the one thing a sender has to know.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

import aiohttp
from pydantic import SecretStr
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData
from typing_extensions import override

CONNECT_TIMEOUT_S: Final = 5.0
READ_TIMEOUT_S: Final = 15.0
BODY_LIMIT: Final = 8 * 1024 * 1024
"""Bytes of an answer: a hundred updates of a long poll, each far below what they can be."""

# aiohttp raises these before the first byte of the request is written; InvalidURL and the like
# never get as far as a connection. (A pooled connection that Telegram closed at the same moment
# is not among them: nobody can tell whether it read the request.)
_BEFORE_SENDING: Final = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ServerFingerprintMismatch,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
)


class Refused(TelegramError):
    """Telegram (or whoever stands in its place) answered, and it is no success."""

    def __init__(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.body = body
        self.headers = headers


class Unreached(NetworkError):
    """The request was not written: Telegram surely did nothing."""


class AnswerLost(TimedOut):
    """The request was written, at least in part, and no whole answer came."""


class AiohttpRequest(BaseRequest):
    """Requests of one bot.

    The library is given a made-up token, since it logs its token at DEBUG and shows it in its
    repr; the true one is put into the path here and nowhere else.
    """

    def __init__(
        self,
        *,
        session: aiohttp.ClientSession,
        api_base: str,
        token: SecretStr,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        read_timeout_s: float = READ_TIMEOUT_S,
    ) -> None:
        super().__init__()
        self._session = session
        self._api_base = api_base.rstrip("/")
        self._token = token
        self._connect_timeout_s = connect_timeout_s
        self._read_timeout_s = read_timeout_s

    @property
    @override
    def read_timeout(self) -> float:
        """Seconds to wait for the next bytes of an answer."""
        return self._read_timeout_s

    @override
    async def initialize(self) -> None:
        """Do nothing: the session is open already."""

    @override
    async def shutdown(self) -> None:
        """Do nothing: the session belongs to whoever opened it."""

    @override
    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Send one request; the parameters go as JSON, with their own types.

        Raises:
            Refused: the answer's status is no success.
            Unreached: the request was not written.
            AnswerLost: it was, and the answer did not come (in time).
        """
        if self._session.closed:
            raise Unreached("the service is stopping")
        endpoint = url.rpartition("/")[2]
        timeout = aiohttp.ClientTimeout(
            total=None,  # the caller's clock bounds the whole
            connect=self._connect_timeout_s,
            sock_read=read_timeout
            if isinstance(read_timeout, int | float)
            else self._read_timeout_s,
        )
        try:
            async with self._session.request(
                method,
                f"{self._api_base}/bot{self._token.get_secret_value()}/{endpoint}",
                json=request_data.parameters if request_data else None,
                timeout=timeout,
                allow_redirects=False,  # a redirect would carry the token to another host
            ) as response:
                status, headers = response.status, response.headers
                body = await _limited(response)
        except _BEFORE_SENDING as error:
            # Without a cause: aiohttp's errors can hold the URL, and with it the token.
            raise Unreached(type(error).__name__) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise AnswerLost(type(error).__name__) from None
        if not 200 <= status <= 299:
            raise Refused(status, body, headers)
        return status, body

    @staticmethod
    @override
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Read a success; the library's own version logs what it cannot read.

        Raises:
            Refused: the body is none, whatever the status said.
        """
        try:
            answer = json.loads(payload)
        except (ValueError, RecursionError):
            raise Refused(200, payload, {}) from None
        if not isinstance(answer, dict) or answer.get("ok") is not True or "result" not in answer:
            raise Refused(200, payload, {})
        return answer


async def _limited(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise AnswerLost("the answer is too long")
    return bytes(body)
