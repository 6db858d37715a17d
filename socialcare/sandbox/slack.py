"""Slack's stand-in: `async with SlackStandIn(clock=clock) as slack: slack.base_url`.

Point slack_sdk at it with `base_url=slack.base_url` (it ends in `/api/`), and it at the app with
`slack.connect(url)`: events and interactivity then go there, signed; or by socket, once the app has
asked for one. Colleagues made by
`colleague()` press, fill in and write. `faults.next("chat.postMessage", Fault(...))` spoils a
method, `"response_url"` those answers, `"event"` and `"interactivity"` what is sent to the app
(`duplicate`, `only_retry`, `drop_retry`, `bad_signature`, `old_signature`, `slow`).
"""

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any, Self

from aiohttp import web

from conversation.clock import Clock
from socialcare.sandbox.faults import Fault, FaultPlan, answered
from socialcare.sandbox.serving import LocalServer
from socialcare.sandbox.slack_delivery import Answer, Delivery
from socialcare.sandbox.slack_methods import METHODS, RateLimitedError, answer_hook
from socialcare.sandbox.slack_people import Colleague, Wanted, as_predicate
from socialcare.sandbox.slack_places import Channel, Member
from socialcare.sandbox.slack_reading import Message, plain
from socialcare.sandbox.slack_rules import SlackRefusalError
from socialcare.sandbox.slack_sockets import PATH, Sockets
from socialcare.sandbox.slack_workspace import Workspace
from socialcare.sandbox.watching import Changes

Json = dict[str, Any]
CALLS_MAX = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of the app, and what it was told."""

    method: str
    params: Json
    answer: Json
    at: datetime


class SlackStandIn:
    """One workspace with one app in it."""

    def __init__(
        self,
        *,
        clock: Clock,
        bot_token: str = "xoxb-stand-in",  # noqa: S107 - opens nothing but this stand-in
        signing_secret: str = "stand-in-signing-secret",  # noqa: S107 - signs nothing else
        app_token: str = "xapp-stand-in",  # noqa: S107 - opens nothing but this stand-in
        team_id: str = "T0NORTHW",
        channel: str = "C0CARE",
        enforce_rates: bool = True,
        port: int = 0,
    ) -> None:
        self.bot_token = bot_token
        self.signing_secret = signing_secret
        self.faults = FaultPlan()
        self.changes = Changes()
        self.calls: deque[Call] = deque(maxlen=CALLS_MAX)
        self.delivery = Delivery(
            clock=clock,
            faults=self.faults,
            changes=self.changes,
            signing_secret=signing_secret,
        )
        self.workspace = Workspace(
            clock=clock, changes=self.changes, delivery=self.delivery, team_id=team_id
        )
        self.workspace.enforce_rates = enforce_rates
        self.sockets = Sockets(
            clock=clock,
            changes=self.changes,
            app_id=self.workspace.app_id,
            app_token=app_token,
        )
        self.delivery.by_socket = self.sockets
        self.channel(channel, name="care")
        self._clock = clock
        self._revoked = False
        self._server = LocalServer(
            [
                web.get("/api/{method}", self._call),
                web.post("/api/{method}", self._call),
                web.get(PATH + "/{ticket}", self.sockets.link),
                web.post("/actions/{team}/{number}/{secret}", self._hooked),
            ],
            port=port,
        )

    async def __aenter__(self) -> Self:
        await self._server.start()
        self.workspace.base_url = self.sockets.base_url = self._server.url
        await self.delivery.start()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self.faults.release()
        await self.delivery.stop()
        await self._server.stop()

    @property
    def base_url(self) -> str:
        """The Web API's address, with the slash slack_sdk wants at its end."""
        return f"{self._server.url}/api/"

    def connect(self, url: str) -> None:
        """Send events and interactivity there."""
        self.delivery.url = url

    async def verify_url(self) -> bool:
        """Shake hands with the request URL, as when it is entered in the app's settings."""
        challenge = f"challenge-{self.workspace.number()}"
        body = json.dumps(
            {"token": "verification-token", "challenge": challenge, "type": "url_verification"}
        ).encode()
        answer = await self.post_raw(body)
        return answer.ok and challenge in answer.body

    async def go_down(self) -> None:
        """Refuse connections to the Web API."""
        await self._server.stop()

    async def come_back(self) -> None:
        """Serve the Web API again, under the same address."""
        await self._server.start()

    def revoke_token(self) -> None:
        """Refuse the app's token from now on."""
        self._revoked = True

    def restore_token(self) -> None:
        """Take the app's token again."""
        self._revoked = False

    def channel(self, channel_id: str, *, name: str, shared: bool = False) -> Channel:
        """Open a channel with the app in it; an id that begins with D is a direct message."""
        self.workspace.channels[channel_id] = Channel(id=channel_id, name=name, shared=shared)
        return self.workspace.channels[channel_id]

    def colleague(self, user_id: str, *, name: str, team: str | None = None) -> Colleague:
        """Give somebody an account; `team`: of another company's workspace."""
        self.workspace.members[user_id] = Member(id=user_id, name=name, team=team)
        return Colleague(workspace=self.workspace, member=self.workspace.members[user_id])

    def usergroup(self, group_id: str, *, members: tuple[str, ...]) -> None:
        """Make a user group."""
        self.workspace.usergroups[group_id] = members

    def messages(self, channel_id: str) -> tuple[Message, ...]:
        """Give a channel's messages as they stand now, replies too, oldest first."""
        return tuple(self.workspace.channels[channel_id].messages.values())

    def current(self, message: Message) -> Message:
        """Give a message as it stands now.

        Raises:
            KeyError: it was deleted.
        """
        return self.workspace.channels[message.channel].messages[message.ts]

    def thread(self, ts: str, *, channel_id: str | None = None) -> tuple[Message, ...]:
        """Give the replies under the message with that ts, oldest first."""
        chosen = [channel_id] if channel_id is not None else list(self.workspace.channels)
        return tuple(
            each
            for name in chosen
            for each in self.messages(name)
            if each.is_reply and each.thread_ts == ts
        )

    async def appears(
        self,
        channel_id: str,
        wanted: Wanted,
        *,
        after: Message | None = None,
        timeout: float = 10.0,  # noqa: ASYNC109 - the watcher's patience
    ) -> Message:
        """Wait for a message with these words, or of which this is true; the newest first.

        Args:
            channel_id: where to look, threads included.
            wanted: words, or a question about a message.
            after: only messages that came after this one.
            timeout: how long to look, in the machine's seconds.
        """
        matches = as_predicate(wanted)
        last = float(after.ts) if after is not None else 0.0
        return await self.changes.until(
            lambda: next(
                (
                    each
                    for each in reversed(self.messages(channel_id))
                    if float(each.ts) > last and matches(each)
                ),
                None,
            ),
            patience_s=timeout,
            expected=lambda: (
                f"{wanted!r} in {channel_id} among {list(map(plain, self.messages(channel_id)))}"
            ),
        )

    async def delivered(self, *, timeout: float = 10.0) -> None:  # noqa: ASYNC109 - the watcher's patience
        """Wait until every event has reached the app or was given up."""
        await self.changes.until(
            lambda: self.delivery.under_way == 0 or None,
            patience_s=timeout,
            expected=lambda: f"{self.delivery.under_way} events are still under way",
        )

    async def post_raw(
        self, body: bytes, headers: Mapping[str, str] | None = None, *, form: bool = False
    ) -> Answer:
        """Send any bytes to the app, rightly signed unless headers are given."""
        content_type = "application/x-www-form-urlencoded" if form else "application/json"
        right = self.delivery.headers(body, content_type=content_type)
        return await self.delivery.post(body, right if headers is None else headers)

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        params = await _read_params(request)

        async def effect() -> web.Response:
            try:
                answer = {"ok": True, **self._called(request, method, params)}
            except SlackRefusalError as refusal:
                answer = _refused(refusal)
            except RateLimitedError as limited:
                answer = {"ok": False, "error": "ratelimited"}
                self._note(method, params, answer)
                return _too_many(ceil(limited.wait_s))
            self._note(method, params, answer)
            return web.json_response(answer, headers={"X-OAuth-Scopes": "chat:write,commands"})

        return await answered(
            request,
            fault=self.faults.take(method),
            plan=self.faults,
            clock=self._clock,
            effect=effect,
            refusal=_spoiled,
        )

    def _called(self, request: web.Request, method: str, params: Json) -> Json:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        token = given or str(params.get("token") or "")
        if method == "apps.connections.open":
            return {"url": self.sockets.ticket(token)}
        called = METHODS.get(method)
        if called is None:
            raise SlackRefusalError("unknown_method")
        if method != "api.test":
            self._admit(token)
        return called(self.workspace, params)

    def _admit(self, token: str) -> None:
        if not token:
            raise SlackRefusalError("not_authed")
        if token != self.bot_token:
            raise SlackRefusalError("invalid_auth")
        if self._revoked:
            raise SlackRefusalError("token_revoked")

    def _note(self, method: str, params: Json, answer: Json) -> None:
        now = self._clock.now()
        self.calls.append(Call(method=method, params=params, answer=answer, at=now))
        self.changes.tell()

    async def _hooked(self, request: web.Request) -> web.Response:
        body = await _read_params(request)

        async def effect() -> web.Response:
            try:
                answer_hook(self.workspace, self.workspace.spend_hook(request.path), body)
            except SlackRefusalError as refusal:
                self._note("response_url", body, _refused(refusal))
                return web.Response(status=404, text=refusal.error)
            self._note("response_url", body, {"ok": True})
            return web.Response(text="ok")

        return await answered(
            request,
            fault=self.faults.take("response_url"),
            plan=self.faults,
            clock=self._clock,
            effect=effect,
            refusal=_spoiled,
        )


async def _read_params(request: web.Request) -> Json:
    params: Json = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            # What can't be read says nothing; the method then misses what it needs.
            body = None
        params |= body if isinstance(body, dict) else {}
    elif request.method == "POST":
        params |= {
            key: value for key, value in (await request.post()).items() if isinstance(value, str)
        }
    return params


def _refused(refusal: SlackRefusalError) -> Json:
    told: Json = {"ok": False, "error": refusal.error}
    if refusal.messages:
        told["errors"] = refusal.messages
        told["response_metadata"] = {"messages": [f"[ERROR] {each}" for each in refusal.messages]}
    return told


def _too_many(retry_after: int | None) -> web.Response:
    headers = {} if retry_after is None else {"Retry-After": str(max(1, retry_after))}
    return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)


def _spoiled(fault: Fault) -> web.Response:
    if fault.kind == "too_many":
        return _too_many(fault.retry_after)
    return web.json_response({"ok": False, "error": fault.error})
