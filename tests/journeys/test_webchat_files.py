"""Files in the web chat: over HTTP beside the socket, kept with their message, read at the desk."""

import asyncio
import json
import re
import sqlite3
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from channels.webchat.files import SIZE_MAX
from conversation.clock import SystemClock
from socialcare.chat.downloads import LASTS
from socialcare.chat.uploads import FILES_MAX, UPLOAD_S
from socialcare.sandbox.slack_reading import plain
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import HOURS, LOOK_S, OPEN, PATIENCE_S, House, running
from tests.journeys.process import command, run
from tests.journeys.test_two_processes import SQLITE
from tests.journeys.webchat_visitor import Socket, new_id, visiting

HUMAN = "my mug is broken, I want to talk to a human"


def png(mark: bytes = b"a mug in two halves") -> bytes:
    """Make a picture: its signature, its head, and something to find again."""
    head = b"\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00"
    check = zlib.crc32(b"IHDR" + head).to_bytes(4)
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + head + check + mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An answer to a file."""

    status: int
    headers: dict[str, str]
    body: Any


async def send(
    home: House,
    token: str,
    body: Any = png(),  # noqa: B008 - bytes do not change
    *,
    message_id: str | None = None,
    name: str = "mug.png",
    headers: dict[str, str] | None = None,
    channel: str = "webchat",
) -> Told:
    given = {
        "Origin": home.world.url,
        "Authorization": f"Bearer {token}",
        "X-File-Name": quote(name),
        **(headers or {}),
    }
    url = f"{home.world.url}/chat/{channel}/files?id={message_id or new_id()}&language=en"
    async with (
        aiohttp.ClientSession() as session,
        # A file as aiohttp likes large ones; what is made as it goes stays so.
        session.post(
            url, data=BytesIO(body) if isinstance(body, bytes) else body, headers=given
        ) as answer,
    ):
        text = await answer.text()
        told = json.loads(text) if text.startswith("{") else text
        return Told(status=answer.status, headers=dict(answer.headers), body=told)


def addresses(home: House) -> list[str]:
    """Find the addresses of files that the desk shows now."""
    slack = home.world.slack
    shown = json.dumps([slack.current(one).blocks for one in slack.messages("C0CARE")])
    return re.findall(r'"url": "([^"]+/files/[^"]+)"', shown)


async def fetch(address: str) -> Told:
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        return Told(status=answer.status, headers=dict(answer.headers), body=await answer.read())


async def at_the_desk(home: House, visitor: Socket) -> str:
    """Bring a case with a file to the desk; gives the file's address there."""
    await visitor.writes(HUMAN)
    await home.with_button("case.claim", "mug")
    assert (await send(home, visitor.token)).status == 201
    await home.settled()
    return await home.until(lambda: next(iter(addresses(home)), None), "no address at the desk")


# --- from the visitor to the desk


async def test_a_file_is_a_message_of_the_conversation_and_read_at_the_desk(house: House) -> None:
    async with visiting(house) as ada:
        assert (await ada.hears("welcome"))["files"]["size"] == SIZE_MAX
        address = await at_the_desk(house, ada)
        line = await ada.until(lambda one: one["type"] == "line" and "files" in one, "the file")
        size = len(png())
        assert line["files"] == [{"name": "mug.png", "mime": "image/png", "size": size}]
        assert "mug.png (picture, 1 kB)" in house.desk()
        await ada.say("transcript")
        told = (await ada.hears("transcript"))["lines"]
        assert [one["files"][0]["name"] for one in told if "files" in one] == ["mug.png"]

    got = await fetch(address)
    assert (got.status, got.body) == (200, png())
    assert got.headers["Content-Type"] == "image/png"
    assert got.headers["Content-Disposition"].startswith('attachment; filename="socialcare-')
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got.headers["Content-Security-Policy"]
    assert got.headers["Cache-Control"] == "private, no-store"


async def test_before_anybody_asks_for_words_the_card_has_the_file(house: House) -> None:
    """The bot hears that there was a picture, and asks for words; the desk gets it later."""
    async with visiting(house) as ada:
        assert (await send(house, ada.token)).status == 201
        await ada.until(lambda one: one["type"] == "line" and one["author"] == "bot", "an answer")
        await ada.writes(HUMAN)
        card = await house.with_button("case.claim", "mug")
        await house.settled()
        assert "mug.png" in plain(house.world.slack.current(card))


async def test_a_file_and_words_go_together_into_one_answer_and_nobody_waits(
    house: House,
) -> None:
    async with visiting(house) as ada:
        assert (await send(house, ada.token)).status == 201
        await ada.writes(HOURS)
        await ada.sees(OPEN)


async def test_the_same_id_is_the_same_message_however_often(house: House) -> None:
    async with visiting(house) as ada, visiting(house, token=ada.token) as tab:
        said = new_id()
        for body in (png(), png(), png(b"another")):
            assert (await send(house, ada.token, body, message_id=said)).body == {"id": said}
        for socket in (ada, tab):
            await socket.hears("line", id=said)
        await house.settled()
        assert len([one for one in tab.frames if one.get("id") == said]) == 1
        assert house.rows("select mime, size from media") == [("image/png", len(png()))]
        await ada.sees("in a few words what you need")
        seq = ada.seq
    async with visiting(house, token=ada.token, seq=seq) as back:
        await back.hears("now")
        assert back.lines() == []


@pytest.mark.timeout(90)
async def test_on_postgres_all_of_it_goes_the_same_way(
    open_house: OpenHouse, postgres_url: str
) -> None:
    home = await open_house(serve=False, changes={SQLITE: postgres_url})
    async with running(home), visiting(home) as ada:
        await ada.writes(HUMAN)
        await home.with_button("case.claim", "mug")
        said = new_id()
        for _ in range(2):
            assert (await send(home, ada.token, message_id=said)).status == 201
        await ada.hears("line", id=said)
        address = await home.until(lambda: next(iter(addresses(home)), None))
        assert (await fetch(address)).body == png()


# --- what is refused


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 415, "kind"),
        (b"MZ\x90\x00 a program called mug.png", 415, "kind"),
        (b"", 415, "kind"),
        (png() + b"x" * SIZE_MAX, 413, "size"),
    ],
)
async def test_what_is_no_picture_or_too_large_is_refused(
    house: House, body: bytes, status: int, why: str
) -> None:
    async with visiting(house) as ada:
        told = await send(house, ada.token, body)
        assert (told.status, told.body["why"], told.body["limit"]) == (status, why, SIZE_MAX)
        assert house.one("select count(*) from media") == 0
        await house.counted(1, "rejected_total", channel="webchat", why=f"file_{why}")
        await ada.writes(HOURS)
        await ada.sees(OPEN)


async def test_a_body_without_a_length_is_read_no_further_than_it_may_be_long(
    house: House,
) -> None:
    async def endless() -> Any:
        yield png()
        for _ in range(9):
            yield b"x" * 1024 * 1024

    async with visiting(house) as ada:
        told = await send(house, ada.token, endless())
        assert (told.status, told.body["why"]) == (413, "size")


async def test_only_the_visitor_s_own_token_from_an_allowed_page_is_heard(house: House) -> None:
    async with visiting(house) as ada:
        await ada.say("link")
        link = (await ada.hears("link"))["token"]
        for token in ("", "x" * 1_000, ada.token.swapcase(), link):
            assert (await send(house, token)).body["why"] == "token"
        basic = {"Authorization": f"Basic {ada.token}"}
        assert (await send(house, ada.token, headers=basic)).status == 401
        for origin in ("https://evil.example", "null", ""):
            told = await send(house, ada.token, headers={"Origin": origin})
            assert (told.status, told.body["why"]) == (403, "origin")
            assert "Access-Control-Allow-Origin" not in told.headers
        assert (await send(house, ada.token, message_id="short")).status == 400
        assert (await send(house, ada.token, channel="telegram")).status == 404
        assert house.one("select count(*) from media") == 0


async def test_a_brand_that_wants_no_files_takes_none(open_house: OpenHouse) -> None:
    off = {"  webchat:\n": "  webchat:\n    files: false\n"}
    home = await open_house(changes=off)
    async with visiting(home) as ada:
        assert (await ada.hears("welcome"))["files"] is None
        assert (await send(home, ada.token)).body["why"] == "off"


async def test_who_sends_too_many_is_asked_to_wait_and_words_go_on(house: House) -> None:
    async with visiting(house) as ada:
        told = [await send(house, ada.token, png(str(n).encode())) for n in range(6)]
        assert [one.status for one in told] == [201] * 5 + [429]
        assert told[-1].body["after_s"] > 0
        assert int(told[-1].headers["Retry-After"]) >= 1
        await ada.writes(HOURS)
        await ada.sees(OPEN)
        house.clock.leap(60)
        assert (await send(house, ada.token)).status == 201


async def test_a_conversation_is_full_at_some_time(house: House) -> None:
    async with visiting(house) as ada:
        for number in range(FILES_MAX + 1):
            house.clock.leap(60)
            told = await send(house, ada.token, png(str(number).encode()))
            wanted = (201, None) if number < FILES_MAX else (413, "full")
            assert (told.status, told.body.get("why")) == wanted, number


async def test_a_page_of_the_brand_may_ask_and_a_stranger_s_may_not(house: House) -> None:
    url = f"{house.world.url}/chat/webchat/files"
    asks = {"Access-Control-Request-Method": "POST"}
    async with aiohttp.ClientSession() as session:
        for origin, status in ((house.world.url, 204), ("https://evil.example", 403)):
            async with session.options(url, headers={**asks, "Origin": origin}) as answer:
                assert answer.status == status
                allowed = answer.headers.get("Access-Control-Allow-Origin")
                assert allowed == (origin if status == 204 else None)
                assert "Access-Control-Allow-Credentials" not in answer.headers


async def test_an_upload_that_never_ends_is_given_up(house: House) -> None:
    async with visiting(house) as ada:
        reader_said = f"Authorization: Bearer {ada.token}\r\nOrigin: {house.world.url}\r\n"
        host, port = house.world.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        head = f"POST /chat/webchat/files?id={new_id()} HTTP/1.1\r\nHost: x\r\n{reader_said}"
        writer.write(f"{head}Content-Length: 5000\r\n\r\n".encode() + png())
        await writer.drain()
        answer = asyncio.create_task(reader.read(4_000))
        async with asyncio.timeout(PATIENCE_S):
            while not answer.done():
                house.clock.leap(UPLOAD_S + 1)  # from whenever it began to read
                await SystemClock().sleep(LOOK_S)
        assert b"408" in (await answer).split(b"\r\n")[0]
        writer.close()
        await writer.wait_closed()


# --- durable


async def test_a_file_is_taken_only_when_it_is_kept(house: House) -> None:
    async with visiting(house) as ada:
        lock = sqlite3.connect(house.world.store_file, isolation_level=None)
        lock.execute("begin immediate")
        said = new_id()
        told = await send(house, ada.token, message_id=said)
        assert (told.status, told.body["why"]) == (503, "busy")
        lock.execute("rollback")
        lock.close()
        assert (await send(house, ada.token, message_id=said)).status == 201
        await ada.hears("line", id=said)


@pytest.mark.timeout(90)
async def test_what_was_taken_outlives_a_power_cut(open_house: OpenHouse) -> None:
    home = await open_house(serve=False)
    async with run(home) as first, visiting(home) as ada:
        said = new_id()
        assert (await send(home, ada.token, message_id=said)).status == 201
        await first.kill()
    async with run(home), visiting(home, token=ada.token) as again:
        await again.hears("line", id=said)
        assert (await send(home, ada.token, message_id=said)).status == 201
        await again.writes(HUMAN)
        await home.with_button("case.claim", "mug")
        address = await home.until(lambda: next(iter(addresses(home)), None))
        assert (await fetch(address)).body == png()
        assert home.one("select count(*) from media") == 1


# --- addresses end, and so do files


async def test_an_address_ends_and_a_touched_card_has_a_new_one(house: House) -> None:
    async with visiting(house) as ada:
        address = await at_the_desk(house, ada)
        for wrong in (address[:-1], address.replace("/f_", "/f_0"), address.split("?")[0]):
            assert (await fetch(wrong)).status == 403
        house.clock.leap(LASTS.total_seconds() + 1)
        ended = await fetch(address)
        assert ended.status == 403
        assert b"Claim the case" in ended.body
        card = await house.with_button("case.claim", "mug")
        await house.press(house.world.ben, card, "case.claim")
        await house.settled()
        (new,) = {one for one in addresses(house) if one != address}
        assert (await fetch(new)).body == png()


@pytest.mark.timeout(90)  # four processes, on a busy machine
async def test_after_an_erasure_no_byte_of_the_file_is_left_in_the_folder(
    open_house: OpenHouse,
) -> None:
    token = b"Tintagel seen from the umbrella"
    home = await open_house(serve=False)

    def left() -> list[str]:
        files = [one for one in home.world.folder.rglob("*") if one.is_file()]
        return [one.name for one in files if token in one.read_bytes()]

    async with run(home), visiting(home) as ada:
        await ada.writes(HUMAN)
        await home.with_button("case.claim", "mug")
        told = await send(home, ada.token, png(token * 40_000), name="umbrella.png")
        assert told.status == 201
        address = await home.until(lambda: next(iter(addresses(home)), None))
        visitor = ada.token.split(".")[2]
        assert len((await fetch(address)).body) > 1_000_000
        assert left()
        export = await command(home, "export", f"webchat:{visitor}")
        (file,) = json.loads(export.out)["conversations"][0]["files"]
        assert file["size"] == len(png(token * 40_000))
        erased = await command(home, "erase", f"webchat:{visitor}", "--yes")
        assert erased.code == 0, erased.err
        assert "1 files" in erased.out
        assert left() == []
        assert (await fetch(address)).status == 410
        assert addresses(home) == []


@pytest.mark.timeout(90)
async def test_files_go_after_their_time_and_words_stay(open_house: OpenHouse) -> None:
    home = await open_house(changes={"store:": "retention: {media: 1d}\nstore:"})
    async with visiting(home) as ada:
        assert (await send(home, ada.token)).status == 201
        await ada.writes(HOURS)
        await ada.sees(OPEN)
        await home.settled()
        assert home.one("select count(*) from media") == 1
        old = "update media set kept_us = kept_us - 2 * 86400 * 1000000"
        lock = sqlite3.connect(home.world.store_file, isolation_level=None)
        lock.execute(old)
        lock.close()
        told = await command(home, "retention", "run")
        assert "and 1 files" in told.out
        assert home.one("select count(*) from media") == 0
        async with visiting(home, token=ada.token) as again:
            await again.until(lambda one: one["type"] == "line" and "files" in one, "the line")
