"""How the brand's systems are reached, operation by operation."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, model_validator

from config.section import Result, Secret, Section, Url, Wait, Word, shaped

_PLACEHOLDER: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_BODY_DEPTH_MAX: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """What the shipped actions ask of one operation."""

    takes: frozenset[str]
    """Names that may stand in braces in its path, query and body."""
    found_by: str = ""
    """For an operation that writes: the one that finds its outcome by key."""
    by_key: bool = False
    """Whether it is such a finder."""


PORTS: Final[Mapping[str, Port]] = {
    "order": Port(takes=frozenset({"order_id"})),
    "charges": Port(takes=frozenset({"order_id"})),
    "refund": Port(
        takes=frozenset({"charge_id", "amount", "currency", "reason", "key"}),
        found_by="find_refund",
    ),
    "find_refund": Port(takes=frozenset({"key"}), by_key=True),
    "replacement": Port(
        takes=frozenset({"order_id", "line_ids", "by", "key"}), found_by="find_replacement"
    ),
    "find_replacement": Port(takes=frozenset({"key"}), by_key=True),
    "promise": Port(takes=frozenset({"sku", "postcode"})),
}
"""The operations the product knows, by name."""


HeaderName = Annotated[
    str, shaped(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", "is not the name of an HTTP header")
]
OperationPath = Annotated[
    str,
    Field(max_length=500),
    shaped(r"/[^\s?#]*", "is not a path; start it with / and put what follows a ? into `query`"),
]


class Operation(Section):
    """One HTTP call, with `{names}` where its arguments go."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: OperationPath
    """Below the connector's `base_url`, from `/` on, without a query."""
    query: Mapping[str, str] = Field(default={}, repr=False)
    body: Any = Field(default=None, repr=False)
    """Sent as JSON."""
    idempotency_header: HeaderName | None = None
    """Header that carries our key."""
    result: Result
    """JMESPath expression that gives the port's fields."""
    minor_units: bool = Field(default=False, strict=True)
    """Whether amounts are whole pence and cents instead of pounds and euros."""

    @model_validator(mode="after")
    def _get_has_no_body(self) -> Self:
        if self.method == "GET" and self.body is not None:
            raise ValueError("a GET carries no `body`; use `query`")
        return self

    @property
    def placeholders(self) -> frozenset[str]:
        """The names in braces anywhere in path, query and body."""
        texts = [self.path, *self.query.values(), *_texts(self.body)]
        return frozenset(name for text in texts for name in _PLACEHOLDER.findall(text))

    @property
    def sends_key(self) -> bool:
        """Whether our idempotency key goes with the call."""
        return self.idempotency_header is not None or "key" in self.placeholders


def _texts(value: object, depth: int = 0) -> Iterator[str]:
    if depth > _BODY_DEPTH_MAX:
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each, depth + 1)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, depth + 1)


class OAuth2(Section):
    """Client credentials, exchanged for a bearer token."""

    token_url: Url
    client_id: Word
    client_secret: Secret
    scope: Word | None = None


class HttpConnector(Section):
    """A JSON API of the brand."""

    kind: Literal["http"]
    base_url: Url
    headers: Mapping[HeaderName, Secret] = {}
    """Sent with every call; values are treated as credentials."""
    oauth2: OAuth2 | None = None
    timeout: Wait = timedelta(seconds=5)
    """Longest wait for one answer."""
    operations: Mapping[str, Operation] = Field(min_length=1)

    @property
    def offered(self) -> frozenset[str]:
        """The operations it can do."""
        return frozenset(self.operations)


class McpConnector(Section):
    """An MCP server of the brand."""

    kind: Literal["mcp"]
    url: Url
    headers: Mapping[HeaderName, Secret] = {}
    timeout: Wait = timedelta(seconds=5)
    operations: Mapping[str, Mapping[str, Any]] = {}

    @property
    def offered(self) -> frozenset[str]:
        """The operations it can do."""
        return frozenset(self.operations)


class StripeConnector(Section):
    """Stripe, for charges and refunds."""

    kind: Literal["stripe"]
    api_key: Secret
    api_base: Url = "https://api.stripe.com"
    timeout: Wait = timedelta(seconds=5)

    @property
    def offered(self) -> frozenset[str]:
        """The operations it can do."""
        return frozenset({"charges", "refund", "find_refund"})


class ShopifyConnector(Section):
    """Shopify, for orders and refunds."""

    kind: Literal["shopify"]
    shop: Word
    access_token: Secret
    timeout: Wait = timedelta(seconds=5)

    @property
    def offered(self) -> frozenset[str]:
        """The operations it can do."""
        return frozenset({"order", "charges", "refund", "find_refund"})


class DemoConnector(Section):
    """The pretend shop."""

    kind: Literal["demo"]

    @property
    def offered(self) -> frozenset[str]:
        """The operations it can do."""
        return frozenset(PORTS)


AnyConnector = Annotated[
    HttpConnector | McpConnector | StripeConnector | ShopifyConnector | DemoConnector,
    Field(discriminator="kind"),
]

KINDS = ("http", "mcp", "stripe", "shopify", "demo")
"""Every kind of connector of the schema."""
