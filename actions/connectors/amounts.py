"""Backends that count in pence, heard in the ports' major units; pure."""

from collections.abc import Mapping

from actions.connectors.contract import BadAnswer
from config.money import Money, MoneyError


def in_major_units(mapped: object, *, depth: int = 0) -> object:
    """Turn the amounts of a backend that counts in pence into the ports' major units.

    Amounts are the fields ``amount`` and ``refunded`` beside a ``currency``.

    Raises:
        BadAnswer: An amount there is not a whole number.
    """
    if depth > 10:
        raise BadAnswer("nested too deeply")
    if isinstance(mapped, list):
        return [in_major_units(each, depth=depth + 1) for each in mapped]
    if not isinstance(mapped, Mapping):
        return mapped
    read = {name: in_major_units(each, depth=depth + 1) for name, each in mapped.items()}
    for name in ("amount", "refunded"):
        if read.get(name) is not None and "currency" in read:
            try:
                read[name] = f"{_minor(read[name], read['currency']).major:f}"
            except MoneyError:
                raise BadAnswer(f"{name} is not a whole number of minor units") from None
    return read


def _minor(amount: object, currency: object) -> Money:
    if not isinstance(amount, int) or not isinstance(currency, str):
        raise MoneyError("not whole minor units of a currency")
    return Money(amount, currency)
