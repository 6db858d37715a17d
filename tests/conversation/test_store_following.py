"""The store's contract, following: what logs hold behind a position, of many at once, in order."""

from collections.abc import Sequence
from dataclasses import replace

from conversation.delivery import DeliveryState
from conversation.entries import LogEntry
from conversation.events import Delivered, Ignored
from conversation.model import Author
from conversation.store import News, Settlement, Store
from conversation.touching import news_of
from tests.conversation.store_world import accept, arrival, claimed, finish, later, words


async def says(store: Store, number: int, key: str, *whats: str) -> str:
    await accept(store, arrival(number, key))
    (work,) = await store.claim(now=later(), limit=1)
    await finish(store, work, log=tuple(Ignored(what=what) for what in whats))
    return work.row.id


def told(entries: Sequence[LogEntry]) -> list[tuple[str, int, str | None]]:
    return [(one.conversation, one.position, getattr(one.event, "what", None)) for one in entries]


async def test_each_log_is_read_behind_its_own_position(store: Store) -> None:
    ada = await says(store, 1, "ada", "one", "two", "three")
    bob = await says(store, 2, "bob", "four")
    await says(store, 3, "cleo", "nobody asks")
    found = await store.entries_after({ada: 1, bob: 0, "c_none": 0}, kinds=["ignored"], limit=9)
    expected = [(ada, 2, "two"), (ada, 3, "three"), (bob, 1, "four")]
    assert told(found) == sorted(expected)
    assert all(one.at == later(2) for one in found)
    assert await store.entries_after({ada: 3}, kinds=["ignored"], limit=9) == []
    assert not await store.entries_after({}, kinds=["ignored"], limit=9)


async def test_a_limit_leaves_the_later_ones_for_the_next_look(store: Store) -> None:
    ada = await says(store, 1, "ada", *"abcde")
    seen: list[str | None] = []
    at = 0
    while found := await store.entries_after({ada: at}, kinds=["ignored"], limit=2):
        assert len(found) <= 2
        seen += [what for _, _, what in told(found)]
        at = found[-1].position
    assert seen == list("abcde")


async def test_other_kinds_have_a_place_and_say_nothing(store: Store) -> None:
    ada = await says(store, 1, "ada", "one")
    (entry,) = await store.entries_after({ada: 0}, kinds=["message", "delivered"], limit=9)
    assert (entry.position, entry.event) == (1, None)


async def test_what_was_sent_stands_there_once_settled(store: Store) -> None:
    work = await claimed(store)
    await finish(store, work, outbox=(words("w:0", work=work),))
    said = Delivered(outbox_key="w", message_id="m", part=0, text="hi", author=Author.COLLEAGUE)
    (delivery,) = await store.take(now=later(3), limit=9)
    assert await store.entries_after({work.row.id: 0}, kinds=["delivered"], limit=9) == []
    settlement = Settlement(delivery=delivery, state=DeliveryState.SENT, at=later(4), log=(said,))
    await store.settle(settlement)
    await store.settle(settlement)
    (entry,) = await store.entries_after({work.row.id: 0}, kinds=["delivered"], limit=9)
    assert (entry.position, entry.event) == (1, said)
    assert news_of(settlement) == set()
    assert news_of(replace(settlement, followed=True)) == {News.LOG}
