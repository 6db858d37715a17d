"""What goes with a claim that is taken out of a reply: "it will be on your account in three days".

Pure. What rests on the claim is as little so as the claim itself; everything else stays, thanks
and good wishes as well. What stands before the claim stays, save what only leads up to it ("Good
news!").
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from brain.claims import orders_in
from brain.shipped import shipped_words, table

SHORT_MAX: Final = 3
CALL_MAX: Final = 6
"""Words of a sentence, and of one that ends with "!", that only leads up to another one."""
_MARK = re.compile(r"^\s*\d{1,2}[.)]\s")
"""A list's number is no number of the sentence."""
_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")


def leaning_on(
    taken: Collection[int],
    texts: Sequence[str],
    language: str,
    *,
    subjects: Collection[str],
    stands_alone: Callable[[str], bool],
    order_ids: Sequence[re.Pattern[str]] = (),
) -> frozenset[int]:
    """Find the sentences that go with those that are taken out, by their places.

    Args:
        taken: The places of those.
        texts: All sentences of the reply, with what ends them.
        language: Its language.
        subjects: What was claimed: `refund`, `replacement`, or any other word.
        stands_alone: Whether a sentence claims something else, and truly.
        order_ids: The brand's patterns of order numbers.
    """
    tables = _tables()
    table = tables.get(language, tables["en"])
    found, near = set[int](), False
    for number in range(min(taken), len(texts)):
        text = texts[number]
        if number in taken:
            near = not text.endswith("\n\n")
            found |= _leading(number, texts, taken, table)
        elif _WORD.search(text):
            named = bool(orders_in(text, order_ids))
            rounds_off = near and table.rounds_off(text)
            if rounds_off or table.leans(text, subjects, named=named, alone=stands_alone(text)):
                found.add(number)
            near = near and not text.endswith("\n")
    return frozenset(found)


def _leading(
    number: int, texts: Sequence[str], taken: Collection[int], table: "_Leaning"
) -> set[int]:
    """Find what only leads up to a sentence: "Good news!", "This is done:"."""
    found = set[int]()
    for before in range(number - 1, -1, -1):
        text = texts[before].rstrip()
        # A line that ends in the middle of a sentence was only broken.
        ended = texts[before].endswith("\n") and text.endswith((".", "!", "?"))
        parted = ended or texts[before].endswith("\n\n")
        leads = text.endswith(":") or (
            _is_short(text) and not text.endswith("?") and not table.polite.search(_plain(text))
        )
        if before in taken or parted or not leads:
            break
        found.add(before)
    return found


def _is_short(text: str) -> bool:
    most = CALL_MAX if "!" in text else SHORT_MAX
    return len(_WORD.findall(text)) <= most and not any(map(str.isdigit, text))


def _plain(text: str) -> str:
    """Give the words from the first one on, without a list's mark."""
    plain = _MARK.sub("", text.replace("\u2019", "'").casefold())
    first = _WORD.search(plain)
    return " ".join(plain[first.start() :].split()) if first else ""


@dataclass(frozen=True, slots=True)
class _Leaning:
    """A language's table."""

    begins: re.Pattern[str]
    """How a sentence begins that only goes on."""
    bare: re.Pattern[str]
    """How one begins that tells only when."""
    always: re.Pattern[str]
    """How one begins that is glad of what is not so."""
    coming: re.Pattern[str]
    """What is to come of it."""
    later: re.Pattern[str]
    """When it is to come."""
    polite: re.Pattern[str]
    """What is said before and after anything."""
    subjects: Mapping[str, re.Pattern[str]]
    """What is said of a kind of deed and of nothing else."""
    near: Mapping[str, re.Pattern[str]]
    """What is said of it where it is told when."""

    def rounds_off(self, text: str) -> bool:
        """Say whether a short sentence is but an echo of the one before it: "Hooray!"."""
        short = len(_WORD.findall(text)) <= SHORT_MAX and not any(map(str.isdigit, text))
        return short and not text.rstrip().endswith("?") and not self.polite.search(_plain(text))

    def leans(self, text: str, subjects: Collection[str], *, named: bool, alone: bool) -> bool:
        """Say whether a sentence leans.

        Args:
            text: The sentence.
            subjects: What was claimed.
            named: It names an order of its own.
            alone: It claims something else, and truly.
        """
        read = _plain(text)
        if self.always.match(read):
            return True
        when = bool(self.later.search(read) or any(map(str.isdigit, read)))
        about = [self.subjects.get(one, self.subjects["other"]) for one in subjects]
        beside = [self.near.get(one, self.near["other"]) for one in subjects]
        of_it = any(one.search(read) for one in about)
        of_it_perhaps = any(one.search(read) for one in beside)
        if self.begins.match(read) and (when or of_it or of_it_perhaps or self.coming.search(read)):
            return True
        if alone:
            return False
        if of_it:
            return True
        return not named and when and (of_it_perhaps or self.bare.match(read) is not None)


_KINDS: Final = ("refund", "replacement", "other")


@table
def _tables() -> Mapping[str, _Leaning]:
    loaded = shipped_words("leaning")
    return {code: _table(table) for code, table in loaded.items()}


def _table(table: Mapping[str, str]) -> _Leaning:
    read = {name: re.compile(line.strip()) for name, line in table.items()}
    return _Leaning(
        begins=read["begins"],
        bare=read["bare"],
        always=read["always"],
        coming=read["coming"],
        later=read["later"],
        polite=read["polite"],
        subjects={name: read[name] for name in _KINDS},
        near={name: read[f"{name}_weak"] for name in _KINDS},
    )
