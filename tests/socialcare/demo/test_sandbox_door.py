"""Who may drive the sandbox page, and how it tells what changed; without a browser."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import aiohttp
import pytest

from socialcare.demo.phones import Ability, Bubble, Phone, Platform
from socialcare.demo.sandbox import TOKEN_HEADER
from tests.socialcare.demo.conftest import Stand

PATIENCE_S = 20.0
HOURS = "when do you open on saturday?"
OPEN = "9:00 to 18:00"
pytestmark = pytest.mark.timeout(90)

News = tuple[str, dict[str, Any]]


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def ours(stand: Stand, **more: str) -> dict[str, str]:
    """Give the headers of a wish of the page itself, in a browser's words."""
    return {
        "Origin": stand.demo.sandbox.url,
        "Sec-Fetch-Site": "same-origin",
        "Content-Type": "application/json",
        TOKEN_HEADER: stand.demo.sandbox.token,
    } | more


async def ask(
    http: aiohttp.ClientSession,
    stand: Stand,
    act: str,
    wish: Any,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, str]:
    sent = wish if isinstance(wish, bytes) else json.dumps(wish).encode()
    async with http.post(
        f"{stand.url}/do/{act}", data=sent, headers=ours(stand) if headers is None else headers
    ) as answer:
        return answer.status, await answer.text()


async def test_the_page_may_run_nothing_but_its_own_files(
    http: aiohttp.ClientSession, stand: Stand
) -> None:
    async with http.get(stand.url) as answer:
        policy = answer.headers["Content-Security-Policy"]
        page = await answer.text()
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "frame-ancestors 'none'" in policy
    assert stand.demo.sandbox.token in page
    assert " style=" not in page
    assert "<script>" not in page
    async with http.get(f"{stand.url}/app.js") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/javascript")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["index.html", "..%2fboard.py", "nothing.js", "__init__.py"])
async def test_other_files_are_not_there(
    http: aiohttp.ClientSession, stand: Stand, name: str
) -> None:
    async with http.get(f"{stand.url}/{name}") as answer:
        assert answer.status == 404


async def test_the_root_leads_to_the_page(http: aiohttp.ClientSession, stand: Stand) -> None:
    async with http.get(stand.demo.sandbox.url) as answer:
        assert str(answer.url) == stand.url


@pytest.mark.parametrize(
    "more",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {TOKEN_HEADER: "guessed"},
        {TOKEN_HEADER: ""},
    ],
)
async def test_a_wish_from_elsewhere_is_refused(
    http: aiohttp.ClientSession, stand: Stand, more: dict[str, str]
) -> None:
    before = stand.demo.troubles.struck["kill"]
    status, _ = await ask(http, stand, "trouble", {"name": "kill"}, ours(stand, **more))
    assert status == 403
    assert stand.demo.troubles.struck["kill"] == before


@pytest.mark.parametrize("path", ["/sandbox", "/sandbox/events", "/sandbox/do/calm"])
async def test_another_name_for_this_machine_leads_nowhere(
    http: aiohttp.ClientSession, stand: Stand, path: str
) -> None:
    # As after a rebinding: the address is ours, the name is not.
    headers = ours(stand, Host="evil.example", Origin="http://evil.example")
    method = "POST" if "/do/" in path else "GET"
    async with http.request(method, stand.demo.sandbox.url + path, headers=headers) as answer:
        assert answer.status == 421


@pytest.mark.parametrize(
    ("act", "wish", "status"),
    [
        ("nothing", {}, 404),
        ("enter", {"channel": "telegram"}, 422),
        ("enter", {"channel": "telegram", "name": " "}, 422),
        ("enter", {"channel": "telegram", "name": "x" * 65}, 422),
        ("enter", {"channel": "telegram", "name": "Ann", "more": 1}, 422),
        ("enter", {"channel": "pigeon", "name": "Ann"}, 409),
        ("enter", b"{", 422),
        ("enter", b"\xff\xfe", 422),
        ("write", {"channel": "telegram", "phone": "1", "text": "hello"}, 409),
        ("write", {"channel": "telegram", "phone": "1", "text": "x" * 4_001}, 422),
        ("press", {"channel": "telegram", "phone": "1", "value": "x"}, 409),
        ("desk/press", {"colleague": "U0", "channel": "C0CARE", "ts": "1", "action": "x"}, 409),
        ("desk/press", {"colleague": "U0BEN", "channel": "C0", "ts": "1", "action": "x"}, 409),
        ("desk/submit", {"colleague": "U0BEN", "values": {}}, 409),
        ("desk/submit", {"colleague": "U0BEN", "close": True}, 409),
        ("desk/reply", {"colleague": "U0BEN", "channel": "C0CARE", "ts": "1", "text": "x"}, 409),
        ("story", {"name": "no_such_story"}, 409),
        ("trouble", {"name": "model_down"}, 409),
        ("trouble", {"name": "no_such_trouble"}, 409),
        ("calm", {}, 200),
    ],
)
async def test_wishes_that_cannot_be_done_are_told(
    http: aiohttp.ClientSession, stand: Stand, act: str, wish: Any, status: int
) -> None:
    answered, text = await ask(http, stand, act, wish)
    assert answered == status, text
    assert status == 200 or json.loads(text)["error"]


async def test_a_wish_beyond_any_size_is_refused(http: aiohttp.ClientSession, stand: Stand) -> None:
    status, _ = await ask(http, stand, "calm", b" " * 70_000 + b"{}")
    assert status == 413


async def test_what_telegrams_app_would_not_send_is_told(
    http: aiohttp.ClientSession, stand: Stand
) -> None:
    _, text = await ask(http, stand, "enter", {"channel": "telegram", "name": "Terse"})
    phone = json.loads(text)["phone"]
    for wish in ({"text": " "}, {"text": "hello", "public": True}):
        status, text = await ask(
            http, stand, "write", {"channel": "telegram", "phone": phone} | wish
        )
        assert status == 409, text
    status, _ = await ask(
        http, stand, "press", {"channel": "telegram", "phone": phone, "value": "no such button"}
    )
    assert status == 409


@pytest.mark.parametrize("channel", ["whatsapp", "messenger", "instagram", "x", "slack"])
async def test_customers_of_every_channel_are_answered(
    http: aiohttp.ClientSession, stand: Stand, channel: str
) -> None:
    platform = stand.demo.sandbox.acts.platforms[channel]
    _, text = await ask(http, stand, "enter", {"channel": channel, "name": "Olga"})
    phone = platform.phones[json.loads(text)["phone"]]
    for public in [False, True]:
        wish = {"channel": channel, "phone": phone.id, "text": HOURS, "public": public}
        status, text = await ask(http, stand, "write", wish)
        assert status == (200 if Ability.POST in platform.abilities or not public else 409), text
        if status != 200:
            continue
        told = await answered(stand, platform, phone, public=public)
        assert OPEN in told.text
    mine = [one for one in phone.bubbles() if one.mine]
    assert [HOURS in one.text for one in mine] == [True] * (
        1 + (Ability.POST in platform.abilities)
    )
    status, _ = await ask(
        http, stand, "write", {"channel": channel, "phone": phone.id, "text": " \n"}
    )
    assert status == 409
    wish = {"channel": channel, "phone": phone.id, "value": "no such button"}
    assert (await ask(http, stand, "press", wish))[0] == 409
    shown = await documents_of(http, stand, f"phone/{channel}.{phone.id}")
    owners = await documents_of(http, stand, *(f"owner/{one}" for one in phone.conversations))
    assert shown[f"phone/{channel}.{phone.id}"]["name"] == "Olga"
    assert {one["owner"] for one in owners.values()} == {"bot"}


async def test_what_customers_wrote_and_read_is_what_the_service_stored_and_sent(
    http: aiohttp.ClientSession, stand: Stand
) -> None:
    def even(told: dict[str, Any]) -> bool:
        seen, tally = told["seen"], told["tally"]
        return bool(seen["written"] == tally["stored"] and seen["read"] == tally["delivered"])

    await documents_of(http, stand, "seen", "tally", fits=even)


async def answered(stand: Stand, platform: Platform, phone: Phone, *, public: bool) -> Bubble:
    """Wait for the brand's words on a phone."""

    def look() -> Bubble | None:
        found = (one for one in phone.bubbles() if not one.mine and one.public == public)
        return next(found, None)

    async def seen() -> Bubble:
        return await platform.changes.until(
            look, patience_s=PATIENCE_S, expected=lambda: f"{phone.bubbles()}"
        )

    return await asyncio.to_thread(stand.do, seen())


async def documents_of(
    http: aiohttp.ClientSession,
    stand: Stand,
    *keys: str,
    fits: Callable[[dict[str, Any]], bool] = lambda _: True,
) -> dict[str, Any]:
    """Read a page's stream until these documents have come, and fit."""
    told: dict[str, Any] = {}
    async with asyncio.timeout(PATIENCE_S), await stream(http, stand) as news:
        while not (set(keys) <= told.keys() and fits(told)):
            _, more = await read(news)
            told |= more
    return {key: told[key] for key in keys}


async def read(answer: aiohttp.ClientResponse) -> News:
    """Read the next event of a stream: its id and its documents."""
    name, place = "", ""
    async for line in answer.content:
        words = line.decode().rstrip("\n")
        if words.startswith("event: "):
            name = words.removeprefix("event: ")
        elif words.startswith("id: "):
            place = words.removeprefix("id: ")
        elif words.startswith("data: "):
            said = json.loads(words.removeprefix("data: "))
            return place, {"event": name} if name else {one["key"]: one["doc"] for one in said}
    raise AssertionError("the stream ended")


async def stream(
    http: aiohttp.ClientSession, stand: Stand, after: str = ""
) -> aiohttp.ClientResponse:
    return await http.get(f"{stand.url}/events", headers={"Last-Event-ID": after} if after else {})


async def test_whoever_comes_back_is_told_what_is_new(
    http: aiohttp.ClientSession, stand: Stand
) -> None:
    async with asyncio.timeout(PATIENCE_S):
        async with await stream(http, stand) as first:
            assert await read(first) == ("", {"event": "anew"})
            place, documents = await read(first)
        assert {"service", "story/seed", "platform/telegram"} <= documents.keys()
        status, text = await ask(http, stand, "enter", {"channel": "telegram", "name": "Rita"})
        assert status == 200
        wanted = f"phone/telegram.{json.loads(text)['phone']}"
        news: dict[str, Any] = {}
        async with await stream(http, stand, place) as second:
            while wanted not in news:
                _, more = await read(second)
                news |= more
        assert news[wanted]["name"] == "Rita"
        assert "story/seed" not in news


async def test_whoever_was_at_another_demo_reads_everything_anew(
    http: aiohttp.ClientSession, stand: Stand
) -> None:
    async with asyncio.timeout(PATIENCE_S), await stream(http, stand, "another.99999999") as news:
        assert await read(news) == ("", {"event": "anew"})
        _, documents = await read(news)
    assert "story/seed" in documents
