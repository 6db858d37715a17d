"""The store's contract: an invitation works once, where it leads to, and can be undone."""

import asyncio
from datetime import datetime, timedelta

from config.stages import Surface
from conversation.care import Care
from conversation.events import Tended
from conversation.forgetting import erase
from conversation.invitations import LASTS, Invite, Redeem, Redeemed, Redemption, new_nonce
from conversation.joining import joinings, part
from conversation.model import Address, Peer
from conversation.postgres import PostgresStore
from conversation.store import Store, Work
from tests.conversation.store_world import NOW, accept, arrival, finish, later, row

ENDS = NOW + LASTS
TURN = "c_1:7"


def at(channel: str, key: str) -> Address:
    return Address(channel=channel, account="1", key=key, surface=Surface.PRIVATE)


ANA, ALSO, EVE = at("telegram", "ana"), at("webchat", "also ana"), at("webchat", "eve")


async def wrote(store: Store, address: Address, event: str = "1", *, met: bool = True) -> Work:
    name = f"{address.channel}{address.key}{event}"
    await accept(store, arrival(name, address=address, channel=address.channel))
    works = await store.claim(now=later(), limit=9)
    (work,) = [one for one in works if one.row.id == address.conversation]
    if met:
        await finish(store, work, peer=Peer(user_id=f"user {address.key}"))
    return work


async def invited(store: Store, channel: str = "webchat", *, of: Address = ANA) -> str:
    nonce = new_nonce()
    await store.invite(
        Invite(conversation=of.conversation, channel=channel, nonce=nonce, expires_at=ENDS)
    )
    return nonce


def redeem(
    nonce: str, address: Address = ALSO, *, turn: str = TURN, when: datetime = NOW
) -> Redeem:
    return Redeem(
        nonce=nonce,
        conversation=address.conversation,
        turn=turn,
        user_id=f"user {address.key}",
        at=when,
    )


async def customer(store: Store, address: Address) -> str:
    return (await row(store, address.conversation)).customer


JOINED = Redemption(outcome=Redeemed.JOINED, inviter=ANA.conversation)
USED = Redemption(outcome=Redeemed.USED)


async def test_who_arrives_with_it_is_who_was_invited(store: Store) -> None:
    await wrote(store, ANA)
    await wrote(store, ALSO)
    nonce = await invited(store)
    assert await store.redeem(redeem(nonce)) == JOINED
    assert await customer(store, ALSO) == await customer(store, ANA)
    log = [event for _, event in await store.log(ANA.conversation)]
    assert log[-1] == Tended(by="invitation", what="joined", about=ALSO.conversation)


async def test_who_arrives_for_the_first_time_is_known_before_their_turn_ends(store: Store) -> None:
    await wrote(store, ANA)
    work = await wrote(store, ALSO, met=False)
    assert await store.redeem(redeem(await invited(store))) == JOINED
    await finish(store, work, peer=Peer(user_id="user also ana"))
    assert await customer(store, ALSO) == await customer(store, ANA)
    again = at("webchat", "user also ana")
    await wrote(store, again)
    assert await customer(store, again) == await customer(store, ANA), "in a new chat too"


async def test_a_second_person_never_joins(store: Store) -> None:
    await wrote(store, ANA)
    await wrote(store, ALSO)
    await wrote(store, EVE)
    nonce = await invited(store)
    await store.redeem(redeem(nonce))
    assert await store.redeem(redeem(nonce, EVE, turn="turn of Eve")) == USED
    assert await store.redeem(redeem(nonce, turn="another turn")) == USED, "nor the same one anew"
    assert await customer(store, EVE) != await customer(store, ANA)
    # A turn that died over it takes it again, and hears the same.
    assert await store.redeem(redeem(nonce, when=NOW + timedelta(minutes=40))) == JOINED


async def test_many_at_once_are_one(store: Store) -> None:
    people = [at("webchat", f"guest {n}") for n in range(8)]
    for one in (ANA, *people):
        await wrote(store, one)
    nonce = await invited(store)
    told = await asyncio.gather(*(store.redeem(redeem(nonce, one, turn=one.key)) for one in people))
    assert sorted(one.outcome for one in told) == [Redeemed.JOINED, *[Redeemed.USED] * 7]
    ids = {await customer(store, one) for one in people}
    assert len(ids) == 8
    assert await customer(store, ANA) in ids


async def test_it_ends_leads_to_one_channel_and_a_newer_one_takes_its_place(store: Store) -> None:
    await wrote(store, ANA)
    await wrote(store, ALSO)
    there = at("whatsapp", "ana")
    await wrote(store, there)
    nonce = await invited(store)
    assert await store.redeem(redeem(nonce, there)) == USED, "it leads elsewhere"
    assert await store.redeem(redeem(nonce, ANA)) == USED, "to nobody's own chat"
    assert await store.redeem(redeem(nonce, when=ENDS)) == USED, "too late"
    newer = await invited(store)
    assert await store.redeem(redeem(nonce)) == USED, "it was replaced"
    assert await store.redeem(redeem("A" * 16)) == USED, "nobody was invited by that"
    assert await customer(store, ALSO) != await customer(store, ANA)
    assert await store.redeem(redeem(newer)) == JOINED
    again = await invited(store)
    assert await store.redeem(redeem(again, turn="2")) == Redemption(
        outcome=Redeemed.SAME, inviter=ANA.conversation
    )


async def test_it_is_undone_and_does_not_come_back(store: Store, care: Care) -> None:
    await wrote(store, ANA)
    await wrote(store, ALSO)
    before = {one: await customer(store, one) for one in (ANA, ALSO)}
    nonce = await invited(store)
    await store.redeem(redeem(nonce))
    async with care.writing() as session:
        (joined,) = await joinings(session, await customer(store, ANA))
        assert (joined.by, joined.why) == ("invitation", "came by our invitation")
        await part(session, joined.id, by="ben", at=NOW)
    assert {one: await customer(store, one) for one in (ANA, ALSO)} == before
    assert await store.redeem(redeem(nonce, turn="another")) == USED


async def test_the_erased_invite_nobody(store: Store, care: Care) -> None:
    await wrote(store, ANA)
    await wrote(store, ALSO)
    nonce = await invited(store)
    async with care.writing() as session:
        await erase(session, ANA.conversation, by="ben", at=NOW)
    assert await store.redeem(redeem(nonce)) == USED


async def test_the_key_is_made_once_and_kept(store: Store) -> None:
    keys = set(await asyncio.gather(*(store.invitation_key() for _ in range(5))))
    assert len(keys) == 1
    assert len(keys.pop()) == 64


async def test_two_processes_sign_alike_and_take_it_once(
    one: PostgresStore, two: PostgresStore
) -> None:
    assert len({*await asyncio.gather(one.invitation_key(), two.invitation_key())}) == 1
    for address in (ANA, ALSO, EVE):
        await wrote(one, address)
    for n in range(10):
        nonce = await invited(one)
        told = await asyncio.gather(
            one.redeem(redeem(nonce, ALSO, turn=f"a{n}")),
            two.redeem(redeem(nonce, EVE, turn=f"b{n}")),
        )
        assert [one.outcome for one in told].count(Redeemed.USED) == 1
