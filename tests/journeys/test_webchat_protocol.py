"""The web chat's protocol, spoken to a running service over real sockets."""

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator

import aiohttp
import pytest

from channels.webchat.payloads import TEXT_LIMIT
from channels.webchat.tokens import LASTS, LINK_LASTS
from socialcare.chat.talk import BEAT_S, HELLO_S, SILENCE_S
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import HOURS, OPEN, PATIENCE_S, House, running
from tests.journeys.webchat_visitor import Socket, new_id, raw_socket, visiting


@pytest.fixture
async def ada(house: House) -> AsyncIterator[Socket]:
    async with visiting(house) as socket:
        yield socket


def count(house: House, kind: str) -> int:
    return int(house.one("select count(*) from inbox where channel = 'webchat' and kind = ?", kind))


# --- being welcomed


async def test_a_question_is_acknowledged_and_answered(house: House, ada: Socket) -> None:
    welcome = await ada.hears("welcome")
    assert welcome["brand"] == "Northwind Outfitters"
    assert "AI assistant" in welcome["disclosure"]
    assert (welcome["limit"], welcome["beat_s"] < 20) == (TEXT_LIMIT, True)
    said = await ada.writes(HOURS)
    answer = await ada.sees(OPEN)
    assert "AI assistant" in answer["text"]
    lines = ada.lines()
    assert [author for _, author, _ in lines] == ["customer", "bot"]
    assert (await ada.hears("line", id=said))["text"] == HOURS
    assert [seq for seq, *_ in lines] == sorted({seq for seq, *_ in lines})


async def test_the_disclosure_speaks_the_page_s_language(house: House) -> None:
    async with visiting(house, language="de-AT") as socket:
        assert "KI-Assistent" in (await socket.hears("welcome"))["disclosure"]


async def test_a_socket_that_says_nothing_is_closed(house: House) -> None:
    async with raw_socket(house.world.url) as socket:
        await house.figure("accepted_total")
        house.clock.leap(HELLO_S + 1)
        assert await socket.ends() == aiohttp.WSCloseCode.POLICY_VIOLATION


@pytest.mark.parametrize(
    "said", ["", "no json", "[]", '{"type":"beat"}', '{"type":"hello","seq":-1}']
)
async def test_what_is_no_hello_is_closed(house: House, said: str) -> None:
    async with raw_socket(house.world.url) as socket:
        await socket.ws.send_str(said)
        assert await socket.ends() == aiohttp.WSCloseCode.POLICY_VIOLATION
        assert [one["type"] for one in socket.frames] == ["refused"]


# --- whose conversation it is


async def test_a_token_opens_its_conversation_and_no_other(house: House, ada: Socket) -> None:
    await ada.writes(HOURS)
    await ada.sees(OPEN)
    async with visiting(house, token=ada.token) as again, visiting(house) as bob:
        await again.sees(OPEN)
        await bob.hears("now")
        assert bob.lines() == []
        assert again.lines() == ada.lines()
        assert again.token == ada.token, "it is not due yet"


async def test_a_token_of_another_hand_opens_nothing(house: House, ada: Socket) -> None:
    head, _, signature = ada.token.rpartition(".")
    kind, visitor, expires = head.split(".")[1:]
    forged = [
        f"{head}.{signature[::-1]}",
        f"v1.{kind}.{visitor[::-1]}.{expires}.{signature}",
        f"v1.{kind}.{visitor}.{int(expires) + 1}.{signature}",
        f"v1.link.{visitor}.{expires}.{signature}",
        "", "v1", ada.token + "A", "v1.visitor.ünïcödé-visitor-id.1.x",
    ]  # fmt: skip
    for token in forged:
        async with raw_socket(house.world.url) as socket:
            await socket.say("hello", token=token)
            assert await socket.ends() == aiohttp.WSCloseCode.POLICY_VIOLATION
            assert socket.frames == [{"type": "stranger", "why": "forged"}]
    await house.counted(len(forged), "rejected_total", channel="webchat", why="token_forged")


async def test_a_token_ends_after_a_month_of_silence_and_not_of_use(house: House) -> None:
    async with visiting(house) as first:
        await first.writes(HOURS)
        await first.sees(OPEN)
        old = first.token
    house.clock.leap(LASTS.total_seconds() - 60)
    async with visiting(house, token=old) as second:
        new = second.token
        assert new != old
    house.clock.leap(120)
    async with visiting(house, token=new) as third:
        await third.sees(OPEN)
    async with raw_socket(house.world.url) as late:
        await late.say("hello", token=old)
        await late.hears("stranger", why="expired")


async def test_a_link_opens_the_conversation_on_another_device_for_a_while(
    house: House, ada: Socket
) -> None:
    await ada.writes(HOURS)
    await ada.sees(OPEN)
    await ada.say("link")
    link = (await ada.hears("link"))["token"]
    async with visiting(house, token=link) as phone:
        await phone.sees(OPEN)
        assert phone.token.startswith("v1.visitor.")
        await phone.writes("thanks, that helps")
        await ada.sees("thanks, that helps", author="customer")
        await phone.say("typing")
        await ada.hears("typing", author="customer")
    house.clock.leap(LINK_LASTS.total_seconds() + 1)
    async with raw_socket(house.world.url) as late:
        await late.say("hello", token=link)
        await late.hears("stranger", why="expired")


# --- once each, in order


async def test_a_message_sent_twice_is_one(house: House, ada: Socket) -> None:
    said = await ada.writes(HOURS)
    await ada.sees(OPEN)
    async with visiting(house, token=ada.token) as other:
        await other.writes(HOURS, said)
        await house.settled()
        assert count(house, "message") == 1
        assert len([1 for _, author, _ in ada.lines() if author == "customer"]) == 1
    await house.counted(1, "duplicates_total", channel="webchat")


async def test_the_same_id_of_another_visitor_is_another_message(house: House, ada: Socket) -> None:
    said = await ada.writes(HOURS)
    async with visiting(house) as bob:
        await bob.writes(HOURS, said)
        await bob.sees(OPEN)
    assert count(house, "message") == 2


async def test_who_comes_back_gets_what_came_meanwhile_and_nothing_else(house: House) -> None:
    async with visiting(house) as first:
        await first.writes(HOURS)
        await first.sees(OPEN)
        token, seq = first.token, first.seq
    async with visiting(house, token=token) as elsewhere:
        await elsewhere.writes("do you have a store in Leeds?")
        await house.settled()
        await elsewhere.until(lambda one: one["type"] == "line" and one["seq"] > seq + 1)
        missed = [line for line in elsewhere.lines() if line[0] > seq]
    async with visiting(house, token=token, seq=seq) as back:
        await back.hears("now")
        assert missed
        assert back.lines()[: len(missed)] == missed


async def test_what_was_seen_and_is_in_the_log_no_more_is_begun_anew(
    house: House, ada: Socket
) -> None:
    await ada.writes(HOURS)
    await ada.sees(OPEN)
    async with visiting(house, token=ada.token, seq=4_000) as back:
        await back.hears("reset")
        await back.sees(OPEN)


async def test_a_message_is_acknowledged_only_when_it_is_kept(house: House, ada: Socket) -> None:
    lock = sqlite3.connect(house.world.store_file, isolation_level=None)
    lock.execute("begin immediate")
    said = new_id()
    await ada.say("message", id=said, text=HOURS)
    later = await ada.hears("later", id=said)
    assert later["why"] == "busy"
    assert later["after_s"] > 0
    assert not [one for one in ada.frames if one["type"] == "ack"]
    lock.execute("rollback")
    lock.close()
    await ada.writes(HOURS, said)
    await ada.sees(OPEN)


async def test_above_a_full_backlog_pages_are_asked_to_come_again(
    house: House, ada: Socket
) -> None:
    assert house.service is not None
    assert house.service.backlog is not None
    house.service.backlog.closed = True
    await ada.say("message", id=new_id(), text=HOURS)
    assert (await ada.hears("later"))["why"] == "busy"
    assert count(house, "message") == 0


# --- what else pages say


async def test_receipts_stand_in_the_log_once(house: House, ada: Socket) -> None:
    await ada.writes(HOURS)
    answer = await ada.sees(OPEN)
    for _ in range(3):
        await ada.say("delivered", id=answer["id"])
        await ada.say("read", id=answer["id"])
    await house.until(lambda: (count(house, "delivered") and count(house, "read")) or None)
    await house.settled()
    assert (count(house, "delivered"), count(house, "read")) == (1, 1)
    assert house.one("select count(*) from log where kind = 'receipt'") == 2
    assert len([1 for _, author, _ in ada.lines() if author == "bot"]) == 1


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        ({"type": "message", "id": "12345678", "text": "x" * (TEXT_LIMIT + 1)}, "too_long"),
        ({"type": "message", "id": "12345678", "text": "  \n"}, "value_error"),
        ({"type": "message", "id": "12345678"}, "missing"),
        ({"type": "message", "id": "12345678", "text": "\ud83d"}, "json_invalid"),
        ({"type": "message", "id": "short", "text": "hi"}, "pattern"),
        ({"type": "file", "id": "12345678", "name": "a.png"}, "files go by POST"),
        ({"type": "dance", "id": "12345678"}, "union_tag"),
        ({"type": "rating", "about": 1, "score": 6}, "less_than"),
        ({"type": "rating", "about": 1, "score": 5}, "nothing was resolved"),
    ],
)
async def test_what_cannot_be_taken_is_refused_and_the_talk_goes_on(
    house: House, ada: Socket, frame: dict[str, object], why: str
) -> None:
    await ada.ws.send_str(json.dumps(frame))
    refused = await ada.hears("refused")
    assert why in refused["why"]
    assert refused["id"] == frame.get("id")
    await ada.writes(HOURS)
    await ada.sees(OPEN)


async def test_a_text_of_the_whole_length_is_taken_in_any_script(house: House, ada: Socket) -> None:
    text = "🧥" * TEXT_LIMIT
    said = await ada.writes(text)
    assert (await ada.hears("line", id=said))["text"] == text


async def test_a_frame_beyond_all_measure_ends_the_socket(house: House, ada: Socket) -> None:
    await ada.ws.send_str("x" * 70_000)
    assert await ada.ends() == aiohttp.WSCloseCode.MESSAGE_TOO_BIG


async def test_bytes_end_the_socket(house: House, ada: Socket) -> None:
    await ada.ws.send_bytes(b"\x89PNG")
    assert await ada.ends() == aiohttp.WSCloseCode.UNSUPPORTED_DATA


async def test_the_transcript_holds_what_was_said(house: House, ada: Socket) -> None:
    await ada.writes(HOURS)
    await ada.sees(OPEN)
    await ada.say("transcript")
    lines = (await ada.hears("transcript"))["lines"]
    assert [one["author"] for one in lines] == ["customer", "bot"]
    assert lines[0]["text"] == HOURS
    assert OPEN in lines[1]["text"]


# --- being there


async def test_we_say_that_we_are_there_and_leave_who_does_not_answer(house: House) -> None:
    async with visiting(house) as socket:
        await socket.hears("now")
        for _ in range(int(SILENCE_S / BEAT_S) + 1):
            socket.frames.clear()
            house.clock.leap(BEAT_S + 0.1)
            if socket.closed_with is None:
                try:
                    await socket.hears("beat")
                except AssertionError:
                    break
        await socket.ends()


async def test_who_answers_beats_may_stay(house: House, ada: Socket) -> None:
    await ada.hears("now")
    for _ in range(5):
        ada.frames.clear()
        house.clock.leap(BEAT_S + 0.1)
        await ada.hears("beat")
        await ada.say("beat")
        await ada.writes("hello there " + new_id())
    assert ada.closed_with is None


# --- who may come


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example"]
)
async def test_a_page_of_a_foreign_origin_gets_no_socket(house: House, origin: str) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with raw_socket(house.world.url, origin=origin):
            pass
    assert refused.value.status == 403
    await house.counted(1, "rejected_total", channel="webchat", why="origin")


async def test_who_names_no_origin_gets_no_socket(house: House) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(f"{house.world.url}/chat/webchat/ws")
    assert refused.value.status == 403


async def test_only_web_chats_have_a_chat(house: House) -> None:
    for path in ("/chat/telegram", "/chat/none", "/chat/webchat/none.js", "/chat/telegram/ws"):
        assert (await house.get(path))[0] == 404, path
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{house.world.url}/webhooks/webchat", data=b"{}") as answer,
    ):
        assert answer.status == 401


# --- how much they may ask for


async def test_a_visitor_who_writes_too_fast_is_asked_to_wait(house: House, ada: Socket) -> None:
    for number in range(11):
        await ada.say("message", id=f"message-{number}", text="hello")
    later = await ada.hears("later", why="rate")
    house.clock.leap(later["after_s"] + 1)
    await ada.writes("hello", later["id"])


async def test_a_flood_ends_the_socket(house: House, ada: Socket) -> None:
    for _ in range(90):
        await ada.say("typing")
    assert await ada.ends() == aiohttp.WSCloseCode.POLICY_VIOLATION


async def test_a_visitor_has_so_many_sockets_and_no_more(house: House, ada: Socket) -> None:
    async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as group:
        enough = asyncio.Event()
        opened: list[int] = []

        async def tab() -> None:
            async with visiting(house, token=ada.token):
                opened.append(1)
                await enough.wait()

        tabs = [group.create_task(tab()) for _ in range(7)]
        await house.until(lambda: len(opened) == 7 or None)
        async with raw_socket(house.world.url) as one_more:
            await one_more.say("hello", token=ada.token)
            await one_more.hears("refused", why="sockets")
            assert await one_more.ends() == aiohttp.WSCloseCode.TRY_AGAIN_LATER
        enough.set()
        await asyncio.gather(*tabs)


async def test_strangers_of_one_address_come_one_after_the_other(house: House) -> None:
    for number in range(31):
        # The proxy on this machine says where a visitor comes from.
        async with raw_socket(house.world.url, **{"X-Forwarded-For": "203.0.113.7"}) as socket:
            await socket.say("hello")
            await socket.hears("welcome" if number < 30 else "later")
    async with raw_socket(house.world.url, **{"X-Forwarded-For": "203.0.113.8"}) as socket:
        await socket.say("hello")
        await socket.hears("welcome")


# --- the end


async def test_a_service_that_stops_sends_its_pages_away(open_house: OpenHouse) -> None:
    home = await open_house(serve=False)
    async with contextlib.AsyncExitStack() as outlives:
        async with running(home):
            ada = await outlives.enter_async_context(visiting(home))
            await ada.hears("now")
        assert await ada.ends() == aiohttp.WSCloseCode.GOING_AWAY


# --- pages


async def test_the_pages_come_with_what_keeps_browsers_strict(open_house: OpenHouse) -> None:
    origins = {'origins: ["${DEMO_URL}"]': 'origins: ["https://northwind.example"]'}
    home = await open_house(changes=origins)
    url = f"{home.world.url}/chat/webchat"
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as page:
            assert page.status == 200
            policy = page.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'self' https://northwind.example" in policy
            assert "unsafe" not in policy
            assert page.headers["X-Content-Type-Options"] == "nosniff"
            assert page.headers["Referrer-Policy"] == "no-referrer"
            assert "<title>Northwind Outfitters</title>" in await page.text()
        async with session.get(f"{url}/widget.js") as script:
            assert script.content_type == "text/javascript"
            assert script.headers["X-Content-Type-Options"] == "nosniff"
            tag = script.headers["ETag"]
        async with session.get(f"{url}/widget.js", headers={"If-None-Match": tag}) as again:
            assert again.status == 304
        async with session.get(url, headers={"Host": "evil;script-src"}) as odd:
            assert "evil" not in odd.headers["Content-Security-Policy"]
        async with session.get(f"{url}/ws", headers={"Origin": home.world.url}) as no_socket:
            assert no_socket.status == 400


async def test_a_site_that_is_named_may_open_a_socket(open_house: OpenHouse) -> None:
    origins = {'origins: ["${DEMO_URL}"]': 'origins: ["https://northwind.example"]'}
    home = await open_house(changes=origins)
    for origin in ("https://northwind.example", home.world.url):
        async with raw_socket(home.world.url, origin=origin) as socket:
            await socket.say("hello")
            await socket.hears("welcome")
