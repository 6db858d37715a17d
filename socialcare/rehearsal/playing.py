"""Plays a rehearsal: the brand's own words, articles and limits; stand-ins for everybody else.

No platform, no shop and no Slack is touched: Telegram, X, the desk and the pretend shop of the
demo run on 127.0.0.1, and the store lies in a folder that is gone afterwards. Every conversation
has a customer of its own, so that they are played side by side.
"""

import asyncio
import contextlib
import itertools
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiosqlite

from config.money import Money
from config.schema import Settings
from config.stages import Stage, Surface
from conversation.clock import Clock
from conversation.events import Decided, decode
from socialcare.app import Learn, Service
from socialcare.demo.world import World, stand_ins
from socialcare.learning import learn as learn_really
from socialcare.rehearsal.people import Guest, InPrivate, InPublic, NothingToPress, press
from socialcare.rehearsal.script import BrandPart, Conversation, LinePart, Rehearsal, missing
from socialcare.sandbox.faults import Fault

PATIENCE_S = 30.0
"""Seconds that a line may take, beyond the brand's own time for an answer, until all is done."""
LOOK_S = 0.02
AS_IT_IS = BrandPart()
AT_ONCE = 8
"""Conversations played side by side."""
PLAYED = ("telegram", "x")
"""The stand-ins that customers write on: one in private, one in public."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of one conversation."""

    name: str
    faults: tuple[str, ...]
    lines: tuple[tuple[str, str], ...]
    """Who said what: ``customer``, ``bot`` or, of what was pressed, ``colleague``."""
    decisions: tuple[Decided, ...] = ()
    """What was decided, turn by turn, by which brain and at what price."""


@contextlib.asynccontextmanager
async def stage(
    folder: Path,
    *,
    clock: Clock,
    settings: Settings | None,
    knowledge: Path | None,
    brand: BrandPart = AS_IT_IS,
    learn: Learn = learn_really,
) -> AsyncIterator[World]:
    """Set everything up but the customers.

    Args:
        folder: An empty folder.
        clock: Time.
        settings: The brand's configuration; the demo's brand, when left out.
        knowledge: The brand's articles; the demo's, when left out.
        brand: What of the brand is otherwise.
        learn: How the brain learns.
    """
    async with stand_ins(folder, clock=clock, learn=learn) as world:
        worn = world.settings
        if settings is not None:
            if knowledge is not None:
                await asyncio.to_thread(_articles, knowledge, folder / "knowledge")
            worn = _dressed(worn, settings)
        worn = worn.model_copy(update={"brand": brand.worn_by(worn.brand)})
        yield replace(world, settings=worn)


def _articles(source: Path, to: Path) -> None:
    """Put the brand's articles in the place of the demo's."""
    shutil.rmtree(to, ignore_errors=True)
    if source.is_dir():
        shutil.copytree(source, to)


def _dressed(stand_in: Settings, brand: Settings) -> Settings:
    """Give the stand-ins' world the brand's words, topics, limits and model."""
    first = next(iter(brand.channels.values()), None)
    worn = {
        "stage": Stage.AUTONOMOUS if first is None else first.stage,
        "topics": {} if first is None else first.topics,
        "surfaces": {} if first is None else first.surfaces,
    }
    channels = {name: stand_in.channels[name].model_copy(update=worn) for name in PLAYED}
    return stand_in.model_copy(
        update={
            "brand": brand.brand,
            "topics": brand.topics,
            "targets": brand.targets,
            "model": brand.model,
            "actions": {
                name: action.model_copy(update={"connector": None})
                for name, action in brand.actions.items()
            },
            "channels": channels,
            "knowledge": brand.knowledge.model_copy(update={"folder": "knowledge"}),
        }
    )


async def rehearse(world: World, service: Service, rehearsal: Rehearsal) -> list[Played]:
    """Play every conversation of a file."""
    await service.ready()
    for operation in rehearsal.shop_refuses:
        world.shop.faults.until_cleared(operation, Fault(kind="status", status=422, body="{}"))
    places = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, conversation: Conversation) -> Played:
        async with places:
            return await _Playing(world, conversation, name=f"Guest {number:03}").play()

    return await asyncio.gather(*map(one, itertools.count(1), rehearsal.conversations))


class _Playing:
    def __init__(self, world: World, conversation: Conversation, *, name: str) -> None:
        self._world = world
        self._script = conversation
        public = conversation.surface is Surface.PUBLIC
        self._customer: Guest = (InPublic if public else InPrivate)(world, name=name)
        answer = world.settings.targets_for("telegram").answer
        self._patience_s = PATIENCE_S + answer.total_seconds()
        self._lines: list[tuple[str, str]] = []
        self._faults: list[str] = []

    async def play(self) -> Played:
        for number, line in enumerate(self._script.lines, 1):
            try:
                self._judge(number, line, await self._said(line))
                await self._understood(number, line)
            except TimeoutError:
                self._faults.append(f"line {number}: no end in {self._patience_s:.0f} s")
                break
            except NothingToPress as error:
                self._faults.append(f"line {number}: {error}")
                break
        await self._ended()
        return Played(
            name=self._script.name,
            faults=tuple(self._faults),
            lines=tuple(self._lines),
            decisions=tuple(await self._decisions()),
        )

    async def _decisions(self) -> list[Decided]:
        events = map(decode, await self._logged("decided"))
        return [event for event in events if isinstance(event, Decided)]

    async def _logged(self, kind: str) -> list[str]:
        """Read the log's entries of a kind, in order."""
        rows = await self._rows(
            "select content.body from log join content using (conversation, position) "
            "where log.conversation = ?1 and log.kind = ?2 order by log.position",
            kind,
        )
        return [row[0] for row in rows]

    async def _said(self, line: LinePart) -> str:
        before = len(self._customer.heard())
        if line.customer is not None:
            self._lines.append(("customer", line.customer))
            await self._customer.write(line.customer)
            await self._customer.delivered(timeout=self._patience_s)
        elif line.colleague is not None:
            self._lines.append(("colleague", line.colleague.replace("_", " ")))
            await press(self._world, line.colleague, about=self._customer.name)
        async with asyncio.timeout(self._patience_s):
            while await self._busy():
                await self._world.clock.sleep(LOOK_S)
        heard = "\n".join(self._customer.heard()[before:])
        if heard:
            self._lines.append(("bot", heard))
        return heard

    def _judge(self, number: int, line: LinePart, heard: str) -> None:
        if not heard and not line.silent and (line.says or line.any_of):
            self._faults.append(f"line {number}: nothing was said")
            return
        self._faults += [f"line {number}: {fault}" for fault in missing(line, heard)]

    async def _understood(self, number: int, line: LinePart) -> None:
        if not line.topics and line.language is None:
            return
        decisions = await self._decisions()
        heard = decisions[-1].language if decisions else "nothing"
        if line.language not in {None, heard}:
            self._faults.append(f"line {number}: heard as {heard}, not {line.language}")
        found = {issue.topic for issue in decisions[-1].issues} if decisions else set()
        lacking = set(line.topics) - found
        if lacking:
            told = ", ".join(sorted(found)) or "nothing"
            self._faults.append(
                f"line {number}: understood {told}, not {', '.join(sorted(lacking))}"
            )

    async def _busy(self) -> bool:
        rows = await self._rows(
            "select 1 from inbox where conversation = ?1 and state = 'pending' union all "
            "select 1 from conversation where id = ?1 and lease_us is not null union all "
            "select 1 from outbox where conversation = ?1 and kind = 'reply' "
            "and state in ('waiting', 'sending') limit 1"
        )
        known = await self._rows("select 1 from conversation where id = ?")
        return bool(rows) or not known

    async def _ended(self) -> None:
        script, shop = self._script, self._world.shop
        charges = {order: await shop.charges(order) for order in script.refunds}
        refunds = await shop.refunds()
        for order, wanted in script.refunds.items():
            ids = {charge.id for charge in charges[order]}
            made = sorted(one.amount for one in refunds if one.charge in ids)
            if made != sorted(Money.parse(amount).minor for amount in wanted):
                self._faults.append(f"refunds of {order}: {made} in minor units, not {wanted}")
        replaced = [one.order for one in await shop.replacements()]
        for order, count in script.replacements.items():
            if replaced.count(order) != count:
                self._faults.append(
                    f"replacements of {order}: {replaced.count(order)}, not {count}"
                )
        self._faults += await self._at_the_desk()

    async def _at_the_desk(self) -> list[str]:
        script, faults = self._script, []
        rows = await self._rows("select owner from conversation where id = ?")
        owner = rows[0][0] if rows else "nobody"
        if owner != script.desk:
            faults.append(f"in the end {owner} has it, not {script.desk}")
        if script.reason is not None:
            reasons = [json.loads(body)["reason"] for body in await self._logged("handed_off")]
            if script.reason not in reasons:
                told = ", ".join(reasons) or "not at all"
                faults.append(f"handed off: {told}, not {script.reason}")
        rows = await self._rows(
            "select count(*) from approval where conversation = ? and state = 'waiting'"
        )
        if rows[0][0] != script.waits:
            faults.append(f"{rows[0][0]} sign-offs wait, not {script.waits}")
        return faults

    async def _rows(self, question: str, *more: str) -> list[Any]:
        async with (
            aiosqlite.connect(self._world.store_file) as db,
            db.execute(question, (self._customer.conversation, *more)) as rows,
        ):
            return list(await rows.fetchall())
