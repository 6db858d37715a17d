"""An X account in service: posts in public, direct messages in private."""

import base64
import contextlib
import hashlib
import hmac
import json
import re
from collections import OrderedDict
from collections.abc import Mapping
from datetime import date
from typing import Final, Literal, TypeVar

import aiohttp
from pydantic import BaseModel, JsonValue, SecretStr, ValidationError

from channels.contract import Capabilities, Handshake, OutboundMessage, Sent
from channels.errors import SendError, SendFailure
from channels.signatures import header_value, same_secret
from channels.x.answers import Listed, Me, Subscription, Webhook
from channels.x.api import XApi
from channels.x.codec import XCodec
from channels.x.feeds import XFeeds
from channels.x.own import OwnWords
from channels.x.people import people_in
from channels.x.reading import CHAT
from channels.x.sending import PRIVATE, PUBLIC, is_duplicate, read_message_id, read_post_id
from channels.x.shapes import SUBSCRIBED
from channels.x.spending import MESSAGE_MICROS, Spending, post_micros
from config.stages import Surface
from conversation.clock import Clock
from conversation.model import Address
from conversation.spending import SpendBook

PROOF_HEADER: Final = "x-twitter-webhooks-signature"
"""https://docs.x.com/x-api/webhooks/introduction."""
TAG: Final = "socialcare"
DOUBTS_KEPT: Final = 1_000
"""Posts of whose fate nobody knows; they are sent again within minutes."""
UNNAMED: Final = "unknown"
"""Stands for the id of a post that X says it has already."""

# X signs a token by the same key and the same rule as an event: a token that could be the body of
# an event would have us sign a forgery. X's own tokens are base64.
_TOKEN: Final = re.compile(r"[A-Za-z0-9+/=_-]{1,256}")

Model = TypeVar("Model", bound=BaseModel)


class XAdapter:
    """One account of one app."""

    def __init__(
        self,
        *,
        name: str,
        user_id: str,
        consumer_key: SecretStr,
        consumer_secret: SecretStr,
        access_token: SecretStr,
        access_token_secret: SecretStr,
        api_base: str,
        session: aiohttp.ClientSession,
        clock: Clock,
        app_id: str | None = None,
        delivery: Literal["webhook", "polling", "stream"] = "webhook",
        per_day_micros: int | None = None,
        book: SpendBook | None = None,
    ) -> None:
        """Prepare without a request.

        Args:
            name: The channel's name in the configuration.
            user_id: The account's id.
            consumer_key: The app's API key.
            consumer_secret: The app's secret; X signs events with it.
            access_token: The account's.
            access_token_secret: The account's.
            api_base: Where the API is.
            session: The service's.
            clock: Time.
            app_id: The app's id, by which its own messages are told from colleagues' in X's app.
            delivery: Whether X calls us, we ask, or read its stream.
            per_day_micros: What a day may cost, in millionths of a US dollar.
            book: Where that is counted.

        Raises:
            ValueError: the user id is no number, or there is a limit and nowhere to count.
        """
        if not (user_id.isascii() and user_id.isdecimal()):
            raise ValueError("an X user id is a number")
        self._name = name
        self._account = user_id
        self._secret = consumer_secret.get_secret_value().encode()
        self._delivery = delivery
        self._own = OwnWords(app_id)
        self._doubts: OrderedDict[tuple[str, str], None] = OrderedDict()
        self.spending = Spending(
            clock, scope=f"x:{user_id}", per_day_micros=per_day_micros, book=book
        )
        self._api = XApi(
            consumer_key=consumer_key,
            consumer_secret=consumer_secret,
            access_token=access_token,
            access_token_secret=access_token_secret,
            api_base=api_base,
            session=session,
            clock=clock,
        )
        self.source = XFeeds(
            api=self._api, account=user_id, clock=clock, stream=delivery == "stream"
        )
        """What asks for events, where X does not call us."""
        self._codec = self._codec_of(None)

    def _codec_of(self, username: str | None) -> XCodec:
        return XCodec(
            channel=self._name,
            account=self._account,
            username=username,
            elsewhere=self._own.elsewhere,
        )

    @property
    def name(self) -> str:
        """The channel's name in the configuration."""
        return self._name

    @property
    def account(self) -> str:
        """The account's id."""
        return self._account

    @property
    def codec(self) -> XCodec:
        """X's pure half; another one after `open`, which learns the account's name."""
        return self._codec

    def capabilities(self, surface: Surface) -> Capabilities:
        """Say what can be sent there."""
        return PUBLIC if surface is Surface.PUBLIC else PRIVATE

    def authentic(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Say whether X signed these raw bytes; the signature has no time in it and never ages."""
        return same_secret(expected=self._signed(body), given=header_value(headers, PROOF_HEADER))

    def reply_to_post(self, body: bytes) -> Handshake | None:
        """Answer nothing of its own: X reads no answer to an event."""
        del body
        return None

    def handshake(self, query: Mapping[str, str]) -> Handshake | None:
        """Answer X's challenge-response check: https://docs.x.com/x-api/webhooks/introduction."""
        token = query.get("crc_token")
        if token is None or _TOKEN.fullmatch(token) is None:
            return Handshake(status=400, body="no crc_token that X would send")
        answer = {"response_token": self._signed(token.encode())}
        return Handshake(status=200, body=json.dumps(answer), content_type="application/json")

    def _signed(self, body: bytes) -> str:
        digest = hmac.new(self._secret, body, hashlib.sha256).digest()
        return f"sha256={base64.b64encode(digest).decode()}"

    async def open(self) -> None:
        """Learn the account's name, by which posts call it; raises `SendError`."""
        try:
            me = Me.model_validate(_data(await self._api.get("/2/users/me", {})))
        except ValidationError:
            raise SendError(SendFailure.UNAVAILABLE, "users/me names nobody") from None
        if me.id != self._account:
            raise SendError(SendFailure.REVOKED, "the access token is another account's")
        self._codec = self._codec_of(me.username or None)

    async def close(self) -> None:
        """Hang up; the session belongs to whoever opened it."""
        for feed in self.source.feeds:
            await self.source.rest(feed)

    # --- sending

    async def send(self, address: Address, message: OutboundMessage) -> Sent:
        """Deliver one message; raises `SendError`, and nothing else."""
        if message.buttons:
            raise SendError(SendFailure.REFUSED, "X shows no buttons")
        if address.surface is Surface.PUBLIC:
            return await self._answer(message)
        if address.key.startswith(CHAT):
            raise SendError(
                SendFailure.REFUSED, "an encrypted conversation: answer it in X's own app"
            )
        day = await self.spending.take(MESSAGE_MICROS)
        try:
            given = await self._api.message(message.text, conversation=address.key)
            message_id = read_message_id(given)
        except SendError as error:
            await self._cost_nothing(error, MESSAGE_MICROS, day)
            raise
        self._own.sent(message_id)
        return Sent(message_id=message_id)

    async def _answer(self, message: OutboundMessage) -> Sent:
        """Answer a post. Only an answer is lawful: a post of its own would summon nobody."""
        post_id = message.reply_to
        if post_id is None or not (post_id.isascii() and post_id.isdecimal()):
            raise SendError(SendFailure.REFUSED, "in public only a post can be answered")
        doubt = (post_id, message.text)
        try:
            return Sent(message_id=await self._post(message.text, reply_to=post_id))
        except SendError as error:
            if error.failure is SendFailure.UNKNOWN:
                self._doubts[doubt] = None
                while len(self._doubts) > DOUBTS_KEPT:
                    self._doubts.popitem(last=False)
            if not is_duplicate(error):
                raise
            if doubt in self._doubts:
                # What nobody knew is known now: X has it since the try before.
                return Sent(message_id=UNNAMED)
        # The same words to somebody else: with their name in front they are other words.
        named = f"@{await self._author_of(post_id)} {message.text}"
        return Sent(message_id=await self._post(named, reply_to=post_id))

    async def _post(self, text: str, *, reply_to: str) -> str:
        micros = post_micros(text)
        day = await self.spending.take(micros)
        try:
            return read_post_id(await self._api.post(text, reply_to=reply_to))
        except SendError as error:
            await self._cost_nothing(error, micros, day)
            raise

    async def _author_of(self, post_id: str) -> str:
        query = {"expansions": "author_id", "user.fields": "username"}
        answer = await self._api.get(f"/2/tweets/{post_id}", query)
        users = _data(answer, "includes")
        found = people_in(_data(users, "users"))
        name = next((user.username for user in found.values() if user.username), None)
        if name is None:
            raise SendError(SendFailure.REFUSED, "duplicate content, and nobody to name")
        return name

    async def _cost_nothing(self, error: SendError, micros: int, day: date) -> None:
        """Give back what was set aside, if X surely did nothing; what fails here is counted."""
        if error.failure is not SendFailure.UNKNOWN:
            with contextlib.suppress(SendError):
                await self.spending.give_back(micros, day)

    def invitation_link(self, token: str) -> str | None:
        """Give a link that begins a direct message to us with the token in it.

        https://docs.x.com/x-api/direct-messages/direct-message-deeplinks
        """
        return f"https://x.com/messages/compose?recipient_id={self._account}&text={token}"

    async def show_typing(self, address: Address, *, message_id: str | None = None) -> None:
        """Do nothing: API v2 has no such sign for apps that sign by OAuth 1."""
        del address, message_id

    async def acknowledge_press(self, press_id: str) -> None:
        """Do nothing: X's choices come back as messages."""

    # --- being told

    async def subscribe(self, url: str) -> None:
        """Have X tell of what concerns us, at `url` or in its stream; raises `SendError`.

        https://docs.x.com/x-api/activity/quickstart. What is there already is kept.
        """
        if self._delivery == "polling":
            return
        try:
            await self._subscribed(url)
        except SendError as error:
            if error.failure is not SendFailure.REFUSED:
                raise
            # Another process was faster: what it made is there now.
            await self._subscribed(url)

    async def _subscribed(self, url: str) -> None:
        webhook = await self._webhook(url) if self._delivery == "webhook" else None
        listed = await self._listed("/2/activity/subscriptions", {"max_results": "1000"})
        there = {
            one.event_type: one
            for one in _each(Subscription, listed)
            if one.filter.user_id == self._account
        }
        for kind in SUBSCRIBED:
            told = there.get(kind)
            if told is None:
                body: dict[str, JsonValue] = {
                    "event_type": kind,
                    "filter": {"user_id": self._account},
                    "tag": TAG,
                }
                if webhook is not None:
                    body["webhook_id"] = webhook
                await self._api.call("POST", "/2/activity/subscriptions", body)
            elif webhook is not None and told.webhook_id != webhook:
                route = f"/2/activity/subscriptions/{told.subscription_id}"
                await self._api.call("PUT", route, {"webhook_id": webhook, "tag": TAG})

    async def _webhook(self, url: str) -> str:
        """Find or make the webhook; X asks back (`handshake`) before it answers."""
        listed = _each(Webhook, await self._listed("/2/webhooks", {}))
        ours = next((one for one in listed if one.url == url), None)
        if ours is None:
            made = _data(await self._api.call("POST", "/2/webhooks", {"url": url}))
            try:
                return Webhook.model_validate(made).id
            except ValidationError:
                raise SendError(SendFailure.UNAVAILABLE, "webhooks names none") from None
        if not ours.valid:
            await self._api.call("PUT", f"/2/webhooks/{ours.id}")
        return ours.id

    async def _listed(self, route: str, query: Mapping[str, str]) -> tuple[object, ...]:
        try:
            return Listed.model_validate(await self._api.get(route, query, app=True)).data
        except ValidationError:
            raise SendError(SendFailure.UNAVAILABLE, f"{route} gives no list") from None


def _data(answer: object, name: str = "data") -> object:
    return answer.get(name) if isinstance(answer, dict) else None


def _each(model: type[Model], listed: tuple[object, ...]) -> list[Model]:
    """Read what is readable of a list."""
    found = []
    for one in listed:
        with contextlib.suppress(ValidationError):
            found.append(model.model_validate(one))
    return found
