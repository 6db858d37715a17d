"""Taking posts back from Slack: what of an erased customer stands at the desk.

Slack lets an app delete what the app itself posted. Colleagues' own lines in a case's thread are
theirs, and copies elsewhere (a quote, an export, an e-mail) are out of reach.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from channels.errors import SendError, SendFailure
from channels.slack.transport import SlackTransport, map_slack_error, slack_error_code
from conversation.clock import Clock
from conversation.store import DeskPosted
from handoff.posts import HELD, LINE

PAGE: Final = 200
THREAD_MAX: Final = 2_000
"""Lines of one thread that are looked at."""
TRIES_MAX: Final = 5
PAUSE_MAX_S: Final = 60.0
REDACTED: Final = "Erased at the customer's request."
_AGAIN: Final = frozenset({SendFailure.RATE_LIMITED, SendFailure.UNAVAILABLE, SendFailure.UNKNOWN})
"""Reading and deleting twice is no harm; a token that was revoked stays revoked."""
# https://docs.slack.dev/reference/methods/chat.delete#errors: nothing is left to take back.
_GONE: Final = frozenset({"message_not_found", "channel_not_found", "thread_not_found"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """What became of the posts of a conversation."""

    taken_back: int
    left: tuple[str, ...]
    """What still stands, for a person to look after; each with its place."""
    done: tuple[str, ...]
    """Keys of posts that stand no more."""


async def withdraw(
    transport: SlackTransport, posts: Sequence[DeskPosted], *, clock: Clock
) -> Withdrawn:
    """Delete our posts, and what we wrote in their threads; where Slack refuses, empty them."""
    withdrawing = _Withdrawing(transport, clock)
    done = [post.key for post in posts if await withdrawing.take_back(post)]
    return Withdrawn(
        taken_back=withdrawing.taken_back, left=tuple(withdrawing.left), done=tuple(done)
    )


class _Withdrawing:
    def __init__(self, transport: SlackTransport, clock: Clock) -> None:
        self._transport = transport
        self._clock = clock
        self.taken_back = 0
        self.left: list[str] = []

    async def take_back(self, post: DeskPosted) -> bool:
        """Take a post and our lines under it back; False where something of ours is left."""
        if post.key.startswith((HELD, LINE)):
            # Slack gives the whole thread for any of its lines, and the others are not theirs.
            return await self._remove(post.channel, post.ts)
        try:
            lines, whole = await self._thread(post)
        except SendError as error:
            self.left.append(f"{post.channel} {post.ts}: its thread was not read ({error.failure})")
            return False
        ours = [ts for ts, mine in lines if mine and ts != post.ts]
        others = [ts for ts, mine in lines if not mine]
        self.left += [f"{post.channel} {ts}: a colleague's line" for ts in others]
        results = [await self._remove(post.channel, ts) for ts in ours]
        if not whole:
            self.left.append(
                f"{post.channel} {post.ts}: more than {THREAD_MAX} lines in its thread"
            )
        if not (whole and all(results)):
            # The root last: it is how the thread is found again.
            return False
        return await self._remove(post.channel, post.ts)

    async def _thread(self, post: DeskPosted) -> tuple[list[tuple[str, bool]], bool]:
        """Read a thread's lines, and whether they are ours; False: there are more."""
        lines: dict[str, bool] = {}
        cursor: str | None = None
        while len(lines) < THREAD_MAX:
            told = await self._asked(
                lambda at=cursor: self._transport.client.conversations_replies(  # type: ignore[misc]  # a default binds the loop's variable
                    channel=post.channel, ts=post.ts, limit=PAGE, cursor=at
                )
            )
            if told is None:
                return [], True
            for line in told.get("messages") or ():
                lines[str(line.get("ts"))] = self._mine(line)
            cursor = (told.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                return list(lines.items()), True
        return list(lines.items()), False

    def _mine(self, line: dict[str, Any]) -> bool:
        myself = self._transport.myself
        return bool(
            ({line.get("bot_id"), line.get("user")} & {myself.bot_id, myself.user_id}) - {None}
        )

    async def _remove(self, channel: str, ts: str) -> bool:
        client = self._transport.client
        try:
            await self._asked(lambda: client.chat_delete(channel=channel, ts=ts))
        except SendError:
            try:
                await self._asked(
                    lambda: client.chat_update(channel=channel, ts=ts, text=REDACTED, blocks=[])
                )
            except SendError as error:
                self.left.append(f"{channel} {ts}: Slack refused ({error.failure})")
                return False
        self.taken_back += 1
        return True

    async def _asked(self, call: Callable[[], Awaitable[Any]]) -> Any:
        """Ask Slack, again where it says so; None where the thing is gone."""
        for _ in range(TRIES_MAX - 1):
            try:
                return await call()
            except Exception as caught:
                if slack_error_code(caught) in _GONE:
                    return None
                error = map_slack_error(caught)
                if error.failure not in _AGAIN:
                    raise error from caught
                await self._clock.sleep(min(PAUSE_MAX_S, error.retry_after_s or 1.0))
        try:
            return await call()
        except Exception as caught:
            raise map_slack_error(caught) from caught
