"""The visitor's token: who may read and write one conversation of one channel. Pure.

`v1.KIND.VISITOR.EXPIRES.SIGNATURE`, the signature an HMAC-SHA256 over all before it and the
channel's name. Nothing is stored of it: it is true by itself until it expires. Whoever holds it is
the visitor, so it lives in the page's own storage and travels in frames, never in an address that
servers and proxies write down. A *link* is a short-lived one for another device; it is exchanged
for a token there.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

LASTS: Final = timedelta(days=30)
RENEW_AFTER: Final = timedelta(days=1)
"""Who comes again after that gets a new one: a month of silence ends it, not a month of use."""
LINK_LASTS: Final = timedelta(minutes=10)

_SHAPE: Final = re.compile(
    r"v1\.(visitor|link)\.([A-Za-z0-9_-]{16,64})\.([0-9]{1,12})\.([A-Za-z0-9_-]{43})", re.ASCII
)

_MOMENT: Final = re.compile(r"[0-9]{1,12}", re.ASCII)


class TokenKind(StrEnum):
    """What a token is for."""

    VISITOR = "visitor"
    LINK = "link"


class TokenFault(StrEnum):
    """Why a token opens nothing."""

    FORGED = "forged"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who a token says it is."""

    id: str
    kind: TokenKind
    expires_at: datetime

    def is_due(self, now: datetime) -> bool:
        """Say whether it shall be exchanged for a new one."""
        return self.kind is TokenKind.LINK or self.expires_at - now < LASTS - RENEW_AFTER


def mint(
    *, secret: str, channel: str, visitor: str, now: datetime, kind: TokenKind = TokenKind.VISITOR
) -> str:
    """Make a token for a visitor; `visitor` is 16 to 64 characters of base64url."""
    expires = now + (LASTS if kind is TokenKind.VISITOR else LINK_LASTS)
    head = f"v1.{kind}.{visitor}.{int(expires.timestamp())}"
    return f"{head}.{_signature(secret, channel, head)}"


def read_token(token: str, *, secret: str, channel: str, now: datetime) -> Visitor | TokenFault:
    """Say whose token it is; never raises."""
    found = _SHAPE.fullmatch(token)
    if found is None:
        return TokenFault.FORGED
    head, _, signature = token.rpartition(".")
    if not hmac.compare_digest(_signature(secret, channel, head), signature):
        return TokenFault.FORGED
    # Ours, so the number is a moment that there is.
    expires_at = datetime.fromtimestamp(int(found[3]), tz=UTC)
    if expires_at <= now:
        return TokenFault.EXPIRED
    return Visitor(id=found[2], kind=TokenKind(found[1]), expires_at=expires_at)


def sign_file(*, secret: str, channel: str, media: str, expires: datetime) -> str:
    """Sign the address of a file: whoever has it may fetch that one file until then."""
    return _signature(secret, channel, f"file.{media}.{int(expires.timestamp())}")


def may_fetch(
    *, secret: str, channel: str, media: str, expires: str, signature: str, now: datetime
) -> TokenFault | None:
    """Say what is wrong with an address of a file; None: nothing. Never raises."""
    if not _MOMENT.fullmatch(expires):
        return TokenFault.FORGED
    wanted = _signature(secret, channel, f"file.{media}.{expires}")
    if not hmac.compare_digest(wanted.encode(), signature.encode("utf-8", "replace")):
        return TokenFault.FORGED
    # Ours, so the number is a moment that there is.
    return TokenFault.EXPIRED if int(expires) <= now.timestamp() else None


def _signature(secret: str, channel: str, head: str) -> str:
    said = f"socialcare web chat\x1f{channel}\x1f{head}".encode()
    digest = hmac.new(secret.encode("utf-8", "surrogatepass"), said, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
