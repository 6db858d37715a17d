"""What two configurations differ in, without a secret among the words."""

from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from typing import Any, Final

from pydantic import BaseModel

from config.durations import duration_text
from config.hours import days_text
from config.money import Money
from config.schema import Model, Settings

_ROLLOUT: Final = frozenset(
    {"stage", "share", "fallback", "shadow", "topics", "surfaces", "targets", "on_unknown"}
)
"""Keys of a channel that take effect while it runs; the others are how it is reached."""

_ABSENT: Final = object()


def changed(old: Settings, new: Settings) -> tuple[str, ...]:
    """Every key that differs, in the file's order, as `channels.telegram.share: 10% → 25%`.

    Stages, numbers, shares, durations and amounts show both values; words, which may come from
    the environment, only that they changed.
    """
    before, after = _leaves(old), _leaves(new)
    return tuple(
        f"{key}: {_difference(key, before.get(key, _ABSENT), after.get(key, _ABSENT))}"
        for key in dict.fromkeys([*after, *before])
        if before.get(key, _ABSENT) != after.get(key, _ABSENT)
    )


def needs_restart(old: Settings, new: Settings) -> tuple[str, ...]:
    """The sections whose changes take effect only with the next start.

    Server, store, connectors, the model's server, the encoder, the desk's Slack app, and a channel
    that comes, goes or is reached in another way.
    """
    sections = [
        name
        for name in ("server", "store", "connectors")
        if getattr(old, name) != getattr(new, name)
    ]
    if _served(old.model) != _served(new.model):
        sections.append("model")
    sections += [
        f"channels.{name}"
        for name in sorted({*old.channels, *new.channels})
        if _reach(old, name) != _reach(new, name)
    ]
    if (old.desk and old.desk.slack) != (new.desk and new.desk.slack):
        sections.append("desk.slack")
    return tuple(sections)


def _served(model: Model) -> tuple[tuple[str, Any], ...]:
    """Where the model is, as whom it is asked, and what is loaded at start."""
    return tuple(
        (name, getattr(model, name))
        for name in ("provider", "name", "base_url", "api_key", "encoder")
    )


def in_force(running: Settings, wanted: Settings) -> Settings:
    """Take all of a changed file that needs no restart; the rest stays as it runs."""
    channels = {
        name: wanted.channels[name].model_copy(
            update={key: value for key, value in running.channels[name] if key not in _ROLLOUT}
        )
        if name in wanted.channels and type(wanted.channels[name]) is type(running.channels[name])
        else running.channels[name]
        for name in running.channels
    }
    desk = running.desk
    if desk is not None and wanted.desk is not None:
        desk = wanted.desk.model_copy(update={"slack": desk.slack})
    return wanted.model_copy(
        update={
            "server": running.server,
            "store": running.store,
            "connectors": running.connectors,
            "model": wanted.model.model_copy(update=dict(_served(running.model))),
            "channels": channels,
            "desk": desk,
        }
    )


def _reach(settings: Settings, channel: str) -> dict[str, Any] | None:
    found = settings.channels.get(channel)
    if found is None:
        return None
    return {key: value for key, value in found if key not in _ROLLOUT}


def _leaves(node: Any, prefix: str = "") -> dict[str, Any]:
    if isinstance(node, BaseModel):
        pairs = {str(key): value for key, value in node}
    elif isinstance(node, Mapping) and node:
        pairs = {_name(key): value for key, value in node.items()}
    else:
        return {prefix: node}
    found: dict[str, Any] = {}
    for key, value in pairs.items():
        found |= _leaves(value, f"{prefix}.{key}" if prefix else key)
    return found


def _name(key: object) -> str:
    return days_text(key) if isinstance(key, tuple) else str(key)


def _difference(key: str, old: Any, new: Any) -> str:
    if old is _ABSENT:
        return "added"
    if new is _ABSENT:
        return "removed"
    before, after = _shown(key, old), _shown(key, new)
    return f"{before} → {after}" if before and after else "changed"


def _shown(key: str, value: Any) -> str:
    match value:
        case None:
            return "unset"
        case Enum():
            return str(value)
        case bool():
            return str(value).lower()
        case float() if key.endswith(".share"):
            return f"{value:.4%}".rstrip("%").rstrip("0").rstrip(".") + "%"
        case int() | float() | Money():
            return str(value)
        case timedelta():
            return duration_text(value)
        case _:
            return ""
