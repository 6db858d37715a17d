"""Erasing, retention and archives, on every engine: what is said goes, what must last stays."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from conversation.care import Care
from conversation.chain import LogRow, verify
from conversation.delivery import DeliveryState
from conversation.events import Decided, Drafted, Erased, IssueSeen, Tended
from conversation.forgetting import (
    Emptied,
    StillOpen,
    archive,
    archives_of,
    erase,
    find_old,
    forget_identities,
    forget_lost,
    forget_old,
)
from conversation.ledger import CallState
from conversation.model import Owner, Peer
from conversation.people import everything, whose
from conversation.quarantine import NotSo
from conversation.state import ConversationState
from conversation.store import (
    CommitResult,
    DeskPosted,
    Forgotten,
    Settlement,
    Store,
    TimerWrite,
    Work,
)
from tests.conversation.store_world import (
    NOW,
    accept,
    arrival,
    call,
    claimed,
    finish,
    heard,
    later,
    moves,
    press,
    row,
    sent,
    sign_off,
    turn,
    waiting,
    words,
)

WORDS = "my jacket is torn, ada@mail.example"
DAY = timedelta(days=1)
LONG_AFTER = NOW + 500 * DAY
BEFORE = NOW + 100 * DAY


async def spoke(
    store: Store, event_id: object = 1, key: str = "ada", *, at: datetime = NOW, text: str = WORDS
) -> Work:
    """Let a customer say something, which the bot answers; all of it is settled."""
    body = json.dumps({"text": text}).encode()
    await accept(store, arrival(event_id, key, body=body), at=at)
    (work,) = await store.claim(now=at, limit=1)
    await finish(
        store,
        work,
        at=at,
        log=(heard(text, str(event_id), user_id=key),),
        peer=Peer(user_id=key, name="Ada Example"),
        outbox=(words(f"say:{event_id}", work=work),),
    )
    (delivery,) = await store.take(now=at, limit=1)
    await store.settle(Settlement(delivery=delivery, state=DeliveryState.SENT, at=at))
    return work


async def erased(care: Care, work: Work) -> Emptied:
    async with care.writing() as session:
        return await erase(session, work.row.id, by="ops", at=later(60))


async def rows_of(care: Care, work: Work) -> list[LogRow]:
    async with care.looking() as session:
        found = await session.all("log_of", work.row.id)
    names = ("conversation", "position", "at_us", "kind", "turn", "digest", "hash", "salt", "body")
    return [LogRow(**{name: one[name] for name in names}) for one in found]


async def kept(care: Care, work: Work) -> str:
    """Give all that the store still tells of a conversation."""
    async with care.looking() as session:
        (person,) = await whose(session, work.row.id)
        return json.dumps(await everything(session, person, at=NOW))


async def chain_holds(care: Care, work: Work) -> None:
    rows = await rows_of(care, work)
    assert verify(rows) is None
    async with care.looking() as session:
        (found,) = await session.all("conversations", [work.row.id])
    assert (found["position"], found["chain"]) == (len(rows), rows[-1].hash)


# --- erasing


async def test_nothing_that_was_said_is_left_and_the_chain_verifies(
    store: Store, care: Care
) -> None:
    work = await spoke(store)
    assert WORDS in await kept(care, work)
    told = await erased(care, work)
    assert (told.conversations, told.entries, told.arrivals, told.deliveries) == (1, 1, 1, 1)
    left = await kept(care, work)
    assert "torn" not in left
    assert "example" not in left
    log = [event for _, event in await store.log(work.row.id)]
    assert log == [Erased(), Tended(by="ops", what="erase")]
    await chain_holds(care, work)


async def test_a_chain_that_was_tampered_with_does_not_verify_after_an_erasure(
    store: Store, care: Care
) -> None:
    work = await spoke(store)
    await erased(care, work)
    first, second = await rows_of(care, work)
    assert verify([second]) == 1
    assert verify([first, LogRow(**{
        name: getattr(second, name) for name in second.__slots__
    } | {"body": '{"kind":"tended","by":"nobody","what":"erase","about":""}'})]) == 2  # fmt: skip


async def test_a_person_is_known_no_more_and_begins_anew(store: Store, care: Care) -> None:
    work = await spoke(store)
    async with care.writing() as session:
        (person,) = await whose(session, "telegram:ada")
        await erase(session, work.row.id, by="ops", at=later(60))
        await forget_identities(session, person)
    async with care.looking() as session:
        assert await whose(session, "telegram:ada") == ()
    fresh = await spoke(store, 2, at=later(100), text="hello again")
    assert fresh.row.id == work.row.id
    assert (fresh.state, fresh.row.owner) == (ConversationState(), Owner.BOT)
    await chain_holds(care, work)
    async with care.looking() as session:
        (person,) = await whose(session, "telegram:ada")
    assert person.conversations == (work.row.id,)


async def test_what_was_sent_before_is_still_a_duplicate(store: Store, care: Care) -> None:
    """F01: the platform's retry after an erasure brings nothing back."""
    work = await spoke(store)
    await erased(care, work)
    assert (await accept(store, arrival(1), at=later(90))).new == (False,)
    assert await store.claim(now=later(90), limit=1) == []


async def test_the_idempotency_record_survives_as_a_digest(store: Store, care: Care) -> None:
    """The same wish has the same key, and is still known as done; its words are gone."""
    work = await spoke(store)
    await accept(store, arrival(2), at=later(3))
    (work,) = await store.claim(now=later(3), limit=1)
    for old, new in (
        (None, CallState.ALLOWED),
        (CallState.ALLOWED, CallState.EXECUTING),
        (CallState.EXECUTING, CallState.DONE),
    ):
        assert await store.commit(moves(work, old, new)) is CommitResult.COMMITTED
    await finish(store, work)
    await erased(care, work)
    found = (await store.calls(["refund:1:0"]))["refund:1:0"]
    assert (found.state, found.summary, found.result) == (CallState.DONE, "erased", None)
    assert list(json.loads(found.args)) == ["erased"]
    assert "ch_1" not in found.args
    before = found.args
    await erased(care, work)
    assert (await store.calls(["refund:1:0"]))["refund:1:0"].args == before, "the digest lasts"


@pytest.mark.parametrize("state", [CallState.ALLOWED, CallState.EXECUTING, CallState.UNKNOWN])
async def test_calls_that_somebody_must_end_come_first(
    store: Store, care: Care, state: CallState
) -> None:
    work = await spoke(store)
    await accept(store, arrival(2), at=later(3))
    (work,) = await store.claim(now=later(3), limit=1)
    path = (CallState.ALLOWED, CallState.EXECUTING, CallState.UNKNOWN)
    steps = path[: path.index(state) + 1]
    for old, new in zip((None, *steps), steps, strict=False):
        assert await store.commit(moves(work, old, new)) is CommitResult.COMMITTED
    await finish(store, work)
    with pytest.raises(StillOpen, match="refund:1:0"):
        await erased(care, work)
    assert WORDS in await kept(care, work)


async def test_a_sign_off_that_waits_expires(store: Store, care: Care) -> None:
    work = await claimed(store)
    write = moves(work, None, CallState.AWAITING).calls
    await finish(store, work, calls=write, approvals=(sign_off(work),))
    await erased(care, work)
    found = await store.approval("a1")
    assert found is not None
    assert (found[0].state, found[1].state) == ("expired", CallState.REFUSED)


async def test_a_turn_that_still_knows_what_was_said_cannot_write_it_back(
    store: Store, care: Care
) -> None:
    await spoke(store)
    await accept(store, arrival(2), at=later(3))
    (running,) = await store.claim(now=later(3), limit=1)
    await erased(care, running)
    late = turn(running, log=(heard(WORDS, "2"),), outbox=(words("say:2", work=running),))
    assert await store.commit(late) is CommitResult.LOST
    assert WORDS not in await kept(care, running)


async def test_what_waits_to_be_sent_or_read_goes_too(store: Store, care: Care) -> None:
    work = await claimed(store)
    timer = TimerWrite(name="human", due_at=later(9), data=WORDS)
    await finish(store, work, outbox=(words("say:1", work=work),), timers=(timer,))
    await accept(store, arrival(2, body=WORDS.encode()), at=later(3))
    await erased(care, work)
    assert await sent(store) == []
    assert await store.claim(now=later(90), limit=1) == []
    assert await store.fire(now=later(90), limit=9) == 0
    assert {name: n for name, n in (await waiting(store)).items() if n} == {}
    assert WORDS not in await kept(care, work)


async def test_a_delivery_under_way_settles_without_a_trace(store: Store, care: Care) -> None:
    work = await claimed(store)
    await finish(store, work, outbox=(words("say:1", work=work),))
    (delivery,) = await sent(store)
    await erased(care, work)
    receipt = Settlement(
        delivery=delivery, state=DeliveryState.SENT, at=later(70), log=(heard(WORDS),)
    )
    await store.settle(receipt)
    assert WORDS not in await kept(care, work)
    await chain_holds(care, work)


async def test_posts_at_the_desk_are_named(store: Store, care: Care) -> None:
    work = await claimed(store)
    await finish(store, work, outbox=(words("card:1", work=work, to="case_1"),))
    (delivery,) = await sent(store)
    posted = DeskPosted(key="case:1", conversation=work.row.id, channel="C0", ts="1.2")
    await store.settle(
        Settlement(delivery=delivery, state=DeliveryState.SENT, at=later(11), posted=posted)
    )
    assert (await erased(care, work)).posts == (posted,)


async def test_others_are_left_alone(store: Store, care: Care) -> None:
    """F41: erasing one person touches nobody else."""
    ada = await spoke(store)
    bob = await spoke(store, 2, "bob", text="bob's own words")
    before = await kept(care, bob)
    await erased(care, ada)
    assert await kept(care, bob) == before
    await chain_holds(care, bob)


# --- a message that was taken back


async def test_a_message_that_was_taken_back_is_empty_in_log_and_inbox(
    store: Store, care: Care
) -> None:
    work = await spoke(store)
    await spoke(store, 2, text="and I am cold", at=later(2))
    await accept(store, arrival("deleted"), at=later(3))
    (after,) = await store.claim(now=later(3), limit=1)
    gone = Forgotten(message_id="1", arrivals=(work.pending[0].seq,))
    await finish(store, after, forgotten=(gone,))
    left = await kept(care, work)
    assert "torn" not in left
    assert "and I am cold" in left
    await chain_holds(care, work)


async def test_an_id_that_is_part_of_another_takes_only_itself(store: Store, care: Care) -> None:
    await spoke(store, "1")
    work = await spoke(store, "11", text="eleven", at=later(2))
    await accept(store, arrival("deleted"), at=later(3))
    (after,) = await store.claim(now=later(3), limit=1)
    await finish(store, after, forgotten=(Forgotten(message_id="1", arrivals=()),))
    log = [event for _, event in await store.log(work.row.id)]
    assert [isinstance(event, Erased) for event in log] == [True, False]


# --- retention


async def stale(care: Care) -> Sequence[str]:
    async with care.looking() as session:
        page = await find_old(session, before=BEFORE, after="", limit=50)
    assert page.last is None
    return page.stale


async def forgotten(care: Care, work: Work) -> Emptied:
    async with care.writing() as session:
        return await forget_old(session, work.row.id, before=BEFORE, at=LONG_AFTER)


async def test_a_conversation_of_long_ago_is_emptied_whole(store: Store, care: Care) -> None:
    work = await spoke(store)
    assert await stale(care) == (work.row.id,)
    told = await forgotten(care, work)
    assert (told.entries, told.arrivals, told.deliveries) == (1, 1, 1)
    assert "torn" not in await kept(care, work)
    await chain_holds(care, work)
    assert await stale(care) == (), "and is not looked at again"
    async with care.looking() as session:
        assert await whose(session, "telegram:ada") == ()


async def test_of_one_that_goes_on_the_older_part_is_emptied(store: Store, care: Care) -> None:
    await spoke(store)
    recent = BEFORE + DAY
    understood = Decided(
        turn="t", stage="autonomous", shadow=False, language="en", mood="calm",
        issues=(IssueSeen(topic="returns", text="fresh"),), deadline=None, memory='{"a": 1}',
        summary="wants to return it",
    )  # fmt: skip
    await accept(store, arrival(2, body=b"fresh"), at=recent)
    (work,) = await store.claim(now=recent, limit=1)
    draft = Drafted(draft_id="d1", text="a fresh draft", case_id="case-1")
    await finish(
        store, work, at=recent, log=(heard("fresh", "2"), understood, draft), owner=Owner.DESK
    )
    assert await stale(care) == (work.row.id,)
    told = await forgotten(care, work)
    assert (told.entries, told.arrivals) == (1, 1)
    left = await kept(care, work)
    assert "torn" not in left
    assert "fresh" in left
    found = await store.conversation(work.row.id)
    assert found is not None
    state = found[1]
    assert [line.text for line in state.lines] == ["fresh"]
    assert (state.summary, state.memory) == ("wants to return it", '{"a": 1}')
    assert state.draft is not None, "a colleague may still send it"
    assert state.case is not None
    assert found[0].owner is Owner.DESK
    await chain_holds(care, work)
    assert await stale(care) == ()


async def test_what_was_just_written_is_never_forgotten_as_old(store: Store, care: Care) -> None:
    """CASES 15: acknowledged a moment before the round of retention: answered, not dropped."""
    work = await spoke(store)
    await accept(store, arrival(2), at=LONG_AFTER)
    assert await forgotten(care, work) == Emptied()
    (next_turn,) = await store.claim(now=LONG_AFTER, limit=1)
    assert [one.arrival.body for one in next_turn.pending] == [b'{"text": "hello"}']
    assert await forgotten(care, work) == Emptied(), "nor while it is worked on"
    await finish(store, next_turn, at=LONG_AFTER, log=(heard("hello"),))
    assert (await forgotten(care, work)).entries == 1


async def test_a_first_message_beside_an_old_unreadable_one_is_kept(
    store: Store, care: Care
) -> None:
    work = await claimed(store)
    await finish(store, work, consumed=(), quarantined=((work.pending[0].seq, "eight tries"),))
    await accept(store, arrival(2), at=LONG_AFTER)
    assert await stale(care) == (work.row.id,)
    assert await forgotten(care, work) == Emptied()
    (next_turn,) = await store.claim(now=LONG_AFTER, limit=1)
    assert [one.arrival.event_id for one in next_turn.pending] == ["2"]


async def test_an_old_case_at_the_desk_keeps_its_owner(store: Store, care: Care) -> None:
    work = await spoke(store)
    await accept(store, arrival(2), at=later(3))
    (work,) = await store.claim(now=later(3), limit=1)
    await finish(store, work, owner=Owner.DESK)
    assert (await forgotten(care, work)).entries == 1
    assert (await row(store, work.row.id)).owner is Owner.DESK
    assert "torn" not in await kept(care, work)


async def test_an_old_unknown_call_waits_for_a_person(store: Store, care: Care) -> None:
    work = await spoke(store)
    await accept(store, arrival(2), at=later(3))
    (work,) = await store.claim(now=later(3), limit=1)
    for old, new in (
        (None, CallState.ALLOWED),
        (CallState.ALLOWED, CallState.EXECUTING),
        (CallState.EXECUTING, CallState.UNKNOWN),
    ):
        await store.commit(moves(work, old, new))
    await finish(store, work)
    await forgotten(care, work)
    assert (await store.calls(["refund:1:0"]))["refund:1:0"].args == call(
        work, CallState.UNKNOWN
    ).args


async def test_pages_go_through_everybody(store: Store, care: Care) -> None:
    works = [await spoke(store, n, f"chat {n}") for n in range(5)]
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        async with care.looking() as session:
            page = await find_old(session, before=BEFORE, after=after, limit=2)
        seen += page.stale
        after = page.last
    assert sorted(seen) == sorted(work.row.id for work in works)


async def test_what_belongs_to_nobody_is_emptied_in_bites(store: Store, care: Care) -> None:
    for number in range(3):
        await accept(store, arrival(number, address=None, why="no JSON", body=b"?" + b"x" * number))
    await accept(store, arrival(9, address=None, why="no JSON", body=b"new"), at=LONG_AFTER)
    counts: list[int] = []
    while not counts or counts[-1]:
        async with care.writing() as session:
            counts.append(await forget_lost(session, before=BEFORE))
    assert counts == [3, 0]
    assert (await waiting(store))["quarantined"] == 1


async def test_what_was_meant_for_a_conversation_that_never_was_is_emptied_too(
    store: Store, care: Care
) -> None:
    await accept(store, press("late line", "c_nowhere", body=b"a colleague's words"))
    await accept(store, press("new line", "c_nowhere", body=b"new"), at=LONG_AFTER)
    async with care.writing() as session:
        assert await forget_lost(session, before=BEFORE) == 1
        assert await forget_lost(session, before=BEFORE) == 0
    async with care.looking() as session:
        kept = await session.all("arrivals_of", "c_nowhere", 2**62, 9)
    assert [(one["state"], one["body"]) for one in kept] == [("stray", "tnew"), ("stray", None)]


# --- archives


async def archived(
    care: Care, work: Work, *, about: str = "/old.jsonl", before: datetime = BEFORE
) -> list[Mapping[str, Any]]:
    told: list[Mapping[str, Any]] = []
    async with care.writing() as session:
        done = await archive(
            session,
            work.row.id,
            before=before,
            at=LONG_AFTER,
            keep=told.append,
            by="ops",
            about=about,
        )
    assert done == bool(told)
    return told


async def test_an_old_conversation_moves_out_whole_and_stays_known(
    store: Store, care: Care
) -> None:
    work = await spoke(store)
    (told,) = await archived(care, work)
    assert WORDS in json.dumps(told)
    assert told["identities"] == [{"channel": "telegram", "account": "777", "user_id": "ada"}]
    assert "torn" not in await kept(care, work)
    await chain_holds(care, work)
    async with care.looking() as session:
        (person,) = await whose(session, "telegram:ada")
        assert await archives_of(session, work.row.id) == ("/old.jsonl",)
    assert person.conversations == (work.row.id,)
    assert await archived(care, work, about="/again.jsonl", before=LONG_AFTER + DAY) == []


async def test_who_comes_back_and_leaves_again_is_in_two_archives(store: Store, care: Care) -> None:
    work = await spoke(store)
    await archived(care, work)
    back = await spoke(store, 2, at=LONG_AFTER + DAY, text="me again")
    assert back.state.lines == ()
    (told,) = await archived(care, work, about="/2.jsonl", before=LONG_AFTER + 9 * DAY)
    assert "me again" in json.dumps(told)
    assert "torn" not in json.dumps(told)
    async with care.looking() as session:
        assert await archives_of(session, work.row.id) == ("/old.jsonl", "/2.jsonl")


async def test_what_cannot_be_kept_there_stays_here(store: Store, care: Care) -> None:
    work = await spoke(store)

    def full(_: object) -> None:
        raise NotSo("no room")

    with pytest.raises(NotSo, match="no room"):
        async with care.writing() as session:
            await archive(
                session, work.row.id, before=BEFORE, at=LONG_AFTER, keep=full, by="o", about="x"
            )
    assert WORDS in await kept(care, work)
    await chain_holds(care, work)


async def test_what_is_recent_awake_or_somebodys_is_not_archived(store: Store, care: Care) -> None:
    recent = await spoke(store, at=LONG_AFTER)
    assert await archived(care, recent) == []
    awake = await spoke(store, 2, "bob")
    await accept(store, arrival(3, "bob"), at=LONG_AFTER)
    assert await archived(care, awake) == []
    (work,) = await store.claim(now=LONG_AFTER, limit=1)
    await finish(store, work, at=later(5), owner=Owner.DESK)
    assert await archived(care, work) == []
