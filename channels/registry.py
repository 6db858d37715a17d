"""Which adapter serves which platform."""

import aiohttp

from channels.contract import Adapter
from channels.meta.instagram.adapter import InstagramAdapter
from channels.meta.messenger.adapter import MessengerAdapter
from channels.telegram.adapter import TelegramAdapter
from config.channels import AnyChannel, InstagramChannel, MessengerChannel, TelegramChannel
from conversation.clock import Clock


class PlatformNotServedError(Exception):
    """The configuration names a platform that this version has no adapter for."""

    def __init__(self, *, channel: str, platform: str) -> None:
        super().__init__(f"channel {channel}: no adapter for {platform} in this version")
        self.channel = channel
        self.platform = platform


def build_adapter(
    name: str, settings: AnyChannel, *, session: aiohttp.ClientSession, clock: Clock
) -> Adapter:
    """Give the adapter of a configured channel, not yet opened.

    Raises:
        PlatformNotServedError: there is none.
        ValueError: a credential cannot be one of that platform's.
    """
    match settings:
        case TelegramChannel():
            return TelegramAdapter(
                name=name,
                token=settings.token,
                webhook_secret=settings.webhook_secret,
                api_base=settings.api_base,
                session=session,
                clock=clock,
            )
        case MessengerChannel():
            return MessengerAdapter(name=name, settings=settings, session=session, clock=clock)
        case InstagramChannel():
            return InstagramAdapter(name=name, settings=settings, session=session, clock=clock)
        case _:
            raise PlatformNotServedError(channel=name, platform=settings.platform)
