"""A page's inbox or an Instagram account in service: private threads, and comments under posts.

Messenger and Instagram share their API. What they differ in is data (`Place`); each one's
`adapter.py` says it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import aiohttp
from pydantic import JsonValue

from channels.contract import (
    Capabilities,
    Codec,
    Handshake,
    LengthUnit,
    OutboundMessage,
    Rate,
    Sent,
    Window,
)
from channels.meta import webhooks
from channels.meta.graph import Graph
from channels.meta.own_words import OwnWords
from channels.meta.sending import BUTTONS, answered_comment, read_made
from channels.meta.thread_events import MEDIA
from channels.meta.threads import Us
from channels.meta.threads_api import ThreadsApi
from config.channels import InstagramChannel, MessengerChannel
from config.stages import Surface
from conversation.clock import Clock
from conversation.model import Address, Peer

PRIVATE_REPLY: Final = timedelta(days=7)
"""https://developers.facebook.com/docs/messenger-platform/discovery/private-replies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What tells Messenger and Instagram apart, for one account."""

    account: str
    """The account's id, as events name it."""
    node: str
    """Its node in the Graph: messages are sent from it, events are subscribed to at it."""
    known_by: str
    """What is asked of the account itself, to see whether the token is its own."""
    fields: tuple[str, ...]
    """The events to subscribe to."""
    profile: str
    """What is asked of a customer's profile: what a colleague needs to greet them, and no more."""
    answers: str
    """The edge of a comment that takes answers."""
    private: Capabilities
    public: Capabilities
    link: Callable[[str | None, str], str | None]
    """Gives a link to the account's thread, of the account's name, where it has one, and a token,
    which comes back as a referral."""
    named_by: Callable[[str], str]
    """Whether a private reply names what it answers as `comment_id` or `post_id`."""


def in_threads(*, max_length: int, unit: LengthUnit) -> Capabilities:
    """Say what private threads carry: alike for both but the length."""
    return Capabilities(
        max_length=max_length,
        unit=unit,
        buttons=BUTTONS,
        typing=True,
        typing_interval_s=15.0,  # it lasts 20 s
        media=MEDIA,
        # https://developers.facebook.com/docs/messenger-platform/policy/policy-overview
        window=Window(bot=timedelta(hours=24), colleague=timedelta(days=7)),
        # https://developers.facebook.com/docs/graph-api/overview/rate-limiting#messenger-platform
        rates=(Rate(count=300, window_s=1.0),),
    )


class MetaAccount:
    """One account of one app."""

    def __init__(
        self,
        *,
        name: str,
        settings: MessengerChannel | InstagramChannel,
        place: Place,
        codec: Callable[[Us], Codec],
        session: aiohttp.ClientSession,
        clock: Clock,
    ) -> None:
        """Prepare without a request."""
        self._name = name
        self._settings = settings
        self._place = place
        own_words = OwnWords()
        self._codec = codec(
            Us(channel=name, account=place.account, app_id=settings.app_id, said=own_words.said)
        )
        self._graph = Graph(
            session=session,
            base=str(settings.api_base),
            version=settings.api_version,
            token=settings.page_token,
            clock=clock,
        )
        self._username: str | None = None
        self._threads = ThreadsApi(graph=self._graph, node=place.node, own_words=own_words)

    @property
    def name(self) -> str:
        """The channel's name in the configuration."""
        return self._name

    @property
    def account(self) -> str:
        """The page's or the account's id."""
        return self._place.account

    @property
    def codec(self) -> Codec:
        """The platform's pure half."""
        return self._codec

    def capabilities(self, surface: Surface) -> Capabilities:
        """Say what can be sent: a message in private, a comment in public."""
        return self._place.public if surface is Surface.PUBLIC else self._place.private

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
        self._username = await self._threads.known_as(self.account, fields=self._place.known_by)

    async def close(self) -> None:
        """Do nothing: the session belongs to whoever opened it."""

    async def subscribe(self, url: str) -> None:
        """Have the account's events sent to the app, whose dashboard names `url`."""
        del url
        await self._threads.subscribe(self._place.node, self._place.fields)

    async def send(self, address: Address, message: OutboundMessage) -> Sent:
        """Deliver one message; raises `SendError`, and nothing else."""
        if address.surface is Surface.PRIVATE:
            return await self._threads.send(address.key, message)
        answered = answered_comment(message)
        if message.private:
            target: dict[str, JsonValue] = {self._place.named_by(answered): answered}
            return await self._threads.reply_in_private(target, message)
        answer = await self._graph.call(
            "POST", f"{answered}/{self._place.answers}", body={"message": message.text}
        )
        return Sent(message_id=read_made(answer))

    def invitation_link(self, token: str) -> str | None:
        """Give a link to the account's thread; None where its name is not known."""
        return self._place.link(self._username, token)

    async def look_up(self, address: Address, user_id: str) -> Peer | None:
        """Ask who wrote in private; comments carry their authors' names. Raises `SendError`."""
        if address.surface is Surface.PUBLIC:
            return None
        return await self._threads.look_up(user_id, self._place.profile)

    async def show_typing(self, address: Address, *, message_id: str | None = None) -> None:
        """Show in private that an answer is being written; comments have no such sign."""
        del message_id
        if address.surface is Surface.PRIVATE:
            await self._threads.show_typing(address.key)

    async def acknowledge_press(self, press_id: str) -> None:
        """Do nothing: Meta waits for no answer to a press."""
