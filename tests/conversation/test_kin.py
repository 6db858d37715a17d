"""The store's contract: one person in several places, joined on proof only, parted again."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from config.stages import Surface
from conversation.care import Care
from conversation.clock import SystemClock
from conversation.events import Event, Tended, decode
from conversation.forgetting import erase, forget_identities
from conversation.joining import NotJoined, joinings, part
from conversation.kin import COMMON_MAX, Joined, Mention, Named, Relative, Spoken
from conversation.model import Address, Owner, Peer
from conversation.people import whose
from conversation.postgres import PostgresStore
from conversation.postgres_care import PostgresCare
from conversation.postgres_session import PostgresSession
from conversation.sqlite_care import SqliteCare
from conversation.sqlite_writer import DirectSession
from conversation.store import CommitResult, Store, Work
from tests.conversation.store_world import (
    NOW,
    accept,
    arrival,
    finish,
    later,
    on_postgres,
    row,
    takes_over,
    turn,
    words,
)

PROOF = Mention(kind=Named.PROOF, value="A-10293")
ORDER = Mention(kind=Named.ORDER, value="A-10293")
EMAIL = Mention(kind=Named.EMAIL, value="Ana@Northwind.example ")


@pytest.fixture
async def care(place: str, store: Store) -> AsyncIterator[Care]:
    """Open the care of the same place, once its tables are there."""
    del store
    care: Care = PostgresCare(place) if on_postgres(place) else SqliteCare(place)
    await care.open()
    yield care
    await care.close()


def at(channel: str, key: str, surface: Surface = Surface.PRIVATE) -> Address:
    return Address(channel=channel, account="1", key=key, surface=surface)


async def wrote(store: Store, address: Address, *mentions: Mention, event: str = "1") -> Work:
    """Let somebody write, and the turn note what was named."""
    name = f"{address.channel}{address.key}{event}"
    await accept(store, arrival(name, address=address, channel=address.channel))
    works = await store.claim(now=later(), limit=9)
    (work,) = [one for one in works if one.row.id == address.conversation]
    peer = Peer(user_id=f"user {address.key}")
    name = f"{work.row.id}:{work.pending[0].seq}"
    await finish(store, work, mentions=mentions, peer=peer, turn=name)
    return work


async def joined(care: Care, store: Store, address: Address) -> tuple[Joined, ...]:
    """List the joinings that made the customer there."""
    async with care.looking() as session:
        return await joinings(session, await customer(store, address))


async def customer(store: Store, address: Address) -> str:
    return (await row(store, address.conversation)).customer


ANA, ALSO, EVE = at("telegram", "ana"), at("whatsapp", "also ana"), at("telegram", "eve")


async def test_case_44_the_same_proof_in_two_places_is_one_customer(
    store: Store, care: Care
) -> None:
    await wrote(store, ANA, PROOF, ORDER)
    await wrote(store, EVE, ORDER, EMAIL)
    await wrote(store, ALSO, PROOF)
    assert await customer(store, ANA) == await customer(store, ALSO)
    assert await customer(store, EVE) != await customer(store, ANA)
    await wrote(store, ANA, PROOF, event="again")
    assert len(await joined(care, store, ANA)) == 1, "once is enough"


async def test_a_commit_that_does_not_hold_joins_nobody(store: Store) -> None:
    await wrote(store, ANA, PROOF)
    work = await wrote(store, ALSO)
    assert await store.commit(turn(work, mentions=(PROOF,))) is CommitResult.LOST
    assert await customer(store, ALSO) != await customer(store, ANA)


async def test_a_turn_that_proves_tells_it_in_its_log_and_trace(store: Store) -> None:
    await wrote(store, ANA, PROOF)
    first = await customer(store, ANA)
    await wrote(store, ALSO, PROOF)
    entries = [event for _, event in await store.log(ALSO.conversation)]
    assert entries == [Tended(by="proof", what="joined", about=first)]
    (told,) = await store.traces(ALSO.conversation, last=1)
    assert f"Found to be one person with who is known as {first}" in [
        line.text for line in told.lines
    ]


@pytest.fixture
def asked(place: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Write down the names of the statements that the engine is given."""
    names: list[str] = []
    session = PostgresSession if on_postgres(place) else DirectSession
    really = session.all

    async def noted(self: Any, name: str, *what: Any) -> Any:
        names.append(name)
        return await really(self, name, *what)

    monkeypatch.setattr(session, "all", noted)
    return names


async def test_only_a_turn_that_proves_something_asks_who_else_did(
    store: Store, asked: list[str]
) -> None:
    spent = []
    for n, mentions in enumerate(((ORDER,), (ORDER, EMAIL), (ORDER, PROOF))):
        await accept(store, arrival(n, address=ANA))
        (work,) = await store.claim(now=later(), limit=1)
        asked.clear()
        await finish(store, work, mentions=mentions)
        spent.append(set(asked))
    assert spent[0] == spent[1]
    assert spent[2] - spent[1] == {"kin_proved"} | ({"proof_hold"} & set(asked))


async def test_two_who_prove_the_same_at_once_are_one(
    one: PostgresStore, two: PostgresStore
) -> None:
    """Neither process sees what the other has not committed: one of them waits for the other."""
    for n in range(20):
        proof = Mention(kind=Named.PROOF, value=f"A-{n}")
        places = [at("telegram", f"ana {n}"), at("whatsapp", f"also {n}")]
        for address in places:
            await accept(one, arrival(address.key, address=address, channel=address.channel))
        works = {work.row.id: work for work in await one.claim(now=later(), limit=9)}
        wishes = [turn(works[place.conversation], mentions=(proof,)) for place in places]
        results = await asyncio.gather(one.commit(wishes[0]), two.commit(wishes[1]))
        assert set(results) == {CommitResult.COMMITTED}
        assert len({await customer(one, place) for place in places}) == 1, n


async def test_who_writes_under_an_id_that_the_platform_told_is_known_from_the_first(
    store: Store,
) -> None:
    """A new number, told beforehand: the new chat is the old customer's before any turn."""
    old, new = at("whatsapp", "GB.1"), at("whatsapp", "GB.2")
    await wrote(store, old)
    await accept(store, arrival("moved", address=old, channel="whatsapp"))
    (work,) = await store.claim(now=later(), limit=9)
    await finish(store, work, peer=Peer(user_id="GB.2"))
    await accept(store, arrival("anew", address=new, channel="whatsapp"))
    assert await customer(store, new) == await customer(store, old)
    stranger = at("instagram", "GB.2")
    await accept(store, arrival("other", address=stranger, channel="instagram"))
    assert await customer(store, stranger) != await customer(store, old)


async def test_two_ids_in_one_breath_are_one_customer_unless_the_number_was_somebody_elses(
    store: Store,
) -> None:
    """A number that is told beside an id is its owner's; numbers are given away in time."""
    number, first, second = (at("whatsapp", key) for key in ("447700900123", "GB.1", "GB.2"))
    await accept(store, arrival("old", address=number, channel="whatsapp"))
    (work,) = await store.claim(now=later(), limit=9)
    await finish(store, work, peer=Peer(user_id=number.key))
    await accept(store, arrival("new", address=first, channel="whatsapp", also=number.key))
    assert await customer(store, first) == await customer(store, number)
    (work,) = await store.claim(now=later(), limit=9)
    await finish(store, work, peer=Peer(user_id=first.key))
    await accept(store, arrival("later", address=second, channel="whatsapp", also=number.key))
    assert await customer(store, second) != await customer(store, number)
    stranger = at("instagram", "GB.3")
    await accept(store, arrival("other", address=stranger, channel="instagram", also=number.key))
    assert await customer(store, stranger) != await customer(store, number)


async def test_an_arrival_tells_where_it_was_kept(store: Store) -> None:
    await accept(store, arrival("comment:1", address=ANA))
    place = {"channel": arrival("1").channel, "account": arrival("1").account}
    assert await store.arrived_in(**place, event_id="comment:1") == ANA.conversation
    assert await store.arrived_in(**place, event_id="comment:2") is None


async def test_our_words_are_found_in_the_thread_and_with_the_person_they_went_to(
    store: Store,
) -> None:
    post = at("telegram", "77:ada", Surface.PUBLIC)
    await accept(store, arrival("comment:1", address=post))
    (work,) = await store.claim(now=later(), limit=9)
    said = replace(words("w", work=work), payload='{"text": "Write to us, please."}')
    await finish(store, work, peer=Peer(user_id="ada"), outbox=(said,))
    asked = Spoken(channel="telegram", account="1", texts=("Write to us, please.", "Hi"))
    for spoken, known in (
        (replace(asked, user_id="ada"), True),
        (replace(asked, user_id="eve"), False),
        (replace(asked, thread="77:"), True),
        (replace(asked, thread="7:"), False),
        (replace(asked, thread="77:", texts=("Hi",)), False),
        (replace(asked, thread="77:", account="2"), False),
    ):
        assert await store.spoke(spoken) is known, spoken


async def test_case_44_what_is_only_named_joins_nobody_and_is_a_hint(store: Store) -> None:
    await wrote(store, ANA, ORDER, EMAIL)
    await wrote(store, EVE, ORDER, Mention(kind=Named.EMAIL, value="ana@northwind.example"))
    assert await customer(store, EVE) != await customer(store, ANA)
    assert await store.relatives(EVE.conversation) == (
        Relative(
            conversation=ANA.conversation,
            channel="telegram",
            surface=Surface.PRIVATE,
            owner=Owner.BOT,
            claimed_by=None,
            same=False,
            why=(Named.EMAIL, Named.ORDER),
        ),
    )


async def likely(store: Store) -> dict[str, list[Event]]:
    """Read what cases are told by themselves, and let their turns take it."""
    told: dict[str, list[Event]] = {}
    for work in await store.claim(now=later(60), limit=9):
        for one in work.pending:
            if one.arrival.channel == "directory":
                told.setdefault(work.row.id, []).append(decode(one.arrival.body.decode()))
        await finish(store, work)
    return told


async def test_a_case_that_stands_is_told_who_else_names_the_same(store: Store) -> None:
    work = await wrote(store, ANA, ORDER, EMAIL)
    await store.accept(takes_over(work, "claim"))
    await wrote(store, ALSO, EMAIL)
    assert ALSO.conversation is not None
    news = Tended(by="mention", what="likely", about=ALSO.conversation)
    assert await likely(store) == {ANA.conversation: [news]}
    await wrote(store, ALSO, EMAIL, event="again")
    assert await likely(store) == {}, "once is enough"


async def test_no_case_is_told_of_itself_of_the_same_customer_or_of_what_everybody_names(
    store: Store,
) -> None:
    work = await wrote(store, ANA)
    await store.accept(takes_over(work, "claim"))
    await wrote(store, ANA, ORDER, event="itself")
    public = at("telegram", "ana", Surface.PUBLIC)
    await wrote(store, public, ORDER, event="the same")
    assert await customer(store, public) == await customer(store, ANA)
    for n in range(COMMON_MAX + 1):
        await wrote(store, at("telegram", f"guest {n}"), EMAIL)
    await likely(store)
    await wrote(store, ANA, EMAIL, event="everybody's")
    await wrote(store, EVE, EMAIL)
    assert await likely(store) == {}


async def test_what_everybody_names_says_nothing(store: Store) -> None:
    for n in range(COMMON_MAX + 1):
        await wrote(store, at("telegram", f"guest {n}"), EMAIL)
    assert await store.relatives(at("telegram", "guest 0").conversation) == ()


async def test_a_joining_is_undone_and_no_proof_brings_it_back(store: Store, care: Care) -> None:
    await wrote(store, ANA)
    await wrote(store, ALSO)
    before = {one: await customer(store, one) for one in (ANA, ALSO)}
    await wrote(store, ANA, PROOF, event="proves")
    await wrote(store, ALSO, PROOF, event="proves")
    (one,) = await joined(care, store, ANA)
    async with care.writing() as session:
        parted = await part(session, one.id, by="ben", at=NOW)
        with pytest.raises(NotJoined):
            await part(session, one.id, by="ben", at=NOW)
    assert ({parted.gone, parted.kept}, parted.undone_by) == (set(before.values()), "ben")
    assert {one: await customer(store, one) for one in (ANA, ALSO)} == before
    async with care.looking() as session:
        people = [await whose(session, f"telegram:{name}") for name in ("user ana", "user eve")]
        assert [len(one) for one in people] == [1, 0]
    for address in (ANA, ALSO):
        await wrote(store, address, PROOF, event="once more")
    assert {one: await customer(store, one) for one in (ANA, ALSO)} == before


async def test_who_writes_anew_after_a_joining_is_the_joined_customer(store: Store) -> None:
    await wrote(store, ANA, PROOF)
    await wrote(store, ALSO, PROOF)
    public = at("whatsapp", "also ana", Surface.PUBLIC)
    await wrote(store, public, event="2")
    assert await customer(store, public) == await customer(store, ANA)
    same = await store.relatives(ANA.conversation)
    assert {one.conversation for one in same if one.same} == {
        ALSO.conversation,
        public.conversation,
    }


async def test_a_claim_in_one_place_is_seen_in_the_other(store: Store) -> None:
    work = await wrote(store, ANA, PROOF)
    await wrote(store, ALSO, PROOF)
    assert (await row(store, ALSO.conversation)).held is None
    assert (await store.accept(takes_over(work, "claim"))).applied
    assert (await row(store, ALSO.conversation)).held == ANA.conversation
    assert (await row(store, ANA.conversation)).held is None


async def test_values_are_digests_and_go_with_the_person(store: Store, care: Care) -> None:
    await wrote(store, ANA, PROOF, EMAIL)
    await wrote(store, ALSO, PROOF, EMAIL)
    await wrote(store, EVE, EMAIL)
    ((_, gone),) = {(one.kept, one.gone) for one in await joined(care, store, ANA)}
    async with care.looking() as session:
        (ana,) = await whose(session, ANA.conversation)
    async with care.writing() as session:
        for one in ana.conversations:
            await erase(session, one, by="ben", at=SystemClock().now())
        await forget_identities(session, ana)
    apart = [await customer(store, one) for one in (ANA, ALSO)]
    async with care.writing() as session:
        (one_joining,) = await joinings(session, gone)
        await part(session, one_joining.id, by="ben", at=NOW)
        told = await session.all("joined_of", gone)
    assert [row["moved"] for row in told] == ['{"conversations":[],"identities":[]}']
    assert await store.relatives(EVE.conversation) == ()
    assert [await customer(store, one) for one in (ANA, ALSO)] == apart


def test_a_mention_is_kept_as_a_digest() -> None:
    same = Mention(kind=Named.EMAIL, value="ana@northwind.example")
    assert EMAIL.digest == same.digest
    assert "ana" not in same.digest
    assert same.digest != Mention(kind=Named.ORDER, value="ana@northwind.example").digest
