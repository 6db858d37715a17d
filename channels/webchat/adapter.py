"""A chat on the brand's own pages, in service.

There is no platform to call: a message counts as sent when its receipt is committed, for sockets
follow the log. What is sent is therefore an entry of the log once, however often a process dies.
"""

import secrets
from collections.abc import Callable, Mapping
from typing import Final

from pydantic import SecretStr

from channels.contract import Capabilities, Handshake, LengthUnit, OutboundMessage, Sent
from channels.errors import SendError, SendFailure
from channels.webchat.codec import WebchatCodec
from channels.webchat.files import TYPES
from channels.webchat.payloads import TEXT_LIMIT, VISITOR
from config.stages import Surface
from conversation.model import Address

_CAPABILITIES: Final = Capabilities(
    max_length=TEXT_LIMIT,
    unit=LengthUnit.CHARACTERS,
    typing=True,
    typing_interval_s=4.0,  # the page takes the sign away after 6 s
    media=frozenset(one.kind for one in TYPES),
    followed=True,
)


def _nobody(_: Address) -> None:
    """Show typing to nobody: no socket was opened yet."""


class WebchatAdapter:
    """One chat: its codec, and the way to the sockets for what is not kept."""

    def __init__(
        self,
        *,
        name: str,
        origins: tuple[str, ...],
        secret: SecretStr,
        page_url: str | None = None,
    ) -> None:
        """Take a chat's settings; `page_url` is where visitors reach its own page, if they do."""
        self._name = name
        self._page_url = page_url
        self._codec = WebchatCodec(channel=name)
        self._shows_typing: Callable[[Address], None] = _nobody
        self.origins: Final = frozenset(origins)
        """Sites that may show it."""
        self.secret: Final = secret
        """What tokens are signed with."""

    @property
    def name(self) -> str:
        """The channel's name in the configuration."""
        return self._name

    @property
    def codec(self) -> WebchatCodec:
        """The pure half."""
        return self._codec

    def capabilities(self, surface: Surface) -> Capabilities:
        """Say what can be sent."""
        del surface
        return _CAPABILITIES

    def authentic(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Trust no request: visitors come by socket, each with its token."""
        del headers, body
        return False

    def reply_to_post(self, body: bytes) -> Handshake | None:
        """Answer nothing: nobody posts to a chat."""
        del body
        return None

    def handshake(self, query: Mapping[str, str]) -> Handshake | None:
        """Answer nothing."""
        del query
        return None

    async def open(self) -> None:
        """Do nothing: there is nobody to reach."""

    async def close(self) -> None:
        """Do nothing."""

    async def subscribe(self, url: str) -> None:
        """Do nothing: pages find us by their own script tag."""
        del url

    async def send(self, address: Address, message: OutboundMessage) -> Sent:
        """Name the message; the commit of its receipt is what sends it.

        What no page could show, or no visitor could read, is refused: nobody after us would.
        """
        if address != self._codec.address(address.key) or not VISITOR.fullmatch(address.key):
            raise SendError(SendFailure.REFUSED, "no visitor has that address")
        if len(message.text) > TEXT_LIMIT:
            raise SendError(SendFailure.REFUSED, f"longer than {TEXT_LIMIT} characters")
        if message.buttons:
            raise SendError(SendFailure.REFUSED, "a chat has no buttons")
        return Sent(message_id=f"m_{secrets.token_urlsafe(12)}")

    def invitation_link(self, token: str) -> str | None:
        """Give our own page; what stands behind `#` is told to no server on the way."""
        return None if self._page_url is None else f"{self._page_url}#i={token}"

    async def show_typing(self, address: Address, *, message_id: str | None = None) -> None:
        """Show to the sockets of this process that an answer is being written."""
        del message_id
        self._shows_typing(address)

    async def acknowledge_press(self, press_id: str) -> None:
        """Do nothing: there are no buttons."""
        del press_id

    def on_typing(self, show: Callable[[Address], None]) -> None:
        """Take who shows typing to the sockets."""
        self._shows_typing = show
