"""Asking X for what happened, where it does not call us: mentions, direct messages, the stream.

A cursor is the id of the newest thing that was read; ids grow with time. A first question looks
back no further than `FIRST_LOOK`: nobody wants an answer to last week's post because a bot was
installed today. Everything may be asked for twice: event ids are the same.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, NoReturn

from pydantic import ValidationError

from channels.contract import Polled
from channels.errors import SendError, SendFailure
from channels.x.answers import Listed
from channels.x.api import XApi
from channels.x.people import moment_of
from conversation.clock import Clock

MENTIONS: Final = "mentions"
DIRECT: Final = "direct_messages"
STREAM: Final = "stream"

FIRST_LOOK: Final = timedelta(hours=1)
PAGES_MAX: Final = 8
"""X keeps 800 mentions, 100 a page; eight pages of messages are half of what it lets us ask.

Messages beyond are read a page a question (`XFeeds._direct`): X keeps them for 30 days.
"""
MENTIONS_EVERY_S: Final = 10.0
"""300 questions a quarter of an hour: https://docs.x.com/x-api/fundamentals/rate-limits."""
DIRECT_EVERY_S: Final = 65.0
"""15 questions a quarter of an hour."""
LINES_AT_ONCE: Final = 100
BACKFILL_MINUTES: Final = "5"
"""What the stream repeats of the time that we were not there; the most it does."""

_MENTION_QUERY: Final = {
    "max_results": "100",
    "expansions": "author_id,attachments.media_keys,in_reply_to_user_id,referenced_posts,"
    "edit_history_post_ids",
    "post.fields": "attachments,conversation_id,created_at,entities,geo,lang,note_post",
    "user.fields": "name,username,public_metrics",
    "media.fields": "media_key,type",
}
_DIRECT_QUERY: Final = {
    "max_results": "100",
    "event_types": "MessageCreate",
    "dm_event.fields": "attachments,created_at,dm_conversation_id,event_type,id,text",
    "expansions": "attachments.media_keys,participant_ids,sender_id",
    "user.fields": "name,username,public_metrics",
    "media.fields": "media_key,type",
}


class XFeeds:
    """What one account asks for: by polling, or by one stream."""

    def __init__(self, *, api: XApi, account: str, clock: Clock, stream: bool) -> None:
        self._api = api
        self._account = account
        self._clock = clock
        self._feeds = (STREAM,) if stream else (MENTIONS, DIRECT)
        self._behind: tuple[str, str, str] | None = None
        """Where reading older messages goes on: the cursor it goes back to, the page, the newest
        id. Until it is through, the cursor stays: whoever begins anew misses nothing."""
        self._lines: asyncio.Queue[bytes | SendError] = asyncio.Queue(LINES_AT_ONCE)
        self._reading: asyncio.Task[None] | None = None

    @property
    def feeds(self) -> tuple[str, ...]:
        """What is asked for."""
        return self._feeds

    async def prepare(self, feed: str) -> None:
        """Do nothing: X holds what happened whether we ask or not."""
        del feed

    async def poll(self, feed: str, cursor: str | None) -> Polled:
        """Ask what came after the cursor; raises `SendError`, and nothing else."""
        match feed:
            case "mentions":
                return await self._mentions(cursor)
            case "direct_messages":
                return await self._direct(cursor)
            case _:
                return await self._streamed(cursor)

    async def rest(self, feed: str) -> None:
        """Hang up the stream."""
        del feed
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        self._lines = asyncio.Queue(LINES_AT_ONCE)

    # --- polling

    async def _mentions(self, cursor: str | None) -> Polled:
        """https://docs.x.com/x-api/users/get-mentions: newest first, since an id."""
        query = dict(_MENTION_QUERY)
        if cursor is not None:
            query["since_id"] = cursor
        else:
            query["start_time"] = (self._clock.now() - FIRST_LOOK).strftime("%Y-%m-%dT%H:%M:%SZ")
        pages, _ = await self._pages(f"/2/users/{self._account}/mentions", query, since=None)
        return _polled(pages, cursor, pause_s=MENTIONS_EVERY_S)

    async def _direct(self, cursor: str | None) -> Polled:
        """https://docs.x.com/x-api/direct-messages/get-dm-events: newest first, of 30 days."""
        behind = self._behind if self._behind is not None and self._behind[0] == cursor else None
        query, newest, most = dict(_DIRECT_QUERY), None, PAGES_MAX
        if behind is not None:
            _, query["pagination_token"], newest = behind
            most = 1
        try:
            pages, more = await self._pages("/2/dm_events", query, since=cursor or "0", most=most)
        except SendError as error:
            if error.failure is SendFailure.REFUSED:
                self._behind = None  # pages are no longer good: it begins anew
            raise
        earliest = self._clock.now() - FIRST_LOOK
        fresh = [
            page.model_copy(
                update={
                    "data": tuple(
                        each
                        for each in page.data
                        if (number := _id(each)) is None
                        or (number > int(cursor) if cursor else moment_of(str(number)) > earliest)
                    )
                }
            )
            for page in pages
        ]
        polled = _polled(fresh, newest or cursor, pause_s=DIRECT_EVERY_S)
        self._behind = None
        if more is not None and cursor is not None and polled.cursor is not None:
            self._behind = (cursor, more, polled.cursor)
            return replace(polled, cursor=cursor)
        return polled

    async def _pages(
        self, route: str, query: dict[str, str], *, since: str | None, most: int = PAGES_MAX
    ) -> tuple[list[Listed], str | None]:
        """Turn pages until there is none, or until what is older than ``since`` begins.

        Gives the next page too, where it stopped for having turned enough.
        """
        pages: list[Listed] = []
        while len(pages) < most:
            try:
                page = Listed.model_validate(await self._api.get(route, query))
            except ValidationError:
                raise SendError(SendFailure.UNAVAILABLE, f"{route} gives no list") from None
            pages.append(page)
            oldest = min((number for each in page.data if (number := _id(each))), default=0)
            reached = since is not None and oldest <= int(since)
            if page.meta.next_token is None or reached or not page.data:
                return pages, None
            query["pagination_token"] = page.meta.next_token
        return pages, query["pagination_token"]

    # --- the stream

    async def _streamed(self, cursor: str | None) -> Polled:
        """Wait for lines and give those there are.

        https://docs.x.com/x-api/activity/activity-stream
        """
        if self._reading is None:
            self._reading = asyncio.create_task(self._read(self._lines))
        told = [await self._lines.get()]
        while not self._lines.empty():
            told.append(self._lines.get_nowait())
        lines = [line for line in told if isinstance(line, bytes)]
        failed = [error for error in told if isinstance(error, SendError)]
        if failed:
            await self.rest(STREAM)
        if failed and not lines:
            raise failed[0]
        return Polled(body=json.dumps([_parsed(line) for line in lines]).encode(), cursor=cursor)

    async def _read(self, lines: asyncio.Queue[bytes | SendError]) -> None:
        """Read the stream until it ends; the last thing told is why."""
        try:
            query = {"backfill_minutes": BACKFILL_MINUTES}
            async for line in self._api.stream("/2/activity/stream", query):
                if line:  # else a sign of life
                    await lines.put(line)
        except SendError as error:
            await lines.put(error)


def _parsed(line: bytes) -> Any:
    """Read a line; one that is no JSON is kept as text, and hides none of the others."""
    try:
        return json.loads(line, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return line.decode("utf-8", "replace")


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _polled(pages: list[Listed], cursor: str | None, *, pause_s: float) -> Polled:
    """Put pages into one body, and name the newest id."""
    bodies = [{"data": list(page.data), "includes": page.includes, "meta": {}} for page in pages]
    ids = [number for page in pages for each in page.data if (number := _id(each)) is not None]
    newest = max([*ids, int(cursor or 0)])
    return Polled(
        body=json.dumps(bodies[::-1]).encode(),
        cursor=str(newest) if newest else None,
        pause_s=pause_s,
    )


def _id(each: object) -> int | None:
    """Give a thing's id; one without is left to the codec to tell."""
    value = each.get("id") if isinstance(each, Mapping) else None
    plain = isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20
    return int(value) if isinstance(value, str) and plain else None
