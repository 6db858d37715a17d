"""Telegram's HTML: read the way the Bot API server reads it, refused in its words.

https://core.telegram.org/bots/api#html-style. One thing is stricter here than live: an `&` that
starts no entity is refused, since the documentation asks for `&amp;` though the server lets a lone
one pass; unescaped customer text would slip through otherwise.
"""

import re
from dataclasses import dataclass
from typing import Any

_KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
}
_NAME = re.compile(r"</?([^\s>]*)")
_VALUE = r"""(?:"[^"]*"|'[^']*'|[^\s>"']+)"""
_TAG = re.compile(rf"</?[^\s>]*((?:\s+[\w-]+(?:\s*=\s*{_VALUE})?)*)\s*>")
_ATTRIBUTE = re.compile(rf"([\w-]+)\s*=\s*({_VALUE})")
_ENTITY = re.compile(r"&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(lt|gt|amp|quot));?")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}


class UnreadableHtmlError(Exception):
    """The server would not parse it; the text is what it says after `can't parse entities: `."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What is left once the markup is read."""

    text: str
    entities: tuple[dict[str, Any], ...]
    """As the Bot API gives them: offsets and lengths in UTF-16 units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    name: str
    start: int
    extra: dict[str, Any]


def utf16_length(text: str) -> int:
    """Count UTF-16 units, Telegram's measure of a text."""
    return len(text.encode("utf-16-le")) // 2


def _byte_offset(html: str, index: int) -> int:
    return len(html[:index].encode())


def _character(found: re.Match[str]) -> str:
    decimal, hexadecimal, name = found.groups()
    if name:
        return _NAMED[name]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"


def _extra(name: str, attributes: dict[str, str]) -> dict[str, Any]:
    if name == "a":
        return {"url": attributes.get("href", "")}
    if name == "tg-emoji":
        return {"custom_emoji_id": attributes.get("emoji-id", "")}
    language = attributes.get("class", "")
    if name == "code" and language.startswith("language-"):
        return {"language": language.removeprefix("language-")}
    return {}


class _Reader:
    def __init__(self, html: str) -> None:
        self.html = html
        self.text: list[str] = []
        self.units = 0
        self.open: list[_Open] = []
        self.entities: list[dict[str, Any]] = []

    def add(self, piece: str) -> None:
        self.text.append(piece)
        self.units += utf16_length(piece)

    def entity(self, index: int) -> int:
        found = _ENTITY.match(self.html, index)
        if found is None:
            at = _byte_offset(self.html, index)
            msg = f"Unescaped '&' at byte offset {at}"
            raise UnreadableHtmlError(msg)
        self.add(_character(found))
        return found.end()

    def tag(self, index: int) -> int:
        at = _byte_offset(self.html, index)
        closing = self.html.startswith("</", index)
        named = _NAME.match(self.html, index)
        name = named.group(1).lower() if named else ""
        whole = _TAG.match(self.html, index)
        if not closing and name not in _KINDS:
            msg = f'Unsupported start tag "{name}" at byte offset {at}'
            raise UnreadableHtmlError(msg)
        if whole is None:
            kind = "end" if closing else "start"
            msg = f"Unclosed {kind} tag at byte offset {at}"
            raise UnreadableHtmlError(msg)
        if closing:
            self.close(name, at)
        else:
            found = _ATTRIBUTE.findall(whole.group(1) or "")
            attributes = {key: value.strip("\"'") for key, value in found}
            if name == "span" and attributes.get("class") != "tg-spoiler":
                msg = f'Tag "span" must have class "tg-spoiler" at {at}'
                raise UnreadableHtmlError(msg)
            self.open.append(_Open(name=name, start=self.units, extra=_extra(name, attributes)))
        return whole.end()

    def close(self, name: str, at: int) -> None:
        if not self.open:
            msg = f"Unexpected end tag at byte offset {at}"
            raise UnreadableHtmlError(msg)
        started = self.open.pop()
        if name not in {"", started.name}:
            msg = (
                f"Unmatched end tag at byte offset {at}, "
                f'expected "</{started.name}>", found "</{name}>"'
            )
            raise UnreadableHtmlError(msg)
        length = self.units - started.start
        if length:
            entity = {"type": _KINDS[started.name], "offset": started.start, "length": length}
            self.entities.append(entity | started.extra)


def _trimmed(text: str, entities: list[dict[str, Any]]) -> Parsed:
    lead = utf16_length(text) - utf16_length(text.lstrip())
    kept = text.strip()
    end = utf16_length(kept)
    moved: list[dict[str, Any]] = []
    for entity in sorted(entities, key=lambda each: (each["offset"], -each["length"])):
        start = max(0, entity["offset"] - lead)
        stop = min(end, entity["offset"] + entity["length"] - lead)
        if stop > start:
            moved.append(entity | {"offset": start, "length": stop - start})
    return Parsed(text=kept, entities=tuple(moved))


def parse_html(html: str) -> Parsed:
    """Read the markup.

    Raises:
        UnreadableHtmlError: an unknown tag, an unescaped `<` or `&`, a tag without its other half.
    """
    reader = _Reader(html)
    index = 0
    while index < len(html):
        character = html[index]
        if character == "<":
            index = reader.tag(index)
        elif character == "&":
            index = reader.entity(index)
        else:
            reader.add(character)
            index += 1
    if reader.open:
        msg = f'Can\'t find end tag corresponding to start tag "{reader.open[-1].name}"'
        raise UnreadableHtmlError(msg)
    return _trimmed("".join(reader.text), reader.entities)


def plain(text: str) -> Parsed:
    """Take a text without markup as it is."""
    return Parsed(text=text.strip(), entities=())
