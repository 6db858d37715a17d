"""The Bot API server's stand-in: `async with TelegramStandIn(clock=clock) as tg: tg.base_url`.

Point python-telegram-bot at it with `base_url=tg.base_url + "/bot"`. Bots that call it wrongly are
refused in the live server's words; customers made by `customer()` write to the bot and see what it
says. `faults.next("sendMessage", Fault(...))` spoils a method, `faults.next("webhook", Fault(...))`
a delivery (`duplicate`, `reorder`, `drop_retry`, `wrong_secret`, `slow`).
"""

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from math import ceil
from typing import Any

from aiohttp import web

from conversation.clock import Clock
from socialcare.sandbox.faults import FaultPlan, answered
from socialcare.sandbox.rates import Rates
from socialcare.sandbox.serving import LocalServer, StandIn
from socialcare.sandbox.telegram_delivery import (
    SECRET_HEADER,
    UPDATES_MAX,
    Answer,
    Deliveries,
    Update,
)
from socialcare.sandbox.telegram_http import (
    Call,
    is_true,
    read_params,
    refused,
    reply_target,
    spoiled,
)
from socialcare.sandbox.telegram_people import Chat, Customer, Group, SeenMessage
from socialcare.sandbox.telegram_rules import (
    CALLBACK_EXPIRY_S,
    CALLBACK_TEXT_MAX,
    CHAT_ACTIONS,
    GROUP_RATE,
    PRIVATE_RATE,
    BotApiRefusalError,
    Webhook,
    bad_request,
    read_keyboard,
    read_text,
    read_webhook,
    whole_number,
)
from socialcare.sandbox.watching import Changes

Json = dict[str, Any]
CALLS_MAX = 10_000


class TelegramStandIn(StandIn[Deliveries]):
    """One bot, its customers and groups."""

    def __init__(
        self,
        *,
        clock: Clock,
        token: str = "4200:stand-in",  # noqa: S107 - opens nothing but this stand-in
        username: str = "northwind_care_bot",
        enforce_rates: bool = True,
        port: int = 0,
    ) -> None:
        self.token = token
        self.bot: Json = {
            "id": int(token.split(":", maxsplit=1)[0]),
            "is_bot": True,
            "first_name": "Northwind Care",
            "username": username,
        }
        self.enforce_rates = enforce_rates
        self.faults = FaultPlan()
        self.changes = Changes()
        self.calls: deque[Call] = deque(maxlen=CALLS_MAX)
        self.deliveries = Deliveries(clock=clock, faults=self.faults, changes=self.changes)
        self._clock = clock
        self._rates = Rates(clock)
        self._chats: dict[int, Chat] = {}
        self._customers: dict[int, Customer] = {}
        self._queries: dict[str, tuple[int, float]] = {}
        self._last_update_id = 700_000_000
        route = "/bot{token}/{method}"
        self._server = LocalServer(
            [web.get(route, self._call), web.post(route, self._call)], port=port
        )
        self._methods: dict[str, Callable[[Json], Awaitable[Any]]] = {
            "getme": self._get_me,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._webhook_info,
            "getupdates": self._get_updates,
            "sendmessage": self._send_message,
            "editmessagetext": self._edit_text,
            "editmessagereplymarkup": self._edit_markup,
            "sendchataction": self._chat_action,
            "answercallbackquery": self._answer_query,
        }

    def customer(
        self,
        *,
        first_name: str = "Ana",
        language_code: str | None = "en",
        user_id: int | None = None,
        username: str | None = None,
    ) -> Customer:
        """Give somebody an account; the bot can't write to them before they write."""
        number = user_id if user_id is not None else 5_000_001 + len(self._customers)
        optional = {"username": username, "language_code": language_code}
        given = {key: value for key, value in optional.items() if value is not None}
        person: Json = {"id": number, "is_bot": False, "first_name": first_name, **given}
        head = {key: person[key] for key in ("id", "first_name", "username") if key in person}
        self._chats[number] = Chat(chat_id=number, head=head | {"type": "private"})
        self._customers[number] = Customer(world=self, person=person)
        return self._customers[number]

    def group(self, *, title: str = "Northwind Walkers") -> Group:
        """Open a group with the bot in it."""
        number = -4_000_001 - len(self._chats)
        head = {"id": number, "title": title, "type": "group"}
        chat = Chat(chat_id=number, head=head, is_group=True, open_to_bot=True)
        self._chats[number] = chat
        return Group(chat=chat)

    async def post_raw(self, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        """Send any bytes to the bot's webhook, with the right secret unless headers are given."""
        right = {"Content-Type": "application/json", SECRET_HEADER: self.deliveries.webhook.secret}
        return await self.deliveries.post(body, right if headers is None else headers)

    async def delivered(self, *, timeout: float = 10.0) -> None:  # noqa: ASYNC109 - the watcher's patience
        """Wait until no update is on its way to the bot."""
        await self.changes.until(
            lambda: self.waiting() == 0 or None,
            patience_s=timeout,
            expected=lambda: f"{self.waiting()} updates still wait for the bot",
        )

    # What customers need of the stand-in.

    def now(self) -> datetime:
        """Say the time."""
        return self._clock.now()

    def chat(self, chat_id: int) -> Chat:
        """Give a chat that exists."""
        return self._chats[chat_id]

    def waiting(self, *queues: tuple[str, int]) -> int:
        """Count the updates on their way."""
        return self.deliveries.count(*queues)

    def tell_bot(
        self, kind: str, payload: Json, *, queue: tuple[str, int], lasts_s: float
    ) -> int | None:
        """Queue an update; gives its id, None when the bot wants no such kind."""
        if not self.deliveries.webhook.wants(kind):
            return None
        self._last_update_id += 1
        now = self.now().timestamp()
        if kind == "callback_query":
            self._queries[payload["id"]] = (payload["from"]["id"], now)
        self.deliveries.add(
            Update(
                update_id=self._last_update_id,
                key=queue,
                body={"update_id": self._last_update_id, kind: payload},
                expires_at=now + lasts_s,
            )
        )
        return self._last_update_id

    def bot_message(self, chat: Chat, seen: SeenMessage) -> Json:
        """Give the Bot API's object for a message of the bot."""
        message: Json = {
            "message_id": seen.message_id,
            "from": self.bot,
            "chat": chat.head,
            "date": int(seen.at.timestamp()),
            "text": seen.text,
        }
        if seen.entities:
            message["entities"] = list(seen.entities)
        if seen.keyboard.raw is not None:
            message["reply_markup"] = seen.keyboard.raw
        if seen.edited:
            message["edit_date"] = int(self.now().timestamp())
        return message

    # The API itself.

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        params = await read_params(request)

        async def effect() -> web.Response:
            try:
                result = await self._called(request.match_info["token"], method)(params)
            except BotApiRefusalError as refusal:
                self._note(method, params, refusal.description, refusal.code)
                return refused(refusal)
            self._note(method, params, result, 200)
            return web.json_response({"ok": True, "result": result})

        return await answered(
            request,
            fault=self.faults.take(method),
            plan=self.faults,
            clock=self._clock,
            effect=effect,
            refusal=spoiled,
        )

    def _called(self, token: str, method: str) -> Callable[[Json], Awaitable[Any]]:
        if token != self.token:
            raise BotApiRefusalError(401, "Unauthorized")
        called = self._methods.get(method.lower())
        if called is None:
            raise BotApiRefusalError(404, "Not Found: method not found")
        return called

    def _note(self, method: str, params: Json, result: Any, status: int) -> None:
        self.calls.append(
            Call(method=method, params=params, result=result, status=status, at=self.now())
        )
        self.changes.tell()

    async def _get_me(self, _params: Json) -> Json:
        return self.bot | {
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    async def _set_webhook(self, params: Json) -> bool:
        webhook = read_webhook(params, self.deliveries.webhook)
        await self.deliveries.point(webhook, forget=is_true(params, "drop_pending_updates"))
        return True

    async def _delete_webhook(self, params: Json) -> bool:
        kept = Webhook(allowed=self.deliveries.webhook.allowed)
        await self.deliveries.point(kept, forget=is_true(params, "drop_pending_updates"))
        return True

    async def _webhook_info(self, _params: Json) -> Json:
        webhook = self.deliveries.webhook
        told: Json = {
            "url": webhook.url,
            "has_custom_certificate": False,
            "pending_update_count": self.waiting(),
        }
        if self.deliveries.last_error is not None:
            date, message = self.deliveries.last_error
            told |= {"last_error_date": date, "last_error_message": message}
        if webhook.allowed:
            told["allowed_updates"] = sorted(webhook.allowed)
        return told

    async def _get_updates(self, params: Json) -> list[Json]:
        if self.deliveries.webhook.url:
            raise BotApiRefusalError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        return await self.deliveries.poll(
            offset=whole_number(params, "offset"),
            limit=whole_number(params, "limit", UPDATES_MAX),
            timeout_s=float(whole_number(params, "timeout")),
            kinds=read_webhook(params, self.deliveries.webhook),
        )

    def _writable(self, params: Json) -> Chat:
        number = whole_number(params, "chat_id")
        if params.get("chat_id") in {None, ""}:
            raise bad_request("chat_id is empty")
        chat = self._chats.get(number)
        if chat is None:
            raise bad_request("chat not found")
        if chat.migrated_to is not None:
            raise bad_request(
                "group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=chat.migrated_to,
            )
        if chat.blocked:
            raise BotApiRefusalError(403, "Forbidden: bot was blocked by the user")
        if not chat.open_to_bot:
            raise BotApiRefusalError(403, "Forbidden: bot can't initiate conversation with a user")
        return chat

    async def _send_message(self, params: Json) -> Json:
        chat = self._writable(params)
        parsed = read_text(params)
        keyboard = read_keyboard(params)
        reply_to = reply_target(params, chat)
        self._within_rate(chat)
        seen = SeenMessage(
            message_id=chat.next_id(),
            text=parsed.text,
            html=params["text"],
            entities=parsed.entities,
            keyboard=keyboard,
            edited=False,
            at=self.now(),
            reply_to=reply_to,
        )
        chat.seen[seen.message_id] = seen
        return self.bot_message(chat, seen)

    def _within_rate(self, chat: Chat) -> None:
        rate = GROUP_RATE if chat.is_group else PRIVATE_RATE
        if self.enforce_rates and (wait := self._rates.spend((str(chat.chat_id),), rate)):
            after = max(1, ceil(wait))
            raise BotApiRefusalError(
                429, f"Too Many Requests: retry after {after}", retry_after=after
            )

    def _editable(self, params: Json) -> tuple[Chat, SeenMessage]:
        chat = self._writable(params)
        seen = chat.seen.get(whole_number(params, "message_id"))
        if seen is None:
            raise bad_request("message to edit not found")
        return chat, seen

    async def _edit_text(self, params: Json) -> Json:
        chat, seen = self._editable(params)
        parsed = read_text(params)
        changed = replace(
            seen,
            text=parsed.text,
            html=params["text"],
            entities=parsed.entities,
            keyboard=read_keyboard(params),
            edited=True,
        )
        return self._changed(chat, seen, changed)

    async def _edit_markup(self, params: Json) -> Json:
        chat, seen = self._editable(params)
        return self._changed(chat, seen, replace(seen, keyboard=read_keyboard(params)))

    def _changed(self, chat: Chat, before: SeenMessage, after: SeenMessage) -> Json:
        same = (before.text, before.entities, before.keyboard.rows)
        if same == (after.text, after.entities, after.keyboard.rows):
            raise bad_request(
                "message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message"
            )
        chat.seen[after.message_id] = after
        return self.bot_message(chat, after)

    async def _chat_action(self, params: Json) -> bool:
        chat = self._writable(params)
        action = str(params.get("action", ""))
        if action not in CHAT_ACTIONS:
            raise bad_request("wrong parameter action in request")
        chat.actions.append(action)
        return True

    async def _answer_query(self, params: Json) -> bool:
        asked = self._queries.pop(str(params.get("callback_query_id", "")), None)
        if asked is None or self.now().timestamp() - asked[1] > CALLBACK_EXPIRY_S:
            raise bad_request(
                "query is too old and response timeout expired or query ID is invalid"
            )
        text = str(params.get("text") or "")
        if len(text) > CALLBACK_TEXT_MAX:
            raise bad_request("MESSAGE_TOO_LONG")
        if text:
            self._customers[asked[0]].alerts.append(text)
        return True
