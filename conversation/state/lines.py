"""The transcript: lines that are added, and lines that were changed or taken back."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from conversation.model import Attachment
from conversation.state.changing import changed
from conversation.state.values import (
    FILES_KEPT,
    LINES_KEPT,
    TEXT_KEPT,
    ConversationState,
    Line,
)


def after(lines: tuple[Line, ...], line: Line) -> tuple[Line, ...]:
    """Add a line; the oldest goes where there would be more than `LINES_KEPT`."""
    return (*lines, line)[-LINES_KEPT:]


def shown(text: str, attachments: Collection[object]) -> str:
    """Put a message into one text, with what was attached named in brackets."""
    if not attachments:
        return text
    named = " ".join(f"[{getattr(item, 'kind', 'attachment')}]" for item in attachments)
    return " ".join(part for part in (text, named) if part)


def kept_files(attachments: Iterable[Attachment]) -> tuple[Attachment, ...]:
    """Those of the attachments that we hold ourselves, `FILES_KEPT` at most."""
    return tuple(one for one in attachments if one.kept)[:FILES_KEPT]


def on_lines(
    state: ConversationState,
    message_id: str,
    *,
    text: str,
    files: tuple[Attachment, ...] = (),
    deleted: bool,
) -> ConversationState:
    """Give the lines of one message its words of today; ``deleted``: it was taken back."""
    lines = tuple(
        replace(line, text=text[:TEXT_KEPT], files=files, edited=not deleted, deleted=deleted)
        if line.message_id == message_id
        else line
        for line in state.lines
    )
    return changed(state, lines=lines)
