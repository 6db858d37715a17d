"""The whole configuration as frozen values: what `load` returns and everybody else reads."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from config.actions import Action
from config.channels import AnyChannel, ChannelName
from config.connectors import AnyConnector
from config.desk import Desk
from config.languages import DISCLOSURES, FAMILIAR_DISCLOSURES, FORMS, form_of
from config.money import MINOR_EXPONENT
from config.section import (
    Amount,
    Language,
    Regex,
    Secret,
    Section,
    Text,
    Url,
    Wait,
    Word,
    ZoneName,
    shaped,
)
from config.topics import SHIPPED_TOPICS

Domain = Annotated[
    str,
    shaped(
        r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,10}[a-z]{2,63}",
        "is not a domain; write it like shop.example, without https:// and path",
    ),
]
TopicId = Annotated[
    str, shaped("[a-z][a-z0-9_]{1,59}", "is not a topic's id; use a-z, 0-9 and _, like warranty")
]


def _currency(value: str) -> str:
    if value not in MINOR_EXPONENT:
        raise ValueError("is not an ISO currency; write it like GBP, EUR or USD")
    return value


def _store_url(value: str) -> str:
    scheme, _, rest = value.partition("://")
    if scheme == "sqlite" and not rest.startswith("/"):
        scheme = ""
    if scheme not in {"sqlite", "postgresql"} or not rest.strip("/"):
        raise ValueError('is not a store; write it like "sqlite:///socialcare.db"')
    if rest == "/:memory:":
        raise ValueError("would be gone with the process; name a file")
    if scheme == "postgresql" and not _is_place(value):
        raise ValueError("is not an address; write signs like / @ # of a password as %2F %40 %23")
    return value


def _is_place(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.port is None or bool(parts.path.strip("/"))
    except ValueError:
        return False


def _sole_languages(value: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(value)) != len(value):
        raise ValueError("names a language twice")
    return value


def _forms(value: Mapping[str, str]) -> Mapping[str, str]:
    written = {}
    for language, word in value.items():
        if language not in FORMS:
            msg = f"{language} has no form of address known here; {' '.join(sorted(FORMS))} have"
            raise ValueError(msg)
        form = form_of(language, word)
        if form is None:
            msg = f"is no form of address of {language}; choose {' or '.join(FORMS[language])}"
            raise ValueError(msg)
        written[language] = form
    return written


class Brand(Section):
    """Who the bot speaks for, and how."""

    name: Word
    voice: Text = "Warm, brief, plain words."
    languages: Annotated[
        tuple[Language, ...], Field(min_length=1, max_length=16), AfterValidator(_sole_languages)
    ] = ("en",)
    """The first one is used where the customer's is unknown."""
    formality: Annotated[Mapping[Language, Word], AfterValidator(_forms)] = {}
    """The form of address in each language; the first of `config.languages.FORMS` otherwise."""
    timezone: ZoneName = "UTC"
    currency: Annotated[str, AfterValidator(_currency)] | None = None
    """Of amounts that name none."""
    order_ids: tuple[Regex, ...] = Field(default=(), max_length=50)
    """Patterns of the shop's order numbers."""
    disclosure: Mapping[Language, Text] = {}
    """What the bot says of itself; the shipped words where left out."""
    privacy_url: Url | None = None
    links: tuple[Domain, ...] = ()
    """Domains the bot may name."""
    crisis: Mapping[Language, Text] = {}
    """Words for somebody who speaks of ending their life; the shipped ones where left out."""
    vip_followers: Annotated[int, Field(ge=1, le=2_000_000_000, strict=True)] | None = None
    """From so many followers on a customer is answered by a person; left out: nobody is."""

    def form_in(self, language: str) -> str:
        """How customers are addressed in that language; empty where it knows one form only."""
        return self.formality.get(language) or next(iter(FORMS.get(language, ())), "")

    def disclosure_in(self, language: str) -> str:
        """What the bot says of itself in that language; in the brand's first one if unknown."""
        for each in (language, self.languages[0]):
            if each in self.disclosure:
                return self.disclosure[each]
            if each in DISCLOSURES:
                familiar = self.form_in(each) in FORMS.get(each, ())[1:]
                shipped = FAMILIAR_DISCLOSURES if familiar else DISCLOSURES
                return shipped.get(each, DISCLOSURES[each]).format(brand=self.name)
        return DISCLOSURES["en"].format(brand=self.name)


class Server(Section):
    """Where the service listens."""

    host: Word = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535, strict=True)] = 8080
    public_url: Url | None = None
    """How platforms reach it."""
    operator_token: Secret | None = None
    """Opens the dashboard."""


class Store(Section):
    """Where conversations are kept."""

    url: Annotated[str, AfterValidator(_store_url), Field(repr=False)] = "sqlite:///socialcare.db"

    @property
    def path(self) -> str:
        """The SQLite file: after `sqlite:///`, so a fourth slash makes it absolute."""
        return self.url.removeprefix("sqlite:///")


class Retention(Section):
    """How long records live."""

    messages: Wait = timedelta(days=400)
    media: Wait = timedelta(days=90)
    logs: Wait = timedelta(days=30)


class Prices(Section):
    """What a million tokens cost."""

    input: Amount
    output: Amount


class Budget(Section):
    """What the model may cost."""

    per_turn: Amount | None = None
    per_customer_day: Amount | None = None
    per_day: Amount | None = None


Tokens = Annotated[int, Field(ge=1_000, le=1_000_000_000_000, strict=True)]
"""Fewer than a thousand would not do for one call: what it is told of the brand needs as many."""


class TokenBudget(Section):
    """What the model may read and write, in tokens."""

    per_turn: Tokens = 150_000
    """Far beyond any conversation, and a stop for a model whose price nobody has named."""
    per_customer_day: Tokens | None = None
    per_day: Tokens | None = None


class Model(Section):
    """What proposes the words."""

    provider: Literal["embedded", "openai"] = "embedded"
    name: Word | None = None
    base_url: Url = "https://api.openai.com/v1"
    api_key: Secret | None = None
    timeout: Wait = timedelta(seconds=15)
    rounds: Annotated[int, Field(ge=1, le=20, strict=True)] = 6
    prices: Prices | None = None
    budget: Budget = Budget()
    tokens: TokenBudget = TokenBudget()
    fallback: Literal["embedded", "handoff"] = "embedded"
    encoder: Literal["multilingual", "english"] = "multilingual"
    """What understanding reads sentences with; `english` adds a second one, an optional install."""


class Knowledge(Section):
    """The brand's articles."""

    folder: Word = "knowledge"
    """Beside the configuration file, unless absolute."""
    floor: Annotated[float, Field(ge=0, le=1)] = 0.35
    """Lowest score at which an article counts as an answer."""


class Flows(Section):
    """The brand's written flows."""

    folder: Word = "flows"


def _topic(value: Any) -> Any:
    return {"off": True} if value == "off" else value


TOPICS_MAX = 200
"""Topics of a brand's own, and shipped ones that it changes; among more none is told any more."""


class Topic(Section):
    """A topic of the brand's own, more examples for a shipped one, or one switched off."""

    examples: tuple[Text, ...] = Field(default=(), max_length=500)
    off: bool = Field(default=False, strict=True)


class Targets(Section):
    """Response times, complete."""

    acknowledge: Wait = timedelta(seconds=10)
    answer: Wait = timedelta(seconds=60)
    human: Wait = timedelta(minutes=15)


def _empty(value: Any) -> Any:
    return {} if value is None else value


class Settings(Section):
    """One brand's configuration, valid as a whole."""

    brand: Brand
    server: Server = Server()
    store: Store = Store()
    retention: Retention = Retention()
    model: Model = Model()
    knowledge: Knowledge = Knowledge()
    flows: Flows = Flows()
    topics: Annotated[
        Mapping[TopicId, Annotated[Topic, BeforeValidator(_topic)]], Field(max_length=TOPICS_MAX)
    ] = {}
    targets: Targets = Targets()
    channels: Annotated[Mapping[ChannelName, AnyChannel], Field(max_length=50)] = {}
    desk: Desk | None = None
    connectors: Mapping[ChannelName, AnyConnector] = {}
    actions: Mapping[str, Annotated[Action, BeforeValidator(_empty)]] = {}

    @model_validator(mode="before")
    @classmethod
    def _inherit(cls, tree: Any) -> Any:
        return inherited(tree)

    @property
    def topic_ids(self) -> frozenset[str]:
        """The topics in force: the shipped ones and the brand's, less those switched off."""
        return frozenset({*SHIPPED_TOPICS, *self.topics} - self.topics_off)

    @property
    def topics_off(self) -> frozenset[str]:
        """The topics that are switched off."""
        return frozenset(name for name, topic in self.topics.items() if topic.off)

    def targets_for(self, channel: str) -> Targets:
        """The response times of that channel, its own above the brand's.

        A channel that is not configured any more has the brand's: its cases are still open.
        """
        found = self.channels.get(channel)
        if found is None:
            return self.targets
        own = found.targets
        return Targets(
            acknowledge=own.acknowledge or self.targets.acknowledge,
            answer=own.answer or self.targets.answer,
            human=own.human or self.targets.human,
        )

    def limits_of(self, action: str) -> Action:
        """The section of an action; where it has none, what the bot may do alone is nothing."""
        return self.actions.get(action, Action())

    def connector_for(self, action: str, operation: str) -> str:
        """The name of the connector that does an action's operation.

        Raises:
            LookupError: No connector offers it, or two do and the action names neither.
        """
        offering = self.offering(operation)
        named = self.actions[action].connector if action in self.actions else None
        if named in offering:
            return named
        if len(offering) != 1:
            raise LookupError(operation)
        return offering[0]

    def offering(self, operation: str) -> tuple[str, ...]:
        """The names of the connectors that offer an operation."""
        return tuple(name for name, each in self.connectors.items() if operation in each.offered)


def inherited(tree: Any) -> Any:
    """Fill in what one key takes from another: a channel's platform, the desk's time zone."""
    if not isinstance(tree, Mapping):
        return tree
    whole = dict(tree)
    channels = tree.get("channels")
    if isinstance(channels, Mapping):
        whole["channels"] = {
            name: {"platform": name, **each} if isinstance(each, Mapping) else each
            for name, each in channels.items()
        }
    brand, desk = tree.get("brand"), tree.get("desk")
    if isinstance(brand, Mapping) and isinstance(desk, Mapping) and "timezone" in brand:
        hours = desk.get("hours")
        if isinstance(hours, Mapping):
            whole["desk"] = {**desk, "hours": {"timezone": brand["timezone"], **hours}}
    return whole
