"""Full names of people, as they stand in a sentence; pure.

A family name after a form of address or after a common first name, and whatever somebody says their
own name is. Somebody's first name alone tells nobody who they are.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from brain.shipped import shipped_words, table

NAMES_MAX: Final = 20
"""Names of one text that are told."""

_PARTICLE: Final = (
    r"(?:(?:van|von|der|den|het|de|da|do|dos|di|del|della|du|le|la|el|al|bin|ter|ten|zu)[ '\u2019]"
    r"|(?:O|D|Mc|Mac)['\u2019]?){0,3}"
)
_BEGINS: Final = "[A-ZÀ-ÖØ-ÞĄ-Ż]"
_FAMILY: Final = rf"{_PARTICLE}{_BEGINS}[a-zà-öø-ÿą-ż]+(?:[-'\u2019][A-Za-zÀ-ÿ]+)?"
_TITLED: Final = re.compile(
    r"(?<!\w)(?:Mr|Mrs|Ms|Mister|Herrn?|Frau|Monsieur|Madame|Mme|Mlle|Señora?|Sra?|Signora?|Dhr"
    rf"|Mevrouw|Mevr|Meneer|Senhora?)\.?\s(?:(?:Dr|Prof)\.?\s)?({_FAMILY}(?:\s{_FAMILY})?)"
)
_OWN: Final = re.compile(
    r"(?:\bmy (?:full )?name(?:'s| is)|\bmein name ist|\bich hei(?:ß|ss)e|\bje m'appelle"
    r"|\bmon nom est|\bme llamo|\bmi nombre es|\bmi chiamo|\bil mio nome è|\bmijn naam is"
    r"|\bik heet|\bme chamo|\bo meu nome é|\bname:)"
    r"\s+([^\W\d_]{2,20}(?:[ '\u2019-][^\W\d_]{2,20}){1,3})",
    re.IGNORECASE,
)
_NO_FIRST: Final = (
    "The|A|An|Our|Dear|Hello|Hi|Hey|Thanks|Der|Die|Das|Den|Dem|Ein|Eine|Hallo|Liebe|Lieber|Le|La|Les|Un|Une|Bonjour"
    "|El|Los|Las|Una|Hola|Il|Lo|Ciao|De|Het|Een|Beste|O|Os|As|Um|Uma"
)
"""Words that begin a sentence and are nobody's name."""
_WORD: Final = re.compile(r"[^\W\d_]+")


def names(text: str) -> Iterator[str]:
    """Give the full names that stand in a text."""
    found = (*_TITLED.finditer(text), *_full().finditer(text))
    for match in found[:NAMES_MAX]:
        yield match[0]


def own_names(text: str) -> Iterator[str]:
    """Give what people say their own name is, first name and family name."""
    for match in _OWN.finditer(text):
        words = match[1].split()
        # How far it goes nobody knows: "Ella Marsh and I" begins with it.
        yield " ".join(words[:2])


def names_peer(name: str, peer: str) -> bool:
    """Say whether a name is the one that the customer shows to everybody on the platform."""
    shown = {word.casefold() for word in _WORD.findall(peer)}
    return bool(shown) and _WORD.findall(name)[-1].casefold() in shown


@table
def _full() -> re.Pattern[str]:
    loaded = shipped_words("names")
    families = _either(loaded.pop("families").split())
    first = _either(name for names in loaded.values() for name in names.split())
    return re.compile(
        rf"(?<!\w)(?:(?:{first})(?:-[A-Z]\w+)?(?:\s[A-Z]\.)?\s{_FAMILY}"
        rf"|(?i:{first})\s(?i:{families})(?!\w)"
        rf"|(?!(?:{_NO_FIRST})\s){_BEGINS}[a-zà-öø-ÿą-ż]+(?:\s[A-Z]\.)?\s(?:{families})(?!\w))"
    )


def _either(names: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(set(names), key=len, reverse=True)))
