"""Keeps the board like the world: phones, the desk, the service, troubles and the shop's books."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from socialcare.demo.board import Board
from socialcare.demo.brains import WORDS, Brains
from socialcare.demo.phones import Bubble, Phone, Platform
from socialcare.demo.running import Keeper
from socialcare.demo.troubles import TROUBLES, Troubles
from socialcare.demo.world import World
from socialcare.sandbox.shop_books import Refund, Replacement, major
from socialcare.sandbox.slack_people import Colleague
from socialcare.sandbox.slack_reading import Message
from socialcare.sandbox.watching import Changes

Json = dict[str, Any]
BUBBLES_MAX = 80
"""Messages of one phone, the latest."""
PHONES_MAX = 40
POSTS_MAX = 150
"""Messages of one channel of the desk, the latest."""
WHISPERS_MAX = 5
LATER_S = 0.03
"""Bells ring in bursts: one look for all of them."""
TYPING_LOOK_S = 0.5
"""Typing ends by itself, and no bell rings for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """Everything that is shown but the turns."""

    board: Board
    world: World
    keeper: Keeper
    platforms: Sequence[Platform]
    troubles: Troubles
    brains: Brains

    async def run(self) -> None:
        """Look whenever a bell rings, for ever."""
        self.platforms_shown()
        async with asyncio.TaskGroup() as together:
            for platform in self.platforms:
                together.create_task(self._watch(platform.changes, self._phones(platform)))
                together.create_task(self._watch_typing(platform))
            together.create_task(self._watch(self.world.slack.changes, self.desk))
            together.create_task(self._watch(self.keeper.changes, self.service))
            together.create_task(self._watch_books())

    async def _watch(self, changes: Changes, show: Callable[[], None]) -> None:
        while True:
            heard = changes.bell()
            show()
            await heard.wait()
            await self.world.clock.sleep(LATER_S)

    async def _watch_books(self) -> None:
        while True:
            heard = self.world.shop.changes.bell()
            await self.books()
            await heard.wait()
            await self.world.clock.sleep(LATER_S)

    async def _watch_typing(self, platform: Platform) -> None:
        while True:
            await self.world.clock.sleep(TYPING_LOOK_S)
            if any(phone.typing() for phone in platform.phones.values()) or any(
                '"typing":true' in one.text for one in self.board.since(0) if _is_phone(one.key)
            ):
                self._phones(platform)()

    # --- customers

    def platforms_shown(self) -> None:
        """Show which platforms there are."""
        for platform in self.platforms:
            self.board.put(
                f"platform/{platform.name}",
                {
                    "name": platform.name,
                    "title": platform.title,
                    "abilities": sorted(platform.abilities),
                },
            )

    def _phones(self, platform: Platform) -> Callable[[], None]:
        def show() -> None:
            for phone in list(platform.phones.values())[-PHONES_MAX:]:
                self.board.put(phone_key(platform, phone), _phone(platform, phone))
            self.board.keep(f"phone/{platform.name}.", PHONES_MAX)
            self._seen()

        return show

    def _seen(self) -> None:
        """Count what customers wrote and read, on whatever platform."""
        phones = [phone for each in self.platforms for phone in each.phones.values()]
        mine = [bubble.mine for phone in phones for bubble in phone.bubbles()]
        self.board.put("seen", {"written": sum(mine), "read": len(mine) - sum(mine)})

    # --- the desk

    def desk(self) -> None:
        """Show the channels of the desk, and what stands before each colleague."""
        workspace = self.world.slack.workspace
        for channel in workspace.channels.values():
            self.board.put(f"channel/{channel.id}", {"id": channel.id, "name": channel.name})
            shown = list(channel.messages.values())[-POSTS_MAX:]
            prefix = f"post/{channel.id}/"
            for message in shown:
                self.board.put(f"{prefix}{message.ts}", self._post(message))
            there = {f"{prefix}{message.ts}" for message in shown}
            for key in self.board.keys(prefix):
                if key not in there:
                    self.board.drop(key)
        for colleague in self.world.colleagues:
            self.board.put(f"colleague/{colleague.id}", self._colleague(colleague))

    def _colleague(self, one: Colleague) -> Json:
        whispers = [self._post(message) for message in one.ephemerals[-WHISPERS_MAX:]]
        return {
            "id": one.id,
            "name": one.name,
            "may": self.world.powers.get(one.id, ""),
            "view": None if one.view is None else one.view.body,
            "errors": dict(one.errors),
            "whispers": whispers,
        }

    def _post(self, message: Message) -> Json:
        workspace = self.world.slack.workspace
        member = workspace.members.get(message.user)
        about = (message.metadata or {}).get("event_payload", {})
        return {
            "channel": message.channel,
            "ts": message.ts,
            "thread": message.thread_ts if message.is_reply else None,
            "app": message.bot_id is not None,
            "name": member.name if member else (message.username or "Northwind Care"),
            "at": message.at.isoformat(),
            "text": message.text,
            "blocks": list(message.blocks),
            "edited": message.edited is not None,
            "conversation": about.get("conversation"),
        }

    # --- the service and what goes wrong

    def service(self) -> None:
        """Show how the service is, and where its web chat is."""
        self.board.put(
            "service",
            {
                "life": self.keeper.life,
                "runs": self.keeper.runs,
                "webchat": f"{self.world.url}/chat/webchat",
            },
        )

    def brain_shown(self) -> None:
        """Show which brain answers, and what can be lost with it."""
        chosen = self.brains.chosen
        self.board.put("brain", {"chosen": chosen, "words": WORDS[chosen]})
        self.troubles_shown()

    def troubles_shown(self) -> None:
        """Show what may go wrong, and how often it has."""
        for place, one in enumerate(TROUBLES):
            self.board.put(
                f"trouble/{one.name}",
                {
                    **asdict(one),
                    "place": place,
                    "missing": self.troubles.missing(one.name),
                    "armed": self.troubles.armed[one.name],
                    "struck": self.troubles.struck[one.name],
                },
            )

    # --- the shop

    async def books(self) -> None:
        """Show every order with its money and goods, as the shop's books have it."""
        shop = self.world.shop
        refunds, replacements = await shop.refunds(), await shop.replacements()
        for order in await shop.orders():
            self.board.put(
                f"order/{order['id']}",
                {
                    "id": order["id"],
                    "email": order["email"],
                    "status": order["status"],
                    "lines": [line["title"] for line in order["lines"]],
                    "charges": [
                        {
                            "id": charge.id,
                            "amount": f"{major(charge.amount, charge.currency)} {charge.currency}",
                            "refunds": _refunds(refunds, charge.id),
                        }
                        for charge in await shop.charges(order["id"])
                    ],
                    "replacements": _replacements(replacements, order["id"]),
                },
            )


def phone_key(platform: Platform, phone: Phone) -> str:
    """Name a phone's document."""
    return f"phone/{platform.name}.{phone.id}"


def _is_phone(key: str) -> bool:
    return key.startswith("phone/")


def _phone(platform: Platform, phone: Phone) -> Json:
    return {
        "channel": platform.name,
        "id": phone.id,
        "name": phone.name,
        "conversations": sorted(phone.conversations),
        "typing": phone.typing(),
        "bubbles": [_bubble(one) for one in phone.bubbles()[-BUBBLES_MAX:]],
    }


def _bubble(one: Bubble) -> Json:
    return {**asdict(one), "at": one.at.isoformat()}


def _refunds(refunds: Sequence[Refund], charge: str) -> list[str]:
    return [
        f"{major(one.amount, one.currency)} {one.currency}"
        + ("" if one.status == "done" else f" ({one.status})")
        for one in refunds
        if one.charge == charge
    ]


def _replacements(replacements: Sequence[Replacement], order: str) -> list[str]:
    return [f"promised for {one.promised_for}" for one in replacements if one.order == order]
