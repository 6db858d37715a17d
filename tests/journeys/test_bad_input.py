"""Whatever arrives at the front door: refused, kept aside or harmless; the next one is served."""

import asyncio
import io
import sqlite3
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from conversation.clock import SystemClock
from socialcare.demo.world import CARE
from socialcare.sandbox.slack_reading import pings, plain
from socialcare.server import BODY_S
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import HOURS, LOOK_S, OPEN, PATIENCE_S, House, hears, update

PROOF_HEADER = "X-Telegram-Bot-Api-Secret-Token"
PROOF = "demo-webhook-secret"


async def post(house: House, channel: str, body: bytes, proof: str = PROOF) -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{house.world.url}/webhooks/{channel}",
            data=io.BytesIO(body),
            headers={PROOF_HEADER: proof},
        ) as answer,
    ):
        return answer.status


async def test_who_does_not_know_the_secret_is_refused(house: House) -> None:
    """A wrong or missing secret is 401, counted, and leaves nothing behind."""
    ana = house.customer()
    body = update(ana, HOURS)
    assert await post(house, "telegram", body, proof="wrong") == 401
    assert (
        await house.world.telegram.post_raw(body, {"Content-Type": "application/json"})
    ).status == 401
    assert house.one("select count(*) from inbox") == 0
    await house.counted(2, "rejected_total", channel="telegram", why="signature")


async def test_an_unknown_channel_is_not_there(house: House) -> None:
    """404, and no stranger's word becomes a label of a figure."""
    assert await post(house, "myspace", b"{}") == 404
    assert await post(house, "..%2f..%2fetc", b"{}") == 404
    _, figures = await house.get("/metrics")
    assert "myspace" not in figures


async def test_a_body_beyond_the_limit_is_refused(house: House) -> None:
    """Over 1 MiB is 413, counted; exactly readable ones still work."""
    assert await post(house, "telegram", b" " * (1024 * 1024 + 1)) == 413
    await house.counted(1, "rejected_total", channel="telegram", why="too_large")
    assert house.one("select count(*) from inbox") == 0


@pytest.mark.parametrize("channel", ["telegram", "desk"])
async def test_a_body_that_is_not_packed_as_it_says_is_refused(house: House, channel: str) -> None:
    """The sender's fault, and no fault of ours in the log: 400, counted."""
    headers = {PROOF_HEADER: PROOF, "Content-Encoding": "gzip"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{house.world.url}/webhooks/{channel}", data=io.BytesIO(b"plain"), headers=headers
        ) as answer,
    ):
        assert answer.status == 400
    await house.counted(1, "rejected_total", channel=channel, why="unreadable")


@pytest.mark.parametrize("channel", ["telegram", "desk"])
async def test_a_body_that_never_comes_is_not_waited_for(house: House, channel: str) -> None:
    """Who announces a body and sends nothing holds a connection, and no longer than this: 408."""
    at = urlsplit(house.world.url)
    reader, writer = await asyncio.open_connection(at.hostname, at.port)
    writer.write(
        f"POST /webhooks/{channel} HTTP/1.1\r\nHost: {at.netloc}\r\n"
        f"Content-Length: 900000\r\n\r\n{{".encode()
    )
    await writer.drain()
    answer = asyncio.create_task(reader.readline())
    async with asyncio.timeout(PATIENCE_S):
        while not answer.done():
            house.clock.leap(BODY_S + 1)  # from whenever it began to read
            await SystemClock().sleep(LOOK_S)
    assert b" 408 " in answer.result()
    writer.close()
    await house.counted(1, "rejected_total", channel=channel, why="slow")
    assert await post(house, "telegram", update(house.customer(), HOURS)) == 200


BROKEN: dict[str, Any] = {
    "no_json": b"{not json",
    "no_object": b"[1]",
    "empty": b"",
    "no_text": "\xff\xfe".encode("latin-1"),
    "no_update_id": b'{"message": {"text": "hi"}}',
    "chat_is_a_word": b'{"update_id": 5, "message": {"message_id": 1, "date": 1, "chat": "x"}}',
    "deep": b'{"update_id": 6, "message": ' + b'{"a":' * 2000 + b"1" + b"}" * 2001,
}


@pytest.mark.parametrize(
    "body",
    [pytest.param(body, id=name) for name, body in BROKEN.items()],
)
async def test_what_nobody_can_read_is_kept_and_the_next_is_answered(
    house: House, body: bytes
) -> None:
    """CASES 16: acknowledged, stored in quarantine with a reason, counted; nothing is blocked."""
    assert await post(house, "telegram", body) == 200
    assert house.rows("select state from inbox") == [("quarantined",)]
    assert house.one("select why from inbox")
    await house.counted(1, "quarantined_total", channel="telegram")
    ana = house.customer()
    await ana.write(HOURS)
    await hears(ana, OPEN)


@pytest.mark.parametrize(
    "leaf", [{"text": 5}, {"date": "yesterday"}, {"from": "Ana"}, {"photo": {"a": 1}}]
)
async def test_a_message_with_a_wrong_leaf_does_not_stop_its_conversation(
    house: House, leaf: dict[str, Any]
) -> None:
    """CASES 16: the chat is known, a part of it is wrong: put aside, the next one is answered."""
    ana = house.customer()
    assert await post(house, "telegram", update(ana, HOURS, update_id=7, leaf=leaf)) == 200
    await house.settled()
    assert house.one("select state from inbox") in {"quarantined", "taken"}
    await ana.write(HOURS)
    await house.settled()
    assert len(ana.chat) >= 1 or house.owner(ana) == "desk"


async def test_nothing_is_acknowledged_that_is_not_stored(open_house: OpenHouse) -> None:
    """CASES 15: while another process holds the store, 503 with Retry-After; later all is well."""
    house = await open_house()
    ana = house.customer()
    body = update(ana, HOURS)
    blocker = sqlite3.connect(house.world.store_file, isolation_level=None)
    try:
        blocker.execute("begin immediate")
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                f"{house.world.url}/webhooks/telegram",
                data=body,
                headers={PROOF_HEADER: PROOF},
            ) as answer,
        ):
            assert answer.status == 503
            assert int(answer.headers["Retry-After"]) > 0
        assert blocker.execute("select count(*) from inbox").fetchone() == (0,)
    finally:
        blocker.execute("rollback")
        blocker.close()
    await house.counted(1, "rejected_total", channel="telegram", why="store")
    assert await post(house, "telegram", body) == 200
    await hears(ana, OPEN)
    await house.settled()
    assert len(ana.chat) == 1


def disguised(value: object) -> bool:
    """Tell whether a customer's link hides behind other words in text that Slack interprets."""
    if isinstance(value, list | tuple):
        return any(map(disguised, value))
    if not isinstance(value, dict):
        return False
    if value.get("type") in {"mrkdwn", "markdown"}:
        return "<https://evil" in value["text"]
    return value.get("type") == "link" or any(map(disguised, value.values()))


EVIL = [
    "<!channel> <@U0BEN> <!subteam^S0CARE> I want to talk to a human",
    "<script>alert(1)</script> @here @channel &lt;!here&gt; I want to talk to a human",
    "<https://evil.example|northwind.example> *bold* `code` I want to talk to a human",
]


@pytest.mark.parametrize("text", EVIL)
async def test_names_and_words_reach_slack_inert(house: House, text: str) -> None:
    """Whatever customers call themselves and write: nobody is pinged and no link is disguised."""
    mallory = house.customer("<!here> <@U0MIRA> Mallory", username="mallory")
    await mallory.write(text)
    await house.with_button("case.claim", "Mallory")
    await house.settled()
    for message in house.world.slack.messages(CARE):
        assert not pings(message), plain(message)
        assert not disguised(message.blocks)


@pytest.mark.parametrize(
    "text",
    ["' or 1=1; drop table inbox; --", "{{7*7}} ${jndi:ldap://x}", "\u202eevil\u0007\x1b[31m"],
)
async def test_code_as_text_is_text(house: House, text: str) -> None:
    """Markup, SQL, templates and control characters are words like others."""
    ana = house.customer()
    await ana.write(f"{text} hello, I want to talk to a human")
    await hears(ana, "colleague")
    await house.settled()
    assert house.owner(ana) == "desk"
