"""Which case a thread belongs to, even where a crash came between posting a card and noting it."""

from typing import Any, Final

import structlog

from channels.errors import SendFailure
from channels.slack.transport import SlackTransport, map_slack_error
from conversation.clock import Clock
from conversation.store import DeskPosted, Store
from handoff.blocks import METADATA_TYPE

FOREIGN_KEPT: Final = 1_000
ASK_TIMEOUT_S: Final = 2.0

_log = structlog.get_logger(__name__)


class Threads:
    """Threads at the desk: ours are in the store, or say so in their parent's metadata."""

    def __init__(self, *, store: Store, transport: SlackTransport, clock: Clock) -> None:
        self._store = store
        self._transport = transport
        self._clock = clock
        self._foreign: dict[tuple[str, str], None] = {}

    async def of(self, channel: str, thread_ts: str) -> DeskPosted | None:
        """Find the post of ours that a thread hangs under; None for other people's threads.

        Raises:
            SendError: Slack did not say now; the same event has to come again.
            StoreUnavailable: the store did not.
        """
        known = await self._store.posted_at(channel=channel, ts=thread_ts)
        if known is not None or (channel, thread_ts) in self._foreign:
            return known
        try:
            async with self._clock.timeout(ASK_TIMEOUT_S):
                told = await self._transport.client.conversations_replies(
                    channel=channel, ts=thread_ts, limit=1, include_all_metadata=True
                )
        except Exception as caught:
            error = map_slack_error(caught)
            if error.failure not in {SendFailure.REFUSED, SendFailure.REVOKED}:
                raise error from caught
            _log.warning("desk_thread_unread", failure=error.failure)
            return None
        messages = told.get("messages")
        found = self._ours(messages[0], channel, thread_ts) if messages else None
        if found is None:
            self._foreign[channel, thread_ts] = None
            while len(self._foreign) > FOREIGN_KEPT:
                self._foreign.pop(next(iter(self._foreign)))
        return found

    def _ours(self, parent: Any, channel: str, thread_ts: str) -> DeskPosted | None:
        """Read the metadata of a parent that we ourselves posted; anybody else's proves nothing."""
        if not isinstance(parent, dict) or parent.get("ts") != thread_ts:
            return None
        myself = self._transport.myself
        mine = {parent.get("bot_id"), parent.get("user")} & {myself.bot_id, myself.user_id}
        meta = parent.get("metadata")
        if not mine - {None} or not isinstance(meta, dict):
            return None
        payload = meta.get("event_payload")
        if meta.get("event_type") != METADATA_TYPE or not isinstance(payload, dict):
            return None
        conversation, case_id = payload.get("conversation"), payload.get("case")
        if not isinstance(conversation, str) or not isinstance(case_id, str):
            return None
        key = f"case:{case_id}"
        return DeskPosted(key=key, conversation=conversation, channel=channel, ts=thread_ts)
