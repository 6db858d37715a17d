"""Promises of a deed, and "All done!" with no word of what: what they need is a deed, too; pure.

The tables stand in `brain/words/pledges.yaml`. An offer, a rule, a question, a denial and what
depends on something promise nothing. `brain.claims` holds what is found against the deeds.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from brain.sentences import Reading, begins_after
from brain.shipped import shipped_words, table

ANYTHING: Final = "anything"
"""Stands for whatever may be done."""
DEEDS: Final = frozenset(
    {
        "refund",
        "replacement",
        "cancel_order",
        "change_order",
        "change_address",
        "booking_change",
        "booking_cancel",
    }
)
"""What may be done, and then something was."""
ASKED: Final = "asked"
"""Proves that a colleague has been asked: what is promised without a name is their business."""
OFTEN: Final = 20
"""Who promises a thing so often in one sentence promises it."""
_ALONE_MAX: Final = 100
"""Characters of a clause that says nothing but done."""
_DONE: Final = frozenset({ANYTHING})
_VAGUE: Final = frozenset({ANYTHING, ASKED})
_PART = re.compile(r"\{([a-z]+)\}")

Kinds = tuple[tuple[re.Pattern[str], frozenset[str]], ...]


@dataclass(frozen=True, slots=True)
class Unsaid:
    """What unsays a claim in a language, as `brain.claims` has it."""

    denied: re.Pattern[str]
    conditional: re.Pattern[str]
    anew: re.Pattern[str]
    also: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What stands around a sentence."""

    asked: bool
    """It ends with a question mark."""
    whole: str
    """The whole reply, casefolded."""
    unsaid: Sequence[Unsaid] = ()
    """What unsays a promise in the reply's language: some words are those of several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pledges:
    """A language's table."""

    rule: re.Pattern[str]
    may: re.Pattern[str]
    orders: re.Pattern[str]
    depends: re.Pattern[str]
    asks: re.Pattern[str]
    lacks: re.Pattern[str]
    heard: re.Pattern[str]
    """Before what is said to be done: the customer has told it."""
    alone: Kinds
    """What a clause says that says nothing else."""
    pledges: Kinds
    done: Mapping[str, str]
    """What is claimed to be done, by what proves it: regular expressions, one a line."""
    likely: str
    """A regular expression; where it finds nothing, nothing is promised."""

    def found_in(self, read: Reading, unsaid: Unsaid, around: Around) -> Iterator[frozenset[str]]:
        """Give what would prove each thing that a sentence promises, or says to be done."""
        either = (unsaid, *around.unsaid)
        for pattern, proofs in self.pledges:
            for number, found in enumerate(pattern.finditer(read.words)):
                across = not read.over or found.start() < read.over < found.end()
                if not across:
                    continue
                offers = number < OFTEN and any(
                    self._offers(read, found, one, around, proofs) for one in either
                )
                if not offers:
                    yield proofs
                    break
        yield from self._alone_in(read, unsaid, around)

    def told_by_them(self, read: Reading, found: re.Match[str], around: Around) -> bool:
        """Say whether it is only asked, or heard with joy, that something is done."""
        last = begins_after(read.words, read.stops, len(read.words)) <= found.end()
        return (around.asked and last) or self.heard.search(read.words[: found.start()]) is not None

    def _offers(
        self,
        read: Reading,
        found: re.Match[str],
        unsaid: Unsaid,
        around: Around,
        proofs: frozenset[str],
    ) -> bool:
        """Say whether a deed is only offered, denied, ruled or asked about."""
        begins, ends = found.span()
        stop = begins_after(read.words, read.stops, begins, unsaid.also)
        clause = read.words[stop:begins]
        if unsaid.denied.search(clause) or self.may.search(clause):
            return True
        if self._depends(read, begins, unsaid):
            return True
        behind = _clauses(read, unsaid.also, ends)
        if self.depends.search(behind[0]) or any(map(self.depends.match, behind[1:2])):
            return True
        if around.asked and len(behind) == 1:
            return True
        return self._asks(around, proofs)

    def _depends(self, read: Reading, at: int, unsaid: Unsaid) -> bool:
        """Say whether what stands before a place makes it an offer or a rule."""
        anew = max((one.end() for one in unsaid.anew.finditer(read.words[:at])), default=0)
        ands = max((one.end() for one in unsaid.also.finditer(read.words[:at])), default=0)
        ruled = self.rule.search(read.words[ands:at])
        if ruled or unsaid.conditional.search(read.words[anew:at]):
            return True
        clauses = _clauses(read, unsaid.also, 0, at)
        return any(map(self.orders.match, clauses))

    def _asks(self, around: Around, proofs: frozenset[str]) -> bool:
        if self.asks.search(around.whole):
            return True
        return proofs == _VAGUE and self.lacks.search(around.whole) is not None

    def _alone_in(self, read: Reading, unsaid: Unsaid, around: Around) -> Iterator[frozenset[str]]:
        """Find clauses that say done, or that it will be, and nothing else."""
        edges = _edges(read, unsaid.also, 0)
        said = dict.fromkeys((_DONE, _VAGUE), 0)
        for number, (begins, ends) in enumerate(edges):
            clause = read.words[begins:ends].strip()
            last = number == len(edges) - 1
            if len(clause) > _ALONE_MAX or (around.asked and last):
                continue
            if read.over and not begins < read.over < ends:
                continue
            for pattern, proofs in self.alone:
                if said[proofs] > OFTEN or not pattern.fullmatch(clause):
                    continue
                said[proofs] += 1
                offers = self._depends(read, begins, unsaid) or (
                    proofs == _VAGUE and self._asks(around, proofs)
                )
                if said[proofs] > OFTEN or not offers:
                    said[proofs] = OFTEN + 1
                    yield proofs


def _edges(
    read: Reading, also: re.Pattern[str], begins: int, ends: int | None = None
) -> list[tuple[int, int]]:
    """Part a stretch of the words at commas and at words as good as one."""
    last = len(read.words) if ends is None else ends
    gaps = [(stop, stop) for stop in read.stops]
    gaps += [one.span() for one in also.finditer(read.words)]
    inner = sorted(gap for gap in gaps if begins <= gap[0] and gap[1] <= last)
    starts = [begins, *(after for _, after in inner)]
    stops = [*(before for before, _ in inner), last]
    return [pair for pair in zip(starts, stops, strict=True) if read.words[slice(*pair)].strip()]


def _clauses(
    read: Reading, also: re.Pattern[str], begins: int, ends: int | None = None
) -> list[str]:
    return [read.words[slice(*pair)].strip() for pair in _edges(read, also, begins, ends)] or [""]


@table
def tables() -> Mapping[str, Pledges]:
    """Give the table of each language."""
    loaded = shipped_words("pledges")
    return {code: _table(table) for code, table in loaded.items()}


def _table(table: Mapping[str, Any]) -> Pledges:
    parts = table["parts"]

    def lines(block: str) -> str:
        """Put the parts in, and join a block's lines."""
        whole = _PART.sub(lambda one: parts[one[1]], block)
        return "|".join(filter(None, whole.split("\n")))

    around = f"(?:(?:{lines(table['around'])}) )*"
    behind = f"(?: (?:{lines(table['around'])}))*"

    def first(block: str) -> Iterator[str]:
        """Give of each line as much as tells quickly that it may be meant."""
        for line in filter(None, block.split("\n")):
            begins = _PART.match(line)
            part = parts[begins[1]] if begins else ""
            yield lines(line) if re.match(part, "") else part

    named = {proofs: lines(block) for proofs, block in table["pledges"].items()}
    vague, bare, alone = (lines(table[key]) for key in ("vague", "bare", "alone"))
    promised = (*table["pledges"].values(), table["vague"], table["bare"], table["alone"])
    return Pledges(
        rule=re.compile(lines(table["rule"])),
        may=re.compile(lines(table["may"])),
        orders=re.compile(lines(table["orders"])),
        depends=re.compile(rf"\b(?:{lines(table['depends'])})"),
        asks=re.compile(lines(table["asks"])),
        lacks=re.compile(lines(table["lacks"])),
        heard=re.compile(lines(table["heard"])),
        alone=(
            (re.compile(f"{around}(?:{bare}){behind}"), _DONE),
            (re.compile(f"{around}(?:{alone}){behind}"), _VAGUE),
        ),
        pledges=(
            *(
                (re.compile(rf"\b(?:{each})"), frozenset(key.split()))
                for key, each in named.items()
            ),
            (re.compile(rf"\b(?:{vague})"), _VAGUE),
        ),
        done={proofs: lines(block) for proofs, block in table["done"].items()},
        likely="|".join(dict.fromkeys(one for each in promised for one in first(each))),
    )
