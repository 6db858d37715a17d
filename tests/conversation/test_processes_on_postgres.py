"""Several processes on one PostgreSQL: nothing twice, nothing lost, nothing out of order."""

import asyncio
import random

import asyncpg

from conversation import postgres
from conversation.delivery import DeliveryState
from conversation.events import Ignored
from conversation.ledger import CallState
from conversation.postgres import PostgresStore
from conversation.postgres_news import HINTS_MAX
from conversation.store import (
    CommitResult,
    News,
    Settlement,
    Store,
    TimerWrite,
)
from tests.conversation.store_world import (
    PATIENCE_S,
    accept,
    arrival,
    claimed,
    cut_off,
    finish,
    keys,
    killed,
    later,
    moves,
    row,
    sent,
    takes_over,
    turn,
    waiting,
    words,
)

DEADLOCKS = "select deadlocks from pg_stat_database where datname = current_database()"


# --- two processes


async def test_f35_two_processes_share_the_conversations(
    one: PostgresStore, two: PostgresStore
) -> None:
    for number in range(40):
        await accept(one, arrival(number, f"chat {number}"))
    answers = await asyncio.gather(
        *(store.claim(now=later(), limit=3) for _ in range(20) for store in (one, two))
    )
    found = [work.row.id for works in answers for work in works]
    assert len(found) == len(set(found))
    while rest := await one.claim(now=later(), limit=9):
        found += [work.row.id for work in rest]
    assert len(found) == len(set(found)) == 40


async def test_messages_of_one_conversation_stay_in_order_whoever_takes_them(
    one: PostgresStore, two: PostgresStore
) -> None:
    seen: list[str] = []
    done = asyncio.Event()

    async def writes() -> None:
        for number in range(60):
            await accept((one, two)[number % 2], arrival(number))
        done.set()

    async def works(store: Store) -> None:
        while True:
            over = done.is_set()
            for work in await store.claim(now=later(9), limit=5):
                said = tuple(Ignored(what=p.arrival.event_id) for p in work.pending)
                await finish(store, work, log=said)
            if over and not (await waiting(store))["pending"]:
                return

    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(writes(), works(one), works(two))
    conversation = arrival(0).conversation
    assert conversation is not None
    seen = [event.what for _, event in await one.log(conversation) if isinstance(event, Ignored)]
    assert seen == [str(number) for number in range(60)]


async def test_nothing_accepted_while_a_turn_ends_sleeps_on(
    one: PostgresStore, two: PostgresStore
) -> None:
    """The lost wake-up: what is accepted between reading and releasing must wake the next turn."""
    await accept(one, arrival("first"))
    for number in range(40):
        (work,) = await one.claim(now=later(9), limit=1)
        await asyncio.gather(accept(two, arrival(number)), finish(one, work))
        found = await row(one, work.row.id)
        assert found.accepted == work.row.accepted + 1
    (work,) = await two.claim(now=later(9), limit=1)
    assert [pending.arrival.event_id for pending in work.pending] == ["39"]


async def test_accepting_the_same_conversations_in_any_order_locks_nobody_out(
    one: PostgresStore, two: PostgresStore, shell: asyncpg.Connection
) -> None:
    names = [f"chat {number}" for number in range(12)]
    rng = random.Random(5)  # noqa: S311 - any order will do, the same each time
    batches = [
        [arrival(f"{batch} {name}", name) for name in rng.sample(names, len(names))]
        for batch in range(16)
    ]
    # Each batch comes twice at once, as from a platform that was too impatient.
    answers = await asyncio.gather(
        *(accept(store, *batch) for batch in batches for store in (one, two))
    )
    assert sum(sum(answer.new) for answer in answers) == 16 * 12
    for name in names:
        assert (await row(one, arrival(0, name).conversation)).accepted == 16
    assert await shell.fetchval(DEADLOCKS) == 0


async def test_two_processes_cannot_both_begin_the_same_call(
    one: PostgresStore, two: PostgresStore
) -> None:
    for number in range(10):
        first = await claimed(one, f"a{number}", f"ada {number}")
        second = await claimed(two, f"b{number}", f"bob {number}")
        key = f"refund:{number}:0"
        outcomes = await asyncio.gather(
            one.commit(moves(first, None, CallState.EXECUTING, key=key)),
            two.commit(moves(second, None, CallState.EXECUTING, key=key)),
        )
        assert sorted(outcomes) == [CommitResult.COMMITTED, CommitResult.CONFLICT]


async def test_of_two_colleagues_at_two_machines_one_has_it(
    one: PostgresStore, two: PostgresStore
) -> None:
    for number in range(10):
        work = await claimed(one, number, f"chat {number}")
        answers = await asyncio.gather(
            one.accept(takes_over(work, f"p1 {number}", "U1")),
            two.accept(takes_over(work, f"p2 {number}", "U2")),
        )
        assert sorted(answer.applied for answer in answers) == [False, True]
        assert (await row(one, work.row.id)).epoch == work.row.epoch + 1


async def test_f39_a_timer_fires_once_however_many_look(
    one: PostgresStore, two: PostgresStore
) -> None:
    for number in range(10):
        work = await claimed(one, number, f"chat {number}")
        timers = tuple(TimerWrite(name=f"t{n}", due_at=later(5)) for n in range(3))
        await finish(one, work, timers=timers)
    fired = await asyncio.gather(
        *(store.fire(now=later(6), limit=4) for _ in range(6) for store in (one, two))
    )
    while more := await one.fire(now=later(6), limit=4):
        fired.append(more)
    assert sum(fired) == 30
    assert sum([len(work.pending) for work in await two.claim(now=later(6), limit=99)]) == 30


async def test_a_timer_is_moved_or_fires_never_both(
    one: PostgresStore, two: PostgresStore, shell: asyncpg.Connection
) -> None:
    for number in range(20):
        work = await claimed(one, number, f"chat {number}")
        old = TimerWrite(name="a", due_at=later(5))
        await finish(one, work, release=False, consumed=(), timers=(old,))
        moved = TimerWrite(name="a", due_at=later(999))
        _, fired = await asyncio.gather(
            finish(one, work, timers=(moved,)), two.fire(now=later(6), limit=9)
        )
        left = "select due_us from timer where conversation = $1"
        assert fired in {0, 1}
        assert await shell.fetchval(left, work.row.id) is not None
        assert (await row(one, work.row.id)).accepted == 1 + fired
    assert await shell.fetchval(DEADLOCKS) == 0


# --- leases


async def lapse(shell: asyncpg.Connection) -> None:
    """Let all leases end, as the server's clock would."""
    await shell.execute("update conversation set lease_us = 1 where lease_us is not null")
    await shell.execute("update outbox set lease_us = 1 where lease_us is not null")


async def test_f35_a_worker_that_was_given_up_never_commits(
    one: PostgresStore, two: PostgresStore, shell: asyncpg.Connection
) -> None:
    work = await claimed(one)
    assert await two.claim(now=later(), limit=1) == []
    await lapse(shell)
    (again,) = await two.claim(now=later(), limit=1)
    assert again.row.token == work.row.token + 1
    assert [pending.tries for pending in again.pending] == [2]
    late = turn(work, outbox=(words("late", work=work),), log=(Ignored(what="late"),))
    assert await one.commit(late) is CommitResult.LOST
    await one.renew(works=[work])
    assert await two.commit(turn(again, log=(Ignored(what="x"),))) is CommitResult.COMMITTED
    assert [event for _, event in await one.log(work.row.id)] == [Ignored(what="x")]


async def test_a_lease_is_of_the_servers_clock_and_can_be_renewed(
    one: PostgresStore, shell: asyncpg.Connection
) -> None:
    work = await claimed(one)
    left = "select (lease_us - socialcare_clock_us()) / 1e6 from conversation"
    assert postgres.LEASE_S - 5 < await shell.fetchval(left) <= postgres.LEASE_S
    await lapse(shell)
    await one.renew(works=[work])
    assert postgres.LEASE_S - 5 < await shell.fetchval(left) <= postgres.LEASE_S


async def test_what_a_dead_process_was_sending_waits_again_and_says_so(
    one: PostgresStore, two: PostgresStore, shell: asyncpg.Connection
) -> None:
    work = await claimed(one)
    await finish(one, work, outbox=tuple(words(f"say:{n}", work=work) for n in range(2)))
    (mine,) = await sent(one)
    assert await sent(two) == []
    await one.renew(deliveries=[mine])
    await lapse(shell)
    await one.renew(deliveries=[mine])
    assert await sent(two) == [], "renewed: it is still being sent"
    await lapse(shell)
    assert await sent(two) == [], "it waits again from now on"
    (again,) = await sent(two)
    assert (again.key, again.interrupted, again.tries) == ("say:0", True, 2)
    await one.settle(Settlement(delivery=mine, state=DeliveryState.SENT, at=later(20)))
    assert (await waiting(one))["outbox"] == 2, "word of the first sending settles nothing now"
    await two.settle(Settlement(delivery=again, state=DeliveryState.SENT, at=later(20)))
    assert keys(await sent(one)) == ["say:1"]


async def test_f06_to_f11_what_a_killed_process_had_in_hand_is_done_by_another(
    one: PostgresStore, shell: asyncpg.Connection, postgres_url: str
) -> None:
    await killed(postgres_url)
    assert len(await one.claim(now=later(), limit=99)) == 50, "one is still leased to the dead"
    assert await sent(one) == []
    await lapse(shell)
    works = await one.claim(now=later(), limit=99)
    assert [tuple(p.tries for p in work.pending) for work in works] == [(2,)] * 51
    assert await sent(one) == [], "from now on it waits again"
    (due,) = await sent(one)
    assert (due.key, due.interrupted) == ("say:1", True)


async def test_one_message_of_a_destination_is_under_way_however_many_send(
    one: PostgresStore, two: PostgresStore
) -> None:
    works = [await claimed(one, number, f"chat {number}") for number in range(5)]
    for work in works:
        out = tuple(words(f"{work.row.id}:{n}", work=work) for n in range(4))
        await finish(one, work, outbox=out)
    heard: dict[str, list[str]] = {}
    under_way: set[str] = set()

    async def sends(store: Store) -> None:
        while (await waiting(store))["outbox"]:
            for delivery in await store.take(now=later(9), limit=3):
                assert delivery.destination not in under_way
                under_way.add(delivery.destination)
                heard.setdefault(delivery.destination, []).append(delivery.key)
                await asyncio.wait([asyncio.create_task(store.counts())])
                under_way.discard(delivery.destination)
                done = Settlement(delivery=delivery, state=DeliveryState.SENT, at=later(9))
                await store.settle(done)

    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(*(sends(store) for store in (one, two, one, two)))
    assert heard == {w.row.id: [f"{w.row.id}:{n}" for n in range(4)] for w in works}


# --- news


async def test_what_one_accepts_the_other_hears_of(one: PostgresStore, two: PostgresStore) -> None:
    heard: asyncio.Queue[News] = asyncio.Queue()
    own: list[News] = []
    async with asyncio.timeout(PATIENCE_S):
        await one._news.listening.wait()
        await two._news.listening.wait()
        one.on_news(own.append)
        two.on_news(heard.put_nowait)
        work = await claimed(one)
        assert await heard.get() is News.TURNS
        await finish(one, work, outbox=(words("say", work=work),))
        assert await heard.get() is News.DELIVERIES
    assert own == [], "who writes needs no letter about it"


async def test_after_a_break_of_the_line_it_is_opened_again_and_everybody_looks(
    one: PostgresStore, shell: asyncpg.Connection
) -> None:
    heard: asyncio.Queue[News] = asyncio.Queue()
    async with asyncio.timeout(PATIENCE_S):
        await one._news.listening.wait()
        one.on_news(heard.put_nowait)
        await cut_off(shell)
        assert {await heard.get() for _ in News} == set(News)
        await shell.execute("notify socialcare_news, 'deliveries'")
        assert await heard.get() is News.DELIVERIES
        await shell.execute("notify socialcare_news, 'gibberish'")
        await shell.execute("notify socialcare_news, 'turns'")
        assert await heard.get() is News.TURNS


async def test_a_hint_is_heard_by_the_others_and_by_nobody_else(
    one: PostgresStore, two: PostgresStore
) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    own: list[str] = []
    async with asyncio.timeout(PATIENCE_S):
        await one._news.listening.wait()
        await two._news.listening.wait()
        one.on_hint(own.append)
        two.on_hint(heard.put_nowait)
        for _ in range(3):
            one.hint("c_1")
        one.hint("c_2")
        assert {await heard.get(), await heard.get()} == {"c_1", "c_2"}
    assert own == []


async def test_hints_without_a_line_are_let_fall(one: PostgresStore) -> None:
    one._news.listening.clear()
    for number in range(5_000):
        one.hint(f"c_{number}")
    assert not one._news._noted
    one._news.listening.set()
    for number in range(5_000):
        one.hint(f"c_{number}")
    assert len(one._news._noted) <= HINTS_MAX
