"""The ledger: what was proposed, allowed, tried and done, and the sign-offs that stood between.

Theory of operation. A call is one wish to change something in the brand's systems: *refund this
charge*. Its key is made of the connector, the action and the fields that may happen only once
(never of a model's call id), so the same wish, however often and by whomever it is repeated,
meets the same row. The row is committed before the connector is called; whoever finds it
``executing`` after a crash asks the backend by that key before anything else is tried. A call
moves only along `CALL_MOVES`; the store refuses every other write.

    proposed ──► allowed ──► executing ──► done
        │           ▲            │  ├────► failed
        ├──► awaiting            │  └────► unknown ──► done | failed | executing
        │        └──► refused    └──(asked again by key)
        └──► refused

A sign-off belongs to exactly one call, is bound to the digest of its arguments, is decided once,
and expires. `APPROVAL_MOVES` is its table. Where two people must say yes, the first yes is noted
and it goes on waiting; the second must be somebody else's.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from config.money import Money


class CallState(StrEnum):
    """Where an action call stands."""

    ALLOWED = "allowed"
    AWAITING = "awaiting"
    """A colleague has to sign it off."""
    REFUSED = "refused"
    EXECUTING = "executing"
    DONE = "done"
    FAILED = "failed"
    """The backend said no, or proved that nothing happened."""
    UNKNOWN = "unknown"
    """Nobody knows whether it happened: asked again by key, then a person's job."""


CALL_MOVES: Mapping[CallState | None, frozenset[CallState]] = {
    None: frozenset(
        {CallState.ALLOWED, CallState.AWAITING, CallState.REFUSED, CallState.EXECUTING}
    ),
    CallState.ALLOWED: frozenset({CallState.EXECUTING, CallState.REFUSED}),
    CallState.AWAITING: frozenset({CallState.ALLOWED, CallState.REFUSED}),
    CallState.EXECUTING: frozenset({CallState.DONE, CallState.FAILED, CallState.UNKNOWN}),
    CallState.UNKNOWN: frozenset({CallState.EXECUTING, CallState.DONE, CallState.FAILED}),
    CallState.REFUSED: frozenset({CallState.ALLOWED, CallState.AWAITING, CallState.EXECUTING}),
    CallState.DONE: frozenset(),
    CallState.FAILED: frozenset(),
}
"""From → to. ``None`` is a call never seen; one within its limits is allowed and begun in the same
commit, hence EXECUTING behind it. A refused one may be judged anew; a failed one comes
back under the next generation of its key."""

UNFINISHED = frozenset({CallState.ALLOWED, CallState.EXECUTING, CallState.UNKNOWN})
"""States that a turn takes up again when it finds them."""


class ApprovalState(StrEnum):
    """Where a sign-off stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"


APPROVAL_MOVES: Mapping[ApprovalState, frozenset[ApprovalState]] = {
    ApprovalState.WAITING: frozenset(
        {ApprovalState.APPROVED, ApprovalState.REJECTED, ApprovalState.EXPIRED}
    ),
    ApprovalState.APPROVED: frozenset(),
    ApprovalState.REJECTED: frozenset(),
    ApprovalState.EXPIRED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One row of the ledger."""

    key: str
    conversation: str
    turn: str
    action: str
    connector: str
    args: str
    """The validated arguments as JSON."""
    amount: Money | None
    """What it moves, for the limits; None where no money moves."""
    state: CallState
    summary: str
    """One line for people: ``Refund 24.90 GBP of charge ch_2 (order A-10293)``."""
    result: str | None = None
    """The connector's answer as JSON."""
    why: str | None = None
    """Why it was refused, failed or is unknown."""

    @property
    def digest(self) -> str:
        """What a sign-off is bound to: the exact call."""
        return call_digest(self.action, self.connector, self.args)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One sign-off, asked for and perhaps decided."""

    id: str
    call_key: str
    conversation: str
    digest: str
    state: ApprovalState
    asked_at: datetime
    expires_at: datetime
    decided_by: str | None = None
    first_by: str | None = None
    """Who said yes first, where two must."""


def call_key(
    *, connector: str, action: str, once_per: Mapping[str, str], generation: int = 0
) -> str:
    """Make the idempotency key of a call: the same wish gives the same key, for ever.

    At most 64 characters of ``[a-z0-9_:]``, fit for an HTTP header and every backend's limit.
    """
    named = json.dumps([connector, action, sorted(once_per.items())], ensure_ascii=False)
    digest = hashlib.blake2b(named.encode(), digest_size=16).hexdigest()
    return f"{action[:24]}:{digest}:{generation}"


def call_digest(action: str, connector: str, args: str) -> str:
    """Digest the exact call, so that a sign-off fits no other."""
    return hashlib.sha256(f"{action}\x1f{connector}\x1f{args}".encode()).hexdigest()


def may_move(old: CallState | None, new: CallState) -> bool:
    """Say whether the ledger allows that step."""
    return new in CALL_MOVES[old]
