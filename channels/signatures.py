"""Proof that a request comes from the platform itself."""

import hmac
from collections.abc import Mapping


def header_value(headers: Mapping[str, str], name: str) -> str | None:
    """Find a header whatever its case; plain dicts and proxies do not agree on one."""
    exact = headers.get(name)
    if exact is not None:
        return exact
    wanted = name.lower()
    return next((value for key, value in headers.items() if key.lower() == wanted), None)


def same_secret(*, expected: str, given: str | None) -> bool:
    """Compare a shared secret in constant time.

    An empty `expected` never matches: a channel without a secret trusts nobody. `given` may hold
    anything a stranger can put into a header, lone surrogates included.
    """
    if not expected or given is None:
        return False
    return hmac.compare_digest(_bytes(expected), _bytes(given))


def _bytes(text: str) -> bytes:
    # `compare_digest` refuses non-ASCII str, and servers decode stray header bytes to surrogates.
    return text.encode("utf-8", "surrogatepass")
