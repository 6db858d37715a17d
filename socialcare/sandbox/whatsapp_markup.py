"""How WhatsApp shows a text: `*bold*`, `_italic_`, `~struck~`, back ticks, `> quotes`.

https://faq.whatsapp.com/539178204879377. A mark acts where nothing but space or punctuation stands
outside of it and something but space inside, and its partner follows in the same line.
"""

import re
from dataclasses import dataclass

_PAIRS = re.compile(
    r"```(?P<block>.+?)```"
    r"|`(?P<code>[^`\n]+)`"
    r"|(?<![^\W_])(?P<mark>[*_~])(?=\S)(?P<inside>[^\n]+?)(?<=\S)(?P=mark)(?![^\W_])",
    re.DOTALL,
)
_QUOTE = re.compile(r"^>\s+", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A text as it is read."""

    text: str
    formatted: tuple[str, ...]
    """The words that look other than they were written."""


def shown(text: str) -> Shown:
    """Show a text."""
    formatted: list[str] = []

    def show(found: re.Match[str]) -> str:
        inside = found.group("block") or found.group("code") or found.group("inside")
        formatted.append(inside)
        return inside

    kept = _PAIRS.sub(show, text)
    formatted += ["quote"] * len(_QUOTE.findall(kept))
    return Shown(text=_QUOTE.sub("", kept), formatted=tuple(formatted))
