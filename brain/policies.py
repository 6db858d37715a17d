"""Names of policies that a sentence speaks of; pure.

"Our lifetime guarantee" is a promise of money: a brand that has none in its articles makes none.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from brain.days.words import COUNTS

_STRONG: Final = (
    r"guarantees?|warrant(?:y|ies)|insurance|promise|charter|scheme|programme|program|club",
    r"\w*(?:garantien?|gewährleistung|versicherung|versprechen|programm|klub)",
    r"garanties?|assurance|promesse|programme",
    r"garant[ií]as?|seguro|promesa|programa",
    r"garanzi[ae]|assicurazione|promessa|programma",
    r"\w*(?:garantie|verzekering|belofte|programma)",
    r"garantias?|seguro|promessa|programa",
)
_WEAK: Final = (
    r"polic(?:y|ies)",
    r"\w*(?:richtlinien?|regelung)",
    r"politique",
    r"pol[ií]tica",
    r"\w*beleid",
)
"""What every shop has by some name: only what stands beside it must be known."""
_OWN: Final = (
    r"(?:our|your|the|an?|this|under|by|with|full|unsere[rmns]?|die|der|das|eine[rm]?|ihre[rm]?"
    r"|notre|votre|la|le|une?|nuestra|su|una?|nostr[ao]|sua?|onze|uw|de|een|nossa|uma?)"
)
_BEFORE: Final = re.compile(
    rf"(?<!\w){_OWN}\s+(?P<beside>(?:[^\W\d_][\w'’-]*\s+){{0,4}}?)"  # noqa: RUF001 - as it is typed
    rf"(?:(?P<strong>{'|'.join(_STRONG)})|(?P<weak>{'|'.join(_WEAK)}))"
    r"(?:\s+(?:de |di |du |d'|d’|van )(?P<after>[^\W\d_][\w-]*))?(?!\w)",  # noqa: RUF001 - see above
    re.IGNORECASE,
)
_STEM: Final = 5
"""Letters by which two forms of a word are one: "returns" and "return"."""
_SHORTEST: Final = 4
"""Letters of a word that says something of its own."""
_NOTHING_SAID: Final = """
your with that this full usual standard general current company store shop brand same such
"""
_SAYS_NOTHING: Final = frozenset(_NOTHING_SAID.split())


def unknown_policies(sentence: str, known: str, *, names: Iterable[str] = ()) -> tuple[str, ...]:
    """Name the policies of a sentence that nothing known speaks of.

    Args:
        sentence: What is to be said.
        known: Facts, articles and what the customer wrote.
        names: Words that say nothing of a policy: the brand's.
    """
    stems = _stems(known)
    empty = (
        _SAYS_NOTHING | COUNTS.keys() | {word.casefold() for name in names for word in name.split()}
    )
    found = []
    for match in _BEFORE.finditer(sentence):
        beside = f"{match['beside'] or ''} {match['after'] or ''}"
        words = [one for one in re.findall(r"[^\W\d_]+", beside.casefold()) if one not in empty]
        if match["strong"]:
            words.append(match["strong"].casefold())
        if any(len(one) >= _SHORTEST and one[:_STEM] not in stems for one in words):
            found.append(match[0])
    return tuple(found)


@lru_cache(maxsize=8)
def _stems(text: str) -> frozenset[str]:
    return frozenset(word[:_STEM] for word in re.findall(r"[^\W\d_]+", text.casefold()))
