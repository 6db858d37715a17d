"""Who was brought in by whom: visitors' customers with their orders, and stories played again."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from socialcare.demo.board import Board
from socialcare.demo.orders import TooManyError, hand_out
from socialcare.demo.phones import Phone, Platform, Telegram
from socialcare.demo.showing import phone_key
from socialcare.demo.stories import (
    PERFORMANCES_MAX,
    STORIES,
    Stage,
    Story,
    StoryError,
    set_stage,
)
from socialcare.demo.world import World
from socialcare.sandbox.telegram_people import Customer

LINES_MAX = 40
"""Of a story's telling."""

Json = dict[str, Any]


def title_of(story: Story) -> str:
    """Give a story's line in the list."""
    return (story.__doc__ or story.__name__).strip()


@dataclass(slots=True, kw_only=True)
class Visitors:
    """Hands out numbers that nobody had before, and brings people in."""

    world: World
    board: Board
    performances: int = 1
    """The first is the terminal's."""

    def number(self) -> int:
        """Give the next performance its number."""
        number = self.performances
        if number >= PERFORMANCES_MAX:
            raise TooManyError("orders have run out: start the demo anew")
        self.performances += 1
        return number

    async def enter(self, platform: Platform, name: str) -> Phone:
        """Bring in a customer with orders of their own."""
        orders, hints = await hand_out(self.world, self.number(), name=name)
        phone = platform.enter(name)
        key = phone_key(platform, phone).replace("phone/", "hints/")
        self.board.put(key, {"orders": orders, "hints": [asdict(one) for one in hints]})
        platform.changes.tell()
        return phone


@dataclass(slots=True, kw_only=True)
class Playing:
    """Plays stories one after another, for the page."""

    world: World
    board: Board
    telegram: Telegram
    visitors: Visitors
    _states: dict[str, Json] = field(default_factory=dict)
    _wanted: asyncio.Queue[Story] = field(default_factory=asyncio.Queue)

    def shown(self) -> None:
        """Show the list."""
        for place, story in enumerate(STORIES):
            self._show(story, place=place, title=title_of(story), state="idle", lines=[], phone="")

    def wish(self, name: str) -> None:
        """Have a story played as soon as it is its turn; raises `LookupError`."""
        story = {one.__name__: one for one in STORIES}[name]
        if self._states[name]["state"] in {"waits", "plays"}:
            return
        self._show(story, state="waits", lines=[], why="", phone="")
        self._wanted.put_nowait(story)

    async def run(self) -> None:
        """Play what is wished for, for ever."""
        while True:
            story = await self._wanted.get()
            stage = await set_stage(
                self.world,
                PageTeller(told=partial(self._told, story)),
                performance=self.visitors.number(),
                entered=partial(self.enter, story),
            )
            self._show(story, state="plays")
            why = await play_one(story, stage)
            self._show(story, state="well" if why is None else "broken", why=why or "")

    def ended(self, story: Story, why: str | None) -> None:
        """Show how a story ended that was played in the terminal."""
        self._show(story, state="well" if why is None else "broken", why=why or "")

    def enter(self, story: Story, customer: Customer) -> None:
        """Show the phone of a customer that a story brought in."""
        phone = self.telegram.add(customer)
        self._show(story, phone=phone_key(self.telegram, phone))

    def _told(self, story: Story, who: str, text: str) -> None:
        lines = [*self._states[story.__name__]["lines"], {"who": who, "text": text}]
        self._show(story, lines=lines[-LINES_MAX:])

    def _show(self, story: Story, **more: Any) -> None:
        name = story.__name__
        self._states[name] = {**self._states.get(name, {"name": name, "why": ""}), **more}
        self.board.put(f"story/{name}", self._states[name])


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTeller:
    """Tells a story to the page."""

    told: Callable[[str, str], None]

    def begin(self, title: str) -> None:
        """Nothing: the page knows the title."""

    def customer(self, name: str, text: str) -> None:
        """Something the customer wrote."""
        self.told(name, text)

    def bot(self, text: str) -> None:
        """Something the bot wrote to the customer."""
        self.told("bot", text)

    def colleague(self, name: str, text: str) -> None:
        """Something a colleague did or wrote."""
        self.told(name, text)

    def desk(self, text: str) -> None:
        """Something that appeared at the desk."""
        self.told("desk", text)

    def shop(self, text: str) -> None:
        """Something the shop's books say."""
        self.told("shop", text)

    def end(self, problem: str | None) -> None:
        """Nothing: the page shows how it ended by itself."""


async def play_one(story: Story, stage: Stage) -> str | None:
    """Play a story; says what was not as it must be."""
    try:
        await story(stage)
    except (StoryError, TimeoutError, AssertionError, LookupError) as error:
        return str(error) or type(error).__name__
    return None
