"""Sign-offs: made for one exact call, held against it again, and given only by those who may."""

import hashlib
from collections.abc import Collection
from datetime import datetime

from config.desk import Role, Roles
from config.money import Money
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


def may_sign(
    *, roles: Roles, user_id: str, user_groups: Collection[str] = (), amount: Money | None
) -> bool:
    """Whether a person may sign off that much.

    Admins and approvers may, up to the role's ``sign_up_to`` where it has one; colleagues only
    where theirs has one. An amount in another currency than the limit's is not within it. What
    the action itself allows to be signed was judged before anybody was asked.

    Args:
        roles: Who is what, by user id or user group id.
        user_id: The id that Slack vouches for; names prove nothing.
        user_groups: The user groups that this person is in.
        amount: What the call moves; None where no money moves.
    """
    ids = {user_id, *user_groups}
    return (
        (_has(roles.admin, ids) and _within(roles.admin, amount))
        or (_has(roles.approver, ids) and _within(roles.approver, amount))
        or (
            _has(roles.colleague, ids)
            and roles.colleague.sign_up_to is not None
            and _within(roles.colleague, amount)
        )
    )


def _has(role: Role, ids: set[str]) -> bool:
    return not ids.isdisjoint(role.members)


def _within(role: Role, amount: Money | None) -> bool:
    if role.sign_up_to is None:
        return True
    if amount is None:
        return True
    return amount.currency == role.sign_up_to.currency and amount <= role.sign_up_to
