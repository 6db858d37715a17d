"""Plain text, so written that WhatsApp shows it as it is. Pure.

https://faq.whatsapp.com/539178204879377: `*bold*`, `_italic_`, `~struck~`, what stands between back
ticks, and a line that begins with `> ` are formatted, and there is no way to escape a mark: a price
between tildes would be struck through, whoever wrote it. So each mark that stands where one can act
gives way to a character that looks like it and means nothing; the length stays what it was. Marks
inside words, links and addresses stay: they do nothing there without a partner outside, and people
copy those.
"""

import re
from typing import Final

_LOOK_ALIKE: Final = {
    "*": "\u2217",  # asterisk operator
    "_": "\uff3f",  # fullwidth low line
    "~": "\u223c",  # tilde operator
    "`": "\u2035",  # reversed prime
    ">": "\u203a",  # single angle quotation mark
}

_KEPT_OR_MARK: Final = re.compile(
    r"""
      (?P<kept> (?: https?:// | www\. ) \S+ | [^\s@*~`]{1,64} @ [A-Z0-9.-]{1,255} )
    | (?<! [^\W_] ) [*_~]     # no letter or digit before it …
    | [*_~] (?! [^\W_] )      # … or none behind it
    | `
    | ^ > (?= \s )
    """,
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)


def plain(text: str) -> str:
    """Write text so that WhatsApp formats nothing of it; as long as before."""
    return _KEPT_OR_MARK.sub(_written, text)


def _written(found: re.Match[str]) -> str:
    return found.group() if found.group("kept") else _LOOK_ALIKE[found.group()]
