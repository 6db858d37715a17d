"""What the brand has published itself: nobody's secret, wherever it stands; pure."""

import re
from dataclasses import dataclass
from functools import cached_property

from brain.plain_sight import in_plain_sight
from config.schema import Brand

_GROUP = re.compile(r"\d+")


@dataclass(frozen=True)
class Published:
    """Texts that everybody may read: articles for the public, the brand's own lines."""

    text: str = ""

    @cached_property
    def _shown(self) -> str:
        return in_plain_sight(self.text).casefold()

    @cached_property
    def _numbers(self) -> frozenset[str]:
        return frozenset(_GROUP.findall(self._shown))

    def holds(self, value: str) -> bool:
        """Say whether that stands there, however it is spaced; a part of a word does not."""
        letters = [char for char in in_plain_sight(value).casefold() if char.isalnum()]
        if not letters or not self.text:
            return False
        spaced = r"[\W_]{0,3}".join(map(re.escape, letters))
        return re.search(rf"(?<!\w){spaced}(?!\w)", self._shown) is not None

    def names_each(self, numbers: str) -> bool:
        """Say whether each of a few short numbers that stand together is one of its own."""
        groups = _GROUP.findall(numbers)
        short = len(groups) <= _TOGETHER and all(len(one) <= _SHORT for one in groups)
        return short and self._numbers.issuperset(groups)

    def __or__(self, text: str) -> "Published":
        """Add a text."""
        return Published(f"{self.text}\n{text}")


def own_lines(brand: Brand) -> tuple[str, ...]:
    """Give what a brand says to everybody in its own words, beside its articles."""
    link = () if brand.privacy_url is None else (str(brand.privacy_url),)
    return (brand.name, *brand.disclosure.values(), *brand.crisis.values(), *link)


_TOGETHER = 3
_SHORT = 3
NOTHING = Published()
