"""What words claim to be done, held against what is: pure, in every language at once.

A claim is a place where words say that something was refunded, sent, cancelled … (the tables stand
in `brain/words/claims.yaml`). What proves it is a deed: a call that is done, or what the brand's
books show. A sentence that names orders or money needs deeds that cover each of them.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from actions.action import Call, Done, Known, Outcome, Refusal, Refused
from actions.identity import same_order
from actions.ports import Charges, OrderView
from brain import pledges
from brain.grounding import amounts_in
from brain.pledges import ANYTHING, DEEDS, Around, Kinds, Pledges, Unsaid
from brain.sentences import Reading, begins_after, readings, sentences_of
from brain.shipped import shipped_words, table
from brain.verdicts import Verdicts
from config.money import Money

WORDS_MAX = 8_000
"""Characters of one reply; no brain has more to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Something that is so, as far as words may claim it."""

    name: str
    """An action (`refund`), or what the brand's books show (`refunded`, `cancelled`)."""
    order_id: str = ""
    """Empty: any order."""
    amounts: frozenset[str] = frozenset()
    """Money that may be named with it, as `brain.grounding.amounts_in` gives it; empty: any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A place in a text that says something was done, which no deed proves."""

    start: int
    end: int
    reach: tuple[int, int]
    """The whole sentence around it, with the list that it introduces."""
    proofs: tuple[frozenset[str], ...]
    """For each thing it claims, names of deeds, any of which would make it true."""
    promised: bool = False
    """It is only to be, or said to be done with no word of what: a brand's articles may say so."""


def unproved_claims(
    text: str, language: str, done: Iterable[str], *, promises: bool = True
) -> tuple[str, ...]:
    """Find sentences that say something was done, or will be, which is not proved.

    Args:
        text: What the bot wants to say.
        language: Its language; all others are read as well, since models mix them.
        done: What `proved` made of the turn's outcomes.
        promises: Whether promises of a deed count, and a bare "All done!".

    Returns:
        The sentences, in order; empty: nothing is claimed that is not so.
    """
    found = claims_in(text, language, [Deed(name=name) for name in done], promises=promises)
    return tuple(text[claim.start : claim.end].strip() for claim in found)


def claims_in(
    text: str,
    language: str,
    done: Iterable[Deed],
    *,
    order_ids: Sequence[re.Pattern[str]] = (),
    promises: bool = True,
) -> tuple[Claim, ...]:
    """Find the places that say something was done, or will be, which no deed proves.

    A sentence that names orders or money needs deeds that cover each of them.

    Args:
        text: What the bot wants to say.
        language: Its language; all others are read as well, since models mix them.
        done: What may be claimed.
        order_ids: The brand's patterns of order numbers.
        promises: Whether promises of a deed count, and a bare "All done!".
    """
    deeds, tables, text = tuple(done), _claims(), text[:WORDS_MAX]
    whole = text.replace("\u2019", "'").casefold()
    spans = sentences_of(text)
    codes = dict.fromkeys([*([language] if language in tables else []), *tables])
    home = tuple(tables[one].unsaid for one in (language,) if one in tables)
    found, scopes = list[Claim](), dict[tuple[int, int], _Scope]()
    for read in readings(text):
        if read.over and found and found[-1].end == read.end:
            continue
        found_in = _languages_of(read.words)
        if not found_in:
            continue
        likely = [tables[code] for code in codes if code in found_in]
        reach = _reach(text, spans, read.start, read.end)
        if reach not in scopes:
            scopes[reach] = _Scope.of(text[slice(*reach)], order_ids)
        asked = text[read.end : read.end + 2].lstrip().startswith("?")
        if asked and _only_asks(read.words, likely):
            continue
        around = Around(asked=asked, whole=whole, unsaid=home) if promises else None
        claims = (_unproved(read, table, deeds, scopes[reach], around) for table in likely)
        missing = next(filter(None, claims), {})
        if missing:
            found.append(
                Claim(
                    start=read.start,
                    end=read.end,
                    reach=reach,
                    proofs=tuple(missing),
                    promised=all(missing.values()),
                )
            )
    return tuple(found)


@Verdicts
def _languages_of(read: str) -> frozenset[str]:
    """Name the tables that find anything in a sentence; one is looked at several times a turn."""
    return frozenset(code for code, table in _claims().items() if table.any.search(read))


def proved(outcomes: Iterable[Outcome]) -> frozenset[str]:
    """Name what may be claimed: actions that are done, and what the brand's books show."""
    return frozenset(deed.name for deed in deeds(outcomes))


def deeds(outcomes: Iterable[Outcome]) -> Iterator[Deed]:
    """Give what may be claimed, with the order and the money that it is about."""
    for outcome in outcomes:
        match outcome:
            case Done(call=call, amount=amount):
                paid = frozenset() if amount is None else amounts_in(amount.words("en"))
                yield Deed(name=call.action, order_id=_order(call), amounts=paid)
            case Known(result=Charges(order_id=order_id, charges=charges)):
                back = [each.refunded for each in charges if each.refunded.minor > 0]
                if back:
                    paid = frozenset().union(*(amounts_in(one.words("en")) for one in back))
                    paid |= amounts_in(all_of(back).words("en"))
                    yield Deed(name="refunded", order_id=order_id, amounts=paid)
            case Known(result=OrderView(order_id=order_id, status=status)):
                yield Deed(name=status.strip().lower(), order_id=order_id)
            case Refused(call=call, reason=Refusal.NOTHING_LEFT):
                name = "refunded" if call.action == "refund" else call.action
                yield Deed(name=name, order_id=_order(call))
            case _:
                pass


def _order(call: Call) -> str:
    return str(call.args.get("order_id") or "")


def all_of(amounts: Sequence[Money]) -> Money:
    """Add up money of one currency; of several, those of the first one."""
    currency = amounts[0].currency
    return Money(sum(one.minor for one in amounts if one.currency == currency), currency)


_LIST = re.compile(r"(?:\n+[ \t]*(?:[-*\u2022\u2013]|\d{1,2}[.)])[^\n]*)+")
_BESIDE = re.compile(r"(?:\S+ ){0,4}$")
"""The words right before a claim."""
_ASKS = re.compile(
    r"(?:has|have|had|was|were|is|are|which|when|why|how|what|who|where|wurden?|ist|sind|hat|wann|"
    r"warum|wieso|welche\w*|wie|est-ce|quand|pourquoi|quel\w*|comment|cuándo|por qué|qué|cuál|cómo|"
    r"fue|ha|se ha|è|sono|quando|perché|quale|come|werd|zijn|wanneer|waarom|welke|hoe|foi|foram|"
    r"está|por que|qual|como)\b"
)
"""How a question begins that claims nothing: "has it been refunded?"."""
_MINE = re.compile(
    r"(?:i|i've|we|we've|ich|wir|habe|haben|j'ai|je|nous|on|he|hemos|ho|abbiamo|ik|wij|heb|hebben|"
    r"\w+(?:ei|amos|ámos|é|imos))\b"
)
"""A claim that begins with who did it: words before it seldom unsay it."""


@dataclass(frozen=True, slots=True)
class _Claims:
    """A language's table: what is claimed, what proves it, and what unsays it."""

    denied: re.Pattern[str]
    """"Not", "never": up to the next comma."""
    wished: re.Pattern[str]
    """"Will", "shall", "please": not yet so."""
    conditional: re.Pattern[str]
    """"If", "once": beyond a comma, too."""
    anew: re.Pattern[str]
    """"Note that", "you will see": what stood before says nothing of what follows."""
    also: re.Pattern[str]
    """"And", "but": as good as a comma."""
    any: re.Pattern[str]
    """Where it finds nothing, nothing is claimed."""
    claims: Kinds
    done: Kinds
    """What says that something was done, and hardly what."""
    pledges: Pledges

    @property
    def unsaid(self) -> Unsaid:
        """What unsays a promise as well."""
        return Unsaid(self.denied, self.conditional, self.anew, self.also)

    def claimed_in(self, read: Reading, around: Around | None = None) -> Iterator[frozenset[str]]:
        """Give what would prove each thing that a sentence says to be done.

        Args:
            read: The sentence.
            around: Where it is given, only what says hardly what was done counts.
        """
        for pattern, proofs in self.claims if around is None else self.done:
            for found in pattern.finditer(read.words):
                across = not read.over or found.start() < read.over < found.end()
                if not across or self.unsays(read.words, read.stops, found):
                    continue
                if around is None or not self.pledges.told_by_them(read, found, around):
                    yield proofs
                    break

    def unsays(self, read: str, stops: Sequence[int], found: re.Match[str]) -> bool:
        """Say whether a claim is denied, asked, or only thought of."""
        begins, ends = found.span()
        if _MINE.match(found[0]):
            stop = begins_after(read, stops, begins)
            beside = _BESIDE.search(read[stop:begins])
            near = beside[0] if beside else ""
            own = read[begins:ends]
            unsaid = (self.denied, self.conditional)
            return bool(self.wished.search(own)) or any(
                one.search(f"{near}{own}") for one in unsaid
            )
        before = read[:ends]
        stop = begins_after(read, stops, begins, self.also)
        anew = max((one.end() for one in self.anew.finditer(read[:begins])), default=0)
        return bool(
            self.denied.search(before[stop:])
            or self.wished.search(before[max(stop, anew) :])
            or self.conditional.search(before[anew:])
        )


@dataclass(frozen=True, slots=True)
class _Scope:
    """Which orders and what money a sentence speaks of."""

    orders: frozenset[str]
    amounts: frozenset[str]

    @classmethod
    def of(cls, sentence: str, order_ids: Sequence[re.Pattern[str]]) -> "_Scope":
        return cls(orders_in(sentence, order_ids), amounts_in(sentence))

    def covered(self, deeds: Sequence[Deed]) -> bool:
        """Say whether deeds account for each of them."""
        if not deeds:
            return False
        orders = all(
            any(not deed.order_id or same_order(deed.order_id, one) for deed in deeds)
            for one in self.orders
        )
        paid = frozenset().union(*(deed.amounts for deed in deeds))
        return orders and (any(not deed.amounts for deed in deeds) or self.amounts <= paid)


def orders_in(text: str, order_ids: Sequence[re.Pattern[str]]) -> frozenset[str]:
    """Name the orders of a text, as they are written."""
    return frozenset(found[0] for one in order_ids for found in one.finditer(text))


def _unproved(
    read: Reading, table: _Claims, deeds: Sequence[Deed], scope: _Scope, around: Around | None
) -> Mapping[frozenset[str], bool]:
    """Give what would prove the claims that nothing proves, and whether each is only promised."""
    found = dict.fromkeys(table.claimed_in(read), False)
    if around is not None:
        vague = table.claimed_in(read, around)
        promised = table.pledges.found_in(read, table.unsaid, around)
        found = dict.fromkeys((*vague, *promised), True) | found
    return {
        proofs: only
        for proofs, only in found.items()
        if not scope.covered([deed for deed in deeds if deed.name in _names(proofs)])
    }


def _names(proofs: frozenset[str]) -> frozenset[str]:
    return proofs | DEEDS if ANYTHING in proofs else proofs


def _only_asks(read: str, tables: Iterable[_Claims]) -> bool:
    """Say whether a question claims nothing: not "is it fine that I have refunded it?"."""
    return _ASKS.match(read) is not None and not any(table.anew.search(read) for table in tables)


def _reach(text: str, spans: Sequence[tuple[int, int]], start: int, end: int) -> tuple[int, int]:
    """Give the sentence around a piece, with the list that follows its colon."""
    first = bisect_right(spans, (start, len(text) + 1)) - 1
    last = bisect_left(spans, (end, 0)) - 1
    begins, stop = spans[first][0], spans[last][1]
    while text[stop - 1].isspace() and stop > end:
        stop -= 1
    listed = _LIST.match(text, stop) if text[stop - 1] == ":" else None
    return begins, spans[last][1] if listed is None else listed.end()


@table
def _claims() -> Mapping[str, _Claims]:
    loaded = shipped_words("claims")
    return {code: _table(table, pledges.tables()[code]) for code, table in loaded.items()}


def _table(table: Mapping[str, Any], promised: Pledges) -> _Claims:
    before, claims = table["before"], table["claims"]
    found = (*map(_either, (*claims.values(), *promised.done.values())), promised.likely)
    return _Claims(
        denied=re.compile(_either(before["denied"])),
        wished=re.compile(_either(before["wished"])),
        conditional=re.compile(_either(before["conditional"])),
        anew=re.compile(_either(before["anew"])),
        also=re.compile(_either(before["also"])),
        any=re.compile(rf"\b(?:{'|'.join(found)})"),
        claims=_kinds(claims),
        done=_kinds(promised.done),
        pledges=promised,
    )


def _kinds(blocks: Mapping[str, str]) -> Kinds:
    return tuple(
        (re.compile(rf"\b(?:{_either(block)})"), frozenset(names.split()))
        for names, block in blocks.items()
    )


def _either(lines: str) -> str:
    return "|".join(filter(None, lines.split("\n")))
