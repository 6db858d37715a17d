"""What a colleague's words say that nothing here shows: they are told before the words go.

Pure, and only a reader: the words are never changed. A colleague may know more than the systems do
(a refund made in another tool, a number from a telephone call), so a doubt is theirs to settle.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from brain.claims import unproved_claims
from brain.entities import order_id_patterns
from brain.grounding import NO_FIGURES, Figures, figures_in, unbacked_figures
from brain.guardrails import foreign_links
from brain.knowledge.articles import Article
from brain.promises import promises_in
from brain.public import house_of, private_in
from brain.published import NOTHING, Published
from config.stages import Surface
from conversation.events import Doubt
from conversation.ledger import CallState
from conversation.state import ConversationState

DOUBTS_MAX: Final = 10
"""Of one reply; who clears up so many is told the next."""
SHOWN_MAX: Final = 200
"""Characters of a sentence that are named."""

_REFUNDED: Final = re.compile(r"\brefunded\W+(?:[A-Z]{3}\W)?[\d.,]*[1-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Backing:
    """What the brand itself has written, as far as a colleague's words may rest on it."""

    domains: tuple[str, ...] = ()
    """Where links may lead; subdomains included."""
    order_ids: tuple[re.Pattern[str], ...] = ()
    """Patterns of the brand's order numbers."""
    figures: Figures = NO_FIGURES
    """Numbers of the articles."""
    links: frozenset[str] = frozenset()
    """Other addresses that the articles name, casefolded."""
    published: Published = NOTHING
    """What everybody may read: articles for the public, and the brand's own lines."""
    written: Published = NOTHING
    """All articles."""


NO_BACKING: Final = Backing()


def backing(
    domains: tuple[str, ...],
    articles: tuple[Article, ...],
    order_ids: Iterable[str] = (),
    lines: Iterable[str] = (),
) -> Backing:
    """Read what the articles name: some milliseconds for each.

    Args:
        domains: Where links may lead.
        articles: Those in force.
        order_ids: The brand's patterns of order numbers, as configured.
        lines: What the brand says in its own words beside its articles, to everybody.
    """
    figures, links, published, written = NO_FIGURES, set[str](), [*lines], list[str]()
    for article in articles:
        text = f"{article.title}\n{article.answer}\n{article.body}"
        figures |= figures_in(text)
        written.append(text)
        links |= {one.casefold() for one in foreign_links(text, domains=domains)}
        if article.surface is Surface.PUBLIC and (article.source is None or article.reviewed):
            published.append(text)
    return Backing(
        domains=domains,
        order_ids=order_id_patterns(order_ids),
        figures=figures,
        links=frozenset(links),
        published=Published("\n".join(published)),
        written=Published("\n".join(written)),
    )


def doubts_in(
    words: str,
    *,
    state: ConversationState,
    backing: Backing,
    with_person: bool,
    public: bool = False,
) -> tuple[Doubt, ...]:
    """Find what words say that neither the conversation nor the brand's articles show.

    Args:
        words: What a colleague is about to send.
        state: The conversation.
        backing: The brand's own.
        with_person: Whether a colleague has the conversation once the words are sent, or it waits
            for one: then a promised colleague is no doubt.
        public: Whether everybody would read them. What is kept back there as private is told to
            be: no warning says that it could be sent anyway.

    Returns:
        Sentences that claim a deed nobody has in the books, promise a person nobody has asked, or
        name a number nothing backs; and links that are not the brand's.
    """
    if public and _kept_back(words, state, backing):
        return ()
    claims = unproved_claims(words, state.language or "", _proved(state), promises=False)
    promises = () if with_person or state.waiting or _praises(state) else promises_in(words)
    named = (*claims, *promises)
    figures = (
        sentence
        for sentence in _unbacked(words, state, backing)
        if not any(one in sentence for one in named)
    )
    found = (
        *(Doubt(kind="claim", words=_shown(one)) for one in claims),
        *(Doubt(kind="promise", words=_shown(one)) for one in promises if one not in claims),
        *(Doubt(kind="link", words=_shown(one)) for one in _strange(words, state, backing)),
        *(Doubt(kind="number", words=_shown(one)) for one in figures),
    )
    return tuple(dict.fromkeys(found))[:DOUBTS_MAX]


def _praises(state: ConversationState) -> bool:
    """Say whether the customer only praised: passed on to the team by who reads it there."""
    return {issue.topic for issue in state.issues} == {"praise"}


def _proved(state: ConversationState) -> frozenset[str]:
    """Name what was done in this conversation, and what was looked up to be so."""
    done = {act.action for act in state.acts if act.state == CallState.DONE}
    if "refund" in done:
        done.add("refunded")
    for fact in state.facts:
        # As `brain.looked_up` notes them: an order's status, what went back of a charge.
        done.add(fact.value.rpartition(": ")[2].strip().casefold())
        if _REFUNDED.search(fact.value):
            done.add("refunded")
    return frozenset(done)


def _kept_back(words: str, state: ConversationState, backing: Backing) -> bool:
    house = house_of(
        state,
        order_ids=backing.order_ids,
        domains=backing.domains,
        published=backing.published,
    )
    return bool(private_in(words, facts=state.facts, house=house, by_colleague=True))


def _unbacked(words: str, state: ConversationState, backing: Backing) -> tuple[str, ...]:
    own = figures_in("\n".join(_known(state))) | backing.figures
    return unbacked_figures(words, own, figures_in("\n".join(_said(state))))


def _strange(words: str, state: ConversationState, backing: Backing) -> Iterable[str]:
    links = foreign_links(words, domains=backing.domains)
    if not links:
        return ()
    # Links of a draft were judged when it was made: an invitation's is no article's.
    draft = state.draft.text if state.draft is not None else ""
    known = "\n".join((*_known(state), *_said(state), draft)).casefold()
    return (
        one for one in links if one.casefold() not in backing.links and one.casefold() not in known
    )


def _known(state: ConversationState) -> Iterable[str]:
    yield from (fact.value for fact in state.facts)
    yield from (act.summary for act in state.acts)
    yield from (waiting.summary for waiting in state.waiting)


def _said(state: ConversationState) -> Iterable[str]:
    yield from (line.text for line in state.lines if not line.deleted)
    yield state.deadline or ""
    if state.peer is not None:
        yield f"{state.peer.name} {state.peer.username}"


def _shown(sentence: str) -> str:
    flat = " ".join(sentence.split())
    return flat if len(flat) <= SHOWN_MAX else flat[: SHOWN_MAX - 1] + "…"
