"""The WhatsApp Cloud API's stand-in: `async with WhatsappStandIn(clock=clock) as wa: wa.base_url`.

One number of the brand. Calls are refused in Graph's words and codes: wrong token, wrong number,
lengths, templates, a closed window, rates. A message that is accepted becomes `sent` and
`delivered` by webhooks, or `failed`. `faults.next("messages", Fault(...))` spoils a sending,
`"read"` the sign of reading and writing, `"number"` a call about the number itself, `"webhook"` a
delivery (`duplicate`, `reorder`, `drop_retry`, `bad_signature`, `slow`).
"""

import contextlib
import hmac
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from conversation.clock import Clock
from socialcare.sandbox.faults import FaultPlan, answered
from socialcare.sandbox.rates import Rates
from socialcare.sandbox.serving import LocalServer, StandIn
from socialcare.sandbox.watching import Changes
from socialcare.sandbox.whatsapp_delivery import LASTS_S, Answer, Change, Deliveries
from socialcare.sandbox.whatsapp_http import Call, graph_fault, read_body, spoiled
from socialcare.sandbox.whatsapp_markup import shown
from socialcare.sandbox.whatsapp_people import CHAT_MAX, Chat, Customer, SeenMessage
from socialcare.sandbox.whatsapp_rules import (
    NUMBER_RATE,
    PAIR_RATE,
    WINDOW_S,
    Button,
    GraphRefusalError,
    Outgoing,
    Template,
    callback_of,
    read_message,
)

Json = dict[str, Any]
CALLS_MAX = 10_000
REOPEN = Template(
    text="We have an answer to your question. Write to us and we go on.",
    languages=frozenset({"en", "de"}),
)


class WhatsappStandIn(StandIn[Deliveries]):
    """One number of the brand, and its customers."""

    def __init__(
        self,
        *,
        clock: Clock,
        token: str = "EAAstandin",  # noqa: S107 - opens nothing but this stand-in
        app_secret: str = "whatsapp-app-secret",  # noqa: S107 - same
        phone_id: str = "106000000000001",
        templates: Mapping[str, Template] | None = None,
        enforce_rates: bool = True,
        port: int = 0,
    ) -> None:
        self.token = token
        self.app_secret = app_secret
        self.phone_id = phone_id
        self.templates = {"care_reopen": REOPEN} if templates is None else dict(templates)
        self.enforce_rates = enforce_rates
        self.locked = False
        """The account is locked for what Meta takes for a violation."""
        self.faults = FaultPlan()
        self.changes = Changes()
        self.calls: deque[Call] = deque(maxlen=CALLS_MAX)
        self.deliveries = Deliveries(
            account="102000000000001",
            app_secret=app_secret,
            clock=clock,
            faults=self.faults,
            changes=self.changes,
        )
        self._clock = clock
        self._rates = Rates(clock)
        self._chats: dict[str, Chat] = {}
        self._last_id = 0
        self._server = LocalServer(
            [
                web.post("/{version}/{id}/messages", self._on_messages),
                web.get("/{version}/{id}", self._on_number),
                web.post("/{version}/{id}", self._on_number),
            ],
            port=port,
        )

    def customer(
        self, *, name: str = "Ana", number: str | None = None, user_id: str | None = None
    ) -> Customer:
        """Give somebody WhatsApp."""
        count = len(self._chats)
        chat = Chat(
            number=number or f"{447_700_900_001 + count}",
            user_id=user_id or f"GB.{4_471_200_000_001 + count}",
            name=name,
        )
        self._chats[chat.user_id] = chat
        return Customer(world=self, chat=chat)

    def refuse_next(self, code: int, *, call: str = "messages", times: int = 1) -> None:
        """Answer the next calls with an error of that code."""
        self.faults.next(call, graph_fault(code), times=times)

    async def answer_in_app(self, customer: Customer, text: str) -> str:
        """Have a colleague write in the WhatsApp Business app; gives the message's id."""
        message_id = self.next_id()
        message: Json = {"type": "text", "text": {"body": text}}
        self._echo(customer.private, message_id, message)
        self._show(customer.private, message_id, Outgoing(to="", text=text), by_app=True)
        return message_id

    async def revoke_in_app(self, customer: Customer, message_id: str) -> None:
        """Have a colleague take a message back in the Business app."""
        revoke = {"type": "revoke", "revoke": {"original_message_id": message_id}}
        self._echo(customer.private, self.next_id(), revoke)

    @contextlib.asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """Let everything that happens in the body reach the brand as one batch."""
        self.deliveries.gather()
        try:
            yield
        finally:
            await self.deliveries.together()

    async def post_raw(self, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        """Send any bytes to the webhook, rightly signed unless headers are given."""
        return await self.deliveries.post(body, headers)

    async def delivered(self, *, timeout: float = 10.0) -> None:  # noqa: ASYNC109 - the watcher's patience
        """Wait until nothing is on its way to the brand."""
        await self.changes.until(
            lambda: self.waiting() == 0 or None,
            patience_s=timeout,
            expected=lambda: f"{self.waiting()} changes still wait for the brand",
        )

    # What customers need of the stand-in.

    def now(self) -> datetime:
        """Say the time."""
        return self._clock.now()

    def next_id(self) -> str:
        """Name the next message."""
        self._last_id += 1
        return f"wamid.HBgMSTANDIN{self._last_id:08d}"

    def waiting(self, *keys: str) -> int:
        """Count the changes on their way."""
        return self.deliveries.count(*keys)

    def tell(self, chat: Chat, field: str, value: Json) -> None:
        """Queue a change for the brand."""
        metadata = {"display_phone_number": "15550100999", "phone_number_id": self.phone_id}
        self.deliveries.add(
            Change(
                field=field,
                value={"messaging_product": "whatsapp", "metadata": metadata, **value},
                key=chat.key,
                expires_at=self.now().timestamp() + LASTS_S,
            )
        )

    def status(self, chat: Chat, message_id: str, word: str, *errors: Json) -> None:
        """Tell the brand what became of a message."""
        told: Json = {
            "id": message_id,
            "status": word,
            "timestamp": str(int(self.now().timestamp())),
        }
        if not chat.known_by_number:
            told["recipient_user_id"] = chat.user_id
        if not chat.number_hidden:
            told["recipient_id"] = chat.number
        if errors:
            told["errors"] = list(errors)
        self.tell(chat, "messages", {"statuses": [told]})

    def renamed(self, chat: Chat, *, number: str, user_id: str) -> None:
        """Know somebody by another number and id."""
        change = {"previous": chat.user_id, "current": user_id}
        update = {
            "wa_id": number,
            "detail": f"User id for {chat.name} has been updated.",
            "user_id": change,
            "timestamp": str(int(self.now().timestamp())),
        }
        self.tell(chat, "user_id_update", {"user_id_update": [update]})
        del self._chats[chat.user_id]
        chat.number, chat.user_id = number, user_id
        self._chats[user_id] = chat

    def _echo(self, chat: Chat, message_id: str, content: Json) -> None:
        echo = {
            "from": "15550100999",
            **({} if chat.number_hidden else {"to": chat.number}),
            "to_user_id": chat.user_id,
            "id": message_id,
            "timestamp": str(int(self.now().timestamp())),
            **content,
        }
        self.tell(chat, "smb_message_echoes", {"message_echoes": [echo]})

    # The API itself.

    async def _on_messages(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        if body.get("status") == "read":
            return await self._answer(request, "read", body, self._mark_read)
        return await self._answer(request, "messages", body, self._send)

    async def _on_number(self, request: web.Request) -> web.Response:
        effect = self._describe if request.method == "GET" else self._point
        return await self._answer(request, "number", await read_body(request), effect)

    async def _answer(
        self,
        request: web.Request,
        name: str,
        body: Json,
        effect: Callable[[Json], Awaitable[Json]],
    ) -> web.Response:
        async def done() -> web.Response:
            try:
                self._known(request)
                result = await effect(body)
            except GraphRefusalError as refusal:
                self._note(name, body, refusal.code, refusal.status)
                return web.json_response(refusal.body, status=refusal.status)
            self._note(name, body, result, 200)
            return web.json_response(result)

        return await answered(
            request,
            fault=self.faults.take(name),
            plan=self.faults,
            clock=self._clock,
            effect=done,
            refusal=spoiled,
        )

    def _note(self, name: str, body: Json, result: Any, status: int) -> None:
        self.calls.append(Call(name=name, body=body, result=result, status=status, at=self.now()))
        self.changes.tell()

    def _known(self, request: web.Request) -> None:
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, f"Bearer {self.token}".encode()):
            raise GraphRefusalError(190)
        if request.match_info["id"] != self.phone_id:
            raise GraphRefusalError(33, subcode=33)
        if self.locked:
            raise GraphRefusalError(131031)

    async def _describe(self, _body: Json) -> Json:
        return {"id": self.phone_id, "display_phone_number": "+1 555-010-0999"}

    async def _point(self, body: Json) -> Json:
        url, word = callback_of(body)
        if not await self.deliveries.ask(url, word):
            raise GraphRefusalError(100, "The callback could not be verified.")
        self.deliveries.url = url
        self.deliveries.carry()
        return {"success": True}

    async def _send(self, body: Json) -> Json:
        outgoing = read_message(body, self.templates)
        chat = self._chat(outgoing.to)
        self._within_window(chat, outgoing)
        self._within_rates(chat)
        message_id = self.next_id()
        self.status(chat, message_id, "sent")
        code = 131026 if chat.blocked else chat.failing.popleft() if chat.failing else None
        if code is None:
            self._show(chat, message_id, outgoing)
            self.status(chat, message_id, "delivered")
        else:
            self.status(chat, message_id, "failed", GraphRefusalError(code).in_status)
        who = {"input": outgoing.to, "user_id": chat.user_id}
        return {
            "messaging_product": "whatsapp",
            "contacts": [who],
            "messages": [{"id": message_id}],
        }

    def _chat(self, to: str) -> Chat:
        for chat in self._chats.values():
            if to in {chat.number, chat.user_id}:
                return chat
        raise GraphRefusalError(131026, "Nobody has WhatsApp there.")

    def _within_window(self, chat: Chat, outgoing: Outgoing) -> None:
        if outgoing.template is not None:
            return
        last, now = chat.last_wrote_at, self.now().timestamp()
        if last is None or now - last > WINDOW_S:
            raise GraphRefusalError(
                131047, "More than 24 hours have passed since the customer last wrote."
            )

    def _within_rates(self, chat: Chat) -> None:
        if not self.enforce_rates:
            return
        if self._rates.spend((chat.user_id,), PAIR_RATE):
            raise GraphRefusalError(131056)
        if self._rates.spend((), NUMBER_RATE):
            raise GraphRefusalError(130429)

    def _show(
        self, chat: Chat, message_id: str, outgoing: Outgoing, *, by_app: bool = False
    ) -> None:
        if len(chat.seen) >= CHAT_MAX:
            msg = f"more than {CHAT_MAX} messages to {chat.user_id}"
            raise OverflowError(msg)
        read = shown(outgoing.text)
        chat.seen[message_id] = SeenMessage(
            number=len(chat.seen) + 1,
            message_id=message_id,
            text=read.text,
            raw=outgoing.text,
            formatted=read.formatted,
            buttons=tuple(
                Button(id=each, title=title, message_id=message_id)
                for each, title in outgoing.buttons
            ),
            template=outgoing.template,
            language=outgoing.language,
            at=self.now(),
            reply_to=outgoing.reply_to,
            by_app=by_app,
        )
        self.changes.tell()

    async def _mark_read(self, body: Json) -> Json:
        message_id = body.get("message_id")
        chat = next((one for one in self._chats.values() if message_id in one.received), None)
        if chat is None:
            raise GraphRefusalError(131009, "There is no such message.")
        chat.read.append(str(message_id))
        if body.get("typing_indicator") == {"type": "text"}:
            chat.typing.append(str(message_id))
        return {"success": True}
