"""Finds every secret of a configuration, so that logs can be kept clean of them."""

from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, SecretStr

from config.schema import Settings


def secret_values(settings: Settings) -> frozenset[str]:
    """Collect the values of all secrets, wherever in the configuration they stand."""
    found = {value for value in _secrets(settings) if value}
    password = urlsplit(settings.store.url).password or ""
    found |= {password, unquote(password)} - {""}
    # Of a header ("Bearer …") the part behind the scheme is the secret, and may be told alone.
    return frozenset(found | {value.split()[-1] for value in found if len(value.split()) == 2})


def _secrets(value: object) -> Iterator[str]:
    match value:
        case SecretStr():
            yield value.get_secret_value()
        case BaseModel():
            for name in type(value).model_fields:
                yield from _secrets(getattr(value, name))
        case dict():
            for item in value.values():
                yield from _secrets(item)
        case tuple() | list():
            for item in value:
                yield from _secrets(item)
        case _:
            return
