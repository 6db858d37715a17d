"""What the words around a day make of it: over, none to be served by, the latest one; pure."""

import re
from typing import Final

_PAST: Final = re.compile(
    r"\b(?:ordered|bought|paid|placed|purchased|received|arrived|came|got|gotten|delivered|sent|"
    r"shipped|returned|posted|called|wrote|emailed|charged|happened|visited|dropped|picked up|"
    r"(?:was|were) (?:supposed|meant|due|going)(?: to \w+)?|should(?:'ve|ve| have) \w+|"
    r"devai(?:t|ent)|aurai(?:t|ent) d[ûu]|hätten?|debía|tenía que|debería haber|doveva|"
    r"avrebbe dovuto|ha(?:d|dden)(?: \w+){0,3} moeten|devia|deveria ter|era para)\b",
    re.IGNORECASE,
)
_COMING: Final = re.compile(
    r"\b(?:will|won't|'ll|arrives?|comes?|coming|leav\w+|fly\w*|need\w*|want\w*|must|can|could|would|"
    r"going|deliver|send|bring|is|are|it's|until|till)\b",
    re.IGNORECASE,
)
_NEXT: Final = re.compile(r"\b(?:next|this|coming|following)\s+$", re.IGNORECASE)
_NOT: Final = re.compile(
    r"\b(?:not|don'?t|do not|never|won'?t|nobody|no one|no (?:delivery|parcel))\b[^.!?\n]{0,25}$",
    re.IGNORECASE,
)
_AWAY: Final = re.compile(
    r"\b(?:away|on (?:holiday|vacation|leave)|abroad|out of (?:town|office|the country)|"
    r"travell?ing|in hospital|(?:not|n't) (?:be )?(?:at )?(?:home|here|in))\b[^.!?\n]{0,12}$",
    re.IGNORECASE,
)
_BEFORE: Final = re.compile(r"(?:before|b4|until|till|til)\b", re.IGNORECASE)
_UNTIL: Final = re.compile(r"(?:until|till|til)\b", re.IGNORECASE)
_LATEST: Final = re.compile(r",?\s+(?:at (?:the )?(?:very )?latest|latest)\b", re.IGNORECASE)


def lies_back(around: str) -> bool:
    """Say whether words before a weekday tell of what has happened: "I ordered it on Sunday"."""
    happened = max((one.end() for one in _PAST.finditer(around)), default=-1)
    if happened < 0 or _NEXT.search(around):
        return False
    return not _COMING.search(around, happened)


def serves_none(before: str, by: str) -> bool:
    """Say whether nothing is needed by a day: "not before Sunday", "I'm away until Sunday".

    Args:
        before: What is said before the word that asks for a day.
        by: That word.
    """
    if _BEFORE.match(by) and _NOT.search(before):
        return True
    return bool(_UNTIL.match(by) and _AWAY.search(before))


def is_latest(text: str, at: int) -> bool:
    """Say whether "at the latest" follows."""
    return _LATEST.match(text, at) is not None
