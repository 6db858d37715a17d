"""What a write touches: the conversations to lock before it, and who wants to hear of it; pure."""

from typing import Any

from conversation.invitations import Redeem
from conversation.kin import proofs_in
from conversation.model import Address
from conversation.row_json import new_row_json
from conversation.store import Acceptance, Commit, News, Settlement


def made_by(item: object) -> list[tuple[Address, dict[str, Any]]]:
    """Give the conversations that a write may make, each with its row."""
    if not isinstance(item, Acceptance) or item.owner or item.approval:
        return []  # What comes with a change is for a conversation that is there.
    return [
        (one.address, new_row_json(one.address, 0, also=one.also))
        for one in item.arrivals
        if one.address is not None and one.to is None
    ]


def conversations_of(item: object) -> set[str]:
    """Name the conversations whose rows a write will read and change."""
    match item:
        case Acceptance():
            named = {one.conversation for one in item.arrivals}
            named.add(item.owner.conversation if item.owner else None)
        case Commit():
            named = {item.conversation, item.shares.conversation if item.shares else None}
        case Settlement():
            named = {item.delivery.conversation if item.log else None}
            named.add(item.wake.conversation if item.wake else None)
        case _:
            named = set()
    return {one for one in named if one is not None}


def proofs_of(item: object) -> set[str]:
    """Name what a write proves, by its digest: who else does waits until this one is committed."""
    if not isinstance(item, Commit) or not item.mentions:
        return set()
    return {one.digest for one in proofs_in(item.mentions)}


def news_of(item: object) -> set[News]:
    """Say what other processes may want to know once it is committed."""
    match item:
        case Acceptance() | Redeem():
            return {News.TURNS}
        case Commit():
            # Who is found to be one person has other cases, which are told.
            told = {News.TURNS} if proofs_of(item) else set()
            return told | ({News.DELIVERIES} if item.outbox else set())
        case Settlement():
            told = {News.TURNS} if item.wake is not None else set()
            return told | ({News.LOG} if item.followed else set())
        case _:
            return set()
