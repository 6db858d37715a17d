"""The vocabulary of the schema: how a duration, an amount, a secret or a share is written."""

import re
import warnings
from datetime import timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    SecretStr,
    StringConstraints,
)

from config.durations import parse_duration
from config.languages import LANGUAGES
from config.money import Money
from config.stages import Stage

_SHARE: Final = re.compile(r"(\d{1,3}(?:\.\d{1,4})?) ?%", re.ASCII)
_URL_MAX: Final = 2_000
_FLAGS: Final = re.compile(r"\(\?[a-zA-Z]+\)")


class Section(BaseModel):
    """A part of the configuration: frozen, knows all its keys, keeps values out of messages."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        strict=False,
        allow_inf_nan=False,
        defer_build=True,
    )


def shaped(pattern: str, message: str) -> AfterValidator:
    """Require the whole text to match; the message says how it is written."""
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if compiled.fullmatch(value) is None:
            raise ValueError(message)
        return value

    return AfterValidator(check)


def _money(value: Any) -> Money:
    if isinstance(value, Money):
        return value
    if not isinstance(value, str):
        raise ValueError("is not an amount of money; write it with its currency, like 50 GBP")  # noqa: TRY004 - pydantic collects ValueError only
    money = Money.parse(value)
    if money.minor < 0:
        raise ValueError("must not be negative")
    return money


def _duration(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        raise ValueError("needs a unit; write it like 5s, 15m, 24h or 7d")  # noqa: TRY004 - pydantic collects ValueError only
    return parse_duration(value)


def _lasting(value: timedelta) -> timedelta:
    if not value:
        raise ValueError("must be longer than 0s")
    return value


def _share(value: Any) -> float:
    found = _SHARE.fullmatch(value) if isinstance(value, str) else None
    if found is None or float(found[1]) > 100:
        raise ValueError("is not a share; write it as a percentage from 0% to 100%")
    return float(found[1]) / 100


def _stage(value: Any) -> Stage:
    if isinstance(value, bool):
        raise ValueError("is not a stage; write off, manual, scripted, copilot or autonomous")  # noqa: TRY004 - pydantic collects ValueError only
    try:
        return Stage(value)
    except ValueError:
        raise ValueError(
            "is not a stage; write off, manual, scripted, copilot or autonomous"
        ) from None


def _credential(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if text != text.strip() or not text.isprintable():
        raise ValueError(
            "has a space or line break at an end, or a sign that cannot be sent; copy it anew"
        )
    return value


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        host, user, _ = parts.hostname, parts.username, parts.port
    except ValueError:
        raise ValueError("is not a URL") from None
    if parts.scheme not in {"http", "https"} or not host or len(value) > _URL_MAX:
        raise ValueError("is not a URL; write it with http:// or https:// and a host")
    if user is not None:
        raise ValueError("must not carry a user name or password; put credentials into headers")
    if parts.query or parts.fragment:
        raise ValueError("must end before any ? or #")
    return value


def _language(value: str) -> str:
    if value not in LANGUAGES:
        msg = f"is not a language known here; choose from {' '.join(sorted(LANGUAGES))}"
        raise ValueError(msg)
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is not a time zone; write an IANA name like Europe/London") from None
    return value


def _regex(value: str) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(value)
            if _FLAGS.match(value):
                # They are used inside of larger ones, where no flags may stand.
                raise ValueError("begins with flags; leave (?i) out, case never counts")
    except re.error as error:
        msg = f"is not a regular expression: fault at position {error.pos}"
        raise ValueError(msg) from None
    except (OverflowError, RecursionError, Warning):
        raise ValueError("is not a regular expression that can be used") from None
    return value


def _result(value: str) -> str:
    try:
        jmespath.compile(value)
    except RecursionError:
        raise ValueError("is not a JMESPath expression that can be used") from None
    except JMESPathError as error:
        at = getattr(error, "lex_position", None)
        where = f": fault at position {at}" if at is not None else ""
        msg = f"is not a JMESPath expression{where}; see https://jmespath.org"
        raise ValueError(msg) from None
    return value


Amount = Annotated[Money, PlainValidator(_money)]
"""`50 GBP`."""
Duration = Annotated[timedelta, PlainValidator(_duration)]
"""`5s`, `15m`, `24h`, `7d`."""
Wait = Annotated[Duration, AfterValidator(_lasting)]
"""A duration above zero."""
Share = Annotated[float, PlainValidator(_share)]
"""`25%` becomes 0.25."""
StageWord = Annotated[Stage, PlainValidator(_stage)]
"""A stage's name."""
Text = Annotated[str, StringConstraints(min_length=1, max_length=4_000, strip_whitespace=True)]
"""Words for people."""
Word = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
"""A short id or name."""
Secret = Annotated[SecretStr, Field(min_length=1, max_length=4_096), AfterValidator(_credential)]
"""A credential, fit for a header; prints as asterisks."""
Url = Annotated[str, AfterValidator(_url)]
"""An http(s) address without credentials."""
Language = Annotated[str, AfterValidator(_language)]
"""ISO 639-1 code."""
ZoneName = Annotated[str, AfterValidator(_zone)]
"""IANA time zone."""
Regex = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_regex)]
"""A regular expression."""
Result = Annotated[str, Field(min_length=1, max_length=2_000), AfterValidator(_result)]
"""A JMESPath expression."""
