"""Messages that customers took back: every arrival that brought them is found and emptied."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conversation.events import Inbound, MessageDeleted, MessageEdited, MessageReceived
from conversation.model import Peer
from conversation.people import everything, whose
from conversation.store import Forgotten, Store
from socialcare import taking_back
from socialcare.reading import read
from socialcare.taking_back import forgotten
from tests.conversation.store_world import NOW, accept, arrival, care_at, finish, later, store_at
from tests.socialcare.test_reading import FixedCodec

MIA = Peer(user_id="7")


def said(message_id: str, text: str) -> MessageReceived:
    return MessageReceived(message_id=message_id, sender=MIA, occurred_at=NOW, text=text)


def edited(message_id: str, text: str) -> MessageEdited:
    return MessageEdited(message_id=message_id, sender=MIA, occurred_at=NOW, text=text)


def deleted(message_id: str) -> MessageDeleted:
    return MessageDeleted(message_id=message_id, occurred_at=NOW)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "care.db"


@pytest.fixture
async def store(file: Path) -> AsyncIterator[Store]:
    one = store_at(str(file))
    await one.open()
    yield one
    await one.close()


class Chat:
    """A customer's chat, turn by turn."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.found: dict[str, tuple[Inbound, ...]] = {}
        self.seqs: list[int] = []

    async def turn(self, *events: Inbound) -> tuple[Forgotten, ...]:
        """Let each event arrive by itself, and take them into the log as a turn does."""
        at = later(len(self.found))
        for event in events:
            name = str(len(self.found))
            self.found[name] = (event,)
            await accept(self.store, arrival(name, body=repr(event).encode()), at=at)
        (work,) = await self.store.claim(now=at, limit=1)
        codecs = {"telegram": FixedCodec(found=self.found)}
        self.seqs += [one.seq for one in work.pending]
        reading = read(work.pending, codecs)
        gone = await forgotten(self.store, work, reading, codecs)
        await finish(self.store, work, at=at, log=reading.events, forgotten=gone)
        return gone


async def left(file: Path) -> str:
    care = care_at(str(file))
    await care.open()
    async with care.looking() as session:
        (person,) = await whose(session, arrival(1).conversation or "")
        told = json.dumps(await everything(session, person, at=NOW))
    await care.close()
    return told


async def test_the_message_and_its_edits_are_emptied_everywhere(store: Store, file: Path) -> None:
    chat = Chat(store)
    await chat.turn(said("m1", "my umbrella broke"), said("m2", "hello"))
    await chat.turn(edited("m1", "my kettle broke"))
    assert "umbrella" in await left(file)
    (gone,) = await chat.turn(deleted("m1"))
    assert gone == Forgotten(message_id="m1", arrivals=(chat.seqs[0], chat.seqs[2], chat.seqs[3]))
    told = await left(file)
    assert "umbrella" not in told
    assert "kettle" not in told
    assert "hello" in told


async def test_a_message_and_its_deletion_in_one_turn(store: Store, file: Path) -> None:
    chat = Chat(store)
    await chat.turn(said("m1", "my umbrella broke"), deleted("m1"))
    assert "umbrella" not in await left(file)


async def test_without_deletions_nothing_is_looked_for(store: Store) -> None:
    assert await Chat(store).turn(said("m1", "hi")) == ()


async def test_what_we_never_had_is_no_matter(store: Store, file: Path) -> None:
    chat = Chat(store)
    await chat.turn(said("m1", "hello"))
    assert await chat.turn(deleted("m9")) == (
        Forgotten(message_id="m9", arrivals=(chat.seqs[-1],)),
    )
    assert "hello" in await left(file)


async def test_it_is_looked_for_page_by_page_and_not_without_end(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking_back, "PAGE", 3)
    chat = Chat(store)
    await chat.turn(*(said(f"m{n}", str(n)) for n in range(10)))
    (gone,) = await chat.turn(deleted("m0"))
    assert gone.arrivals == (chat.seqs[0], chat.seqs[-1])
    monkeypatch.setattr(taking_back, "LOOKED_AT_MAX", 3)
    (gone,) = await chat.turn(deleted("m1"))
    assert gone.arrivals == (chat.seqs[-1],), "platforms let nobody take back so old ones"
