"""Invitations: how a customer takes their identity along from one channel to another. Pure.

A customer who asks to go on elsewhere gets a token, as part of a link or to paste by hand. It is
signed, works once, on one channel, for a few minutes; who arrives there with it is the customer who
was invited. It names nobody: what it stands for is a row of the store (`conversation.inviting`),
so one that is unknown there opens nothing, however well it is signed.

A token is `sc1-` and 43 characters of base64url: 4 bytes of its end (seconds since 1970), 12 of a
nonce, 16 of the signature over both and the channel. That fits what platforms carry, Telegram's 64
characters of `[A-Za-z0-9_-]` being the least: https://core.telegram.org/bots/features#deep-linking
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

LASTS: Final = timedelta(minutes=15)
"""Long enough to open another app and to log in; short for whoever finds the link later."""
TOKENS_MAX: Final = 3
"""Tokens of one turn that are looked at; nobody honest brings more."""
NONCE_BYTES: Final = 12
_END_BYTES: Final = 4
_MAC_BYTES: Final = 16
_MARK: Final = "sc1-"
_END_OF_TIME: Final = 2 ** (8 * _END_BYTES)

_SHAPE: Final = re.compile(rf"{_MARK}([A-Za-z0-9_-]{{43}})", re.ASCII)
_FOUND: Final = re.compile(rf"(?<![A-Za-z0-9_-]){_MARK}[A-Za-z0-9_-]{{1,200}}", re.ASCII)
"""Also what was damaged on its way: its bearer should be told."""
_COMMAND: Final = re.compile(r"^\s*/start\b", re.ASCII)
"""What Telegram puts before it."""


class InvitationFault(StrEnum):
    """Why a token is worth nothing, as far as it tells by itself."""

    FORGED = "forged"
    """Not signed by us, or not for this channel, or damaged."""
    EXPIRED = "expired"


class Redeemed(StrEnum):
    """What came of a token that somebody arrived with."""

    JOINED = "joined"
    """Who was invited and who arrived are one customer from now on."""
    SAME = "same"
    """They were already."""
    USED = "used"
    """Somebody has arrived with it before, or a newer one took its place."""
    EXPIRED = "expired"
    FORGED = "forged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """Let a conversation's customer come to another channel; replaces an earlier invitation."""

    conversation: str
    channel: str
    """Where it leads."""
    nonce: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeem:
    """Let who arrived with an invitation be the customer who was invited."""

    nonce: str
    conversation: str
    """Where they arrived."""
    turn: str
    """Which turn takes it: the same one may do so again after a crash."""
    user_id: str | None
    """The platform's id of who arrived, where it is told."""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemption:
    """What came of it."""

    outcome: Redeemed
    inviter: str | None = None
    """The conversation they come from; None: it is not known."""


def new_nonce() -> str:
    """Make up what nobody guesses."""
    return _text(secrets.token_bytes(NONCE_BYTES))


def mint(*, key: str, channel: str, nonce: str, expires_at: datetime) -> str:
    """Make a token.

    Args:
        key: What the store signs with.
        channel: Where alone it is worth something.
        nonce: From `new_nonce`.
        expires_at: Whole seconds count.

    Raises:
        ValueError: the nonce is none, or the end is out of a token's reach (after 2106).
    """
    end, raw = int(expires_at.timestamp()), _bytes(nonce)
    if not (0 <= end < _END_OF_TIME) or raw is None or len(raw) != NONCE_BYTES:
        raise ValueError("no such invitation")
    head = end.to_bytes(_END_BYTES, "big") + raw
    return _MARK + _text(head + _signature(key, channel, head))


def read_invitation(token: str, *, key: str, channel: str, now: datetime) -> str | InvitationFault:
    """Give the nonce of a token that is ours, for this channel and not over; never raises."""
    shape = _SHAPE.fullmatch(token)
    raw = None if shape is None else _bytes(shape[1])
    if raw is None:
        return InvitationFault.FORGED
    head, signature = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    if not hmac.compare_digest(_signature(key, channel, head), signature):
        return InvitationFault.FORGED
    end = datetime.fromtimestamp(int.from_bytes(head[:_END_BYTES], "big"), tz=UTC)
    return InvitationFault.EXPIRED if end <= now else _text(head[_END_BYTES:])


def tokens_in(text: str) -> tuple[str, ...]:
    """Find what looks like our tokens, the damaged among them."""
    return tuple(dict.fromkeys(_FOUND.findall(text)))[:TOKENS_MAX]


def without_tokens(text: str) -> str:
    """Give a message without its tokens, and without the command that brought one."""
    left = _FOUND.sub(" ", text)
    return text if left == text else _COMMAND.sub("", left).strip()


def hidden_tokens(text: str) -> str:
    """Give a text for other eyes: what a customer alone may use is not shown to those who read."""
    return _FOUND.sub(f"{_MARK}…", text)


def _signature(key: str, channel: str, head: bytes) -> bytes:
    said = f"socialcare invitation\x1f{channel}\x1f".encode() + head
    return hmac.new(key.encode(), said, hashlib.sha256).digest()[:_MAC_BYTES]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes | None:
    """Read base64url; None unless written in the one way that we write it."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if _text(raw) == text else None
