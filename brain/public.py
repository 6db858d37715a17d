"""What may be read by everybody: words on a public surface, after every brain and every colleague.

Pure. Facts of the brand's systems are labelled private at their source; and whatever looks like
somebody's own (an order number, an address, a telephone or card number) is private, wherever the
words have it from, unless the brand has published it itself: a shop has an address, and a hotline.

The bot is held to more than colleagues are: what looks like somebody's home, name or number is kept
back whoever it may be. A colleague may know what no system does, so of their words only what is
surely private is, or what stands in the customer's own.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from brain.entities import emails, order_numbers
from brain.grounding import runs
from brain.masking import IBAN, SPOKEN_EMAIL, is_iban
from brain.people import names, names_peer, own_names
from brain.places import homes, places
from brain.plain_sight import in_plain_sight
from brain.published import NOTHING, Published
from conversation.events import Fact
from conversation.model import Author
from conversation.state import ConversationState

FACT_LEAST = 3
"""Characters of a private fact that can be told apart from any other word."""
WORDS_MAX = 10_000
"""Characters that are searched; no public message of a platform is longer."""
KNOWN_MAX = 50_000
"""Characters of what is known of the customer."""
DIGITS_LEAST = 4
"""Digits together that may be somebody's: less are a price, a day, a time."""
HOME_RUN = 3
"""Words in a row, of what somebody said of their home, that tell where it is."""

# Seven digits or more with what people write between them: telephones, cards, accounts, parcels.
_NUMBER = re.compile(r"(?<![\w.,])\+?\d(?:[ ()./\-]{0,2}\d){6,}(?!\w)")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){3,7}(?:\s?[A-Z0-9]{1,3})?(?!\w)")
_DATE = re.compile(
    r"(?<!\d)(?:20[1-3]\d[-./](?:0?[1-9]|1[0-2])[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]20[1-3]\d)(?!\d)"
)
_FULL_DATE = re.compile(r"\d{4}[-./]\d{2}[-./]\d{2}|\d{2}[-./]\d{2}[-./]\d{4}")
_HOURS = re.compile(
    r"(?<![\d.:-])(?:[01]?\d|2[0-4])[.:][0-5]\d\s?-\s?(?:[01]?\d|2[0-4])[.:][0-5]\d(?![\d.:-]*\d)"
)
_EQUAL = re.compile(r"(?<![\d/])(\d{1,2})/\1(?![\d/])")
_TIME = re.compile(
    r"(?<![\d:.,])(?:[01]?\d|2[0-4])(?:[:.h]|\sh\s?)[0-5]\d(?![:.]?\d)"
    r"|(?<![\d:.,])(?:[01]?\d|2[0-4])\s?(?i:uhr|h|am|pm)\b"
)
_SPAN = re.compile(
    r"(?<![\d.,:/-])\d{1,2}\s?-\s?\d{1,2}(?=\s(?:\w+\s)?(?:days?|weeks?|hours?|months?|tagen?|werktagen?|wochen"
    r"|stunden|jours?|semaines?|heures?|días|semanas|horas|giorni|settimane|ore|dagen|werkdagen|weken|dias)\b)",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<![\w.,/-])20[1-3]\d(?![\w/-]|[.,]\d)")
_TOGETHER = re.compile(r"\d(?:[^\w\n]{0,3}\d)*")
_ONE_BY_ONE = re.compile(r"(?<!\d)\d(?:[^\d\n]{1,8}\d(?!\d)){4,}")
_ENDS = re.compile(
    r"\b(?:end(?:s|ing)|endet|endend|termina\w*|finissant|finit|eindig\w+) "
    r"(?:in|on|with|auf|mit|par|en|con|op|met|em|com)?\s?\d{2,}",
    re.IGNORECASE,
)
_LISTED = re.compile(r"^\s*\d{1,2}[.)](?=\s)", re.MULTILINE)
_HANDLE = re.compile(r"(?<![\w.@/])@(\w{2,50})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """Whose house words go out from, and whom they are said to."""

    order_ids: Sequence[re.Pattern[str]] = ()
    """The brand's patterns of order numbers (`brain.entities.order_id_patterns`)."""
    domains: Sequence[str] = ()
    """The brand's own; its addresses are no secret."""
    published: Published = NOTHING
    known: Sequence[str] = ()
    """What the customer wrote and what was noted of them."""
    peer: str = ""
    """The names that the customer shows to everybody on the platform."""
    brand: str = ""


def house_of(
    state: ConversationState,
    *,
    order_ids: Sequence[re.Pattern[str]],
    domains: Sequence[str],
    published: Published = NOTHING,
    brand: str = "",
) -> Household:
    """Say what words in a conversation may rest on, and what they may not repeat."""
    theirs = (line.text for line in state.lines if line.author is Author.CUSTOMER)
    noted = (act.summary for act in state.acts)
    waiting = (one.summary for one in state.waiting)
    peer = state.peer
    return Household(
        order_ids=order_ids,
        domains=domains,
        published=published,
        known=(*theirs, *noted, *waiting, state.summary, state.memory),
        peer="" if peer is None else f"{peer.name or ''} {peer.username or ''}",
        brand=brand,
    )


def private_in(
    words: str, *, facts: Iterable[Fact], house: Household, by_colleague: bool = False
) -> tuple[str, ...]:
    """Name the kinds of what words give away; empty: everybody may read them.

    Args:
        words: What is to be said in public.
        facts: What was looked up in this conversation.
        house: What is the brand's own, and what is known of the customer.
        by_colleague: A person wrote them, and only what is surely private is named.
    """
    text = in_plain_sight(words[:WORDS_MAX])
    known = in_plain_sight("\n".join(house.known)[:KNOWN_MAX])
    told = any(_tells(words[:WORDS_MAX], text, fact) for fact in facts if fact.private)
    found = dict.fromkeys(["a private fact"] if told else [])
    found |= dict.fromkeys(_surely(text, house))
    found |= dict.fromkeys(_repeated(text, known, house))
    if not by_colleague:
        found |= dict.fromkeys(_likely(text, house))
    return tuple(found)


def _surely(text: str, house: Household) -> Iterator[str]:
    published = house.published.holds
    if any(not published(one.value) for one in order_numbers(text, house.order_ids)):
        yield "an order number"
    spoken = (one[0] for one in SPOKEN_EMAIL.finditer(text))
    written = (one.value for one in emails(text) if not _of(one.value, house.domains))
    if any(not published(one) for one in (*spoken, *written)):
        yield "an e-mail address"
    without_dates = _HOURS.sub(" ", _FULL_DATE.sub(" ", text))
    accounts = (one[0] for one in IBAN.finditer(without_dates) if is_iban(one[0]))
    numbers = (one[0] for form in (_NUMBER, _IBAN) for one in form.finditer(without_dates))
    if any(not published(one) for one in (*accounts, *numbers)):
        yield "a number of somebody"


def _repeated(text: str, known: str, house: Household) -> Iterator[str]:
    """Name what stands in the customer's own words, or in what was noted of them."""
    published, theirs = house.published.holds, Published(known)
    if any(theirs.holds(one) and not published(one) for one in places(text)):
        yield "an address or a postcode"
    told = runs(_bare(text), HOME_RUN)
    said = frozenset(run for home in homes(known) for run in runs(_bare(home), HOME_RUN))
    if any(not published(run) for run in told & said):
        yield "an address or a postcode"
    spoken = Published(text)
    if any(spoken.holds(name) and not _may_be_named(name, house) for name in own_names(known)):
        yield "a name"


def _likely(text: str, house: Household) -> Iterator[str]:
    """Name what looks like somebody's, and the brand has not published."""
    published = house.published
    if any(not published.holds(one) for one in places(text)):
        yield "an address or a postcode"
    if any(not _may_be_named(name, house) for name in names(text)):
        yield "a name"
    if any(not _may_be_called(one[1], house) for one in _HANDLE.finditer(text)):
        yield "a name"
    if any(not _is_public(number, published) for number in _numbers(text)):
        yield "a number of somebody"


def _numbers(text: str) -> Iterator[str]:
    """Give numbers of so many digits that they may be somebody's."""
    for form in (_DATE, _HOURS, _TIME, _SPAN, _YEAR, _EQUAL, _LISTED):
        text = form.sub(" \n ", text)
    yield from (found[0] for found in _ENDS.finditer(text))
    for form in (_TOGETHER, _ONE_BY_ONE):
        for found in form.finditer(text):
            if sum(map(str.isdigit, found[0])) >= DIGITS_LEAST:
                yield found[0]


def _is_public(number: str, published: Published) -> bool:
    return published.holds(number) or published.names_each(number)


def _may_be_named(name: str, house: Household) -> bool:
    return names_peer(name, in_plain_sight(house.peer)) or house.published.holds(name)


def _may_be_called(handle: str, house: Household) -> bool:
    plain = handle.casefold()
    brand = "".join(house.brand.casefold().split())
    hosts = {domain.casefold().split(".")[0] for domain in house.domains}
    shown = house.peer.casefold().replace("@", " ").split()
    ours = any(len(one) > 2 and one in plain for one in (brand, *hosts))
    return ours or plain in shown or house.published.holds(handle)


def _tells(words: str, plain: str, fact: Fact) -> bool:
    """Say whether a fact's value stands there, as it is or in another dress."""
    if len(_one_line(fact.value)) < FACT_LEAST:
        return False
    pairs = ((words, fact.value), (plain, in_plain_sight(fact.value)))
    return any(
        re.search(rf"(?<!\w){re.escape(_one_line(value))}(?!\w)", _one_line(text)) is not None
        for text, value in pairs
        if value.strip()
    )


def _one_line(text: str) -> str:
    return " ".join(text.casefold().split())


def _of(address: str, domains: Sequence[str]) -> bool:
    host = address.rpartition("@")[2].casefold()
    return any(host == one.casefold() or host.endswith(f".{one.casefold()}") for one in domains)


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
