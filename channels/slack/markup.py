"""Slack's markup, taken out of what customers write and kept out of what we write. Pure.

https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from collections.abc import Collection
from typing import Final

_MARKED: Final = re.compile(r"<([@#!]?[^<>|]+)(?:\|([^<>]*))?>")
_FIRST: Final = re.compile(r"\s*<@([^<>|]+)(?:\|[^<>]*)?>")
_AFTER_MENTION: Final = " \t\n\r,:;-"


def to_slack(text: str) -> str:
    """Escape plain text: exactly these three, and Slack shows the rest as it is.

    Sent with `mrkdwn: false`, so that stars and underscores stay what they are too.
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def slack_length(text: str) -> int:
    """Count the characters of a text as it is sent."""
    return len(to_slack(text))


def mentions(text: str, user_id: str) -> bool:
    """Say whether a text calls somebody."""
    return any(found[1] == f"@{user_id}" for found in _MARKED.finditer(text))


def to_plain(text: str, *, us: Collection[str] = ()) -> str:
    """Give the words of a text: links as addresses, mentions as names, no call of us before it."""
    called = _FIRST.match(text)
    if called is not None and called[1] in us:
        text = text[called.end() :].lstrip(_AFTER_MENTION) or text
    plain = _MARKED.sub(_unmarked, text)
    return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _unmarked(found: re.Match[str]) -> str:
    inside, label = found[1], found[2]
    match inside[0]:
        case "@" | "#":
            return inside[0] + (label or inside[1:]).lstrip("@#")
        case "!":
            return label or "@" + inside[1:].partition("^")[0]
        case _:
            target = inside.removeprefix("mailto:").removeprefix("tel:")
            return target if not label or label in target else f"{label} ({target})"
