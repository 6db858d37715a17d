"""Invitations in a transaction of either store: made, taken once, forgotten."""

import json
import secrets
from collections.abc import Sequence

from conversation.care import note
from conversation.events import Tended
from conversation.invitations import Invite, Redeem, Redeemed, Redemption
from conversation.joining import join_two
from conversation.judging import microseconds
from conversation.writes import Session, Writes

KEY = "invitations"
"""What the store remembers the signing key under."""
BY = "invitation"
"""Who joins by one, in the log and among the joinings."""


async def keep_key(writes: Writes, items: Sequence[None]) -> list[str]:
    """Give the key that invitations are signed with; the first who asks makes it up."""
    await writes.session.all("secret_add", KEY, secrets.token_hex(32))
    rows = await writes.session.all("secret", KEY)
    return [rows[0]["value"]] * len(items)


async def invite_all(writes: Writes, items: Sequence[Invite]) -> list[None]:
    """Note invitations."""
    rows: dict[tuple[str, str], dict[str, object]] = {}
    for item in items:
        rows[item.conversation, item.channel] = {
            "conversation": item.conversation,
            "channel": item.channel,
            "nonce": item.nonce,
            "expires_us": microseconds(item.expires_at),
        }
    await writes.session.all("invitation_put", list(rows.values()))
    return [None] * len(items)


async def redeem_all(writes: Writes, items: Sequence[Redeem]) -> list[Redemption]:
    """Take each invitation, once."""
    return [await _redeem(writes.session, item) for item in items]


async def _redeem(session: Session, item: Redeem) -> Redemption:
    at_us = microseconds(item.at)
    rows = await session.all("invitation_take", item.nonce, item.conversation, item.turn, at_us)
    if not rows:
        return Redemption(outcome=Redeemed.USED)
    inviter = str(rows[0]["conversation"])
    if item.user_id is not None:
        # Who arrives for the first time is known from here on, before the turn's own commit.
        met = [{"conversation": item.conversation, "user_id": item.user_id, "at_us": at_us}]
        for name in ("customer_add", "identity_add", "identity_follow"):
            await session.each(name, met)
    told = await join_two(
        session, inviter, item.conversation, why="came by our invitation", by=BY, at=item.at
    )
    joined = told is not None
    if told is not None and inviter not in told:
        about = Tended(by=BY, what="joined", about=item.conversation)
        await note(session, inviter, about, at=item.at)
    elif not joined and rows[0]["again"]:
        joined = await _joined_before(session, {inviter, item.conversation})
    return Redemption(outcome=Redeemed.JOINED if joined else Redeemed.SAME, inviter=inviter)


async def _joined_before(session: Session, both: set[str]) -> bool:
    """Say whether the same turn had joined them before it died."""
    (row,) = await session.all("customer_of", min(both))
    return any(
        one["by"] == BY
        and one["undone_us"] is None
        and both & set(json.loads(one["moved"])["conversations"])
        for one in await session.all("joined_of", row["customer"])
    )
