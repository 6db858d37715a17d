"""What all of Meta's webhooks have in common. Pure.

A body is `{"object": …, "entry": [{"id": …, "time": …, "messaging": […]}]}`, with `standby` or
`changes` in the place of `messaging`: any number of entries, each with any number of events, for
any of the accounts that the app serves
(https://developers.facebook.com/docs/graph-api/webhooks/getting-started).
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Final, Literal, NoReturn

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from channels.contract import Handshake
from channels.signatures import header_value, same_secret

SIGNATURE_HEADER: Final = "X-Hub-Signature-256"
"""https://developers.facebook.com/docs/graph-api/webhooks/getting-started#event-notifications."""

CHALLENGE_LIMIT: Final = 1_024
"""Characters of a challenge that are given back; Meta's is a number."""
ID_LIMIT: Final = 512
"""Characters of an id; Instagram's message ids have about 200."""
WHY_LIMIT: Final = 200
"""Characters that say what is wrong."""

_FIRST_MILLISECOND: Final = 10**11
"""A number above is no second: those end in the year 5138, and milliseconds began in 1973."""

Source = Literal["messaging", "standby", "changes", "entry"]
_LISTS: Final[tuple[Source, ...]] = ("messaging", "standby", "changes")


# --- requests


def authentic(app_secret: SecretStr, headers: Mapping[str, str], body: bytes) -> bool:
    r"""Say whether Meta signed these raw bytes with the app's secret.

    Meta signs what it sends, `\u00e4` and `\/` included: parsed and written again, the same JSON
    has another signature. There is no timestamp, so only event ids tell a replay.
    """
    secret = app_secret.get_secret_value()
    if not secret:
        return False
    expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return same_secret(expected=expected, given=header_value(headers, SIGNATURE_HEADER))


def handshake(verify_token: SecretStr, query: Mapping[str, str]) -> Handshake:
    """Answer the question whether the address is ours: the challenge for the right word, else 403.

    https://developers.facebook.com/docs/graph-api/webhooks/getting-started#verification-requests
    """
    known = same_secret(
        expected=verify_token.get_secret_value(), given=query.get("hub.verify_token")
    )
    if not known or query.get("hub.mode") != "subscribe":
        return Handshake(status=403, body="wrong verify token")
    challenge = query.get("hub.challenge", "")
    if not 0 < len(challenge) <= CHALLENGE_LIMIT:
        return Handshake(status=400, body="no challenge")
    return Handshake(status=200, body=challenge)


# --- fields


def moment(value: object) -> datetime | None:
    """Read a time as Meta writes it: seconds, milliseconds, either as text, or ISO 8601."""
    if isinstance(value, str) and not value.strip().isdecimal():
        try:
            stamp = datetime.fromisoformat(value)
            return stamp.replace(tzinfo=stamp.tzinfo or UTC).astimezone(UTC)
        except (ValueError, OverflowError):  # the year 9999 and an offset make 10000
            return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
        return datetime.fromtimestamp(
            number / 1_000 if number >= _FIRST_MILLISECOND else number, tz=UTC
        )
    except (ValueError, OverflowError, OSError):
        return None


def _identifier(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise PydanticCustomError("identifier", "is no id")
    text = str(value)
    if not 0 < len(text) <= ID_LIMIT:
        raise PydanticCustomError("identifier", "is no id")
    return text


def _moment(value: object) -> datetime:
    read = value if isinstance(value, datetime) else moment(value)
    if read is None:
        raise PydanticCustomError("moment", "is no time")
    return read


def _sayable(text: str) -> str:
    """Refuse half a surrogate pair: no store and no platform takes it back."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise PydanticCustomError("surrogate", "is no text") from None
    return text


Id = Annotated[str, BeforeValidator(_identifier), AfterValidator(_sayable)]
"""An id, which may come as a string or as a number."""
Moment = Annotated[datetime, BeforeValidator(_moment)]
"""A time, aware UTC, in whichever of Meta's forms."""
Text = Annotated[str, AfterValidator(_sayable)]
"""Somebody's words."""


class Payload(BaseModel):
    """Anything Meta writes: unknown fields are left alone."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)


def fault(error: ValidationError) -> str:
    """Name the first field that is wrong, and never its content: that is the customer's."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join(str(step) for step in first["loc"])
    return f"{field or 'event'}: {first['type']}"[:WHY_LIMIT]


# --- bodies


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One event of a webhook body."""

    kind: str
    """The body's `object`: `page`, `instagram`, `whatsapp_business_account` …"""
    account: str
    """The entry's id: the page, the Instagram account, the WhatsApp Business account."""
    time: datetime | None
    """When Meta made the entry; not when the event happened."""
    source: Source
    """The list it stood in; `entry` where an entry had none of them."""
    value: object
    """The event (`{"field": …, "value": …}` for changes), as parsed."""
    raw_time: object = None
    """The entry's time as it came."""

    @property
    def body(self) -> bytes:
        """The event alone, in an envelope like the one it came in: `split_body` reads it again."""
        if self.source == "entry":
            entry = self.value
        else:
            entry = {"id": self.account, "time": self.raw_time, self.source: [self.value]}
        return json.dumps({"object": self.kind, "entry": [entry]}).encode()

    def holding(self, value: object) -> "Item":
        """Give the same with another event: one part of a change that holds many."""
        return replace(self, value=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A body, or an entry of one, that is none of Meta's."""

    body: bytes
    why: str

    @property
    def event_id(self) -> str:
        """The same for the same bytes: all that can tell a duplicate."""
        return "sha256:" + hashlib.sha256(self.body).hexdigest()


class _Body(Payload):
    kind: Text = Field(alias="object")
    entry: tuple[object, ...]


class _Entry(Payload):
    id: Id
    time: object = None


def split_body(body: bytes) -> tuple[Item | Unreadable, ...]:
    """Find every event of every entry, in the order written. Never raises; drops nothing."""
    try:
        parsed = _Body.model_validate(_json(body))
    except ValidationError as error:
        return (Unreadable(body=body, why=fault(error)),)
    except (ValueError, RecursionError) as error:
        return (Unreadable(body=body, why=f"not JSON: {type(error).__name__}"),)
    return tuple(item for entry in parsed.entry for item in _items(parsed.kind, entry))


def _items(kind: str, value: object) -> Iterator[Item | Unreadable]:
    try:
        entry = _Entry.model_validate(value)
    except ValidationError as error:
        lone = json.dumps({"object": kind, "entry": [value]}).encode()
        yield Unreadable(body=lone, why=f"entry.{fault(error)}")
        return
    fields: dict[str, object] = value if isinstance(value, dict) else {}
    common = Item(
        kind=kind,
        account=entry.id,
        time=moment(entry.time),
        source="entry",
        value=value,
        raw_time=entry.time,
    )
    listed = [name for name in _LISTS if name in fields]
    if not listed:
        yield common
    for name in listed:
        events = fields[name]
        # A single event outside a list is still an event.
        for event in events if isinstance(events, list) else [events]:
            yield replace(common, source=name, value=event)


def _json(body: bytes) -> object:
    """Parse JSON as Meta writes it: UTF-8, no NaN.

    Raises:
        ValueError: it is none (numbers of thousands of digits included).
        RecursionError: it is nested deeper than any event.
    """
    value: object = json.loads(body.decode("utf-8"), parse_constant=_no_number)
    return value


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)
