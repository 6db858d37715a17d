"""The brand's accounts on the platforms, each with its stage and its credentials."""

import re
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from config.money import Money
from config.section import Amount, Secret, Section, Share, StageWord, Url, Wait, Word, shaped
from config.stages import Stage, Surface


def _webhook_secret(value: SecretStr) -> SecretStr:
    if _WEBHOOK_SECRET.fullmatch(value.get_secret_value()) is None:
        raise ValueError("must be 1 to 256 letters, digits, _ or -")
    return value


# setWebhook: https://core.telegram.org/bots/api#setwebhook
_WEBHOOK_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
WebhookSecret = Annotated[SecretStr, AfterValidator(_webhook_secret)]

ChannelName = Annotated[
    str,
    shaped(r"[a-z][a-z0-9_-]{0,39}", "is not a name; use 1 to 40 of a-z, 0-9, _ and -"),
]
ApiVersion = Annotated[str, shaped(r"v\d{1,3}\.\d{1,2}", "is not a version; write it like v26.0")]

GRAPH_VERSION = "v26.0"
"""The Graph API version that Meta's three channels are written against."""


class TargetsSection(Section):
    """Response times a channel sets for itself; what it leaves out is the brand's."""

    acknowledge: Wait | None = None
    answer: Wait | None = None
    human: Wait | None = None


class Channel(Section):
    """What every channel may say of itself, whatever the platform."""

    stage: StageWord = Stage.COPILOT
    """How far the bot may go."""
    share: Share = 1.0
    """Part of the customers, stable by hash, that gets the stage."""
    fallback: StageWord | None = None
    """Stage of the others; without it, one careful step below (`config.rollout`)."""
    shadow: bool = Field(default=False, strict=True)
    """Whether decisions are only recorded and nothing is sent."""
    topics: Mapping[str, StageWord] = {}
    """Stage per topic."""
    surfaces: Mapping[Surface, StageWord] = {}
    """Stage per surface."""
    targets: TargetsSection = TargetsSection()
    """Response times of this channel."""
    on_unknown: Literal["resend", "hold"] = "resend"
    """What happens to a delivery whose outcome nobody knows."""


class TelegramChannel(Channel):
    """A Telegram bot."""

    platform: Literal["telegram"]
    delivery: Literal["webhook", "polling"] = "webhook"
    """Whether Telegram calls us or we ask."""
    token: Secret
    """From @BotFather."""
    webhook_secret: WebhookSecret
    """Comes back in `X-Telegram-Bot-Api-Secret-Token` of every update."""
    api_base: Url = "https://api.telegram.org"


def _in_dollars(value: Money) -> Money:
    if value.currency != "USD":
        raise ValueError("must be in USD, in which X bills")
    return value


class SpendSection(Section):
    """What calls to X may cost."""

    per_day: Annotated[Amount, AfterValidator(_in_dollars)]

    @property
    def per_day_micros(self) -> int:
        """The same in millionths of a US dollar."""
        return self.per_day.minor * 10_000


class PileOnSection(Section):
    """When many complaints in public mean that people must look, and the bot says nothing there."""

    complaints: Annotated[int, Field(ge=1, le=10_000, strict=True)]
    """Customers who complain, each counted once."""
    within: Wait

    @property
    def enough_for_calm(self) -> int:
        """So many in the window are no calm yet: half, lest the brake go on and off."""
        return (self.complaints + 1) // 2


class XChannel(Channel):
    """An X account."""

    platform: Literal["x"]
    delivery: Literal["webhook", "polling", "stream"] = "webhook"
    """Whether X calls us, we ask, or we read its activity stream."""
    consumer_key: Secret
    """The app's API key."""
    consumer_secret: Secret
    """The app's secret; X signs its events with it."""
    access_token: Secret
    access_token_secret: Secret
    user_id: Word
    """The account's id, a number in quotes."""
    app_id: Word | None = None
    """The app's id: tells our own direct messages from those of colleagues in X's own app."""
    api_base: Url = "https://api.twitter.com"
    """Calls are signed for https://api.twitter.com, whatever stands here."""
    spend: SpendSection | None = None
    pile_on: PileOnSection | None = None


class MessengerChannel(Channel):
    """A Facebook page's inbox."""

    platform: Literal["messenger"]
    page_id: Word
    page_token: Secret
    app_secret: Secret
    verify_token: Secret
    app_id: Word
    api_base: Url = "https://graph.facebook.com"
    api_version: ApiVersion = GRAPH_VERSION
    pile_on: PileOnSection | None = None


class InstagramChannel(Channel):
    """An Instagram account's direct messages and comments."""

    platform: Literal["instagram"]
    account_id: Word
    page_token: Secret
    app_secret: Secret
    verify_token: Secret
    app_id: Word
    api_base: Url = "https://graph.facebook.com"
    api_version: ApiVersion = GRAPH_VERSION
    pile_on: PileOnSection | None = None


class TemplateSection(Section):
    """An approved WhatsApp template."""

    name: Word
    languages: tuple[Word, ...] = Field(min_length=1)


class WhatsappChannel(Channel):
    """A WhatsApp Business number."""

    platform: Literal["whatsapp"]
    phone_id: Word
    token: Secret
    app_secret: Secret
    verify_token: Secret
    api_base: Url = "https://graph.facebook.com"
    api_version: ApiVersion = GRAPH_VERSION
    templates: Mapping[str, TemplateSection] = {}


class SlackChannel(Channel):
    """A Slack app that customers write to; another app than the desk's."""

    platform: Literal["slack"]
    bot_token: Secret
    signing_secret: Secret
    app_token: Secret | None = None
    api_base: Url = "https://slack.com/api/"


def _origin(value: str) -> str:
    parts = urlsplit(value)
    if parts.path not in {"", "/"}:
        raise ValueError("is not an origin; write it without a path, like https://shop.example")
    host = str(parts.hostname)
    shown = f"[{host}]" if ":" in host else host
    usual = {"https": 443, "http": 80}[parts.scheme]
    port = "" if parts.port in {None, usual} else f":{parts.port}"
    return f"{parts.scheme}://{shown}{port}"


def _network(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError:
        raise ValueError("is not a network; write it like 10.0.0.0/8 or 10.1.2.3") from None


Origin = Annotated[Url, AfterValidator(_origin)]
"""Scheme, host and port as browsers send them."""
Network = Annotated[str, AfterValidator(_network)]


class WebchatChannel(Channel):
    """The chat on the brand's own pages."""

    platform: Literal["webchat"]
    origins: tuple[Origin, ...] = Field(min_length=1, max_length=100)
    """Sites that may show it; the service's own page always may."""
    secret: Secret
    """Signs the visitors' tokens: whoever guesses it reads every chat."""
    files: bool = Field(default=True, strict=True)
    """Whether visitors may send pictures and PDFs."""
    proxies: tuple[Network, ...] = Field(default=("127.0.0.0/8", "::1/128"), max_length=50)
    """Whose word on where a visitor comes from (`X-Forwarded-For`) is believed."""


AnyChannel = Annotated[
    TelegramChannel
    | XChannel
    | MessengerChannel
    | InstagramChannel
    | WhatsappChannel
    | SlackChannel
    | WebchatChannel,
    Field(discriminator="platform"),
]

PLATFORMS = ("telegram", "x", "messenger", "instagram", "whatsapp", "slack", "webchat")
"""Every platform of the schema."""
