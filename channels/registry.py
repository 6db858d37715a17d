"""Which adapter serves which platform."""

import aiohttp

from channels.contract import Adapter, Directory, Source
from channels.meta.account import MetaAccount
from channels.meta.instagram.adapter import instagram_account
from channels.meta.messenger.adapter import messenger_account
from channels.meta.whatsapp.adapter import WhatsappAdapter
from channels.slack.adapter import SlackAdapter
from channels.slack.transport import SlackTransport
from channels.telegram.adapter import TelegramAdapter
from channels.webchat.adapter import WebchatAdapter
from channels.x.adapter import XAdapter
from config.channels import (
    AnyChannel,
    InstagramChannel,
    MessengerChannel,
    SlackChannel,
    TelegramChannel,
    WebchatChannel,
    WhatsappChannel,
    XChannel,
)
from conversation.clock import Clock
from conversation.spending import SpendBook


class PlatformNotServedError(Exception):
    """The configuration names a platform that this version has no adapter for."""

    def __init__(self, *, channel: str, platform: str) -> None:
        super().__init__(f"channel {channel}: no adapter for {platform} in this version")
        self.channel = channel
        self.platform = platform


def build_adapter(
    name: str,
    settings: AnyChannel,
    *,
    session: aiohttp.ClientSession,
    clock: Clock,
    public_url: str | None = None,
    book: SpendBook | None = None,
) -> Adapter:
    """Give the adapter of a configured channel, not yet opened.

    Args:
        name: The channel's.
        settings: Its section.
        session: For its calls.
        clock: Time.
        public_url: Where the world reaches us, if it does: our own pages are below it.
        book: Where it is counted what calls cost.

    Raises:
        PlatformNotServedError: there is none.
        ValueError: a credential cannot be one of that platform's, or money is limited that nobody
            counts.
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
        case SlackChannel():
            app_token = settings.app_token
            return SlackAdapter(
                clock=clock,
                name=name,
                transport=SlackTransport(
                    bot_token=settings.bot_token.get_secret_value(),
                    signing_secret=settings.signing_secret.get_secret_value(),
                    api_base=settings.api_base,
                    clock=clock,
                    name=name,
                    app_token=None if app_token is None else app_token.get_secret_value(),
                ),
            )
        case XChannel():
            return XAdapter(
                name=name,
                user_id=settings.user_id,
                consumer_key=settings.consumer_key,
                consumer_secret=settings.consumer_secret,
                access_token=settings.access_token,
                access_token_secret=settings.access_token_secret,
                api_base=settings.api_base,
                session=session,
                clock=clock,
                app_id=settings.app_id,
                delivery=settings.delivery,
                per_day_micros=settings.spend.per_day_micros if settings.spend else None,
                book=book,
            )
        case WebchatChannel():
            page = None if public_url is None else f"{public_url.rstrip('/')}/chat/{name}"
            return WebchatAdapter(
                name=name, origins=settings.origins, secret=settings.secret, page_url=page
            )
        case WhatsappChannel():
            return WhatsappAdapter(name=name, settings=settings, session=session, clock=clock)
        case MessengerChannel():
            return messenger_account(name=name, settings=settings, session=session, clock=clock)
        case InstagramChannel():
            return instagram_account(name=name, settings=settings, session=session, clock=clock)
        case _:
            raise PlatformNotServedError(channel=name, platform=settings.platform)


def source_of(adapter: Adapter, settings: AnyChannel) -> Source | None:
    """Give what a channel is asked by; None where its platform calls us."""
    match adapter, settings:
        case TelegramAdapter(), TelegramChannel(delivery="polling"):
            return adapter
        case XAdapter(), XChannel(delivery="polling" | "stream"):
            return adapter.source
        case _:
            return None


def directory_of(adapter: Adapter | None) -> Directory | None:
    """Give what names a channel's customers; None where their messages carry the names."""
    match adapter:
        case SlackAdapter() | MetaAccount():
            return adapter
        case _:
            return None


def transport_of(adapter: Adapter) -> SlackTransport | None:
    """Give the Slack app behind a channel; None where it is no Slack channel."""
    return adapter.transport if isinstance(adapter, SlackAdapter) else None
