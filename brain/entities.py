"""What a message names exactly: order numbers, amounts, addresses, as spans of code points."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import phonenumbers
from phonenumbers import Leniency, PhoneNumberFormat, PhoneNumberMatcher

from brain.seasons import is_season
from brain.sums import UNITS, is_weight, spelled
from config.money import Money, MoneyError

Kind = Literal["order_id", "amount", "email", "phone", "postcode", "url"]

MENTIONS_MAX = 20
"""Mentions of one kind that are read out of one message."""

_EMAIL = re.compile(
    r"(?<![\w.+-])(?:(?:[\w.+-]{0,60}\.)?[oO]['\u2019](?=\w))?[\w.+-]{1,64}"
    r"(?:@|[(\[]at[)\]]|\s[(\[]at[)\]]\s(?=[\w-]+\s?[(\[]dot[)\]]))"
    r"(?:[^\W_](?:(?:[^\W_]|-){0,61}[^\W_])?(?:\.|\s?(?:\(dot\)|\[dot\])\s?)){1,4}"
    r"[A-Za-z]{2,24}(?![\w@])",
)
_AT = re.compile(r"\s?[(\[]at[)\]]\s?")
_DOT = re.compile(r"\s?[(\[]dot[)\]]\s?")
_URL = re.compile(r"\b(?:https?://|www\.)[^\s<>\"']{2,400}", re.IGNORECASE)
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013—\u2212", "-"))
_DIGITS = (
    r"(?P<{0}>(?>\d{{1,3}}(?:[ .,'\u2019\u00a0\u202f]\d{{3}})+(?!\d)(?:[.,]\d{{1,2}})?"
    r"|\d{{1,9}}(?:[.,]\d{{1,3}})?))(?P<{0}_k>k)?(?:[.,](?:-{{1,2}}|\u2013))?"
)
"""Read as far as it goes: £1.2 of "£1.2k" is another amount."""
_SIGNS = {
    "£": "GBP", "€": "EUR", "$": "USD", "us$": "USD", "¥": "JPY", "zł": "PLN", "₺": "TRY",
    "₹": "INR", "gbp": "GBP", "eur": "EUR", "usd": "USD", "chf": "CHF", "pln": "PLN",
    "try": "TRY", "sek": "SEK", "nok": "NOK", "dkk": "DKK", "cad": "CAD", "aud": "AUD",
    "jpy": "JPY", "fr.": "CHF", "sfr.": "CHF", "sterling": "GBP",
    "us dollars": "USD", "us dollar": "USD", "円": "JPY", "zloty": "PLN", "a$": "AUD",
    "au$": "AUD", "c$": "CAD", "ca$": "CAD", "nz$": "NZD", "r$": "BRL", "s$": "SGD",
    "rs.": "INR", "rs": "INR", "brl": "BRL", "inr": "INR", "nzd": "NZD",
    "euri": "EUR", "euro's": "EUR", "eurotjes": "EUR", "avro": "EUR", "евро": "EUR", "zl": "PLN",
    "złoty": "PLN", "złote": "PLN", "złotych": "PLN", "zlotych": "PLN", "tl": "TRY",
    "reais": "BRL", "₽": "RUB", "\u0440\u0443\u0431": "RUB", "рублей": "RUB", "рубля": "RUB",
} | UNITS  # fmt: skip
_PREFIXED = "|".join(
    re.escape(sign) for sign in sorted(_SIGNS, key=len, reverse=True) if len(sign) <= 3
)
_SUFFIXED = "|".join(re.escape(sign) for sign in sorted(_SIGNS, key=len, reverse=True))
_AMOUNT = re.compile(
    rf"(?<![\w.,])(?:\d{{1,2}}\s?x\s?)?(?:(?P<before>{_PREFIXED})\s?{_DIGITS.format('after_sign')}"
    rf"(?!\w)|(?P<before_more>{_PREFIXED})\s?{_DIGITS.format('more')}(?=x\s?\d|p(?!\w))"
    rf"|(?:(?P<from>\d{{1,5}}(?:[.,]\d\d)?)\s?(?:-|\u2013)\s?)?{_DIGITS.format('before_sign')}"
    rf"(?:[.,][-\u2013]{{1,2}})?\s?(?P<after>{_SUFFIXED})(?:\s?(?:and\s+)?(?P<minor>\d\d)(?=\s*(?:$|[.,!?;)\n]|p\b|pence\b|"
    r"cents?\b|ct\b))|(?!\w)))",
    re.IGNORECASE,
)
_PENCE = re.compile(r"(?<![\w.,£$€])(?<!and )(?<!pounds )(\d{1,4})p(?!\w)")
_CENTS = re.compile(
    r"(?<![\w.,£$€])(\d{1,4})\s?(?:cents?|ct|centimes?|centesimi|c[éeê]ntimos?)(?!\w)",
    re.IGNORECASE,
)
_SIGN_BETWEEN = re.compile(r"(?<![\w.,])(?P<whole>\d{1,4})\s?€\s?(?P<places>\d{2})(?![\w.,]?\d)")
"""As the French write: 24€90."""
_CROWNS = re.compile(rf"(?<![\w.,]){_DIGITS.format('crowns')}\s?kr\.?(?!\w)", re.IGNORECASE)
_HUNDREDTHS = frozenset({"EUR", "USD", "CAD", "AUD", "NZD"})
"""Currencies whose hundredth is called a cent."""
_DOLLARS = frozenset({"$", "dollar", "dollars", "bucks"})
_CROWNED = frozenset({"SEK", "NOK", "DKK"})
_SPACED = re.compile(
    r"\b(?:order|bestellung|commande|pedido|ordine|bestelling|encomenda|number|nummer|no\.?|nr\.?|#)"
    r"\s*(?:number|nummer|no\.?|nr\.?|id|is|ist|:|#)*\s*"
    r"(?P<number>[A-Z]{1,3}(?:\s-?\s?|-\s)\d{3,12})(?![\w-])",
    re.IGNORECASE,
)
"""A number that its writer has cut: "order A 10293"."""
_UK_POSTCODE = re.compile(r"(?<!\w)[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}(?!\w)", re.IGNORECASE)
_DIGIT_POSTCODE = re.compile(r"(?<![\w#.,£$€-])\d{4,6}(?![\w€%-]|[.,]\d)")
_NAMED_POSTCODE = re.compile(
    r"(?:post\s?code|postal code|zip(?: code)?|plz|postleitzahl|code postal|código postal|cap)"
    r"\W{0,4}(?:is|ist|est|es|:)?\W{0,3}(\d{4,6})(?!\w)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One exact thing in a message, as code points `start` to `end` of it."""

    kind: Kind
    start: int
    end: int
    value: str
    """In its canonical spelling; of an amount, `24.90 GBP`."""
    money: Money | None = None


def mentions(
    text: str, *, order_ids: Sequence[re.Pattern[str]], currency: str, regions: Sequence[str]
) -> list[Mention]:
    """Read every exact thing, in order; where two readings overlap, the surer one stays.

    Args:
        text: The message.
        order_ids: The brand's patterns, as `order_id_patterns` compiles them.
        currency: The brand's own, for dollars and other signs that several countries share.
        regions: Countries whose phone numbers may stand without their country code.
    """
    found: list[Mention] = []
    readings = (
        emails(text),
        urls(text),
        orders_named(text, order_ids),
        amounts(text, currency=currency),
        named_postcodes(text),
        phones(_without_seasons(text, order_ids), regions=regions),
    )
    for reading in readings:
        found += [each for each in reading if not _overlaps(each, found)]
    return sorted(found, key=lambda each: each.start)


def order_id_patterns(patterns: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    """Compile the brand's order number patterns: whole words, any case, any dash.

    Raises:
        re.error: a pattern is not a regular expression.
    """
    return tuple(re.compile(rf"(?<![\w-])(?:{each})(?![\w-])", re.IGNORECASE) for each in patterns)


def orders_named(text: str, patterns: Sequence[re.Pattern[str]]) -> list[Mention]:
    """Find the orders that a customer speaks of: a season ("2025-2026") is none."""
    found = order_numbers(text, patterns)
    return [each for each in found if not is_season(text, each.start, each.end)]


def _without_seasons(text: str, patterns: Sequence[re.Pattern[str]]) -> str:
    """Blank seasons: in some country their digits are a phone number."""
    for each in order_numbers(text, patterns):
        if is_season(text, each.start, each.end):
            text = f"{text[: each.start]}{' ' * (each.end - each.start)}{text[each.end :]}"
    return text


def order_numbers(text: str, patterns: Sequence[re.Pattern[str]]) -> list[Mention]:
    """Find what is written like an order number, spelled as the shop does.

    That is without `#`, in upper case and with plain dashes.
    """
    straight = text.translate(_DASHES)  # one character for one, so spans stay true
    found: list[Mention] = []
    for named in _SPACED.finditer(straight):
        value = re.sub(r"\s", "", named["number"]).upper()
        if any(pattern.fullmatch(value) for pattern in patterns):
            start, end = named.span("number")
            found.append(Mention(kind="order_id", start=start, end=end, value=value))
    for pattern in patterns:
        for match in pattern.finditer(straight):
            value = match[0].strip().removeprefix("#").strip().upper()
            mention = Mention(kind="order_id", start=match.start(), end=match.end(), value=value)
            if value and not _overlaps(mention, found):
                found.append(mention)
    return sorted(found, key=lambda each: each.start)[:MENTIONS_MAX]


def amounts(text: str, *, currency: str) -> list[Mention]:
    """Find amounts of money that name their currency: £24.90, 24,90 €, 50 GBP, 20 quid, 99p."""
    found: list[Mention] = []
    for start, end, money in _all_amounts(text, currency):
        if money is not None:
            mention = Mention(kind="amount", start=start, end=end, value=str(money), money=money)
            found += [] if _overlaps(mention, found) else [mention]
    return sorted(found, key=lambda each: each.start)[:MENTIONS_MAX]


def _all_amounts(text: str, currency: str) -> Iterator[tuple[int, int, Money | None]]:
    """Give what each reading finds, the surest first; None where it is no amount after all."""
    for match in _SIGN_BETWEEN.finditer(text):
        yield match.start(), match.end(), _money(f"{match['whole']}.{match['places']}", "EUR")
    for match in _AMOUNT.finditer(text):
        yield from _in_figures(match, currency)
    for match, value, unit in spelled(text, notes=currency == "GBP"):
        if not is_weight(text, match.start(), match.end(), unit):
            yield match.start(), match.end(), _money(str(value), _code(unit, currency))
    yield from _small_coins(text, currency)


def _small_coins(text: str, currency: str) -> Iterator[tuple[int, int, Money | None]]:
    """Give what only the brand's own currency tells: pence, cents, crowns."""
    if currency == "GBP":
        for match in _PENCE.finditer(text):
            yield match.start(), match.end(), Money(int(match[1]), "GBP")
    if currency in _HUNDREDTHS:
        for match in _CENTS.finditer(text):
            yield match.start(), match.end(), Money(int(match[1]), currency)
    if currency in _CROWNED:
        for match in _CROWNS.finditer(text):
            yield match.start(), match.end(), _money(match["crowns"], currency)


def _in_figures(match: re.Match[str], currency: str) -> Iterator[tuple[int, int, Money | None]]:
    sign = (match["before"] or match["before_more"] or match["after"]).casefold()
    digits = next(name for name in ("after_sign", "more", "before_sign") if match[name])
    if is_weight(match.string, match.start(), match.end(), sign):
        return
    if sign == "try" and match["before"] and not match["before"].isupper():
        return  # "I try 2 times" is no Turkish money.
    code = _code(sign, currency)
    if match["from"]:
        yield match.start("from"), match.end("from"), _money(match["from"], code)
    whole, minor = match[digits], match["minor"]
    if match[f"{digits}_k"]:
        whole = _thousands(whole)
    elif minor and "." not in whole and "," not in whole:
        whole = f"{whole}.{minor}"
    start = match.start(digits) if match["from"] else match.start()
    yield start, match.end(), _money(whole, code)


def _code(sign: str, currency: str) -> str:
    """Say which currency a sign means; dollars are the brand's own where it has some."""
    if sign in _DOLLARS and currency in {"CAD", "AUD", "NZD", "SGD"}:
        return currency
    return _SIGNS[sign]


def _thousands(digits: str) -> str:
    """Read the 1.2 of "1.2k" as 1200."""
    whole, _, places = digits.replace(",", ".").partition(".")
    return f"{int(whole + places.ljust(3, '0')[:3])}"


def emails(text: str) -> list[Mention]:
    """Find e-mail addresses, in lower case as backends compare them."""
    return [
        Mention(kind="email", start=found.start(), end=found.end(), value=_address(found[0]))
        for found in _EMAIL.finditer(text)
    ][:MENTIONS_MAX]


def _address(written: str) -> str:
    return _DOT.sub(".", _AT.sub("@", written)).replace("\u2019", "'").casefold()


def urls(text: str) -> list[Mention]:
    """Find web addresses, without the punctuation of the sentence around them."""
    return [
        Mention(kind="url", start=found.start(), end=found.start() + len(link), value=link)
        for found in _URL.finditer(text)
        if (link := found[0].rstrip(".,;:!?)]}»”'"))
    ][:MENTIONS_MAX]


_LIKE_A_CARD = re.compile(r"(?<![\d+])\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?!\d)")
"""Four groups of four digits, as a card's number is embossed; true or misspelled."""


def phones(text: str, *, regions: Sequence[str]) -> list[Mention]:
    """Find valid phone numbers, as E.164: with a country code, or of one of the regions.

    What looks like a number of the first region is one of it, also where no network has it.
    """
    if sum(map(str.isdigit, text)) < 7:
        return []
    # The tail of a card's number may well be a number of somebody's.
    text = _LIKE_A_CARD.sub(lambda m: " " * len(m[0]), text)
    found: list[Mention] = []
    for region in regions or ("ZZ",):
        for match in PhoneNumberMatcher(
            text, region, leniency=Leniency.VALID, max_tries=MENTIONS_MAX
        ):
            number = _at_home(match.raw_string, regions[0]) if regions else None
            value = phonenumbers.format_number(number or match.number, PhoneNumberFormat.E164)
            mention = Mention(kind="phone", start=match.start, end=match.end, value=value)
            if not _overlaps(mention, found):
                found.append(mention)
    return sorted(found, key=lambda each: each.start)[:MENTIONS_MAX]


def _at_home(digits: str, region: str) -> phonenumbers.PhoneNumber | None:
    """Read a number as one of the region, if it has an area or network code of it."""
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return number if phonenumbers.length_of_national_destination_code(number) else None


def postcodes(text: str) -> list[Mention]:
    """Find what may be a postcode when one was asked for: UK codes and runs of 4 to 6 digits."""
    found = named_postcodes(text)
    found += [each for each in _digit_postcodes(text) if not _overlaps(each, found)]
    return sorted(found, key=lambda each: each.start)[:MENTIONS_MAX]


def named_postcodes(text: str) -> list[Mention]:
    """Find postcodes that show themselves: UK codes, and digits after the word postcode."""
    found = [
        Mention(kind="postcode", start=match.start(), end=match.end(), value=_uk(match[0]))
        for match in _UK_POSTCODE.finditer(text)
    ]
    found += [
        Mention(kind="postcode", start=match.start(1), end=match.end(1), value=match[1])
        for match in _NAMED_POSTCODE.finditer(text)
    ]
    return found[:MENTIONS_MAX]


def _digit_postcodes(text: str) -> Iterator[Mention]:
    for match in _DIGIT_POSTCODE.finditer(text):
        yield Mention(kind="postcode", start=match.start(), end=match.end(), value=match[0])


def _uk(code: str) -> str:
    closed = re.sub(r"\s", "", code).upper()
    return f"{closed[:-3]} {closed[-3:]}"


def _money(digits: str, code: str) -> Money | None:
    """Read 1,234.50 and 1.234,50 alike: the last mark with one or two digits is the decimal one."""
    compact = re.sub(r"[ '\u2019\u00a0\u202f]", "", digits)
    decimal = re.fullmatch(r"(.*)[.,](\d{1,2})", compact)
    whole, places = (decimal[1], decimal[2]) if decimal else (compact, "")
    try:
        return Money.from_major(f"{re.sub(r'[.,]', '', whole)}.{places or '0'}", code)
    except MoneyError:
        return None


def _overlaps(mention: Mention, others: Iterable[Mention]) -> bool:
    return any(mention.start < each.end and each.start < mention.end for each in others)
