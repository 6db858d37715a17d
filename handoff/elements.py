"""Block Kit pieces that keep Slack's limits by themselves.

Customers' and colleagues' words only ever stand in `plain_text` or `rich_text`: there Slack reads
no markup, so nothing in them can notify a channel, link or pose as a line of ours.
https://docs.slack.dev/reference/block-kit/blocks
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from handoff.cleaning import cut, width

Block = dict[str, Any]

HEADER_MAX: Final = 150
SECTION_MAX: Final = 3_000
BUTTON_MAX: Final = 75
VALUE_MAX: Final = 2_000
CONTEXT_MAX: Final = 10
BLOCKS_MAX: Final = 50
INPUT_MAX: Final = 3_000
FALLBACK_MAX: Final = 300
TOTAL_MAX: Final = 12_000
"""Slack refuses about 13,200 characters of blocks without documenting it (bolt-js issue 2509)."""


def plain(text: str, limit: int) -> Block:
    """Make a text object without any markup; Slack refuses empty ones."""
    return {"type": "plain_text", "text": cut(text, limit) or "-", "emoji": False}


def header(text: str) -> Block:
    """Make the big line on top."""
    return {"type": "header", "text": plain(" ".join(text.split()), HEADER_MAX)}


def section(text: str, limit: int = SECTION_MAX) -> Block:
    """Make a paragraph."""
    return {"type": "section", "text": plain(text, min(limit, SECTION_MAX))}


def context(texts: Iterable[str]) -> Block:
    """Make a small grey line of short facts."""
    elements = [plain(text, 150) for text in texts if text][:CONTEXT_MAX]
    return {"type": "context", "elements": elements or [plain("", 1)]}


def run(text: str, *, bold: bool = False, italic: bool = False) -> Block:
    """Make a piece of rich text; never markup, whatever it says."""
    style = {name: True for name, on in (("bold", bold), ("italic", italic)) if on}
    piece: Block = {"type": "text", "text": text or "-"}
    return {**piece, "style": style} if style else piece


def link(text: str, url: str) -> Block:
    """Make a piece of rich text that leads to an address of ours."""
    return {"type": "link", "url": url, "text": text or "-"}


def lines(pieces: Sequence[Block]) -> Block:
    """Put pieces of rich text one after another."""
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [*pieces]}]}


def quote(text: str, limit: int = SECTION_MAX) -> Block:
    """Make a quotation: somebody's words, seen to be theirs."""
    quoted = {"type": "rich_text_quote", "elements": [run(cut(text, limit))]}
    return {"type": "rich_text", "elements": [quoted]}


def titled_list(title: str, items: Sequence[str], limit: int) -> Block:
    """Make a bold title with bullets beneath."""
    bullets = [
        {"type": "rich_text_section", "elements": [run(cut(" ".join(item.split()), limit))]}
        for item in items
    ]
    top = {"type": "rich_text_section", "elements": [run(title, bold=True)]}
    below = {"type": "rich_text_list", "style": "bullet", "elements": bullets}
    return {"type": "rich_text", "elements": [top, below]}


def button(label: str, action_id: str, value: str, *, style: str | None = None) -> Block:
    """Make a button; ``value`` holds ids alone."""
    made: Block = {
        "type": "button",
        "text": plain(label, BUTTON_MAX),
        "action_id": action_id,
        "value": value[:VALUE_MAX],
    }
    return {**made, "style": style} if style else made


def actions(block_id: str, buttons: Sequence[Block]) -> Block:
    """Make a row of buttons."""
    return {"type": "actions", "block_id": block_id, "elements": [*buttons]}


def escaped(text: str) -> str:
    """Write a notification's text so that Slack reads no markup in it."""
    flat = cut(" ".join(text.split()), FALLBACK_MAX)
    return flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def size(blocks: Sequence[Block]) -> int:
    """Count a message's blocks as Slack does, near enough."""
    return width(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))


def fits(blocks: Sequence[Block]) -> bool:
    """Say whether Slack takes these blocks as one message."""
    return len(blocks) <= BLOCKS_MAX and size(blocks) <= TOTAL_MAX
