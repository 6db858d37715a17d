"""A Telegram bot in service, through python-telegram-bot.

Calls go by the library's raw `do_api_request`: its typed methods parse answers into objects that
nobody here reads, and raise on partial ones.
"""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import aiohttp
from pydantic import JsonValue, SecretStr, ValidationError
from telegram import Bot
from telegram.error import TelegramError
from telegram.warnings import PTBUserWarning
from typing_extensions import override

from channels.contract import (
    Capabilities,
    Formatting,
    Handshake,
    LengthUnit,
    OutboundMessage,
    Polled,
    Rate,
    Sent,
)
from channels.errors import SendError, SendFailure
from channels.signatures import header_value, same_secret
from channels.telegram.codec import READ_KINDS, TEXT_LIMIT, TelegramCodec
from channels.telegram.payloads import Envelope, Me
from channels.telegram.request import READ_TIMEOUT_S, AiohttpRequest, Refused, Unreached
from channels.telegram.sending import (
    BUTTONS,
    chat_id,
    read_send_error,
    read_sent,
    send_parameters,
)
from config.stages import Surface
from conversation.clock import Clock
from conversation.model import Address, AttachmentKind

# https://core.telegram.org/bots/api#setwebhook
PROOF_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"

CALL_TIMEOUT_S: Final = 20.0
"""A whole call; above the transport's own connect and read timeouts, which say more."""

POLL_S: Final = 25
"""How long Telegram holds an empty `getUpdates`; below the idle timeouts of usual proxies."""

FEED: Final = "updates"

# https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this: about 30 a second
# from the bot; one a second to a chat, where a short burst goes through; 20 a minute to a group.
_OVERALL: Final = Rate(count=30, window_s=1.0)
_PRIVATE: Final = Capabilities(
    max_length=TEXT_LIMIT,
    unit=LengthUnit.UTF16,
    formatting=Formatting.HTML,
    buttons=BUTTONS,
    typing=True,
    media=frozenset(AttachmentKind) - {AttachmentKind.OTHER},
    rates=(_OVERALL, Rate(count=5, window_s=5.0, per_chat=True)),
    typing_interval_s=4.0,  # it lasts 5 s: https://core.telegram.org/bots/api#sendchataction
)
_GROUP: Final = replace(_PRIVATE, rates=(_OVERALL, Rate(count=20, window_s=60.0, per_chat=True)))


class _RawBot(Bot):
    """The library's bot without its advice to use the typed methods, given on every raw call."""

    @classmethod
    @override
    def _warn(
        cls,
        message: str | PTBUserWarning,
        category: type[Warning] = PTBUserWarning,
        stacklevel: int = 0,
    ) -> None:
        if not str(message).startswith("Please use 'Bot."):
            super()._warn(message, category, stacklevel + 1)


class TelegramAdapter:
    """One bot: it accepts before Telegram was ever reached, since its id is part of its token."""

    def __init__(
        self,
        *,
        name: str,
        token: SecretStr,
        webhook_secret: SecretStr,
        api_base: str,
        session: aiohttp.ClientSession,
        clock: Clock,
    ) -> None:
        """Prepare without a request.

        Raises:
            ValueError: the token is not of the form `123456:ABC-DEF…`.
        """
        account, colon, rest = token.get_secret_value().partition(":")
        if not (account.isdecimal() and colon and rest):
            raise ValueError("a Telegram token is a number, a colon and a secret")
        self._name = name
        self._account = account
        self._webhook_secret = webhook_secret
        self._clock = clock
        self._codec = TelegramCodec(channel=name, account=account)
        self._username: str | None = None
        request = AiohttpRequest(session=session, api_base=api_base, token=token)
        self._bot = _RawBot(f"{account}:-", request=request, get_updates_request=request)

    @property
    def name(self) -> str:
        """The channel's name in the configuration."""
        return self._name

    @property
    def account(self) -> str:
        """The bot's id."""
        return self._account

    @property
    def codec(self) -> TelegramCodec:
        """Telegram's pure half; another one after `open`, which learns the bot's name."""
        return self._codec

    def capabilities(self, surface: Surface) -> Capabilities:
        """Say what can be sent: the same in private and in groups, where fewer messages go."""
        return _GROUP if surface is Surface.PUBLIC else _PRIVATE

    def authentic(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Say whether the request carries our secret; Telegram signs no body."""
        del body
        return same_secret(
            expected=self._webhook_secret.get_secret_value(),
            given=header_value(headers, PROOF_HEADER),
        )

    def handshake(self, query: Mapping[str, str]) -> Handshake | None:
        """Answer nothing: Telegram never asks."""
        del query
        return None

    def reply_to_post(self, body: bytes) -> Handshake | None:
        """Answer nothing: Telegram never asks."""
        del body
        return None

    async def open(self) -> None:
        """Learn the bot's own name, by which groups call it; raises `SendError`."""
        try:
            me = Me.model_validate(await self._call("getMe", {}))
        except ValidationError:
            raise SendError(SendFailure.UNAVAILABLE, "getMe names no bot") from None
        self._username = me.username
        self._codec = TelegramCodec(
            channel=self._name, account=self._account, bot_username=me.username
        )

    async def close(self) -> None:
        """Do nothing: the session belongs to whoever opened it."""

    async def send(self, address: Address, message: OutboundMessage) -> Sent:
        """Deliver one message; raises `SendError`, and nothing else."""
        result = await self._call("sendMessage", send_parameters(address, message))
        return Sent(message_id=read_sent(result))

    def invitation_link(self, token: str) -> str | None:
        """Give a deep link: https://core.telegram.org/bots/features#deep-linking."""
        name = self._username
        return None if name is None else f"https://t.me/{name}?start={token}"

    async def show_typing(self, address: Address, *, message_id: str | None = None) -> None:
        """Show for five seconds that an answer is being written."""
        del message_id
        with contextlib.suppress(SendError):
            await self._call("sendChatAction", {"chat_id": chat_id(address), "action": "typing"})

    async def acknowledge_press(self, press_id: str) -> None:
        """End the spinner on the pressed button."""
        with contextlib.suppress(SendError):
            await self._call("answerCallbackQuery", {"callback_query_id": press_id})

    async def subscribe(self, url: str) -> None:
        """Have updates sent to `url`; raises `SendError`.

        Only what the codec reads is asked for. Updates that wait already are kept.
        """
        await self._call(
            "setWebhook",
            {
                "url": url,
                "secret_token": self._webhook_secret.get_secret_value(),
                "allowed_updates": list(READ_KINDS),
            },
        )

    # --- asking for updates instead

    @property
    def feeds(self) -> tuple[str, ...]:
        """The one list of updates."""
        return (FEED,)

    async def prepare(self, feed: str) -> None:
        """Have updates wait to be asked for; those that wait already are kept.

        Raises `SendError`. https://core.telegram.org/bots/api#getupdates: while a webhook is set,
        asking is refused.
        """
        del feed
        await self._call("deleteWebhook", {})

    async def poll(self, feed: str, cursor: str | None) -> Polled:
        """Wait for updates; raises `SendError`.

        The cursor is Telegram's offset. Calling with one tells Telegram to forget what came before.
        """
        del feed
        offset = int(cursor) if cursor is not None and cursor.isdecimal() else None
        parameters: dict[str, JsonValue] = {
            "timeout": POLL_S,
            "allowed_updates": list(READ_KINDS),
        }
        if offset is not None:
            parameters["offset"] = offset
        updates = await self._call("getUpdates", parameters, wait_s=POLL_S)
        if not isinstance(updates, list):
            raise SendError(SendFailure.UNAVAILABLE, "getUpdates gives no list")
        for update in updates:
            with contextlib.suppress(ValidationError):
                following = Envelope.model_validate(update).update_id + 1
                offset = following if offset is None else max(offset, following)
        return Polled(
            body=json.dumps(updates).encode(), cursor=None if offset is None else str(offset)
        )

    async def rest(self, feed: str) -> None:
        """Hold nothing open: each poll is a call of its own."""
        del feed

    async def _call(
        self, method: str, parameters: dict[str, JsonValue], *, wait_s: float = 0.0
    ) -> object:
        """Call a method of the Bot API; raises `SendError`, and nothing else.

        `wait_s` is how long Telegram is asked to hold its answer back.
        """
        try:
            async with self._clock.timeout(CALL_TIMEOUT_S + wait_s):
                result: object = await self._bot.do_api_request(
                    method, api_kwargs=parameters, read_timeout=READ_TIMEOUT_S + wait_s
                )
        except Refused as refused:
            raise read_send_error(refused.status, refused.body, refused.headers) from None
        except Unreached as error:
            raise SendError(SendFailure.UNAVAILABLE, f"{method}: {error.message}") from None
        except (TelegramError, TimeoutError) as error:
            raise SendError(SendFailure.UNKNOWN, f"{method}: {type(error).__name__}") from None
        return result
