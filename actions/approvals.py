"""Sign-offs: made for one exact call, and held against it again."""

import hashlib
from datetime import datetime

from conversation.ledger import Approval, ApprovalState, CallRecord


def make_approval(record: CallRecord, *, asked_at: datetime, expires_at: datetime) -> Approval:
    """Ask for a sign-off of that call, as it stands.

    The id is opaque and made of the call and the turn: a turn that is run again asks no second
    time, a later turn does.
    """
    named = f"{record.key}\x1f{record.digest}\x1f{record.turn}"
    return Approval(
        id=hashlib.blake2b(named.encode(), digest_size=16).hexdigest(),
        call_key=record.key,
        conversation=record.conversation,
        digest=record.digest,
        state=ApprovalState.WAITING,
        asked_at=asked_at,
        expires_at=expires_at,
    )


def fits(approval: Approval, record: CallRecord) -> bool:
    """Whether the call is still exactly the one that the sign-off is about."""
    return (
        approval.call_key == record.key
        and approval.conversation == record.conversation
        and approval.digest == record.digest
    )
