"""The store's contract: conversations of one customer that share an owner change hands together."""

import asyncio
from dataclasses import replace

import asyncpg
import pytest

from config.stages import Surface
from conversation.care import Care
from conversation.clock import SystemClock
from conversation.events import (
    Claimed,
    Colleague,
    DeskEvent,
    Drafted,
    Event,
    Released,
    Resolved,
    Said,
    SignOffAsked,
    Tended,
    decode,
    decode_desk,
    encode,
)
from conversation.invitations import Invite, Redeem, Redeemed
from conversation.joining import joinings, part
from conversation.kin import Mention, Named
from conversation.model import Address, Author, Owner, Peer
from conversation.postgres import PostgresStore
from conversation.store import Acceptance, CommitResult, OwnerChange, Shared, Store, Work
from tests.conversation.store_world import (
    NOW,
    PATIENCE_S,
    OpenStore,
    accept,
    arrival,
    care_at,
    finish,
    later,
    press,
    row,
    turn,
    words,
)

PROOF = (Mention(kind=Named.PROOF, value="A-10293"),)
BEN, CEM = Colleague(user_id="U1", name="Ben"), Colleague(user_id="U2", name="Cem")
HELD = frozenset({Owner.DESK, Owner.COLLEAGUE, Owner.ELSEWHERE})
CLAIMABLE = frozenset({Owner.BOT, Owner.DESK, Owner.ELSEWHERE})


def at(channel: str) -> Address:
    return Address(channel=channel, account="1", key="ana", surface=Surface.PRIVATE)


A, B, C = at("telegram"), at("webchat"), at("whatsapp")


async def wrote(
    store: Store,
    address: Address,
    event: object,
    *,
    done: bool = True,
    mentions: tuple[Mention, ...] = PROOF,
) -> Work:
    name = f"{address.channel}{event}"
    await accept(store, arrival(name, address=address, channel=address.channel))
    works = await store.claim(now=later(60), limit=9)
    (work,) = [one for one in works if one.row.id == address.conversation]
    for other in works:
        if other is not work:
            await finish(store, other)
    if done:
        peer = Peer(user_id=f"user {address.channel}")
        await finish(store, work, peer=peer, mentions=mentions)
    return work


async def one_person(store: Store) -> None:
    """Let one person be known in three places."""
    for address in (A, B, C):
        await wrote(store, address, "first")


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
    first = press(
        f"{told.kind}{number}{address.channel}",
        address.conversation,
        kind=told.kind,
        body=encode(told).encode(),
    )
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


async def owners(store: Store, *addresses: Address) -> list[tuple[Owner, str | None]]:
    rows = [await row(store, one.conversation) for one in addresses or (A, B, C)]
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


# --- cases that were open before anybody knew that it is one person


@pytest.fixture
async def strangers(open_store: OpenStore) -> Store:
    """Three people, as far as anybody knows, each with a case that waits at the desk."""
    store = await open_store()
    for address in (A, B, C):
        await wrote(store, address, "first", mentions=())
        await to_desk(store, address)
    return store


async def join(store: Store) -> None:
    """Let the customers be found to be one: each proves the same, A the last of them."""
    assert len(set(await customers(store, A, B, C))) == 3
    for address in (B, C, A):
        await proves(store, address)
    assert len(set(await customers(store, A, B, C))) == 1


async def customers(store: Store, *addresses: Address) -> list[str]:
    return [(await row(store, one.conversation)).customer for one in addresses]


async def proves(store: Store, address: Address, number: int = 1) -> None:
    """Let a turn prove the order there, which takes nothing but the message that did."""
    name = f"proof {number} {address.channel}"
    await accept(store, arrival(name, address=address, channel=address.channel))
    for work in await store.claim(now=later(60), limit=9):
        mine = tuple(one.seq for one in work.pending if one.arrival.event_id == name)
        mentions = PROOF if mine else ()
        rest = None if mine else later(60)
        wish = turn(work, consumed=mine, mentions=mentions, wake_at=rest)
        assert await store.commit(wish) is CommitResult.COMMITTED


async def told_of(store: Store) -> dict[str, list[Event]]:
    """Read what each conversation is told, and let its turn take it."""
    told = {}
    for work in await store.claim(now=later(90), limit=9):
        told[work.row.id] = [decode(one.arrival.body.decode()) for one in work.pending]
        await finish(store, work, log=tuple(told[work.row.id]))
    return told


def found(address: Address) -> Tended:
    """Tell that the customer is who proved the same there."""
    assert address.conversation is not None
    return Tended(by="proof", what="joined", about=address.conversation)


async def epochs(store: Store) -> list[int]:
    return [(await row(store, one.conversation)).epoch for one in (A, B, C)]


def claim(address: Address, by: Colleague, seconds: float) -> Acceptance:
    return replace(change(address, Claimed(by=by)), received_at=later(seconds))


@pytest.mark.parametrize("read", [True, False])
async def test_who_claimed_first_has_all_cases_of_who_is_found_to_be_one(
    strangers: Store, *, read: bool
) -> None:
    await strangers.accept(claim(B, BEN, 10))
    await strangers.accept(claim(A, CEM, 20))
    if read:
        for work in await strangers.claim(now=later(30), limit=9):
            said = [decode_desk(one.arrival.body) for one in work.pending]
            commit = turn(work, log=tuple(said))
            when = later(40) if work.row.id == A.conversation else later(35)
            assert await strangers.commit(replace(commit, at=when)) is CommitResult.COMMITTED
    assert await owners(strangers) == [CEMS, BENS, DESK]
    before = await epochs(strangers)
    await join(strangers)
    assert await owners(strangers) == [BENS, BENS, BENS]
    assert await epochs(strangers) == [before[0] + 1, before[1], before[2] + 1]
    told = await told_of(strangers)
    theirs = Claimed(by=BEN, joined=True)
    assert told[A.conversation][-1] == theirs
    assert told[B.conversation][-2:] == [found(C), found(A)]
    assert told[C.conversation] == [theirs, found(A)]
    await proves(strangers, B, 2)
    assert await told_of(strangers) == {}, "once is enough"


@pytest.mark.parametrize("end", [Released(by=BEN), Resolved(by=BEN)])
@pytest.mark.parametrize("pressed", [A, B, C])
async def test_from_then_on_what_is_done_with_one_is_done_with_all(
    strangers: Store, end: Released | Resolved, pressed: Address
) -> None:
    await strangers.accept(claim(B, BEN, 10))
    await join(strangers)
    await told_of(strangers)
    await strangers.accept(change(pressed, end))
    assert await owners(strangers) == [BOT, BOT, BOT]
    told = await told_of(strangers)
    assert all(told[one.conversation][-1] == end for one in (A, B, C) if one is not pressed)


@pytest.mark.parametrize("pressed", [A, B, C])
async def test_cases_that_nobody_has_wait_together(strangers: Store, pressed: Address) -> None:
    before = await epochs(strangers)
    await join(strangers)
    assert (await owners(strangers), await epochs(strangers)) == ([DESK] * 3, before)
    assert await told_of(strangers) == {
        B.conversation: [found(C), found(A)],
        C.conversation: [found(A)],
    }
    await strangers.accept(change(pressed, Claimed(by=BEN)))
    assert await owners(strangers) == [BENS, BENS, BENS]


async def test_what_the_bot_or_the_platforms_app_has_stays_there(strangers: Store) -> None:
    await strangers.accept(change(A, Released(by=BEN)))
    elsewhere = OwnerChange(
        conversation=C.conversation, to=Owner.ELSEWHERE, only_from=frozenset({Owner.DESK})
    )
    echo = press("echo", C.conversation)
    await strangers.accept(Acceptance(arrivals=(echo,), received_at=later(10), owner=elsewhere))
    await strangers.accept(claim(B, BEN, 10))
    await join(strangers)
    assert await owners(strangers) == [BOT, BENS, (Owner.ELSEWHERE, None)]


async def test_no_word_of_the_bot_is_sent_in_a_case_that_went_to_another(
    strangers: Store,
) -> None:
    """What was written before the join, and what a turn that began before it wants to say."""
    await strangers.accept(claim(B, BEN, 10))
    await proves(strangers, A)
    work = await wrote(strangers, A, "more", done=False)
    await finish(strangers, work, outbox=(words("held", work=work),))
    late = await wrote(strangers, A, "and more", done=False)
    await proves(strangers, B)
    wish = turn(late, epoch=late.row.epoch, outbox=(words("late", work=late),))
    assert await strangers.commit(wish) is CommitResult.OVERTAKEN
    assert await strangers.take(now=later(99), limit=9) == []


async def test_who_was_wrongly_joined_is_parted_and_their_cases_too(
    strangers: Store, place: str
) -> None:
    await strangers.accept(claim(B, BEN, 10))
    await join(strangers)
    care = care_at(place)
    await care.open()
    async with care.writing() as session:
        for one in await joinings(session, (await row(strangers, A.conversation)).customer):
            await part(session, one.id, by="ops", at=NOW)
    await care.close()
    assert await owners(strangers) == [BENS, BENS, BENS], "nobody loses a case by it"
    await strangers.accept(change(A, Released(by=BEN)))
    await strangers.accept(change(C, Resolved(by=BEN)))
    assert await owners(strangers) == [BOT, BENS, BOT]


async def test_an_invitation_gives_the_cases_one_owner_too(strangers: Store) -> None:
    await strangers.accept(claim(B, BEN, 10))
    await strangers.invite(
        Invite(conversation=B.conversation, channel=A.channel, nonce="n", expires_at=later(900))
    )
    work = await wrote(strangers, A, "with a token", done=False)
    redeem = Redeem(
        nonce="n", conversation=A.conversation, turn="t", user_id="user telegram", at=later(60)
    )
    assert (await strangers.redeem(redeem)).outcome is Redeemed.JOINED
    assert await owners(strangers) == [BENS, BENS, DESK]
    # The turn that brought it thinks again, under its new owner, and takes it once.
    wish = turn(work, epoch=work.row.epoch)
    assert await strangers.commit(wish) is CommitResult.OVERTAKEN
    again = replace(redeem, at=later(61))
    assert (await strangers.redeem(again)).outcome is Redeemed.JOINED


async def test_of_two_processes_a_claim_and_a_join_leave_one_owner(
    one: PostgresStore, two: PostgresStore
) -> None:
    """Claimed while the customers become one: all cases are that colleague's, either way."""
    for address in (A, B):
        await wrote(one, address, "first", mentions=())
        await to_desk(one, address)
    await proves(one, B)
    await asyncio.gather(one.accept(claim(B, BEN, 10)), proves(two, A))
    assert (await owners(one, A, B)) == [BENS, BENS]


# --- cases of which only a draft or a sign-off waits: the bot has them


def opens(address: Address, what: str) -> Event:
    case = f"case_{address.channel}"
    if what == "draft":
        return Drafted(draft_id="d", text="Dear Ana", case_id=case)
    return SignOffAsked(
        approval_id="a", call_key="k", summary="Refund", expires_at=later(900), case_id=case
    )


async def asks(store: Store, address: Address, what: str, event: object = "asks") -> None:
    """Let the bot ask a colleague about what the customer wrote there."""
    work = await wrote(store, address, event, done=False)
    await finish(store, work, log=(opens(address, what),))


@pytest.fixture
async def waiting(open_store: OpenStore) -> Store:
    """Two people, as far as anybody knows; one of them has a draft at the desk."""
    store = await open_store()
    for address in (A, B):
        await wrote(store, address, "first", mentions=())
    return store


@pytest.mark.parametrize("what", ["draft", "sign_off"])
@pytest.mark.parametrize("prover", [A, B])
async def test_what_waits_for_a_word_goes_to_who_has_the_other_case(
    waiting: Store, what: str, prover: Address
) -> None:
    await asks(waiting, A, what)
    await to_desk(waiting, B)
    await waiting.accept(claim(B, BEN, 10))
    before = (await row(waiting, A.conversation)).epoch
    for address in (B, A) if prover is A else (A, B):
        await proves(waiting, address)
    assert await owners(waiting, A, B) == [BENS, BENS]
    assert (await row(waiting, A.conversation)).epoch == before + 1
    assert (await told_of(waiting))[A.conversation][-1] == Claimed(by=BEN, joined=True)
    await waiting.accept(change(A, Released(by=BEN)))
    assert await owners(waiting, A, B) == [BOT, BOT]


@pytest.mark.parametrize("pressed", [A, B])
async def test_it_waits_at_the_desk_where_the_other_case_does(
    waiting: Store, pressed: Address
) -> None:
    await asks(waiting, A, "draft")
    await to_desk(waiting, B)
    before = (await row(waiting, A.conversation)).epoch
    await proves(waiting, A)
    await proves(waiting, B)
    assert await owners(waiting, A, B) == [DESK, DESK]
    assert (await row(waiting, A.conversation)).epoch == before + 1
    assert await told_of(waiting) == {A.conversation: [found(B)]}
    await waiting.accept(change(pressed, Claimed(by=BEN)))
    assert await owners(waiting, A, B) == [BENS, BENS]


@pytest.mark.parametrize("pressed", [A, B])
async def test_two_that_are_the_bots_stay_so_until_one_is_claimed(
    waiting: Store, pressed: Address
) -> None:
    await asks(waiting, A, "draft")
    await asks(waiting, B, "sign_off")
    before = [(await row(waiting, one.conversation)).epoch for one in (A, B)]
    await proves(waiting, A)
    await proves(waiting, B)
    assert await owners(waiting, A, B) == [BOT, BOT]
    assert [(await row(waiting, one.conversation)).epoch for one in (A, B)] == before
    await told_of(waiting)
    await waiting.accept(change(pressed, Claimed(by=BEN)))
    assert await owners(waiting, A, B) == [BENS, BENS]
    told = await told_of(waiting)
    assert [told[one.conversation][-1] for one in (A, B) if one is not pressed] == [Claimed(by=BEN)]


async def test_who_is_handed_over_later_takes_what_waits_along(waiting: Store) -> None:
    await asks(waiting, A, "draft")
    await asks(waiting, B, "draft")
    await proves(waiting, A)
    await proves(waiting, B)
    await to_desk(waiting, B)
    await waiting.accept(change(B, Claimed(by=BEN)))
    assert await owners(waiting, A, B) == [BENS, BENS]


@pytest.mark.parametrize("read", [True, False])
async def test_a_case_that_is_closed_goes_nowhere(waiting: Store, *, read: bool) -> None:
    """Closed before the join, or after it; read by a turn, or only pressed."""
    await asks(waiting, A, "draft")
    await to_desk(waiting, B)
    closed = press(
        "closed", A.conversation or "", kind="resolved", body=encode(Resolved(by=CEM)).encode()
    )
    await accept(waiting, closed)
    if read:
        await told_of(waiting)
    await waiting.accept(claim(B, BEN, 10))
    await proves(waiting, A)
    await proves(waiting, B)
    assert await owners(waiting, A, B) == [BOT, BENS]


async def test_a_linked_case_that_is_closed_is_linked_no_more(waiting: Store) -> None:
    await asks(waiting, A, "draft")
    await asks(waiting, B, "draft")
    await proves(waiting, A)
    await proves(waiting, B)
    await told_of(waiting)
    closed = press(
        "closed", A.conversation or "", kind="resolved", body=encode(Resolved(by=CEM)).encode()
    )
    await accept(waiting, closed)
    await told_of(waiting)
    await waiting.accept(change(B, Claimed(by=BEN)))
    assert await owners(waiting, A, B) == [BOT, BENS]


async def test_what_the_turn_says_that_joins_is_sent_and_what_was_said_before_is_not(
    waiting: Store,
) -> None:
    """Its own case goes to the colleague; that a sign-off is asked is as true as before."""
    await to_desk(waiting, B)
    await waiting.accept(claim(B, BEN, 10))
    await proves(waiting, B)
    work = await wrote(waiting, A, "asks", done=False)
    await waiting.commit(turn(work, consumed=(), release=False, outbox=(words("old", work=work),)))
    event = opens(A, "sign_off")
    said = Said(outbox_key="new", author=Author.BOT, text="A colleague looks at it.")
    await finish(
        waiting,
        work,
        log=(event, said),
        mentions=PROOF,
        epoch=work.row.epoch,
        outbox=(words("new", work=work),),
    )
    assert await owners(waiting, A, B) == [BENS, BENS]
    assert [one.key for one in await waiting.take(now=later(99), limit=9)] == ["new"]


async def test_who_is_parted_is_told_in_both_cases(waiting: Store, place: str) -> None:
    for address in (A, B):
        await wrote(waiting, address, "more", mentions=())
        await to_desk(waiting, address)
    before = await customers(waiting, A, B)
    await proves(waiting, A)
    await proves(waiting, B)
    await told_of(waiting)
    care = care_at(place)
    await care.open()
    async with care.writing() as session:
        (one,) = await joinings(session, (await customers(waiting, A))[0])
        await part(session, one.id, by="ops", at=NOW)
    await care.close()
    told = await told_of(waiting)
    assert told == {
        mine.conversation: [Tended(by="ops", what="parted", about=other)]
        for mine, other in ((A, before[1]), (B, before[0]))
    }


async def test_of_two_processes_a_draft_and_a_join_leave_one_owner(
    one: PostgresStore, two: PostgresStore, shell: asyncpg.Connection
) -> None:
    """Drafted while the customers become one: before it, the draft is theirs who has the case."""
    for address in (A, B):
        await wrote(one, address, "first", mentions=())
    await to_desk(one, A)
    await one.accept(claim(A, BEN, 10))
    await proves(one, B)
    # Of the customer who stays: the rows of who goes are written by the joining itself.
    drafts = await wrote(one, B, "drafts", done=False)
    db = await one._connect()

    async def stand(count: int) -> None:
        """Wait until that many transactions stand before a lock."""
        standing = (
            "select count(*) from pg_stat_activity "
            "where datname = current_database() and wait_event_type = 'Lock'"
        )
        async with asyncio.timeout(PATIENCE_S):
            while await db.fetchval(standing) < count:
                await SystemClock().sleep(0.01)

    # The one has its row and waits to write its log; then the other comes to join.
    await shell.execute("begin; lock table log in share mode")
    drafted = asyncio.create_task(finish(one, drafts, log=(opens(B, "draft"),)))
    await stand(1)
    proved = asyncio.create_task(proves(two, A))
    await stand(2)
    await shell.execute("commit")
    await asyncio.gather(drafted, proved)
    await db.close()
    assert await owners(one, A, B) == [BENS, BENS]
