"""Shows turns as they happen, out of the service's store: read only, beside the running service."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiosqlite

from conversation.care import Care
from conversation.store import StoreUnavailable, StoreUnusable
from conversation.trace import Trace
from conversation.trace_decided import use_in_a_line
from conversation.traces import traces_of
from handoff.cleaning import harmless
from socialcare.demo.board import Board
from socialcare.demo.phones import Platform
from socialcare.demo.phones_webchat import NAME as WEBCHAT
from socialcare.demo.world import World
from socialcare.stores import make_care

LOOK_S = 0.08
"""Between looks whether the file has changed; a look costs one pragma."""
TURNS_MAX = 120
"""Of all conversations, the latest."""
LATEST = 6
"""Turns of one conversation that are read anew when it has changed."""

_STATE = """
select c.id, c.channel, c.owner, c.position, c.accepted, c.token, c.lease_us,
  (select max(a.updated_us) from action_call a where a.conversation = c.id),
  (select count(*) || ' ' || coalesce(sum(o.tries), 0) || ' ' || coalesce(max(o.settled_us), 0)
   from outbox o where o.conversation = c.id)
from conversation c
"""
_TALLY = """
with shown as (
  select id from conversation where channel in (select value from json_each(?1))
    or id in (select value from json_each(?2))
)
select
  (select count(*) from inbox where state = 'pending'),
  (select count(*) from outbox where kind = 'reply' and state = 'sent'
   and conversation in shown),
  (select count(*) from outbox where kind = 'reply' and state in ('waiting', 'sending')
   and conversation in shown),
  (select count(*) from action_call where action = 'refund' and state = 'done'),
  (select count(*) from action_call where action = 'replacement' and state = 'done'),
  (select count(*) from action_call where state in ('allowed', 'executing', 'unknown'))
"""
_COUNTED = ("waiting", "delivered", "sending", "refunds", "goods", "open")
# Our own words, which platforms tell us of again, are no customer's message: in public they belong
# to no conversation, in Slack they name the app.
_STORED = """
select channel, kind, count(*) from inbox
where (channel in (select value from json_each(?1)) and conversation is not null
    or conversation in (select value from json_each(?2)))
  and instr(coalesce(body, ''), '"bot_id"') = 0
group by channel, kind
"""

Json = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class TurnsShown:
    """Follows the store's file."""

    board: Board
    world: World
    platforms: Mapping[str, Platform]
    _seen: dict[str, tuple[object, ...]] = field(default_factory=dict)

    async def run(self) -> None:
        """Look again and again, for ever."""
        care = make_care(self.world.settings, folder=self.world.folder)
        while True:
            try:
                await care.open()
                break
            except StoreUnusable:
                await self.world.clock.sleep(LOOK_S)
        try:
            async with aiosqlite.connect(self.world.store_file) as db:
                await self._follow(care, db)
        finally:
            await care.close()

    async def _follow(self, care: Care, db: aiosqlite.Connection) -> None:
        version, fresh = -1, True
        while True:
            ((now,),) = await db.execute_fetchall("pragma data_version")
            if now != version or fresh:
                fresh = now != version
                version = now
                with contextlib.suppress(StoreUnavailable, aiosqlite.OperationalError):
                    await self.look(care, db)
            await self.world.clock.sleep(LOOK_S)

    async def look(self, care: Care, db: aiosqlite.Connection) -> None:
        """Tell what changed since the last look."""
        rows = await db.execute_fetchall(_STATE)
        for row in rows:
            conversation, channel, owner, *rest = row
            if self._seen.get(conversation) == (owner, *rest):
                continue
            self._seen[conversation] = (owner, *rest)
            self.board.put(f"owner/{conversation}", {"id": conversation, "owner": owner})
            async with care.looking() as session:
                told = await traces_of(session, conversation)
            for one in told[-LATEST:]:
                self.board.put(f"turn/{one.turn}", turn_shown(one, conversation, channel))
        self.board.keep("turn/", TURNS_MAX)
        await self._tally(db)

    async def _tally(self, db: aiosqlite.Connection) -> None:
        """Count what was stored, said and done, for whoever holds it against what others have."""
        # Of a chat that others open in a browser of theirs, only who has a phone here is counted.
        visited = self.platforms[WEBCHAT].phones.values() if WEBCHAT in self.platforms else ()
        ours = json.dumps([one for phone in visited for one in phone.conversations])
        whole = json.dumps([name for name in self.platforms if name != WEBCHAT])
        (row,) = await db.execute_fetchall(_TALLY, (whole, ours))
        arrivals = await db.execute_fetchall(_STORED, (whole, ours))
        stored = sum(
            count
            for channel, kind, count in arrivals
            if channel in self.platforms and kind in self.platforms[channel].message_kinds
        )
        self.board.put(
            "tally",
            {
                **dict(zip(_COUNTED, row, strict=True)),
                "stored": stored,
                "shop_refunds": len(await self.world.shop.refunds()),
                "shop_goods": len(await self.world.shop.replacements()),
            },
        )


def turn_shown(one: Trace, conversation: str, channel: str) -> Json:
    """Give a turn for the page, as the desk reads it; milliseconds since its first arrival."""
    return {
        "turn": one.turn,
        "conversation": conversation,
        "channel": channel,
        "began": one.began_at.isoformat(),
        "over": one.over,
        "stage": one.stage,
        "brain": one.brain,
        "model": None if one.model is None else use_in_a_line(one.model),
        "lines": [
            {
                "stop": line.stop,
                "text": harmless(line.text),
                "tone": line.tone,
                "ms": None
                if line.at is None
                else round((line.at - one.began_at).total_seconds() * 1000),
            }
            for line in one.lines
        ],
    }
