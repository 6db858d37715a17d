"""What a page is told: frames of ours, those of the log's entries among them. Pure."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

from pydantic import JsonValue

from channels.webchat.files import SIZE_MAX, TYPES
from conversation.entries import LogEntry
from conversation.events import (
    Claimed,
    Delivered,
    HandedOff,
    MessageReceived,
    Rated,
    Released,
    Resolved,
)
from conversation.model import Attachment, Author

KINDS: Final = (
    "message",
    "delivered",
    "handed_off",
    "claimed",
    "released",
    "resolved",
    "rated",
)
"""Kinds of log entries that a visitor sees."""

SAID: Final = ("message", "delivered")
"""Those that hold words."""

BEAT: Final = '{"type":"beat"}'
TYPING: Final = '{"type":"typing"}'
TYPING_ELSEWHERE: Final = '{"type":"typing","author":"customer"}'
"""On another device of theirs."""
RESET: Final = '{"type":"reset"}'
"""What the page has seen is not in the log any more (a backup was restored): begin anew."""

NOW: Final = '{"type":"now"}'
"""All that happened before the page came has been told."""

Later = Literal["rate", "busy"]
"""Why a frame shall come again: too many came, or nothing can be kept now."""


def line(entry: LogEntry) -> str | None:
    """Say what a visitor sees of a log entry; None: nothing.

    Colleagues have no name here: what Slack calls them is not the public's business.
    """
    match entry.event:
        case MessageReceived() as said:
            return _line(
                entry,
                id=said.message_id,
                author=Author.CUSTOMER,
                text=said.text,
                files=said.attachments,
            )
        case Delivered() as ours:
            return _line(entry, id=ours.message_id, author=ours.author, text=ours.text)
        case HandedOff():
            return _case(entry, "waiting")
        case Claimed():
            return _case(entry, "colleague")
        case Released():
            return _case(entry, "bot")
        case Resolved():
            return _case(entry, "resolved")
        case Rated() as rated:
            return _frame("rated", seq=entry.position, about=rated.about, score=rated.score)
        case _:
            return None


def welcome(
    *,
    token: str,
    brand: str,
    disclosure: str,
    privacy_url: str | None,
    text_limit: int,
    beat_s: float,
    takes_files: bool,
) -> str:
    """Answer the first frame."""
    return _frame(
        "welcome",
        token=token,
        brand=brand,
        disclosure=disclosure,
        privacy=privacy_url,
        limit=text_limit,
        beat_s=beat_s,
        files={"size": SIZE_MAX, "types": [one.mime for one in TYPES]} if takes_files else None,
    )


def accepted(message_id: str) -> str:
    """Say that a message is on disk."""
    return _frame("ack", id=message_id)


def later(message_id: str | None, *, why: Later, after_s: float) -> str:
    """Ask for a frame to come again."""
    return _frame("later", id=message_id, why=why, after_s=round(after_s, 1))


def refused(message_id: str | None, *, why: str) -> str:
    """Say that a frame will never be taken."""
    return _frame("refused", id=message_id, why=why)


def stranger(*, why: str) -> str:
    """Say that the token opens nothing: the page begins anew."""
    return _frame("stranger", why=why)


def link(token: str, *, lasts_s: float) -> str:
    """Give what opens the conversation on another device."""
    return _frame("link", token=token, lasts_s=lasts_s)


def transcript(lines: list[Mapping[str, JsonValue]]) -> str:
    """Give all that was said."""
    return _frame("transcript", lines=[dict(one) for one in lines])


def transcript_line(entry: LogEntry) -> Mapping[str, JsonValue] | None:
    """Say what a transcript has of a log entry; None: nothing."""
    match entry.event:
        case MessageReceived() as said:
            return _said(said.occurred_at, Author.CUSTOMER, said.text, said.attachments)
        case Delivered() as ours:
            return _said(entry.at, ours.author, ours.text)
        case _:
            return None


def _said(
    at: datetime, author: Author, text: str, files: Sequence[Attachment] = ()
) -> Mapping[str, JsonValue]:
    return {"at": at.isoformat(), "author": author.value, "text": text, **_with(files)}


def _line(
    entry: LogEntry,
    *,
    id: str,  # noqa: A002 - the field's name in the protocol
    author: Author,
    text: str,
    files: Sequence[Attachment] = (),
) -> str:
    said = _said(entry.at, author, text, files)
    return _frame("line", seq=entry.position, id=id, **said)


def _with(files: Sequence[Attachment]) -> Mapping[str, JsonValue]:
    """Name files as the page shows them; the bytes are the visitor's own already."""
    if not files:
        return {}
    return {"files": [{"name": one.name, "mime": one.mime, "size": one.size} for one in files]}


def _case(entry: LogEntry, status: str) -> str:
    return _frame("case", seq=entry.position, status=status)


def _frame(kind: str, **fields: JsonValue) -> str:
    return json.dumps({"type": kind, **fields}, ensure_ascii=False, separators=(",", ":"))
