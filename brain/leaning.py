"""What goes with a claim that is taken out of a reply: "it will be on your account in three days".

Pure. In doubt a sentence goes: one too few is a pity, one that is not so is a lie. What stands
before the claim stays, save what only leads up to it ("Good news!").
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
            found |= _leading(number, texts, taken)
        elif _WORD.search(text):
            named = bool(orders_in(text, order_ids))
            rounds_off = near and _is_short(text) and not text.rstrip().endswith("?")
            if rounds_off or table.leans(text, subjects, named=named, alone=stands_alone(text)):
                found.add(number)
            near = near and not text.endswith("\n")
    return frozenset(found)


def _leading(number: int, texts: Sequence[str], taken: Collection[int]) -> set[int]:
    """Find what only leads up to a sentence: "Good news!", "This is done:"."""
    found = set[int]()
    for before in range(number - 1, -1, -1):
        text = texts[before].rstrip()
        # A line that ends in the middle of a sentence was only broken.
        ended = texts[before].endswith("\n") and text.endswith((".", "!", "?"))
        parted = ended or texts[before].endswith("\n\n")
        leads = text.endswith(":") or (_is_short(text) and not text.endswith("?"))
        if before in taken or parted or not leads:
            break
        found.add(before)
    return found


def _is_short(text: str) -> bool:
    most = CALL_MAX if "!" in text else SHORT_MAX
    return len(_WORD.findall(text)) <= most and not any(map(str.isdigit, text))


@dataclass(frozen=True, slots=True)
class _Leaning:
    """A language's table."""

    begins: re.Pattern[str]
    """How a sentence begins that only goes on."""
    later: re.Pattern[str]
    """When it is to come."""
    subjects: Mapping[str, re.Pattern[str]]
    """What is said of a kind of deed and of nothing else."""

    def leans(self, text: str, subjects: Collection[str], *, named: bool, alone: bool) -> bool:
        """Say whether a sentence leans; ``named``: it names an order of its own."""
        plain = _MARK.sub("", text.replace("\u2019", "'").casefold())
        read = " ".join(plain[match.start() :].split()) if (match := _WORD.search(plain)) else ""
        if self.begins.match(read):
            return True
        if alone:
            return False
        about = (self.subjects.get(one, self.subjects["other"]) for one in subjects)
        if any(one.search(read) for one in about):
            return True
        return not named and bool(self.later.search(read) or any(map(str.isdigit, read)))


@table
def _tables() -> Mapping[str, _Leaning]:
    loaded = shipped_words("leaning")
    return {
        code: _Leaning(
            re.compile(table["begins"].strip()),
            re.compile(table["later"].strip()),
            {name: re.compile(table[name].strip()) for name in ("refund", "replacement", "other")},
        )
        for code, table in loaded.items()
    }
