"""What the sending worker makes of waiting, of doubt and of failures, with a real store."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import cast

import pytest

from channels.contract import Adapter, Capabilities, LengthUnit, OutboundMessage, Rate, Sent
from channels.errors import SendError, SendFailure
from config.load import load
from config.schema import Settings
from config.stages import Surface
from conversation.model import Address
from conversation.sqlite import SqliteStore
from conversation.store import OutboxKind, OutboxWrite
from socialcare.channel_alarms import ChannelAlarms
from socialcare.crowding import CROWDED_S
from socialcare.deliveries import AT_ONCE, CHANNEL_AT_ONCE, Deliveries
from socialcare.figures import Figures
from socialcare.reply_payload import ReplyPayload
from socialcare.retrying import FAILURES_IN_A_ROW, RESENDS_MAX
from socialcare.sandbox.hand_clock import HandClock
from socialcare.waking import Wake
from tests.conversation.store_world import (
    PATIENCE_S,
    accept,
    arrival,
    finish,
    later,
    sent,
    store_at,
    told_to_writer,
)

WINDOW_S = 60.0
CUSTOMERS = ("ada", "bea", "cem")


def brand(policy: str) -> Settings:
    section = f"{{stage: 'off', token: t0ken, webhook_secret: s3cret, on_unknown: {policy}}}"
    return load(f"brand: {{name: N}}\nchannels: {{telegram: {section}}}", env={})


class Platform:
    """Takes what it is sent within its rates, or fails as told."""

    def __init__(self, *, rates: tuple[Rate, ...] = ()) -> None:
        self.rates = rates
        self.failures: list[SendFailure] = []
        self.asked: list[str] = []
        self.hangs = False

    def capabilities(self, _: Surface) -> Capabilities:
        return Capabilities(max_length=4_000, unit=LengthUnit.CHARACTERS, rates=self.rates)

    async def send(self, address: Address, _: OutboundMessage) -> Sent:
        self.asked.append(address.key)
        if self.hangs:
            await asyncio.get_running_loop().create_future()
        if self.failures:
            raise SendError(self.failures.pop(0), "as told")
        return Sent(message_id=f"m{len(self.asked)}")


class Post:
    """A worker on a store, by a clock that is moved."""

    def __init__(
        self,
        store: SqliteStore,
        platform: Platform,
        *,
        policy: str = "resend",
        other: Platform | None = None,
    ) -> None:
        async def nothing_due() -> datetime | None:
            return None

        self.store = store
        self.clock = HandClock(later(10))
        self.worker = Deliveries(
            store=store,
            settings=lambda: brand(policy),
            adapters={
                "telegram": cast("Adapter", platform),
                "other": cast("Adapter", other or platform),
            },
            desk=None,
            clock=self.clock,
            figures=Figures(),
            wake=Wake(clock=self.clock, next_due=nothing_due),
            turns=Wake(clock=self.clock, next_due=nothing_due),
            rng=random.Random(1),  # noqa: S311 - jitter is no secret
            alarms=ChannelAlarms(store),
        )

    async def states(self) -> list[str]:
        """Send what is due; tell how the messages stand then."""
        await self.worker.drain()
        return [state for (state,) in await told_to_writer(self.store, STATES)]

    async def wait_s(self) -> float:
        """Tell how long the first message that waits still has to."""
        ((due_us,),) = await told_to_writer(self.store, DUE)
        due_s: float = due_us / 1e6
        return due_s - self.clock.now().timestamp()


STATES = "select state from outbox order by id"
DUE = "select min(due_us) from outbox where state = 'waiting'"


async def said(store: SqliteStore, *customers: str, channel: str = "telegram") -> None:
    """Leave words for customers in the outbox."""
    for one in customers:
        at = Address(channel=channel, account="777", key=one, surface=Surface.PRIVATE)
        await accept(store, arrival(one, address=at, channel=channel))
        (work,) = await store.claim(now=later(), limit=1)
        payload = ReplyPayload(text="hi", part=0, key=one).model_dump_json()
        row = OutboxWrite(
            key=f"say:{one}",
            destination=work.row.id,
            kind=OutboxKind.REPLY,
            payload=payload,
            fenced=True,
        )
        await finish(store, work, outbox=(row,))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    one = cast("SqliteStore", store_at(str(tmp_path / "care.db")))
    await one.open()
    yield one
    await one.close()


async def died_sending(store: SqliteStore) -> None:
    """Let a process die while it sends all there is; the next one has the store."""
    assert await sent(store)
    await store.close()
    await store.open()


async def test_c9_what_may_have_arrived_is_held_also_where_it_had_to_wait(
    store: SqliteStore,
) -> None:
    """`on_unknown: hold`: neither the platform's rate nor a rest makes anybody forget the doubt."""
    await said(store, *CUSTOMERS)
    await died_sending(store)
    platform = Platform(rates=(Rate(count=1, window_s=WINDOW_S),))
    post = Post(store, platform, policy="hold")
    for _ in CUSTOMERS:
        await post.states()
        post.clock.advance(WINDOW_S)
    assert await post.states() == ["unknown"] * 3
    assert platform.asked == []


async def test_what_is_in_doubt_says_nothing_of_the_platform(store: SqliteStore) -> None:
    """A process that died over many leaves a channel that is well."""
    many = [f"customer {number}" for number in range(FAILURES_IN_A_ROW)]
    await said(store, *many)
    await died_sending(store)
    platform = Platform()
    post = Post(store, platform, policy="hold")
    assert set(await post.states()) == {"unknown"}
    assert post.worker.resting() == frozenset()
    await said(store, "ada")
    assert (await post.states())[-1] == "sent"


async def test_waiting_for_ones_turn_is_no_try(store: SqliteStore) -> None:
    """Who waited long for the platform's rate is retried as soon, and as often, as anybody."""
    rounds = RESENDS_MAX + 2
    await said(store, *(f"customer {number}" for number in range(rounds + 1)))
    platform = Platform(rates=(Rate(count=1, window_s=WINDOW_S),))
    post = Post(store, platform, policy="resend")
    for number in range(rounds):
        assert (await post.states()).count("sent") == number + 1
        post.clock.advance(WINDOW_S)
    platform.failures = [SendFailure.UNKNOWN]
    assert (await post.states()).count("waiting") == 1, "sent again: it was tried once"
    assert await post.wait_s() <= 1.0
    post.clock.advance(WINDOW_S)
    assert set(await post.states()) == {"sent"}


async def test_what_surely_failed_does_not_use_up_the_resends(store: SqliteStore) -> None:
    """A long outage, then an answer that is lost: it is sent again, as `resend` says."""
    await said(store, "ada")
    platform = Platform()
    platform.failures = [*[SendFailure.UNAVAILABLE] * FAILURES_IN_A_ROW, SendFailure.UNKNOWN]
    post = Post(store, platform, policy="resend")
    while platform.failures:
        assert await post.states() == ["waiting"]
        post.clock.advance(await post.wait_s())
    assert await post.states() == ["sent"]


async def test_what_was_in_doubt_too_often_is_told_and_not_sent_again(store: SqliteStore) -> None:
    await said(store, "ada")
    platform = Platform()
    platform.failures = [SendFailure.UNKNOWN] * (RESENDS_MAX + 1)
    post = Post(store, platform, policy="resend")
    for _ in range(RESENDS_MAX):
        assert await post.states() == ["waiting"]
        post.clock.advance(await post.wait_s())
    assert await post.states() == ["unknown"]
    assert len(platform.asked) == RESENDS_MAX + 1


async def test_f28_a_platform_that_hangs_leaves_room_for_the_others(store: SqliteStore) -> None:
    """As many messages as can be under way wait for one that does not answer; another goes out."""
    await said(store, *(f"customer {number}" for number in range(AT_ONCE + 5)))
    await said(store, "ada", channel="other")
    hanging, well = Platform(), Platform()
    hanging.hangs = True
    post = Post(store, hanging, other=well)
    running = asyncio.create_task(post.worker.run())
    async with asyncio.timeout(PATIENCE_S):
        while not well.asked:
            await told_to_writer(store, STATES)  # time in which others go on
            post.clock.advance(CROWDED_S)
    assert len(hanging.asked) == CHANNEL_AT_ONCE
    running.cancel()
    sending = list(post.worker._running)
    for task in sending:
        task.cancel()
    await asyncio.gather(running, *sending, return_exceptions=True)
