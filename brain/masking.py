"""What identifies a person is taken out before a model reads it, and put back where it may be said.

Pure. Placeholders like `[EMAIL_1]` stand for the same value all through a turn, so that the model
can still say which one it means, and pass it on to an action.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from brain.plain_sight import as_read, spelled_numbers

VALUES_MAX = 200
"""Different values of one turn; who writes more of them gets them taken out for good."""

HIDDEN = "•••"
"""What is said in the place of a value that is not repeated."""

_EMAIL = re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,4}[^\W\d_]{2,24}")
_AT = r"(?:at|ät|arroba|arobase|chiocciola)"
_DOT = r"(?:dot|punkt|point(?=\W+(?:com|net|org|fr|be|ch|ca|eu)\b)|punto|ponto|punt)"
_TOP = r"[^\W\d_]{2,24}"
_BRACKETED = r"\s?[\[({{<]\s?(?:{word}|[{sign}])\s?[\])}}>]\s?"
_SAID_AT = _BRACKETED.format(word=_AT, sign="@")
_SAID_DOT = rf"(?:{_BRACKETED.format(word=_DOT, sign='.')}|\s{_DOT}\s)"
SPOKEN_EMAIL = re.compile(
    rf"""
    [\w.+-]{{1,64}} (?:
        (?:{_SAID_AT}|\s@\s|[\uff20\ufe6b])      # ana (at) northwind.example
        [\w-]{{1,63}} (?:(?:{_SAID_DOT}|\s?\.(?=\S)|\s\.\s) [\w-]{{2,24}}){{1,4}}
      | \s{_AT}\s                              # ana at northwind dot example
        [\w-]{{1,63}} (?:{_SAID_DOT} {_TOP}){{1,4}}
    )(?!\w)
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""An address as people write it who do not want it to be found."""
# Between the digits people put what their phone or bank does: spaces of any width, dashes, points.
_GAP = r"[ \u00a0\u2000-\u200a\u2010-\u2015\u202f.-]"
IBAN = re.compile(
    rf"(?<!\w)[A-Za-z]{{2}}\d{{2}}(?:{_GAP}?[A-Za-z0-9]{{4}}){{2,7}}(?:{_GAP}?[A-Za-z0-9]{{1,3}})?(?!\w)"
)
_DIGITS = re.compile(rf"(?<!\d)\d(?:(?:{_GAP}|/){{0,2}}\d){{11,63}}(?!\d)")
_GROUP = re.compile(r"\d+")
PHONE_LEAST = 8
"""Digits of a telephone number."""
CARD_DIGITS = range(12, 20)
"""How many digits a card's number has (ISO/IEC 7812-1; Maestro's begin at 12)."""
_PHONE = re.compile(rf"(?<![\w.,#-])(?:\+|00)?\(?\d(?:(?:{_GAP}|[()/]){{0,2}}\d){{7,18}}(?![\w-])")
_DATE = re.compile(r"\d{4}[-./]\d{2}[-./]\d{2}|\d{2}[-./]\d{2}[-./]\d{4}|\d{4}-\d{4}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}")
_PLACE = re.compile(r"\[(?:EMAIL|IBAN|CARD|PHONE)_\d{1,3}\]")


StandIn = Callable[[str, str, str], str]
"""Says what stands for a value: of its kind (EMAIL, IBAN, CARD, PHONE), as written, in one form."""


def masked(text: str, stand_in: StandIn) -> str:
    """Put something else where a person could be known by what stands there.

    What nobody sees is taken out first, and wide letters are written as narrow ones.
    """
    text = as_read(text)
    for said, number in spelled_numbers(text):
        kind = "CARD" if is_card(number) else "PHONE"
        if len(number) >= PHONE_LEAST:
            text = text.replace(said, stand_in(kind, said, number))
    for address in (_EMAIL, SPOKEN_EMAIL):
        text = address.sub(lambda m: stand_in("EMAIL", m[0], m[0].casefold()), text)
    text = IBAN.sub(lambda m: stand_in("IBAN", m[0], m[0]) if is_iban(m[0]) else m[0], text)
    text = without_cards(text, lambda card: stand_in("CARD", card, card))
    return _PHONE.sub(lambda m: stand_in("PHONE", m[0], m[0]) if _is_phone(m[0]) else m[0], text)


def without_cards(text: str, stand_in: Callable[[str], str]) -> str:
    """Take out every run of whole groups that is a card's number, whatever stands beside it."""
    return _DIGITS.sub(lambda run: _without(run[0], stand_in), text)


def _without(run: str, stand_in: Callable[[str], str]) -> str:
    groups = [(found.start(), found.end()) for found in _GROUP.finditer(run)]
    kept, done = [], 0
    for first, (start, _) in enumerate(groups):
        if start < done:
            continue
        ends = (end for _, end in reversed(groups[first:]) if is_card(run[start:end]))
        end = next(ends, None)
        if end is not None:
            kept += [run[done:start], stand_in(run[start:end])]
            done = end
    return "".join((*kept, run[done:]))


def in_part(text: str) -> str:
    """Mask persons for people, so far that two values can still be compared."""
    plain = as_read(text)
    hidden = masked(plain, _part)
    return text if hidden == plain else hidden


def ending(value: str) -> str:
    """Give the last four of what nobody needs in full."""
    return f"•••• {''.join(char for char in value if char.isalnum())[-4:]}"


def _part(kind: str, value: str, plain: str) -> str:
    match kind:
        case "EMAIL" if "@" in plain:
            return f"{value[0]}{HIDDEN}@{plain.rpartition('@')[2].strip()}"
        case "IBAN":
            return f"{plain[:2].upper()}•• {ending(plain)}"
        case "CARD":
            return ending(digits(plain))
        case "PHONE":
            return f"{HIDDEN} {digits(plain)[-3:]}"
        case _:
            return HIDDEN


@dataclass(slots=True)
class Masks:
    """The values of one turn, and what stands for them."""

    _places: dict[str, str] = field(default_factory=dict)
    _values: dict[str, str] = field(default_factory=dict)

    def mask(self, text: str) -> str:
        """Put placeholders where a person could be known by what stands there."""
        return masked(text, self._place)

    def restore(self, text: str) -> str:
        """Put the values back."""
        return _PLACE.sub(lambda m: self._values.get(m[0], m[0]), text)

    def said(self, text: str, *, private: bool) -> str:
        """Put back into words what may be said: e-mail addresses and telephone numbers, in private.

        Cards and accounts are repeated to nobody, and in public nothing of the kind is.
        """

        def shown(match: re.Match[str]) -> str:
            may = private and match[0].startswith(("[EMAIL", "[PHONE"))
            return self._values.get(match[0], HIDDEN) if may else HIDDEN

        return _PLACE.sub(shown, text)

    def _place(self, kind: str, value: str, key: str) -> str:
        known = self._places.get(f"{kind}:{key}")
        if known is not None:
            return known
        if len(self._values) >= VALUES_MAX:
            return f"[{kind}]"
        count = sum(place.startswith(f"[{kind}_") for place in self._values) + 1
        place = f"[{kind}_{count}]"
        self._places[f"{kind}:{key}"] = place
        self._values[place] = value
        return place


def digits(text: str) -> str:
    """Take the digits out of a text."""
    return re.sub(r"\D", "", text)


def is_card(text: str) -> bool:
    """ISO/IEC 7812-1: the last digit checks the others."""
    plain = digits(text)
    total = 0
    for place, digit in enumerate(reversed(plain)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return len(plain) in CARD_DIGITS and total % 10 == 0


def is_iban(text: str) -> bool:
    """ISO 13616: the rest of a division by 97 is one."""
    plain = re.sub(r"[^A-Za-z0-9]", "", text).upper()
    if not 15 <= len(plain) <= 34:
        return False
    moved = plain[4:] + plain[:4]
    return int("".join(str(int(char, 36)) for char in moved if char.isascii())) % 97 == 1


def _is_phone(text: str) -> bool:
    plain = text.strip()
    if _DATE.fullmatch(plain) is not None or _MOMENT.match(plain) is not None:
        return False
    return len(digits(text)) >= PHONE_LEAST
