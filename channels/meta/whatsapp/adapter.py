"""A WhatsApp number in service, through Meta's Cloud API.

https://developers.facebook.com/documentation/business-messaging/whatsapp/overview
"""

import contextlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import aiohttp

from channels.contract import (
    Capabilities,
    Formatting,
    Handshake,
    LengthUnit,
    OutboundMessage,
    Rate,
    Sent,
    Window,
)
from channels.errors import SendError
from channels.meta.graph import Graph
from channels.meta.webhooks import authentic, handshake
from channels.meta.whatsapp.codec import TEXT_LIMIT, WhatsappCodec
from channels.meta.whatsapp.sending import BUTTONS, message_body, read_body, read_sent
from config.channels import WhatsappChannel
from config.stages import Surface
from conversation.clock import Clock
from conversation.model import Address, AttachmentKind

_CAPABILITIES: Final = Capabilities(
    max_length=TEXT_LIMIT,
    unit=LengthUnit.CHARACTERS,
    formatting=Formatting.WHATSAPP,
    buttons=BUTTONS,
    typing=True,
    # It lasts 25 s, or until a message goes:
    # https://developers.facebook.com/documentation/business-messaging/whatsapp/typing-indicators
    typing_interval_s=20.0,
    media=frozenset(AttachmentKind),
    # The customer service window:
    # https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages
    window=Window(bot=timedelta(hours=24), template=True),
    rates=(
        # https://developers.facebook.com/documentation/business-messaging/whatsapp/throughput
        Rate(count=80, window_s=1.0),
        # One in six seconds to one customer, a burst of 45 being paid off afterwards: ours stays
        # below, since what people write in the Business app counts too.
        Rate(count=30, window_s=180.0, per_chat=True),
    ),
)


class WhatsappAdapter:
    """One number: everything but sending works before Meta was ever reached."""

    def __init__(
        self,
        *,
        name: str,
        settings: WhatsappChannel,
        session: aiohttp.ClientSession,
        clock: Clock,
    ) -> None:
        self._name = name
        self._settings = settings
        self._codec = WhatsappCodec(channel=name, phone_id=settings.phone_id)
        self._number: str | None = None
        """As it is dialled from abroad, digits alone; learnt by `open`."""
        self._graph = Graph(
            session=session,
            base=settings.api_base,
            version=settings.api_version,
            token=settings.token,
            clock=clock,
        )

    @property
    def name(self) -> str:
        """The channel's name in the configuration."""
        return self._name

    @property
    def codec(self) -> WhatsappCodec:
        """WhatsApp's pure half."""
        return self._codec

    def capabilities(self, surface: Surface) -> Capabilities:
        """Say what can be sent; WhatsApp is private throughout."""
        del surface
        return _CAPABILITIES

    def authentic(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Say whether Meta signed these raw bytes."""
        return authentic(self._settings.app_secret, headers, body)

    def reply_to_post(self, body: bytes) -> Handshake | None:
        """Answer nothing of its own: Meta reads no answer to an event."""
        del body
        return None

    def handshake(self, query: Mapping[str, str]) -> Handshake | None:
        """Answer Meta's question whether the address is ours."""
        return handshake(self._settings.verify_token, query)

    async def open(self) -> None:
        """See that the token opens the number, and learn how it is dialled; raises `SendError`."""
        fields = {"fields": "id,display_phone_number"}
        answer = await self._graph.call("GET", self._settings.phone_id, query=fields)
        shown = answer.get("display_phone_number")
        digits = "".join(filter(str.isdecimal, shown)) if isinstance(shown, str) else ""
        self._number = digits if digits.isascii() and digits else None

    async def close(self) -> None:
        """Do nothing: the session belongs to whoever opened it."""

    async def subscribe(self, url: str) -> None:
        """Have this number's events sent to `url`; raises `SendError`.

        Meta asks there for the handshake before it agrees. The app itself must be subscribed to the
        business account, once and by hand: that wants a right the channel has no other use for.
        https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/override
        """
        await self._graph.call(
            "POST",
            self._settings.phone_id,
            body={
                "webhook_configuration": {
                    "override_callback_uri": url,
                    "verify_token": self._settings.verify_token.get_secret_value(),
                }
            },
        )

    async def send(self, address: Address, message: OutboundMessage) -> Sent:
        """Have one message accepted; raises `SendError`, and nothing else.

        Accepted is not delivered: what became of it comes later, as a `Receipt`.
        """
        body = message_body(address, message, self._settings.templates)
        return Sent(message_id=read_sent(await self._graph.call("POST", self._messages, body=body)))

    def invitation_link(self, token: str) -> str | None:
        """Give a link that begins a message to the number with the token in it.

        https://faq.whatsapp.com/5913398998672934
        """
        return None if self._number is None else f"https://wa.me/{self._number}?text={token}"

    async def show_typing(self, address: Address, *, message_id: str | None = None) -> None:
        """Show that the message was read and is being answered, in one call."""
        del address
        if message_id is not None:
            await self._read(message_id, typing=True)

    async def acknowledge_press(self, press_id: str) -> None:
        """Show that the press was read: WhatsApp knows no other answer to it."""
        await self._read(press_id, typing=False)

    async def _read(self, message_id: str, *, typing: bool) -> None:
        with contextlib.suppress(SendError):
            await self._graph.call(
                "POST", self._messages, body=read_body(message_id, typing=typing)
            )

    @property
    def _messages(self) -> str:
        return f"{self._settings.phone_id}/messages"
