"""The true sentence in place of one that claims what nothing proves; pure, no brain words it.

Theory of operation. `brain.claims` finds what the turn's outcomes and the books do not bear out.
What is so instead is told by plain code, for each order that the claim names: what became of the
call in this turn; else what was done before, what waits for a sign-off, what nobody knows; else
that it has not been done, and that a colleague goes on. With the claim goes what leans on it
(`brain.leaning`). Everything else of the reply is kept.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from actions.action import AwaitingSignOff, Done, Known, Outcome, Refusal, Refused, Unknown
from actions.identity import same_order
from actions.ports import Charges, OrderView
from brain.book import Settled
from brain.claims import Claim, Deed, all_of, claims_in, deeds, orders_in
from brain.composing import Speaker, composed
from brain.decision import Handoff
from brain.leaning import leaning_on
from brain.masking import Masks
from brain.pledges import ASKED
from brain.promises import promises_person
from brain.published import NOTHING, Published
from brain.remembering import not_done_before
from brain.sentences import sentences_of
from brain.steps import Line, Step, line
from brain.telling import told
from conversation.events import TakenOut
from conversation.ledger import CallState
from conversation.state import Act, Waiting

SHOWN_MAX: Final = 200
"""Characters of a sentence that its trace keeps."""
TAKEN_MAX: Final = 20
"""Sentences that it keeps."""
RULE_WORDS: Final = 5
"""Words of a sentence that stands in an article, and in no reply by chance."""
LEANS: Final = "leans on what was taken out"
NOT_ASKED_FOR: Final = "no call was made"

_MARK = re.compile(r"\s*(?:[-*\u2022\u2013]\s+|\d{1,2}[.)]\s+)?")
"""What a sentence begins with that is no word: a list's mark stays where it was."""
_UNCHECKED: Final = frozenset(
    {
        Refusal.UNKNOWN_ACTION,
        Refusal.NOT_OFFERED,
        Refusal.INVALID,
        Refusal.NOT_FOUND,
        Refusal.NOT_PROVED,
        Refusal.UNCONFIRMED,
        Refusal.BAD_ANSWER,
    }
)
"""Refusals whose arguments nobody has checked, or that say nothing to a customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What words are held against."""

    outcomes: Sequence[Outcome] = ()
    """Of this turn's calls."""
    earlier: Sequence[Done] = ()
    """Calls of the conversation's earlier turns that were done."""
    acts: Sequence[Act] = ()
    """All of them, in a line each."""
    waiting: Sequence[Waiting] = ()
    order_ids: Sequence[re.Pattern[str]] = ()
    """The brand's patterns of order numbers."""
    passed_on: bool = False
    """A colleague is asked in this turn, whatever becomes of the words."""
    written: Published = NOTHING
    """The brand's own articles: what they promise is its rule, word for word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """Words with the truth in the place of what was not so."""

    words: str
    """Empty: nothing is left that may be said."""
    claims: int
    """How many claims were taken out."""
    taken: tuple[TakenOut, ...]
    """What is not said, and why."""
    handoff: Handoff | None = None
    """Somebody has to do what was claimed, or to look at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Truth:
    """What is so of one thing that was claimed."""

    lines: tuple[Line, ...]
    why: str
    """The same in English, for colleagues."""
    handoff: Handoff | None = None


def mended(words: str, language: str, books: Books, *, speaker: Speaker) -> Mended | None:
    """Put the truth where something is claimed that is not so; None: all of it is so."""
    claims = _unproved(words, language, books)
    if not claims:
        return None
    truths = _truths(words, claims, books)
    spans = sentences_of(words)
    texts = [words[slice(*span)] for span in spans]
    taken = _taken(spans, claims)
    leaning = leaning_on(
        set(taken),
        texts,
        language,
        subjects={_subject(each) for one in claims for each in one.proofs},
        stands_alone=lambda text: _claims_truly(text, language, books),
        order_ids=books.order_ids,
    )
    handoff = next((one.handoff for one in truths if one.handoff is not None), None)
    parts, told_at, said = dict[int, str](), -1, set[str]()
    for number, text in enumerate(texts):
        if number in taken:
            own = [line for claim in taken[number] for line in truths[claim].lines]
            parts[number] = _instead(text, own, language, speaker, said)
            told_at = number if parts[number].strip() else told_at
        elif number not in leaning:
            parts[number] = text
    if handoff is not None and not promises_person("".join(parts.values())):
        parts[told_at] = _with_next(parts[told_at], language, speaker)
    whole = _tidy("".join(parts.values()))
    if _unproved(whole, language, replace(books, outcomes=(*books.outcomes, *books.earlier))):
        whole = ""
    named = (
        *(_named(words, claim, truth) for claim, truth in zip(claims, truths, strict=True)),
        *(TakenOut(words=_shown(texts[one]), why=LEANS) for one in sorted(leaning)),
    )
    return Mended(words=whole, claims=len(claims), taken=named[:TAKEN_MAX], handoff=handoff)


def _unproved(words: str, language: str, books: Books) -> tuple[Claim, ...]:
    waits = any(isinstance(one, AwaitingSignOff | Unknown) for one in books.outcomes)
    asked = [Deed(name=ASKED)] if books.passed_on or books.waiting or waits else []
    found = claims_in(words, language, (*deeds(books.outcomes), *asked), order_ids=books.order_ids)
    return tuple(one for one in found if not _is_so(words[slice(*one.reach)], one, language, books))


def _is_so(sentence: str, claim: Claim, language: str, books: Books) -> bool:
    """Say whether an earlier deed proves a claim, or the brand promises that to everybody."""
    if not not_done_before([sentence], language, books.acts):
        return True
    rule = claim.promised and len(sentence.split()) >= RULE_WORDS
    return rule and books.written.holds(sentence)


def _claims_truly(text: str, language: str, books: Books) -> bool:
    """Say whether a sentence claims something, and all of it is so."""
    return bool(claims_in(text, language, ())) and not _unproved(text, language, books)


def _taken(
    spans: Sequence[tuple[int, int]], claims: Sequence[Claim]
) -> Mapping[int, tuple[int, ...]]:
    """Say which sentences hold which claims."""
    found: dict[int, tuple[int, ...]] = {}
    for number, (begins, ends) in enumerate(spans):
        own = (n for n, one in enumerate(claims) if one.reach[0] < ends and one.reach[1] > begins)
        if numbers := tuple(own):
            found[number] = numbers
    return found


def _instead(
    text: str, lines: Sequence[Line], language: str, speaker: Speaker, said: set[str]
) -> str:
    """Word what is so, each sentence once in a reply; list marks and line breaks stay."""
    sentences = list[str]()
    for one in lines:
        worded = composed(speaker, language, [(one,)])
        if worded and worded not in said:
            said.add(worded)
            sentences.append(worded)
    ends = text[len(text.rstrip()) :]
    mark = _MARK.match(text) if sentences else None
    return f"{mark[0] if mark else ''}{' '.join(sentences)}{ends}"


def _with_next(text: str, language: str, speaker: Speaker) -> str:
    """Say what happens next, behind what is so."""
    told_so, next_up = text.rstrip(), composed(speaker, language, [(line("handoff_next"),)])
    return f"{told_so} {next_up}{text[len(told_so) :]}"


def _tidy(words: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+(?=\n)", "", words)).strip()


def _named(words: str, claim: Claim, truth: _Truth) -> TakenOut:
    shown = _shown(words[slice(*claim.reach)])
    return TakenOut(words=shown, claimed=", ".join(_subjects(claim.proofs)), why=truth.why)


def _shown(sentence: str) -> str:
    flat = " ".join(Masks().mask(sentence).split())
    return flat if len(flat) <= SHOWN_MAX else f"{flat[: SHOWN_MAX - 1]}…"


# --- what is so


_KINDS: Final = ("refund", "replacement")
"""What there are calls for."""
_SUBJECTS: Final = (
    ("refund", frozenset({"refund", "refunded"})),
    ("replacement", frozenset({"replacement"})),
    ("cancelled", frozenset({"cancel_order", "cancelled", "canceled"})),
    ("changed", frozenset({"change_order", "change_address"})),
    ("booked", frozenset({"booking_change", "booking_cancel"})),
    ("sent", frozenset({"sent"})),
)


def _subject(proofs: frozenset[str]) -> str:
    """Name what a claim is about; `done` where it may be several things."""
    return next((name for name, names in _SUBJECTS if proofs <= names), "done")


def _subjects(proofs: Sequence[frozenset[str]]) -> tuple[str, ...]:
    found = dict.fromkeys(map(_subject, proofs))
    # "Approved" says no more than what is named beside it.
    return tuple(one for one in found if one != "done" or len(found) == 1)


def _truths(words: str, claims: Sequence[Claim], books: Books) -> list[_Truth]:
    """Say what is so of each claim; "All done!" needs no word of its own beside another one."""
    truths = [_truth(words[slice(*one.reach)], one.proofs, books) for one in claims]
    if all(_VAGUE in each.lines or not each.lines for each in truths):
        return truths
    return [replace(one, lines=tuple(x for x in one.lines if x != _VAGUE)) for one in truths]


_VAGUE: Final = line("not_done")


def _truth(sentence: str, proofs: Sequence[frozenset[str]], books: Books) -> _Truth:
    """Say what is so of all that a sentence claims."""
    orders = sorted(orders_in(sentence, books.order_ids)) or [""]
    subjects = _subjects(proofs)
    return _together([one for each in subjects for one in _so(each, orders, books)])


def _so(subject: str, orders: Sequence[str], books: Books) -> list[_Truth]:
    kinds: tuple[str, ...] = (subject,) if subject in _KINDS else ()
    if subject == "done":
        # "It is approved" is about whatever was asked for.
        kinds = tuple(kind for kind in _KINDS if _concerns(kind, books))
    if not kinds:
        return [_not_done(line(f"not_{subject}"))]
    return [_stands(kind, order, books) for kind in kinds for order in orders]


def _together(truths: Sequence[_Truth]) -> _Truth:
    return _Truth(
        lines=tuple(each for one in truths for each in one.lines),
        why="; ".join(dict.fromkeys(one.why for one in truths)),
        handoff=next((one.handoff for one in truths if one.handoff is not None), None),
    )


def _not_done(said: Line, why: str = NOT_ASKED_FOR) -> _Truth:
    return _Truth(lines=(said,), why=why, handoff=_unproved_handoff(why))


def _unproved_handoff(why: str) -> Handoff:
    return Handoff(reason="unproved_claim", note=f"The bot claimed what was not done: {why}.")


def _concerns(kind: str, books: Books) -> bool:
    calls = (*books.outcomes, *books.earlier)
    called = any(one.call.action == kind for one in calls)
    acted = any(one.action == kind and one.key for one in books.acts)
    return called or acted or any(_is_about(kind, one) for one in books.waiting)


def _stands(kind: str, order: str, books: Books) -> _Truth:
    """Say how it stands with a refund or a replacement, of one order where one is named."""
    now = [
        one
        for one in books.outcomes
        if not isinstance(one, Known) and one.call.action == kind and _is_of(one, order)
    ]
    if now:
        return _together([_became(one, kind, order, books) for one in _latest(now)])
    return next(_stood(kind, order, books))


def _latest(outcomes: Sequence[Settled]) -> list[Settled]:
    """Keep the last outcome of each call that the ledger knows; of the others only the last one."""
    by_key = {one.key: one for one in outcomes if one.key is not None}
    return list(by_key.values()) or [outcomes[-1]]


def _became(outcome: Settled, kind: str, order: str, books: Books) -> _Truth:
    """Tell what became of a call of this turn."""
    if isinstance(outcome, Refused) and outcome.reason in _UNCHECKED:
        return _refused(outcome, kind, order)
    order = str(outcome.call.args.get("order_id") or order)
    step = told(outcome, kind, order_id=order, item=_item(outcome, books))
    return _of(step)


def _of(step: Step) -> _Truth:
    return _Truth(lines=step.lines, why=step.result, handoff=step.handoff)


def _refused(outcome: Refused, kind: str, order: str) -> _Truth:
    why = f"{kind}: {outcome.reason.replace('_', ' ')}"
    said = _nothing(kind, order)
    match outcome.reason:
        case Refusal.NOT_PROVED:
            return _Truth(lines=(said, line("not_proved")), why=why)
        case Refusal.UNCONFIRMED:
            return _Truth(lines=(said,), why=why)
        case _:
            return _not_done(said, why)


def _nothing(kind: str, order: str) -> Line:
    key = "not_refunded" if kind == "refund" else "not_replaced"
    return line(f"{key}_for", order=order) if order else line(key)


def _stood(kind: str, order: str, books: Books) -> Iterator[_Truth]:
    """Tell of what no call was made for in this turn, the best known first."""
    before = [one for one in books.earlier if one.call.action == kind and _is_of(one, order)]
    if before:
        truth = _became(before[-1], kind, order, books)
        yield replace(truth, handoff=_unproved_handoff(truth.why))
    for known in books.outcomes:
        match known:
            case Known(result=Charges(order_id=of, charges=charges)) if kind == "refund":
                back = [one.refunded for one in charges if one.refunded.minor > 0]
                if back and (not order or same_order(of, order)):
                    said = line("refund_status_some", order=of, amount=all_of(back))
                    yield _not_done(said, "refunded as the books show")
            case _:
                pass
    if any(_is_about(kind, one) and order in one.summary for one in books.waiting):
        yield _Truth(lines=(line(f"{kind}_waiting"),), why=f"{kind} waits for sign-off")
    last = next((one for one in reversed(books.acts) if one.action == kind), None)
    if last is not None and last.state == CallState.UNKNOWN:
        why = f"{kind} sent, outcome not known"
        said = line("unknown", what=line(f"what_{kind}"))
        yield _Truth(lines=(said,), why=why, handoff=Handoff(reason="action_unknown", note=why))
    yield _not_done(_nothing(kind, order))


def _is_about(kind: str, waiting: Waiting) -> bool:
    return waiting.call_key.partition(":")[0] == kind


def _is_of(outcome: Settled, order: str) -> bool:
    return not order or same_order(str(outcome.call.args.get("order_id") or ""), order)


def _item(outcome: Settled, books: Books) -> str | None:
    """Name the goods that a call is about, as they were looked up."""
    line_id = outcome.call.args.get("line_id")
    views = (one.result for one in books.outcomes if isinstance(one, Known))
    lines = (each for view in views if isinstance(view, OrderView) for each in view.lines)
    return next((each.title for each in lines if each.line_id == line_id), None)
