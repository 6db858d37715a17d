"""What of a page nobody reads: scripts, styles, menus, and words that are hidden from visitors."""

import re
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

_DROPPED: Final = (
    "script, style, template, nav, aside, footer, iframe, object, embed, svg, canvas, "
    "video, audio, select, textarea, input, dialog, body > header, [role=navigation], "
    "[role=banner], [role=contentinfo], [role=search], [role=menu], .sr-only, .visually-hidden, "
    ".screen-reader-text"
)
_HIDDEN: Final = "[hidden], [aria-hidden=true i]"
TOGGLES: Final = ("aria-controls", "data-bs-target", "data-target")
"""Attributes by which a button names the panel that it opens."""
_FOLDED = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|(?<!-)(?:max-)?height:0(?:px)?(?:;|$)"
)
_UNSEEN = re.compile(
    r"(?<!-)opacity:0(?:\.0+)?(?:;|$)|font-size:0(?:\.0+)?(?:px|em|rem|%)?(?:;|$)"
    r"|(?:left|top|right|text-indent|margin-left):-\d{3,}|clip:rect\(0|clip-path:inset\((?:50|100)%"
    r"|(?<!-)color:transparent"
)
_NOSCRIPT = re.compile(r"<(/?)noscript\b[^<>]*>", re.IGNORECASE)
_RULE = re.compile(r"([^{}]{1,300})\{([^{}]{0,2000})\}")
_AT_BLOCK = re.compile(r"@[^{};]{0,200}\{(?:[^{}]{0,2000}\{[^{}]{0,2000}\}){0,200}[^{}]{0,200}\}")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_STYLES_MAX: Final = 200_000
_RULES_MAX: Final = 200
"""Hiding rules of a page's own styles that are obeyed; each costs a walk through the page."""


def without_noscript(html: str) -> str:
    """Cut out what only browsers without scripts show.

    Before parsing: the parser runs no scripts and takes these words for the page's own.
    """
    kept: list[str] = []
    start, opened = 0, False
    for tag in _NOSCRIPT.finditer(html):
        if tag[1]:
            opened, start = False, tag.end() if opened else start
        elif not opened:
            kept.append(html[start : tag.start()])
            opened, start = True, tag.end()
    return "".join([*kept, html[start:]])


def toggled_panels(tree: LexborHTMLParser) -> frozenset[str]:
    """Name the panels that a visitor can open."""
    names: set[str] = set()
    for attribute in TOGGLES:
        for each in tree.css(f"[{attribute}]"):
            names.update((each.attributes.get(attribute) or "").replace("#", "").split())
    return frozenset(names)


def strip_unseen(tree: LexborHTMLParser, toggled: frozenset[str]) -> None:
    """Take out of a page what its visitors do not see; panels that they can open stay."""
    hiding = _hiding_selectors(tree)
    _drop(tree, _DROPPED, frozenset())
    _drop(tree, _HIDDEN, toggled)
    for selector in hiding:
        _drop(tree, selector, toggled)
    doomed = [each for each in tree.css("[style]") if _is_unseen(each, toggled)]
    _remove(doomed)


def _drop(tree: LexborHTMLParser, selector: str, kept: frozenset[str]) -> None:
    try:
        found = tree.css(selector)
    except (SelectolaxError, ValueError):  # a style's selector may be anything
        return
    _remove([each for each in found if (each.attributes.get("id") or "") not in kept or not kept])


def _remove(nodes: list[LexborNode]) -> None:
    # Without its descendants' memory: the list may hold some of them.
    for each in nodes:
        if each.tag not in ("html", "body"):
            each.remove(recursive=False)


def _is_unseen(node: LexborNode, toggled: frozenset[str]) -> bool:
    style = re.sub(r"\s", "", node.attributes.get("style") or "").casefold()
    if _UNSEEN.search(style):
        return True
    return bool(_FOLDED.search(style)) and (node.attributes.get("id") or "") not in toggled


def _hiding_selectors(tree: LexborHTMLParser) -> list[str]:
    """Take from the page's own styles what they hide; what is so on paper only, say, is not."""
    styles = "\n".join(each.text(deep=True) for each in tree.css("style"))[:_STYLES_MAX]
    plain = _AT_BLOCK.sub("", _COMMENT.sub("", styles))
    found = []
    for selector, rules in _RULE.findall(plain):
        compact = re.sub(r"\s|!important", "", rules).casefold()
        if re.search(r"display:none|visibility:hidden", compact) or _UNSEEN.search(compact):
            found.append(selector.strip())
    return [each for each in found if each and ":" not in each][:_RULES_MAX]
