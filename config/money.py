"""Money as integer minor units of one ISO currency; decimals exist only while reading and writing.

Minor-unit exponents: ISO 4217, list one (https://www.six-group.com/en/products-services/financial-information/data-standards.html).
"""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final, Self

from typing_extensions import override

_EXPONENTS: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP "
        "BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD "
        "FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD "
        "KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD "
        "NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP "
        "SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED "
        "VES WST XCD XCG YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
MINOR_EXPONENT: Final = {
    code: exponent for exponent, codes in _EXPONENTS.items() for code in codes.split()
}
"""Decimal places of each currency."""

MINOR_MAX: Final = 10**15
"""No customer's order reaches ten million million pounds; a larger number is a mistake."""

_SYMBOLS: Final = {"EUR": "€", "GBP": "£", "INR": "₹", "JPY": "¥", "KRW": "₩", "USD": "$"}
_TEXT: Final = re.compile(r"(-?\d{1,16}(?:\.\d{1,8})?) ([A-Z]{3})")
_PLAIN: Final = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,2})?")
_TEXT_MAX: Final = 40


class MoneyError(ValueError):
    """The words or numbers given are no amount of money; the message never repeats them."""


class CurrencyMismatchError(MoneyError):
    """Amounts of two currencies were compared or added."""

    def __init__(self, left: str, right: str) -> None:
        super().__init__(f"{left} and {right} cannot be compared or added")
        self.left = left
        self.right = right


@dataclass(frozen=True, slots=True)
class Money:
    """An amount: `Money(5000, "GBP")` is fifty pounds, `Money(5000, "JPY")` five thousand yen."""

    minor: int
    """Whole minor units: pence, cents, yen."""
    currency: str
    """ISO 4217 code, upper case."""

    def __post_init__(self) -> None:
        if self.currency not in MINOR_EXPONENT:
            raise MoneyError("the currency is not an ISO code such as GBP, EUR or USD")
        if type(self.minor) is not int:
            raise MoneyError("minor units are a whole number")
        if abs(self.minor) > MINOR_MAX:
            raise MoneyError("the amount is too large")

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Nothing, in that currency."""
        return cls(0, currency)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `50 GBP` or `0.05 USD`; `MoneyError` for anything else."""
        found = _TEXT.fullmatch(text)
        if found is None:
            raise MoneyError("is not an amount of money; write it like 50 GBP or 0.05 USD")
        return cls.from_major(found[1], found[2])

    @classmethod
    def from_major(
        cls, value: str | float | Decimal, currency: str, *, negative_allowed: bool = True
    ) -> Self:
        """Read a backend's amount in major units; never rounds.

        Args:
            value: A decimal string, a number or a Decimal; a float counts as its shortest text.
            currency: ISO 4217 code.
            negative_allowed: Whether an amount below zero is an amount here.

        Raises:
            MoneyError: NaN, infinity, more decimals than the currency has, an unknown currency,
                a number too large, or a negative one where none may stand.
        """
        if currency not in MINOR_EXPONENT:
            raise MoneyError("the currency is not an ISO code such as GBP, EUR or USD")
        major = _decimal(value)
        if not major.is_finite():
            raise MoneyError("the amount is not a finite number")
        if major < 0 and not negative_allowed:
            raise MoneyError("the amount is negative")
        if abs(major) > MINOR_MAX:
            raise MoneyError("the amount is too large")
        minor = major.scaleb(MINOR_EXPONENT[currency])
        if minor != minor.to_integral_value():
            places = MINOR_EXPONENT[currency]
            msg = f"{currency} has {places} decimal places, the amount has more"
            raise MoneyError(msg)
        return cls(int(minor), currency)

    @property
    def major(self) -> Decimal:
        """The amount in major units, with the currency's decimal places."""
        return Decimal(self.minor).scaleb(-MINOR_EXPONENT[self.currency])

    def words(self, language: str) -> str:
        """Write the amount as a customer reads it: `£50.00`, `50,00 €`.

        A language without rules here gets `50.00 GBP`.
        """
        marks = _MARKS.get(language.partition("-")[0])
        if marks is None:
            return str(self)
        group, point, four_digits_whole, before = marks
        digits = f"{abs(self.major):,f}"
        if four_digits_whole and abs(self.major) < 10_000:
            digits = digits.replace(",", "")
        number = digits.translate({ord(","): group, ord("."): point})
        sign = "-" if self.minor < 0 else ""
        symbol = _SYMBOLS.get(self.currency)
        if symbol is not None and before == "":
            return f"{sign}{symbol}{number}"
        if before:
            return f"{sign}{symbol or self.currency}{before}{number}"
        return f"{sign}{number} {symbol or self.currency}"

    @override
    def __str__(self) -> str:
        return f"{self.major:f} {self.currency}"

    def __lt__(self, other: Self) -> bool:
        return self.minor < self._comparable(other)

    def __le__(self, other: Self) -> bool:
        return self.minor <= self._comparable(other)

    def __gt__(self, other: Self) -> bool:
        return self.minor > self._comparable(other)

    def __ge__(self, other: Self) -> bool:
        return self.minor >= self._comparable(other)

    def __add__(self, other: Self) -> Self:
        return type(self)(self.minor + self._comparable(other), self.currency)

    def __sub__(self, other: Self) -> Self:
        return type(self)(self.minor - self._comparable(other), self.currency)

    def _comparable(self, other: Self) -> int:
        if other.currency != self.currency:
            raise CurrencyMismatchError(self.currency, other.currency)
        return other.minor


_MARKS: Final[dict[str, tuple[str, str, bool, str | None]]] = {
    "en": (",", ".", False, ""),
    "de": (".", ",", False, None),
    "fr": ("\u202f", ",", False, None),  # CLDR: narrow no-break space between thousands
    "es": (".", ",", True, None),  # CLDR: four digits stay together
    "it": (".", ",", False, None),
    "nl": (".", ",", False, " "),
    "pt": (".", ",", False, " "),  # CLDR's `pt` is Brazil's
}
"""Per language: thousands mark, decimal mark, whether four digits stay ungrouped, what stands
between a symbol and the number after it (None: the symbol comes last)."""


def _decimal(value: str | float | Decimal) -> Decimal:
    if isinstance(value, bool):
        raise MoneyError("the amount is not a number")
    if isinstance(value, Decimal):
        return value
    text = repr(value) if isinstance(value, float) else str(value)
    if len(text) > _TEXT_MAX or _PLAIN.fullmatch(text) is None or not text.isascii():
        raise MoneyError("the amount is not a decimal number")
    try:
        return Decimal(text)
    except InvalidOperation as error:  # pragma: no cover - the pattern admits only numbers
        raise MoneyError("the amount is not a decimal number") from error
