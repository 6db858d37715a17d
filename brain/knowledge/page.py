"""What a visitor can read of an HTML page, as headings, questions and paragraphs in their order.

The page becomes the tree that a browser would make of it, however damaged it is. Then everything
goes that nobody reads there: scripts, styles, menus, forms' fields, and text that is hidden, since
a page may carry words meant for machines only. What a visitor opens with a click stays: `details`,
and panels that a button names.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Final, Literal
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from brain.knowledge.importing import cleaned, one_line, paragraphs
from brain.knowledge.unseen import TOGGLES, strip_unseen, toggled_panels, without_noscript

_BLOCKS_NAMED: Final = (
    "address article blockquote body center dd details dialog div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 header hr legend li main ol p pre section summary "
    "table tbody td th thead tr ul"
)
_BLOCKS = frozenset(_BLOCKS_NAMED.split())
_TITLES = frozenset(["h1", "h2", "h3", "h4", "h5", "h6", "summary", "dt"])
_LINK_MAX: Final = 500
_MARKUP = re.compile(r"</?[A-Za-z][A-Za-z0-9]*(?:\s[^<>]*)?/?>|<!--")
_POINT = re.compile(r" *(?:- |\d{1,5}\. )")
_INDENTS_MAX: Final = 4
_DEPTH_MAX: Final = 2_000
"""Browsers stop at 512; elements that were never closed count too, and old pages have many."""
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,30})")
_CLOSED_BY_OTHERS_NAMED: Final = (
    "area base br col colgroup dd dt embed hr img input li link meta option p param source "
    "tbody td tfoot th thead tr track wbr"
)
_CLOSED_BY_OTHERS = frozenset(_CLOSED_BY_OTHERS_NAMED.split())


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading, 1 to 6."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question whose answer ends with its container."""

    text: str


@dataclass(frozen=True, slots=True)
class AnswerEnds:
    """The end of the container that holds the last question's answer."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some text."""

    text: str


Block = Heading | Question | AnswerEnds | Paragraph
Step = Literal["enter", "leave"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page as a visitor reads it."""

    title: str
    language: str
    """ISO 639-1; empty where the page does not say."""
    blocks: tuple[Block, ...]
    data: tuple[str, ...]
    """Its JSON-LD, each script's text as it stands."""


class TooDeep(ValueError):
    """The page opens thousands of elements in each other, which no visitor's browser shows."""


def read_page(html: str) -> Page:
    """Read a page, however damaged.

    Raises:
        TooDeep: its elements stand in each other without end.
    """
    if _depth(html) > _DEPTH_MAX:
        raise TooDeep(f"more than {_DEPTH_MAX} elements stand in each other")
    tree = LexborHTMLParser(without_noscript(html))
    root, body = tree.root, tree.body
    declared = (root.attributes.get("lang") or "") if root is not None else ""
    found = re.match(r"[A-Za-z]{2}(?![A-Za-z])", declared.strip())
    title = tree.css_first("head > title")
    data = tuple(
        each.text(deep=True)
        for each in tree.css("script")
        if (each.attributes.get("type") or "").strip().casefold() == "application/ld+json"
    )
    base = _base(tree)
    toggled = toggled_panels(tree)
    strip_unseen(tree, toggled)
    start = tree.css_first("main, [role=main]") or body
    blocks = _blocks(start, base=base, toggled=toggled) if start is not None else []
    if body is not None and not any(isinstance(each, Paragraph) for each in blocks):
        blocks = _blocks(body, base=base, toggled=toggled)
    return Page(
        title=one_line(title.text(deep=True)) if title is not None else "",
        language=found[0].lower() if found else "",
        blocks=tuple(blocks),
        data=data,
    )


def readable(text: str) -> str:
    """Give the readable text of a cell or of a page's data: plain, or HTML as often as not."""
    seen = cleaned(text)
    if not _MARKUP.search(seen):
        return paragraphs(unescape(seen))
    try:
        blocks = read_page(seen).blocks
    except TooDeep:
        return ""
    return joined([each.text for each in blocks if not isinstance(each, AnswerEnds)])


def joined(texts: Sequence[str]) -> str:
    """Join paragraphs with a blank line between them; the points of a list stand close."""
    told = before = ""
    for each in texts:
        close = bool(_POINT.match(each) and _POINT.match(before))
        told += ("\n" if close else "\n\n") + each if told else each
        before = each
    return told


def _depth(html: str) -> int:
    """Estimate how deep elements stand in each other: the parser's time grows with its square."""
    opened: Counter[str] = Counter()
    now = deepest = 0
    for found in _TAG.finditer(html):
        name = found[2].casefold()
        if name in _CLOSED_BY_OTHERS:
            continue
        if not found[1]:
            opened[name] += 1
            now += 1
            deepest = max(deepest, now)
        elif opened[name]:
            opened[name] -= 1
            now -= 1
    return deepest


# --- what is left, in its order


@dataclass(slots=True)
class _Reading:
    base: str
    toggled: frozenset[str]
    blocks: list[Block] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    capturing: LexborNode | None = None
    """The heading or question that is being read."""
    links: list[tuple[str, int]] = field(default_factory=list)
    lists: list[int | None] = field(default_factory=list)
    """The lists that are open, outermost first: the number of the next step, or None."""
    mark: str = ""
    """What the point that is being read begins with."""
    indent: str = ""

    def enter(self, node: LexborNode, tag: str) -> None:
        if self.capturing is None and (tag in _TITLES or _opens(node, tag)):
            self.flush()
            self.capturing = node
        elif tag == "br":
            self.words.append("\n")
        elif tag == "li":
            self._point()
        elif tag == "a":
            self.links.append((node.attributes.get("href") or "", len(self.words)))
        elif tag in ("td", "th") and self.capturing is None:
            self.words.append(" | " if "".join(self.words).strip() else "")
        elif tag in _BLOCKS and self.capturing is None and not self._only_mark():
            self.flush()
        if tag in ("ul", "ol"):
            self.lists.append(_first_of(node) if tag == "ol" else None)

    def leave(self, node: LexborNode, tag: str) -> None:
        if self.capturing is not None:
            if node == self.capturing:
                self._title(node, tag)
        elif tag == "a" and self.links:
            self._link(*self.links.pop())
        elif tag in _BLOCKS - {"td", "th"}:
            self.flush()
        if tag in ("ul", "ol") and self.lists:
            self.lists.pop()
        if self.capturing is None and self._ends(node, tag):
            self.blocks.append(AnswerEnds())

    def flush(self) -> None:
        text = paragraphs("".join(self.words))
        alone, indent = self._only_mark(), self.indent
        self.words.clear()
        self.links.clear()
        self.mark = self.indent = ""
        if text and not alone:
            self.blocks.append(Paragraph(indent + text))

    def _point(self) -> None:
        """Begin a point of a list, or a step with its number; one below another stands under it."""
        self.flush()
        step = self.lists[-1] if self.lists else None
        self.mark = "- " if step is None else f"{step}. "
        self.indent = "  " * min(_INDENTS_MAX, max(0, len(self.lists) - 1))
        self.words.append(self.mark)
        if step is not None:
            self.lists[-1] = step + 1

    def _only_mark(self) -> bool:
        return bool(self.mark) and "".join(self.words).strip() == self.mark.strip()

    def _title(self, node: LexborNode, tag: str) -> None:
        text = one_line("".join(self.words))
        self.words.clear()
        self.links.clear()
        self.capturing = None
        if text:
            heading = tag[0] == "h" and not _opens(node, tag)
            self.blocks.append(Heading(int(tag[1]), text) if heading else Question(text))

    def _link(self, href: str, since: int) -> None:
        """Say where a link leads, if that is a page; what stands there already is not repeated."""
        said = "".join(self.words[since:]).strip()
        try:
            target = urljoin(self.base, href.strip())
            parts = urlsplit(target)
            good = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in target
        except ValueError:
            return
        if good and len(target) <= _LINK_MAX and said and said.rstrip("/") not in target:
            self.words.append(f" ({target})")

    def _ends(self, node: LexborNode, tag: str) -> bool:
        return tag in ("details", "dl") or (node.attributes.get("id") or "") in self.toggled


def _blocks(start: LexborNode, *, base: str, toggled: frozenset[str]) -> list[Block]:
    reading = _Reading(base=base, toggled=toggled)
    for step, node in _walk(start):
        if node.is_text_node:
            pre = node.text_content or ""
            reading.words.append(re.sub(r"\s+", " ", pre))
        elif node.is_element_node and step == "enter":
            reading.enter(node, node.tag or "")
        elif node.is_element_node:
            reading.leave(node, node.tag or "")
    reading.flush()
    return reading.blocks


def _walk(start: LexborNode) -> Iterator[tuple[Step, LexborNode]]:
    """Walk a tree of any depth: a damaged page may nest ten thousand deep."""
    todo: list[tuple[Step, LexborNode]] = [("enter", start)]
    while todo:
        step, node = todo.pop()
        if step == "enter" and node.is_element_node:
            if node.tag == "button" and not _in_title(node) and not _opens(node, "button"):
                continue
            todo.append(("leave", node))
            child = node.last_child
            while child is not None:
                todo.append(("enter", child))
                child = child.prev
        yield step, node


def _opens(node: LexborNode, tag: str) -> bool:
    """Say whether it is a button that opens the answer."""
    if tag in ("summary", "dt", "a", "html", "body"):
        return False
    if tag == "button":
        return any(node.attributes.get(each) for each in TOGGLES)
    heading = tag in _TITLES
    return heading and node.css_first("button[aria-controls], [data-bs-target]") is not None


def _in_title(node: LexborNode) -> bool:
    parent = node.parent
    for _ in range(5):
        if parent is None:
            return False
        if parent.tag in _TITLES:
            return True
        parent = parent.parent
    return False


def _first_of(node: LexborNode) -> int:
    """Say with which number a list of steps begins."""
    start = (node.attributes.get("start") or "").strip()
    return int(start) if re.fullmatch(r"[0-9]{1,4}", start) else 1


def _base(tree: LexborHTMLParser) -> str:
    for selector, attribute in (("base[href]", "href"), ("link[rel=canonical]", "href")):
        found = tree.css_first(selector)
        if found is not None:
            return (found.attributes.get(attribute) or "").strip()[:_LINK_MAX]
    return ""
