"""Files that customers send, on every engine: kept with their message, gone with their person."""

import base64
from datetime import datetime, timedelta

from conversation.care import Care
from conversation.forgetting import erase, forget_media, forget_old
from conversation.media import Media, MediaHeld, media_id
from conversation.model import Attachment, AttachmentKind, Owner, Peer
from conversation.people import everything, whose
from conversation.store import Acceptance, Accepted, Store
from tests.conversation.store_world import (
    NOW,
    accept,
    address,
    arrival,
    claimed,
    finish,
    heard,
    later,
    takes_over,
    turn,
)

DAY = timedelta(days=1)
BYTES = bytes(range(256)) * 40
ADA = address().conversation


def picture(name: object = "1", *, conversation: str = ADA, body: bytes = BYTES) -> Media:
    return Media(
        id=media_id(conversation, str(name)),
        conversation=conversation,
        mime="image/png",
        body=body,
    )


async def sends(
    store: Store, event_id: object = "1", *files: Media, key: str = "ada", at: datetime = NOW
) -> Accepted:
    arrivals = (arrival(event_id, key),)
    return await store.accept(Acceptance(arrivals=arrivals, received_at=at, media=files))


async def test_bytes_come_back_as_they_were(store: Store) -> None:
    one = picture()
    assert (await sends(store, 1, one)).new == (True,)
    assert await store.media(one.id) == one
    assert await store.media("f_none") is None
    assert await store.media_held(ADA) == MediaHeld(count=1, size=len(BYTES))
    assert await store.media_held("c_none") == MediaHeld(count=0, size=0)


async def test_a_message_that_comes_twice_brings_its_file_once(store: Store) -> None:
    await sends(store, 1, picture())
    assert (await sends(store, 1, picture(body=b"another"))).new == (False,)
    assert (await store.media_held(ADA)) == MediaHeld(count=1, size=len(BYTES))


async def test_a_file_under_the_id_of_words_is_not_kept(store: Store) -> None:
    """Otherwise bytes lay there that no message names."""
    await accept(store, arrival(1))
    assert (await sends(store, 1, picture())).new == (False,)
    assert (await store.media_held(ADA)).count == 0


async def test_what_is_not_applied_brings_no_file(store: Store) -> None:
    work = await claimed(store)
    await store.accept(takes_over(work, "p1"))
    late = takes_over(work, "p2", only_claimed_by="U2")
    refused = Acceptance(
        arrivals=late.arrivals,
        received_at=late.received_at,
        owner=late.owner,
        media=(picture("p2"),),
    )
    assert not (await store.accept(refused)).applied
    assert (await store.media_held(ADA)).count == 0


# --- a person's rights


async def test_an_export_has_the_bytes_and_an_erasure_takes_them(store: Store, care: Care) -> None:
    await sends(store, 1, picture())
    await sends(store, 2, picture("2", conversation=address("bob").conversation), key="bob")
    works = await store.claim(now=later(), limit=2)
    for work in works:
        name = "ada" if work.row.id == ADA else "bob"
        await finish(store, work, log=(heard("see", user_id=name),), peer=Peer(user_id=name))
    async with care.looking() as session:
        (ada,) = await whose(session, "telegram:ada")
        told = await everything(session, ada, at=later(9))
    (file,) = told["conversations"][0]["files"]
    assert base64.b64decode(file["body"]) == BYTES
    assert (file["mime"], file["size"]) == ("image/png", len(BYTES))

    async with care.writing() as session:
        emptied = await erase(session, ADA, by="ops", at=later(60))
    assert emptied.files == 1
    assert await store.media(picture().id) is None
    assert (await store.media_held(address("bob").conversation)).count == 1


async def test_a_state_that_forgets_a_message_forgets_its_file(store: Store) -> None:
    kept = Attachment(kind=AttachmentKind.IMAGE, media_id="f_1", name="a.png", kept=True)
    foreign = Attachment(kind=AttachmentKind.IMAGE, media_id="AgAC", name=None)
    work = await claimed(store)
    said = heard("see")
    with_files = type(said)(
        message_id="1", sender=said.sender, occurred_at=NOW, text="see",
        attachments=(kept, foreign),
    )  # fmt: skip
    await finish(store, work, log=(with_files,))
    found = await store.conversation(ADA)
    assert found is not None
    assert [line.files for line in found[1].lines] == [(kept,)]


# --- what is old


async def test_files_go_sooner_than_words(store: Store, care: Care) -> None:
    await sends(store, 1, picture(1), at=NOW - 91 * DAY)
    await sends(store, 2, picture(2), at=NOW - 89 * DAY)
    (work,) = await store.claim(now=later(), limit=1)
    await finish(store, work, log=(heard("see"),))
    async with care.writing() as session:
        assert await forget_media(session, before=NOW - 90 * DAY) == 1
        assert await forget_media(session, before=NOW - 90 * DAY) == 0
    assert await store.media(picture(1).id) is None
    assert await store.media(picture(2).id) == picture(2)
    assert [type(event).__name__ for _, event in await store.log(ADA)] == ["MessageReceived"]


async def test_whoever_has_the_case_keeps_its_files(store: Store, care: Care) -> None:
    await sends(store, 1, picture(1), at=NOW - 91 * DAY)
    (work,) = await store.claim(now=later(), limit=1)
    await store.commit(turn(work, owner=Owner.DESK))
    async with care.writing() as session:
        assert await forget_media(session, before=NOW - 90 * DAY) == 0
    assert await store.media(picture(1).id) is not None


async def test_files_go_with_the_words_at_the_latest(store: Store, care: Care) -> None:
    await sends(store, 1, picture(1), at=NOW - 500 * DAY)
    (work,) = await store.claim(now=NOW - 500 * DAY, limit=1)
    await finish(store, work, at=NOW - 500 * DAY, log=(heard("see"),))
    await sends(store, 2, picture(2), at=NOW - DAY)
    (work,) = await store.claim(now=NOW, limit=1)
    await finish(store, work, at=NOW - DAY, log=(heard("and", "2"),))
    async with care.writing() as session:
        told = await forget_old(session, ADA, before=NOW - 400 * DAY, at=NOW)
    assert told.files == 1
    assert [await store.media(picture(n).id) is None for n in (1, 2)] == [True, False]
