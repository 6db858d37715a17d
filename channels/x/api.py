"""Calls to X through tweepy's AsyncClient, each with a limit and each failure a `SendError`.

tweepy signs and words the calls; what it would make of answers is not used, since its models raise
on partial ones and its waiting for rate limits ends in endless recursion.
"""

import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

import aiohttp
from pydantic import JsonValue, SecretStr, ValidationError
from tweepy.asynchronous import AsyncClient  # type: ignore[import-untyped]  # tweepy ships no types

from channels.errors import SendError, SendFailure
from channels.x.answers import Token
from channels.x.request import Answer, AnswerLost, Refused, Requests, Unreached
from channels.x.sending import read_send_error
from conversation.clock import Clock

HOST: Final = "https://api.twitter.com"
"""What tweepy signs for."""
CALL_TIMEOUT_S: Final = 20.0
"""A whole call; above the transport's own connect and read timeouts, which say more."""


class XApi:
    """The API v2 as one account of one app sees it."""

    def __init__(
        self,
        *,
        consumer_key: SecretStr,
        consumer_secret: SecretStr,
        access_token: SecretStr,
        access_token_secret: SecretStr,
        api_base: str,
        session: aiohttp.ClientSession,
        clock: Clock,
    ) -> None:
        self._clock = clock
        self._requests = Requests(session=session, api_base=api_base)
        pair = f"{_quoted(consumer_key)}:{_quoted(consumer_secret)}"
        self._basic = base64.b64encode(pair.encode()).decode()
        self._client = AsyncClient(
            consumer_key=consumer_key.get_secret_value(),
            consumer_secret=consumer_secret.get_secret_value(),
            access_token=access_token.get_secret_value(),
            access_token_secret=access_token_secret.get_secret_value(),
            return_type=dict,
        )
        self._client.session = self._requests

    async def post(self, text: str, *, reply_to: str) -> object:
        """Answer a post in public; raises `SendError`."""
        return await self._guarded(
            "tweets", lambda: self._client.create_tweet(text=text, in_reply_to_tweet_id=reply_to)
        )

    async def message(self, text: str, *, conversation: str) -> object:
        """Write into a conversation of direct messages; raises `SendError`."""
        return await self._guarded(
            "dm_conversations",
            lambda: self._client.create_direct_message(dm_conversation_id=conversation, text=text),
        )

    async def get(self, route: str, query: Mapping[str, str], *, app: bool = False) -> object:
        """Ask something, as the account or as the app alone; raises `SendError`."""
        return await self._asked("GET", route, query=query, app=app)

    async def call(self, method: str, route: str, body: JsonValue = None) -> object:
        """Have something changed, as the account; raises `SendError`."""
        return await self._asked(method, route, body=body)

    async def _asked(
        self,
        method: str,
        route: str,
        *,
        query: Mapping[str, str] | None = None,
        body: JsonValue = None,
        app: bool = False,
    ) -> object:
        if app:
            self._client.bearer_token = await self._bearer()

        async def asked() -> object:
            answer: Answer = await self._client.request(
                method, route, params=dict(query or {}), json=body, user_auth=not app
            )
            return await answer.json()

        return await self._guarded(route, asked)

    async def stream(self, route: str, query: Mapping[str, str]) -> AsyncIterator[bytes]:
        """Read a stream line by line, as the app; raises `SendError` when it ends."""
        token = await self._bearer()
        try:
            lines = self._requests.lines(
                HOST + route, params=query, headers={"Authorization": f"Bearer {token}"}
            )
            async for line in lines:
                yield line
        except Refused as refused:
            raise self._meaning(refused) from None
        except (Unreached, AnswerLost) as error:
            raise SendError(SendFailure.UNAVAILABLE, f"{route}: {error}") from None

    async def _bearer(self) -> str:
        """Get the app's own token: https://docs.x.com/fundamentals/authentication/oauth-2-0."""

        async def asked() -> object:
            async with self._requests.request(
                "POST",
                f"{HOST}/oauth2/token",
                data={"grant_type": "client_credentials"},
                headers={"Authorization": f"Basic {self._basic}"},
            ) as answer:
                return await answer.json()

        try:
            return Token.model_validate(await self._guarded("oauth2/token", asked)).access_token
        except ValidationError:
            raise SendError(SendFailure.UNAVAILABLE, "oauth2/token gives no token") from None

    async def _guarded(self, what: str, call: Callable[[], Awaitable[Any]]) -> object:
        try:
            async with self._clock.timeout(CALL_TIMEOUT_S):
                given: object = await call()
        except Refused as refused:
            raise self._meaning(refused) from None
        except Unreached as error:
            raise SendError(SendFailure.UNAVAILABLE, f"{what}: {error}") from None
        except (AnswerLost, TimeoutError) as error:
            raise SendError(SendFailure.UNKNOWN, f"{what}: {type(error).__name__}") from None
        return given

    def _meaning(self, refused: Refused) -> SendError:
        return read_send_error(refused.status, refused.headers, refused.body, now=self._clock.now())


def _quoted(secret: SecretStr) -> str:
    return quote(secret.get_secret_value(), safe="")
