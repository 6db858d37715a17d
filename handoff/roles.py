"""Who may press what: people and user groups of the configuration, by Slack's ids alone.

Names are shown, never compared: anybody can rename themselves. Members of user groups are asked of
Slack and remembered briefly; while Slack does not answer, what was known last holds for a while,
then nobody is a member.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

import structlog

from channels.slack.transport import SlackTransport, map_slack_error
from config.desk import Desk as DeskSettings
from config.desk import Role
from config.money import CurrencyMismatchError, Money
from conversation.clock import Clock
from handoff.cleaning import clean_name

MEMBERS_FRESH: Final = timedelta(seconds=60)
MEMBERS_KEPT: Final = timedelta(minutes=15)
NAMES_KEPT: Final = 2_000
ASK_TIMEOUT_S: Final = 1.5
"""Slack waits three seconds for the whole answer."""

_log = structlog.get_logger(__name__)


class RoleName(StrEnum):
    """A role of the configuration."""

    COLLEAGUE = "colleague"
    APPROVER = "approver"
    ADMIN = "admin"


@dataclass(slots=True)
class _Group:
    members: frozenset[str]
    asked_s: float


class Roles:
    """The desk's people."""

    def __init__(self, *, settings: DeskSettings, transport: SlackTransport, clock: Clock) -> None:
        self._settings = settings
        self._transport = transport
        self._clock = clock
        self._groups: dict[str, _Group] = {}
        self._names: dict[str, str] = {}
        """As Slack tells them."""
        self._told: dict[str, str] = {}
        """As the last press told them."""

    @property
    def _named(self) -> Mapping[RoleName, Role]:
        roles = self._settings.roles
        return {
            RoleName.COLLEAGUE: roles.colleague,
            RoleName.APPROVER: roles.approver,
            RoleName.ADMIN: roles.admin,
        }

    async def of(self, user_id: str) -> frozenset[RoleName]:
        """Say which roles somebody has; none for everybody not named."""
        named = self._named
        groups = sorted({m for role in named.values() for m in role.members if m.startswith("S")})
        # At once: together they must not use up the three seconds.
        found = await asyncio.gather(*(self._members(group) for group in groups))
        mine = {user_id} | {g for g, users in zip(groups, found, strict=True) if user_id in users}
        return frozenset(name for name, role in named.items() if mine & set(role.members))

    def may_sign(self, roles: frozenset[RoleName], amount: Money | None) -> str | None:
        """Say why these roles may not sign off an action of that amount; None when they may.

        Admins and approvers may, up to their role's ``sign_up_to`` where it has one; colleagues
        only where theirs has one. An amount in another currency than the limit's is not within
        it. What the action itself lets be signed was judged before anybody was asked.
        """
        limits = {name: self._named[name].sign_up_to for name in RoleName if name in roles}
        if limits.get(RoleName.COLLEAGUE) is None:
            limits.pop(RoleName.COLLEAGUE, None)
        if not limits:
            return "You may not decide sign-offs."
        if any(limit is None or _within(amount, limit) for limit in limits.values()):
            return None
        return f"You may sign off up to {' or '.join(map(str, limits.values()))}; this is {amount}."

    def need_two(self, amount: Money | None) -> bool:
        """Say whether two people must say yes to an action of that amount."""
        four_eyes = self._settings.four_eyes
        return four_eyes is not None and not _within(amount, four_eyes.above)

    async def name(self, user_id: str, told: str = "") -> str:
        """Give somebody's name for people to read: as told with the press, else as Slack knows."""
        name = self._names.get(user_id) or clean_name(told)
        if not name:
            name = await self._asked_name(user_id)
            self._remember(self._names, user_id, name)
        self._remember(self._told, user_id, name)
        return name or "A colleague"

    def known_name(self, user_id: str | None) -> str:
        """Give somebody's name without asking anybody."""
        return self._told.get(user_id or "") or "Another colleague"

    def _remember(self, names: dict[str, str], user_id: str, name: str) -> None:
        """Keep the latest names only."""
        names.pop(user_id, None)
        if name:
            names[user_id] = name
        while len(names) > NAMES_KEPT:
            names.pop(next(iter(names)))

    async def _members(self, group: str) -> frozenset[str]:
        now_s = self._clock.monotonic()
        known = self._groups.get(group)
        if known is not None and now_s - known.asked_s < MEMBERS_FRESH.total_seconds():
            return known.members
        try:
            async with self._clock.timeout(ASK_TIMEOUT_S):
                told = await self._transport.client.usergroups_users_list(usergroup=group)
        except Exception as error:  # noqa: BLE001 - the client raises anything; map_slack_error reads it
            failure = map_slack_error(error).failure
            _log.warning("desk_group_unknown", group=group, failure=failure)
            kept = known is not None and now_s - known.asked_s < MEMBERS_KEPT.total_seconds()
            return known.members if known is not None and kept else frozenset()
        users = told.get("users")
        members = frozenset(map(str, users if isinstance(users, list) else ()))
        self._groups[group] = _Group(members=members, asked_s=now_s)
        return members

    async def _asked_name(self, user_id: str) -> str:
        try:
            async with self._clock.timeout(ASK_TIMEOUT_S):
                told = await self._transport.client.users_info(user=user_id)
        except Exception as error:  # noqa: BLE001 - a name is not worth a failed request
            _log.info("desk_name_unknown", user=user_id, failure=map_slack_error(error).failure)
            return ""
        user = told.get("user")
        profile = user.get("profile") if isinstance(user, dict) else None
        shown = profile.get("display_name") if isinstance(profile, dict) else None
        real = user.get("real_name") or user.get("name") if isinstance(user, dict) else None
        return clean_name(str(shown or real or ""))


def _within(amount: Money | None, limit: Money) -> bool:
    """Say whether an amount keeps a limit; what cannot be compared does not."""
    if amount is None:
        return True
    try:
        return amount <= limit
    except CurrencyMismatchError:
        return False
