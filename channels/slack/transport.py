"""Talking with Slack: its signature, its errors, and the Bolt app behind our own front door.

Slack's requests are verified here, over the raw bytes, before anything parses them; Bolt gets them
afterwards, for what only an open request can do (a modal's `trigger_id` lives three seconds, a
modal's errors are part of the answer). Calls are never repeated by the library: whether a message
is sent again is the outbox's decision.
"""

import hashlib
import hmac
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from channels.errors import SendError, SendFailure
from channels.hints import outage_wait_s
from conversation.clock import Clock

SIGNATURE_WINDOW_S: Final = 300
"""Older requests are replays. https://docs.slack.dev/authentication/verifying-requests-from-slack"""
CALL_TIMEOUT_S: Final = 10
CONNECT_TIMEOUT_S: Final = 3
RETRY_AFTER_MAX_S: Final = 3_600.0
RESPONSE_HOST: Final = "hooks.slack.com"
"""Where a press's `response_url` points, live."""

_TIMESTAMP: Final = re.compile(r"\d{1,11}", re.ASCII)
_SECONDS: Final = re.compile(r"\d{1,6}(?:\.\d{1,3})?", re.ASCII)

# https://docs.slack.dev/reference/methods/chat.postMessage#errors
_RATE_LIMITED: Final = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_REVOKED: Final = frozenset(
    {
        "access_denied",
        "account_inactive",
        "invalid_auth",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
    }
)
_UNAVAILABLE: Final = frozenset({"service_unavailable", "team_added_to_org", "accesslimited"})
# Slack's words for these two: "some aspect of the operation" may have succeeded.
_UNKNOWN: Final = frozenset({"fatal_error", "internal_error", "request_timeout"})
# A gateway lost patience with what stands behind it, which may go on regardless.
_LOST_PATIENCE: Final = frozenset({408, 504})


def authentic(
    headers: Mapping[str, str], body: bytes, *, signing_secret: str, now_s: float
) -> bool:
    """Say whether Slack signed these raw bytes within the last five minutes; never raises."""
    stamp = header(headers, "X-Slack-Request-Timestamp")
    given = header(headers, "X-Slack-Signature")
    if not signing_secret or _TIMESTAMP.fullmatch(stamp) is None:
        return False
    if abs(now_s - int(stamp)) > SIGNATURE_WINDOW_S:
        return False
    signed = b"v0:" + stamp.encode() + b":" + body
    expected = "v0=" + hmac.new(signing_secret.encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogatepass"))


def header(headers: Mapping[str, str], name: str) -> str:
    """Find a header whatever its case; empty when it is missing."""
    wanted = name.lower()
    for key, value in headers.items():
        if key.lower() == wanted:
            return value
    return ""


def map_slack_error(error: BaseException) -> SendError:
    """Say what a failed call means for the message it carried."""
    if isinstance(error, SendError):
        return error
    if isinstance(error, SlackApiError):
        return _from_answer(error)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return SendError(SendFailure.UNAVAILABLE, "Slack cannot be reached")
    if isinstance(error, aiohttp.InvalidURL):
        return SendError(SendFailure.REFUSED, "the address of Slack's API is not a URL")
    # The request may have gone out: a reset, a time-out, an answer that is none.
    return SendError(SendFailure.UNKNOWN, f"no answer from Slack ({type(error).__name__})")


def _from_answer(error: SlackApiError) -> SendError:
    response: Any = error.response
    status = getattr(response, "status_code", None) or getattr(response, "status", None)
    data = getattr(response, "data", None)
    code = data.get("error") if isinstance(data, dict) else None
    code = code if isinstance(code, str) else ""
    if status == 429 or code in _RATE_LIMITED:
        wait_s = _retry_after_s(getattr(response, "headers", None))
        return SendError(
            SendFailure.RATE_LIMITED, "Slack asks us to slow down", retry_after_s=wait_s
        )
    if code in _REVOKED:
        return SendError(SendFailure.REVOKED, f"Slack no longer accepts our token ({code})")
    if code in _UNKNOWN or (not code and status in _LOST_PATIENCE):
        return SendError(SendFailure.UNKNOWN, f"Slack failed half-way ({code or status})")
    if code in _UNAVAILABLE or (isinstance(status, int) and status >= 500):
        return SendError(
            SendFailure.UNAVAILABLE,
            f"Slack is unavailable ({code or status})",
            retry_after_s=outage_wait_s(getattr(response, "headers", None) or {}),
        )
    if code:
        return SendError(SendFailure.REFUSED, f"Slack refused it ({code[:80]})")
    if isinstance(status, int) and status >= 400:
        return SendError(SendFailure.REFUSED, f"Slack refused it (status {status})")
    return SendError(SendFailure.UNKNOWN, "Slack's answer could not be read")


def _retry_after_s(headers: object) -> float | None:
    if not isinstance(headers, Mapping):
        return None
    found = header(headers, "Retry-After").strip()
    if _SECONDS.fullmatch(found) is None:
        return None
    return min(float(found), RETRY_AFTER_MAX_S)


def slack_error_code(error: BaseException) -> str | None:
    """Give Slack's own word for a failure, where it said one."""
    if not isinstance(error, SlackApiError):
        return None
    data = getattr(error.response, "data", None)
    code = data.get("error") if isinstance(data, dict) else None
    return code if isinstance(code, str) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatched:
    """What is answered to Slack in the open request."""

    status: int
    body: str
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackSelf:
    """Who we are in the workspace, as `auth.test` says."""

    team_id: str | None = None
    user_id: str | None = None
    bot_id: str | None = None


class SlackTransport:
    """One Slack app of ours: its signing secret, its client and its Bolt app."""

    def __init__(
        self,
        *,
        bot_token: str,
        signing_secret: str,
        api_base: str,
        clock: Clock,
        name: str,
        app_token: str | None = None,
    ) -> None:
        self.app_token = app_token
        """Opens sockets (`channels.slack.socket`); None: Slack calls us."""
        self._signing_secret = signing_secret
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self.myself = SlackSelf()
        # Bolt and the client copy this logger's level to their own: below ERROR they write bodies.
        quiet = logging.getLogger("socialcare.slack")
        quiet.setLevel(logging.ERROR)
        self._client = AsyncWebClient(
            token=bot_token,
            base_url=api_base,
            timeout=CALL_TIMEOUT_S,
            retry_handlers=[],
            logger=quiet,
        )

        async def authorize(team_id: str | None, enterprise_id: str | None) -> AuthorizeResult:
            """Answer Bolt from what `open` learned: no call of its own inside a request."""
            return AuthorizeResult(
                enterprise_id=enterprise_id,
                team_id=team_id,
                bot_user_id=self.myself.user_id,
                bot_id=self.myself.bot_id,
                bot_token=bot_token,
            )

        self.app = AsyncApp(
            name=name,
            logger=quiet,
            client=self._client,
            authorize=authorize,
            signing_secret=signing_secret,
            process_before_response=True,
            request_verification_enabled=False,
            ssl_check_enabled=False,
            url_verification_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )

    @property
    def client(self) -> AsyncWebClient:
        """The client of the Bolt app; its errors go through `map_slack_error`."""
        return self.app.client

    async def open(self) -> None:
        """Connect and learn who we are; raises `SendError` when Slack does not say."""
        await self.connect()
        try:
            told = await self.client.auth_test()
        except Exception as error:
            raise map_slack_error(error) from error
        team, user, bot = (told.get(key) for key in ("team_id", "user_id", "bot_id"))
        self.myself = SlackSelf(team_id=team, user_id=user, bot_id=bot)

    async def connect(self) -> None:
        """Make the connection pool, asking nothing yet."""
        if self._session is None or self._session.closed:
            limits = aiohttp.ClientTimeout(total=CALL_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
            self._session = aiohttp.ClientSession(timeout=limits)
            self._client.session = self._session

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None
            self._client.session = None

    def authentic(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Say whether Slack itself sent these raw bytes just now."""
        now_s = self._clock.now().timestamp()
        return authentic(headers, body, signing_secret=self._signing_secret, now_s=now_s)

    async def dispatch(
        self,
        headers: Mapping[str, str],
        body: bytes,
        *,
        context: Mapping[str, object] | None = None,
    ) -> Dispatched:
        """Run the Bolt listeners of an authentic request and give their answer; never raises.

        Args:
            headers: As received.
            body: As received; verified and found readable by the caller.
            context: What the listeners find in Bolt's context beside Slack's own.
        """
        kept = {name: header(headers, name) for name in ("Content-Type",)}
        try:
            request = AsyncBoltRequest(
                body=body.decode(), headers={**kept}, context=dict(context or {})
            )
            response = await self.app.async_dispatch(request)
        except Exception:  # noqa: BLE001 - Bolt raises whatever an odd payload made it trip over
            return Dispatched(status=500, body="", content_type="text/plain")
        content_type = str(response.first_headers().get("content-type", "text/plain"))
        return Dispatched(
            status=response.status, body=response.body or "", content_type=content_type
        )

    async def whisper(
        self, *, channel: str, user: str, text: str, thread_ts: str | None, response_url: str
    ) -> None:
        """Tell one person something; raises `SendError` when neither way works.

        The press's own `response_url` is the second way: it is not held by the channel's rate.
        """
        try:
            await self.client.chat_postEphemeral(
                channel=channel, user=user, text=text, thread_ts=thread_ts
            )
        except Exception as caught:
            error = map_slack_error(caught)
            if not self._answerable(response_url) or not await self._answered(response_url, text):
                raise error from caught

    def _answerable(self, response_url: str) -> bool:
        """Follow a `response_url` only to Slack: a forged one must not reach anybody else."""
        try:
            given, base = urlsplit(response_url), urlsplit(self._client.base_url)
            port = given.port
        except ValueError:
            return False
        if given.username is not None or not given.hostname:
            return False
        if (given.scheme, given.hostname) == ("https", RESPONSE_HOST):
            return port in {None, 443}
        return (given.scheme, given.netloc) == (base.scheme, base.netloc)

    async def _answered(self, response_url: str, text: str) -> bool:
        if self._session is None:
            return False
        told = {"response_type": "ephemeral", "replace_original": False, "text": text}
        try:
            async with self._session.post(
                response_url, json=told, allow_redirects=False
            ) as response:
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False
