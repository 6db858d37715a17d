"""An Instagram account in service: its direct messages and the comments under its posts."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import aiohttp

from channels.contract import (
    Capabilities,
    Handshake,
    LengthUnit,
    OutboundMessage,
    Rate,
    Sent,
    Window,
)
from channels.meta import webhooks
from channels.meta.graph import Graph
from channels.meta.instagram.codec import COMMENT_LIMIT, TEXT_BYTES, InstagramCodec
from channels.meta.own_words import OwnWords
from channels.meta.sending import BUTTONS, answered_comment, read_made
from channels.meta.thread_events import MEDIA
from channels.meta.threads import (
    Us,
)
from channels.meta.threads_api import ThreadsApi
from config.channels import InstagramChannel
from config.stages import Surface
from conversation.clock import Clock
from conversation.model import Address

NODE: Final = "me"
"""The Send API's place of the account: what the token stands for, which with Facebook's login is
the page linked to the account, with Instagram's the account itself."""

FIELDS: Final = (
    "messages",
    "message_edits",
    "message_reactions",
    "messaging_postbacks",
    "messaging_referrals",
    "messaging_handovers",
    "message_reads",
    "standby",
)
"""What the codec reads. Comments and mentions are subscribed to by the app itself:
https://developers.facebook.com/docs/graph-api/webhooks/getting-started/webhooks-for-instagram."""

_PRIVATE: Final = Capabilities(
    max_length=TEXT_BYTES,
    unit=LengthUnit.BYTES,
    buttons=BUTTONS,
    typing=True,
    typing_interval_s=15.0,  # it lasts 20 s
    media=MEDIA,
    # https://developers.facebook.com/docs/messenger-platform/policy/policy-overview
    window=Window(bot=timedelta(hours=24), colleague=timedelta(days=7)),
    # https://developers.facebook.com/docs/graph-api/overview/rate-limiting#messenger-platform
    rates=(Rate(count=300, window_s=1.0),),
)
_PUBLIC: Final = Capabilities(
    max_length=COMMENT_LIMIT,
    unit=LengthUnit.CHARACTERS,
    private_reply=True,
    # Private replies: https://developers.facebook.com/docs/graph-api/overview/rate-limiting#instagram-messaging
    rates=(Rate(count=750, window_s=3_600.0),),
)


class InstagramAdapter:
    """One account."""

    def __init__(
        self,
        *,
        name: str,
        settings: InstagramChannel,
        session: aiohttp.ClientSession,
        clock: Clock,
    ) -> None:
        self._name = name
        self._settings = settings
        own_words = OwnWords()
        self._codec = InstagramCodec(
            Us(
                channel=name,
                account=settings.account_id,
                app_id=settings.app_id,
                said=own_words.said,
            )
        )
        self._graph = Graph(
            session=session,
            base=str(settings.api_base),
            version=settings.api_version,
            token=settings.page_token,
            clock=clock,
        )
        self._threads = ThreadsApi(graph=self._graph, node=NODE, own_words=own_words)
        self._username: str | None = None
        """The account's name, by which links reach it; learnt by `open`."""

    @property
    def name(self) -> str:
        """The channel's name in the configuration."""
        return self._name

    @property
    def account(self) -> str:
        """The account's id."""
        return self._settings.account_id

    @property
    def codec(self) -> InstagramCodec:
        """The platform's pure half."""
        return self._codec

    def capabilities(self, surface: Surface) -> Capabilities:
        """Say what can be sent: a message in private, a comment in public."""
        return _PUBLIC if surface is Surface.PUBLIC else _PRIVATE

    def authentic(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Say whether Meta signed these raw bytes with the app's secret."""
        return webhooks.authentic(self._settings.app_secret, headers, body)

    def reply_to_post(self, body: bytes) -> Handshake | None:
        """Answer nothing of its own: Meta reads no answer to an event."""
        del body
        return None

    def handshake(self, query: Mapping[str, str]) -> Handshake | None:
        """Answer whether the address is ours."""
        return webhooks.handshake(self._settings.verify_token, query)

    async def open(self) -> None:
        """Learn whether the token is good for the account; raises `SendError`."""
        self._username = await self._threads.known_as(self.account, fields="id,username")

    async def close(self) -> None:
        """Do nothing: the session belongs to whoever opened it."""

    async def subscribe(self, url: str) -> None:
        """Have the account's events sent to the app, whose dashboard names `url`."""
        del url
        await self._threads.subscribe(NODE, FIELDS)

    async def send(self, address: Address, message: OutboundMessage) -> Sent:
        """Deliver one message; raises `SendError`, and nothing else."""
        if address.surface is Surface.PRIVATE:
            return await self._threads.send(address.key, message)
        answered = answered_comment(message)
        if message.private:
            return await self._threads.reply_in_private({"comment_id": answered}, message)
        answer = await self._graph.call(
            "POST", f"{answered}/replies", body={"message": message.text}
        )
        return Sent(message_id=read_made(answer))

    def invitation_link(self, token: str) -> str | None:
        """Give a link to the account's thread; the token comes as a referral.

        https://developers.facebook.com/docs/messenger-platform/instagram/features/ig-me-links
        """
        return None if self._username is None else f"https://ig.me/m/{self._username}?ref={token}"

    async def show_typing(self, address: Address, *, message_id: str | None = None) -> None:
        """Show in private that an answer is being written; comments have no such sign."""
        del message_id
        if address.surface is Surface.PRIVATE:
            await self._threads.show_typing(address.key)

    async def acknowledge_press(self, press_id: str) -> None:
        """Do nothing: Meta waits for no answer to a press."""
