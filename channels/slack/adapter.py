"""A Slack app that customers write to, by HTTP or by socket; another app than the desk's."""

from collections.abc import Mapping
from typing import Final

from channels.contract import (
    Capabilities,
    Handshake,
    LengthUnit,
    OutboundMessage,
    Rate,
    Sent,
)
from channels.errors import SendError, SendFailure
from channels.slack.codec import TEXT_LIMIT, SlackCodec, Us, handshake_of
from channels.slack.sending import (
    BUTTONS,
    for_customer,
    read_profile,
    read_sent,
    send_parameters,
)
from channels.slack.transport import SlackTransport, map_slack_error, slack_error_code
from config.stages import Surface
from conversation.clock import Clock
from conversation.model import Address, AttachmentKind, Peer

SEND_TIMEOUT_S: Final = 15.0
"""A whole call; above the transport's own limit, which says more."""

_CAPABILITIES: Final = Capabilities(
    max_length=TEXT_LIMIT,
    unit=LengthUnit.CHARACTERS,
    buttons=BUTTONS,
    # About one a second and channel, short bursts go through:
    # https://docs.slack.dev/apis/web-api/rate-limits
    rates=(Rate(count=5, window_s=5.0, per_chat=True),),
    media=frozenset(
        {
            AttachmentKind.IMAGE,
            AttachmentKind.VIDEO,
            AttachmentKind.AUDIO,
            AttachmentKind.FILE,
        }
    ),
)


class SlackAdapter:
    """One app; which workspace it serves it learns from Slack."""

    def __init__(self, *, name: str, transport: SlackTransport, clock: Clock) -> None:
        """Prepare without a request."""
        self._name = name
        self._transport = transport
        self._clock = clock
        self._codec = SlackCodec(channel=name)

    @property
    def name(self) -> str:
        """The channel's name in the configuration."""
        return self._name

    @property
    def transport(self) -> SlackTransport:
        """The app itself."""
        return self._transport

    @property
    def codec(self) -> SlackCodec:
        """Slack's pure half; another one after `open`, which learns who we are."""
        return self._codec

    def capabilities(self, surface: Surface) -> Capabilities:
        """Say what can be sent: the same in direct messages and in channels."""
        del surface
        return _CAPABILITIES

    def authentic(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Say whether Slack signed these raw bytes just now."""
        return self._transport.authentic(headers, body)

    def handshake(self, query: Mapping[str, str]) -> Handshake | None:
        """Answer nothing: Slack asks by POST."""
        del query
        return None

    def reply_to_post(self, body: bytes) -> Handshake | None:
        """Give Slack's challenge back, when the address is entered in the app's settings."""
        challenge = handshake_of(body)
        return None if challenge is None else Handshake(status=200, body=challenge)

    async def open(self) -> None:
        """Learn who we are in the workspace; raises `SendError`."""
        await self._transport.open()
        myself = self._transport.myself
        if myself.team_id is None or myself.user_id is None:
            raise SendError(SendFailure.UNAVAILABLE, "auth.test names no app")
        self._codec = SlackCodec(
            channel=self._name,
            us=Us(team_id=myself.team_id, user_id=myself.user_id, bot_id=myself.bot_id),
        )

    async def close(self) -> None:
        """Let go of the connections."""
        await self._transport.close()

    async def subscribe(self, url: str) -> None:
        """Do nothing: the address stands in the app's settings, where only a person enters it."""
        del url

    async def send(self, address: Address, message: OutboundMessage) -> Sent:
        """Deliver one message; raises `SendError`, and nothing else."""
        parameters = send_parameters(address, message)
        await self._transport.connect()
        try:
            async with self._clock.timeout(SEND_TIMEOUT_S):
                answer = await self._transport.client.api_call("chat.postMessage", json=parameters)
        except Exception as caught:  # noqa: BLE001 - whatever the library raises, it is one of ours
            raise for_customer(map_slack_error(caught), slack_error_code(caught)) from None
        data = answer.data
        return Sent(message_id=read_sent(data if isinstance(data, dict) else {}))

    async def look_up(self, address: Address, user_id: str) -> Peer | None:
        """Ask who somebody is: https://docs.slack.dev/reference/methods/users.info.

        Raises `SendError`, and nothing else; needs the scope `users:read`.
        """
        del address
        await self._transport.connect()
        try:
            async with self._clock.timeout(SEND_TIMEOUT_S):
                answer = await self._transport.client.users_info(user=user_id)
        except Exception as caught:  # noqa: BLE001 - whatever the library raises, it is one of ours
            raise map_slack_error(caught) from None
        data = answer.data
        return read_profile(data if isinstance(data, dict) else {}, user_id)

    def invitation_link(self, token: str) -> str | None:
        """Give none: Slack's links to an app carry nothing."""
        del token
        return None

    async def show_typing(self, address: Address, *, message_id: str | None = None) -> None:
        """Show nothing: Slack has no such sign outside of assistants."""
        del message_id
        del address

    async def acknowledge_press(self, press_id: str) -> None:
        """Do nothing: the answer to Slack's request was the acknowledgement."""
        del press_id
