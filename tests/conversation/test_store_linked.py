"""The store's contract: conversations of one customer that share an owner change hands together."""

import asyncio
from dataclasses import replace

import pytest

from config.stages import Surface
from conversation.care import Care
from conversation.events import Claimed, Colleague, DeskEvent, Released, Resolved, decode_desk
from conversation.joining import joinings, part
from conversation.kin import Join, Mention, Named
from conversation.model import Address, Owner, Peer
from conversation.postgres import PostgresStore
from conversation.store import Acceptance, CommitResult, OwnerChange, Shared, Store, Work
from tests.conversation.store_world import (
    NOW,
    OpenStore,
    accept,
    arrival,
    finish,
    later,
    press,
    row,
    turn,
)

PROOF = (Mention(kind=Named.PROOF, value="A-10293"),)
BEN, CEM = Colleague(user_id="U1", name="Ben"), Colleague(user_id="U2", name="Cem")
HELD = frozenset({Owner.DESK, Owner.COLLEAGUE, Owner.ELSEWHERE})
CLAIMABLE = frozenset({Owner.BOT, Owner.DESK, Owner.ELSEWHERE})


def at(channel: str) -> Address:
    return Address(channel=channel, account="1", key="ana", surface=Surface.PRIVATE)


A, B, C = at("telegram"), at("webchat"), at("whatsapp")


async def wrote(store: Store, address: Address, event: object, *, done: bool = True) -> Work:
    name = f"{address.channel}{event}"
    await accept(store, arrival(name, address=address, channel=address.channel))
    works = await store.claim(now=later(60), limit=9)
    (work,) = [one for one in works if one.row.id == address.conversation]
    for other in works:
        if other is not work:
            await finish(store, other)
    if done:
        await finish(store, work, peer=Peer(user_id=f"user {address.channel}"), mentions=PROOF)
    return work


async def one_person(store: Store) -> None:
    """Let one person be known in three places."""
    for address in (A, B, C):
        await wrote(store, address, "first")
        await store.join(Join(conversation=address.conversation, at=NOW))


@pytest.fixture
async def store(open_store: OpenStore) -> Store:
    store = await open_store()
    await one_person(store)
    return store


def change(address: Address, told: DeskEvent, number: int = 1) -> Acceptance:
    claims = isinstance(told, Claimed)
    assert isinstance(told, Claimed | Released | Resolved)
    owner = OwnerChange(
        conversation=address.conversation,
        to=Owner.COLLEAGUE if claims else Owner.BOT,
        only_from=CLAIMABLE if claims else HELD,
        claimed_by=told.by.user_id if claims else None,
        told=told,
    )
    body = told.kind.encode()
    first = press(f"{told.kind}{number}{address.channel}", address.conversation, body=body)
    return Acceptance(arrivals=(first,), received_at=later(10), owner=owner)


async def to_desk(store: Store, address: Address, event: object = "human") -> None:
    await finish(store, await wrote(store, address, event, done=False), owner=Owner.DESK)


def shared(held: Address, owner: Owner = Owner.DESK, claimed_by: str | None = None) -> Shared:
    return Shared(conversation=held.conversation, owner=owner, claimed_by=claimed_by)


async def leaves_to(
    store: Store, address: Address, shares: Shared, event: object = "more"
) -> CommitResult:
    """Let the customer write there while colleagues have the other conversation."""
    work = await wrote(store, address, event, done=False)
    owner = Owner.COLLEAGUE if shares.owner is Owner.COLLEAGUE else Owner.DESK
    result = await store.commit(turn(work, owner=owner, shares=shares))
    if result is not CommitResult.COMMITTED:
        await finish(store, work)
    return result


async def owners(store: Store) -> list[tuple[Owner, str | None]]:
    rows = [await row(store, one.conversation) for one in (A, B, C)]
    return [(one.owner, one.claimed_by) for one in rows]


BOT, DESK = (Owner.BOT, None), (Owner.DESK, None)
BENS, CEMS = (Owner.COLLEAGUE, "U1"), (Owner.COLLEAGUE, "U2")


@pytest.mark.parametrize("end", [Released(by=BEN), Resolved(by=BEN)])
@pytest.mark.parametrize("pressed", [(A, B), (B, A), (A, A), (B, B)])
async def test_what_is_done_with_one_is_done_with_both(
    store: Store, end: Released | Resolved, pressed: tuple[Address, Address]
) -> None:
    await to_desk(store, A)
    assert await leaves_to(store, B, shared(A)) is CommitResult.COMMITTED
    assert await owners(store) == [DESK, DESK, BOT]
    epochs = [(await row(store, one.conversation)).epoch for one in (A, B)]
    claim = change(pressed[0], Claimed(by=BEN))
    for _ in range(3):
        assert (await store.accept(claim)).applied
    assert await owners(store) == [BENS, BENS, BOT]
    assert [(await row(store, one.conversation)).epoch for one in (A, B)] == [
        one + 1 for one in epochs
    ], "once, however often the press comes"
    assert (await store.accept(change(pressed[1], end))).applied
    assert await owners(store) == [BOT, BOT, BOT]
    works = await store.claim(now=later(60), limit=9)
    told = {
        one.row.id: [
            decode_desk(p.arrival.body) for p in one.pending if ":c_" in p.arrival.event_id
        ]
        for one in works
    }
    others = {A.conversation: B.conversation, B.conversation: A.conversation}
    expected: dict[str, list[DeskEvent]] = {A.conversation: [], B.conversation: []}
    expected[others[pressed[0].conversation]].append(Claimed(by=BEN))
    expected[others[pressed[1].conversation]].append(end)
    assert told == expected


async def test_a_third_place_joins_the_two(store: Store) -> None:
    await to_desk(store, A)
    await leaves_to(store, B, shared(A))
    await store.accept(change(A, Claimed(by=BEN)))
    assert await leaves_to(store, C, shared(B, Owner.COLLEAGUE, "U1")) is CommitResult.COMMITTED
    assert await owners(store) == [BENS, BENS, BENS]
    await store.accept(change(C, Released(by=BEN)))
    assert await owners(store) == [BOT, BOT, BOT]
    # What is over is over: the next case is its own.
    await to_desk(store, A, "again")
    await to_desk(store, B, "again")
    await store.accept(change(A, Claimed(by=BEN), 2))
    assert await owners(store) == [BENS, DESK, BOT]


@pytest.mark.parametrize("knew", [shared(A, Owner.COLLEAGUE, "U1"), shared(C), shared(B)])
async def test_a_turn_that_knew_it_otherwise_thinks_again(store: Store, knew: Shared) -> None:
    await to_desk(store, A)
    assert await leaves_to(store, B, knew) is CommitResult.STALE
    assert await owners(store) == [DESK, BOT, BOT]


async def test_what_another_colleague_has_stays_theirs(store: Store) -> None:
    await to_desk(store, A)
    await leaves_to(store, B, shared(A))
    alone = change(B, Claimed(by=CEM))
    assert alone.owner is not None
    await store.accept(replace(alone, owner=replace(alone.owner, told=None)))
    await store.accept(change(A, Claimed(by=BEN)))
    assert await owners(store) == [BENS, CEMS, BOT]
    await store.accept(change(A, Resolved(by=BEN)))
    assert await owners(store) == [BOT, CEMS, BOT]


async def test_an_answer_in_a_platforms_app_moves_its_own_conversation_alone(store: Store) -> None:
    await to_desk(store, A)
    await leaves_to(store, B, shared(A))
    elsewhere = OwnerChange(
        conversation=A.conversation, to=Owner.ELSEWHERE, only_from=frozenset({Owner.DESK})
    )
    echo = Acceptance(
        arrivals=(press("echo", A.conversation),), received_at=later(10), owner=elsewhere
    )
    await store.accept(echo)
    assert await owners(store) == [(Owner.ELSEWHERE, None), DESK, BOT]
    await store.accept(change(B, Claimed(by=BEN)))
    assert await owners(store) == [(Owner.ELSEWHERE, None), BENS, BOT]
    # It lapses; the other one goes on waiting for whoever has it.
    works = await store.claim(now=later(90), limit=9)
    (work,) = [one for one in works if one.row.id == A.conversation]
    await finish(store, work, owner=Owner.BOT)
    assert await owners(store) == [BOT, BENS, BOT]
    await store.accept(change(B, Released(by=BEN)))
    assert await owners(store) == [BOT, BOT, BOT]


async def test_who_was_parted_changes_hands_apart(store: Store, care: Care) -> None:
    await to_desk(store, A)
    await leaves_to(store, B, shared(A))
    async with care.writing() as session:
        for one in await joinings(session, (await row(store, A.conversation)).customer):
            await part(session, one.id, by="ops", at=NOW)
    await store.accept(change(A, Claimed(by=BEN)))
    assert await owners(store) == [BENS, DESK, BOT]


async def test_of_two_processes_no_case_is_left_behind(
    one: PostgresStore, two: PostgresStore
) -> None:
    """Released while the other place is handed over: both are the bot's, or it thinks again."""
    await one_person(one)
    for n in range(25):
        await finish(one, await wrote(one, A, f"a{n}", done=False), owner=Owner.DESK)
        work = await wrote(two, B, f"b{n}", done=False)
        wish = turn(work, owner=Owner.DESK, shares=shared(A))
        result, _ = await asyncio.gather(
            two.commit(wish), one.accept(change(A, Released(by=BEN), n))
        )
        assert result in {CommitResult.COMMITTED, CommitResult.STALE}
        if result is CommitResult.STALE:
            await finish(two, work)
        assert await owners(one) == [BOT, BOT, BOT], result
        # What was told is read, for the next round.
        for left in await one.claim(now=later(90), limit=9):
            await finish(one, left)
