"""What holds for words after every brain: plain code, no model.

Words of the bot pass through `finish` on their way to the outbox; what they claim is held against
what is done by `brain.claims`. Colleagues' words are never changed; `brain.doubts` reads them.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit

from conversation.state import ConversationState

LAPSE = timedelta(hours=24)
"""After that much time the customer is told again that they talk to an AI."""
WORDS_MAX = 8_000
"""Characters of one reply; no brain has more to say."""
WASHES_MAX = 8
"""How often words are cleaned; taking one thing out may join the halves of another."""

_PICTURE = re.compile(r"!\[[^\]]*\]\s*(?:\([^)]*\)?|\[[^\]]*\])")
_NAMED_LINK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")
_TAG = re.compile(r"</?[a-z!][^<>]*>", re.IGNORECASE)
_TRICK = re.compile(r"(?<=[\w./:@])[\u200d\ufe0f]+(?=[\w./:@])")
_DOT = r"[.\u3002\uff0e\uff61\u2024]"
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_LINK = re.compile(
    rf"""
    [a-z][a-z0-9+.-]{{0,20}}:[/\\]+(?:\[[0-9a-f:.%]+\])?[^\s<>\[\]{{}}"'|]+  # any scheme
    | (?<![\w.])\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?=[/:]\w)[^\s<>\[\]{{}}"'|]*      # a machine's number
    | (?<![\w.])localhost(?::\d+)?/[^\s<>\[\]{{}}"'|]*
    | (?<![^\W_]) (?:[a-z]{{2,10}}:)?[/\\]{{0,4}}               # mailto:, //
      (?:[\w.+-]{{1,64}}(?::[^\s@]{{0,64}})?@)?                  # somebody@
      (?:{_LABEL}{_DOT}){{1,10}} (?:xn--[a-z0-9-]+|[^\W\d_]{{2,24}})  # a domain
      (?![\w]) (?::\d+)? (?:[/?\#\\][^\s<>\[\]{{}}"'|]*)?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_MISSING_SPACE = re.compile(
    r"(?<![\w./\\@:-])([^\W\d_A-Z]{2,}|[A-Z][^\W\d_A-Z]+)\.([A-Z][^\W\d_A-Z]*)(?![\w./\\@:-])"
)
_ENDING = r"(?=(?:com|net|org|info|io|biz|shop|xyz|example)(?![\w'\u2019-]))"
_DOT_IN_BRACKETS = re.compile(
    r"(?<=\w)\s?[\[({]\s?(?:\.|dot|punkt|punto|ponto|point|punt)\s?[\])}]\s?(?=\w)"
    rf"|(?<=\w)(?:\sdot\s|\s\.\s?|[\u00b7\u2022\u2027]){_ENDING}"
    # "point de vente" and "ponto com" are words of their own.
    r"|(?<=\w)\s(?:punkt|punto|point|punt)\s(?=(?:com|org)\b)"
    r"|(?<=\w)\sponto\s(?=com\b\s*(?:[/.,;!?]|$))",
    re.IGNORECASE,
)
_SCHEME = re.compile(
    r"(?<!\w)(?:javascript|vbscript|bitcoin|ethereum|intent|data(?=:\w+/)):[^\s<>]+", re.IGNORECASE
)
_ELSEWHERE = re.compile(r"(?:[/\\]{2}|@)([^/\\?#&\s]+)")
"""Another host in the rest of a link: where it leads on to."""
_EMPTY = re.compile(r"\(\s*\)|\[\s*\]|<\s*>")
_TAIL = ".,;:!?)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """Words as they may be said."""

    text: str
    """Empty: nothing is left that may be said, and nothing must be sent."""
    disclosed: bool
    """They begin with the AI disclosure."""


def finish(
    words: str,
    *,
    state: ConversationState,
    now: datetime,
    disclosure: str,
    domains: tuple[str, ...],
    notice: str = "",
) -> Finished:
    """Put the disclosure in front where it is due, take out links that are not the brand's.

    Args:
        words: What the brain wants to say.
        state: The conversation; ``disclosed_at`` is empty at its start and after a human.
        now: The time.
        disclosure: The brand's words for "you talk to an AI", in the customer's language.
        domains: What the brand allows links to; subdomains included.
        notice: The brand's own line that goes with the disclosure, as it is.
    """
    due = state.disclosed_at is None or now - state.disclosed_at > LAPSE
    repeated = bool(disclosure) and disclosure in words
    text = cleaned(words.replace(disclosure, " ") if repeated else words, domains=domains)
    if not text:
        return Finished(text="", disclosed=False)
    if not disclosure or not (due or repeated):
        return Finished(text=_shortened(text, WORDS_MAX), disclosed=False)
    head = "\n".join(filter(None, (disclosure, notice)))
    room = max(1, WORDS_MAX - len(head) - 2)
    return Finished(text=f"{head}\n\n{_shortened(text, room)}", disclosed=True)


def cleaned(words: str, *, domains: tuple[str, ...]) -> str:
    """Take out pictures, markup and every link or address that is not the brand's."""
    allowed = tuple(domain.casefold().strip(".") for domain in domains)
    text = words[: 2 * WORDS_MAX]
    for _ in range(WASHES_MAX):
        washed = _washed(text, allowed)
        if washed == text:
            return text
        text = washed
    return ""  # Words that hide one thing in another so deeply are no words to a customer.


def foreign_links(words: str, *, domains: tuple[str, ...]) -> tuple[str, ...]:
    """Name the links and addresses that are not the brand's; nothing is taken out."""
    allowed = tuple(domain.casefold().strip(".") for domain in domains)
    text = _DOT_IN_BRACKETS.sub(".", _TRICK.sub("", _seen(words[: 2 * WORDS_MAX])))
    text = _MISSING_SPACE.sub(
        lambda m: m[0] if _allowed(m[0], allowed) else f"{m[1]}. {m[2]}", text
    )
    found = (one[0].rstrip(_TAIL) for one in _LINK.finditer(text))
    return tuple(dict.fromkeys(one for one in found if not _allowed(one, allowed)))


def _washed(words: str, domains: tuple[str, ...]) -> str:
    text = _TRICK.sub("", _seen(words))
    text = _DOT_IN_BRACKETS.sub(".", _TAG.sub("", _PICTURE.sub("", text)))
    text = _NAMED_LINK.sub(lambda m: m[0] if _allowed(m[2], domains) else m[1], text)
    text = _MISSING_SPACE.sub(
        lambda m: m[0] if _allowed(m[0], domains) else f"{m[1]}. {m[2]}", text
    )
    text = _LINK.sub(lambda m: _judged(m[0], domains), _SCHEME.sub("", text))
    text = _EMPTY.sub("", text)
    # French sets a space before "?", "!" and ";".
    text = re.sub(r"[ \t]+(?=[.,\n])|(?<=\n)[ \t]+", "", re.sub(r"[ \t]{2,}", " ", text))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _seen(words: str) -> str:
    """Take out what nobody sees; words that can be printed as they are hold none of it."""
    if words.translate(_KEPT).isprintable():
        return words
    return "".join(
        char for char in words if ord(char) in _KEPT or unicodedata.category(char) not in _HIDDEN
    )


_KEPT = dict.fromkeys(map(ord, "\n\t\u200d"))
_HIDDEN = frozenset({"Cf", "Cc", "Co", "Cs"})
"""Characters nobody sees: they part a link's letters, or turn its direction round."""


def _judged(link: str, domains: tuple[str, ...]) -> str:
    bare = link.rstrip(_TAIL)
    return link if _allowed(bare, domains) else link[len(bare) :]


def _allowed(link: str, domains: tuple[str, ...]) -> bool:
    spelled = unicodedata.normalize("NFKC", link.strip()).casefold()
    if "\\" in spelled or any(char.isspace() for char in spelled):
        return False
    name, at, address = spelled.removeprefix("mailto:").partition("@")
    if at and not set(name) & set("/:?#%"):
        return _is_ours(address, domains)
    try:
        parts = urlsplit(spelled if "://" in spelled else f"https://{spelled}")
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc:
        return False
    rest = unquote(unquote(f"{parts.path}?{parts.query}#{parts.fragment}"))
    leads = (found.split(":")[0] for found in _ELSEWHERE.findall(rest))
    return _is_ours(host, domains) and all(_is_ours(one, domains) for one in leads)


def _is_ours(host: str, domains: tuple[str, ...]) -> bool:
    host = host.rstrip(".")
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def _shortened(text: str, most: int) -> str:
    """Cut at a word."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    words, space, _ = cut.rpartition(" ")
    return f"{(words if space and len(words) > most // 2 else cut).rstrip()}…"
