"""The seed's story through the web chat: the bot does it, a colleague ends it."""

import asyncio
import signal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.async_api import Browser, Page, expect

from channels.webchat.adapter import WebchatAdapter
from config.stages import Stage
from conversation.clock import SystemClock
from tests.browser import visit
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import HOURS, LOOK_S, OPEN, PATIENCE_S, SEED, House, running
from tests.journeys.process import run
from tests.journeys.test_two_processes import SQLITE, second, settled
from tests.journeys.webchat_visitor import Socket, new_id, visiting


async def write(page: Page, text: str) -> None:
    await page.get_by_label("Your message").fill(text)
    await page.keyboard.press("Enter")


@pytest.mark.timeout(90)
async def test_three_wishes_then_a_person_and_back_to_the_bot(
    house: House, browser: Browser
) -> None:
    seen = await visit(browser, locale="en-GB")
    page = seen.page
    ben = house.world.ben
    await page.goto(f"{house.world.url}/chat/webchat")
    log = page.get_by_role("log")
    await write(page, SEED)
    await expect(log).to_contain_text("refunded the second charge of £24.90")
    await expect(log).to_contain_text("replacement for Enamel mug")
    assert await house.refunds("A-10293") == [2490]
    assert await house.replacements("A-10293") == 1

    await write(page, "I want to talk to a REAL PERSON now")
    await expect(log).to_contain_text("A person of our team will answer you here.")
    card = await house.with_button("case.claim", "asks for a person")
    await house.press(ben, card, "case.claim")
    await expect(log).to_contain_text("has taken over")
    bots = await page.locator(".line.bot").count()
    await write(page, "hello??")
    await house.world.slack.appears("C0CARE", "hello??", timeout=PATIENCE_S)
    await house.press(ben, card, "case.reply")
    await ben.gets_view(timeout=PATIENCE_S)
    await ben.submit(values={"text": "Hi, Ben here. I've sorted it."})
    theirs = page.locator(".line.colleague")
    await expect(theirs).to_contain_text(["Ben here"])
    await expect(theirs.locator(".who")).to_have_text("Our team")
    assert await page.locator(".line.bot").count() == bots, "the bot spoke meanwhile"

    await house.press(ben, card, "case.release")
    await expect(log).to_contain_text("You are talking to the assistant again.")
    await write(page, HOURS)
    await expect(page.locator(".line.bot").last).to_contain_text(OPEN)
    await house.settled()
    rows = house.rows("select state from outbox where kind = 'reply'")
    assert {state for (state,) in rows} == {"sent"}
    assert len(rows) == await page.locator(".line.bot, .line.colleague").count()
    assert (seen.troubles, seen.strangers) == ([], [])


async def test_typing_is_seen_whichever_process_writes_the_answer(
    open_house: OpenHouse, postgres_url: str
) -> None:
    home = await open_house(serve=False, changes={SQLITE: postgres_url})
    async with running(home) as one, second(home) as two, visiting(two.url) as visitor:
        adapter = one._adapters["webchat"]
        assert isinstance(adapter, WebchatAdapter)
        place = adapter.codec.address(visitor.token.split(".")[2])
        real = SystemClock()
        async with asyncio.timeout(PATIENCE_S):
            while {"type": "typing"} not in visitor.frames:
                # The line between them may only just have been opened: hints are told once.
                await adapter.show_typing(place)
                await real.sleep(LOOK_S)


async def test_what_one_process_says_the_other_s_sockets_read_at_once(
    open_house: OpenHouse, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody looks by themselves: each hears of what the other has written.
    monkeypatch.setattr("socialcare.chat.followers.LOOK_EVERY_S", 3_600.0)
    home = await open_house(serve=False, changes={SQLITE: postgres_url})
    async with running(home) as one, second(home) as two:
        async with visiting(one.url) as desk, visiting(two.url, token=desk.token) as phone:
            for writer, text in ((desk, HOURS), (phone, "how much is shipping?")):
                await writer.writes(text)
                for reader in (desk, phone):
                    await reader.sees(text, author="customer")
            for reader in (desk, phone):
                await reader.sees(OPEN)
                await reader.sees("3.95")
            assert desk.lines() == phone.lines()
            assert len(desk.lines()) == 4
        await settled(postgres_url)


STEPS = st.lists(
    st.sampled_from(["write", "write", "write again", "lose", "lose", "come behind"]), max_size=12
)
"""What happens to a page's socket; `come behind`: with an older place than it had seen."""


@pytest.fixture
async def manned(open_house: OpenHouse) -> House:
    """A house where colleagues answer: the bot takes what comes and leaves it to them."""
    return await open_house(stage=Stage.MANUAL)


@pytest.mark.timeout(180)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
async def test_nothing_is_lost_or_doubled_however_often_sockets_break(
    manned: House, steps: list[str]
) -> None:
    written: dict[str, str] = {}
    shown: dict[int, str] = {}
    token: str | None = None
    seqs = [0]
    lives: list[list[str]] = [[]]
    for step in steps:
        lives[-1].append(step)
        if step in {"lose", "come behind"}:
            lives.append([])
    for life in lives:
        manned.clock.leap(120)  # what the limits took is given back
        seq = seqs[0] if "come behind" in life else seqs[-1]
        async with visiting(manned, token=token, seq=seq) as socket:
            token = socket.token
            await _live(socket, life, written)
            if life is lives[-1]:
                for text in written.values():
                    if text not in shown.values():
                        await socket.sees(text, author="customer")
            read = {at: text for at, who, text in socket.lines() if who == "customer"}
            assert all(at > seq for at in read), "what it has seen is not told again"
            assert len(read) == len([who for _, who, _ in socket.lines() if who == "customer"])
            assert all(shown.get(at, text) == text for at, text in read.items())
            shown |= read
            seqs.append(max(seqs[-1], socket.seq))
            connection = socket.ws._conn
            assert connection is not None
            assert connection.transport is not None
            connection.transport.abort()  # no goodbye
    assert [shown[at] for at in sorted(shown)] == list(written.values())


async def _live(socket: Socket, steps: list[str], written: dict[str, str]) -> None:
    for step in steps:
        if step == "write" and len(written) < 8:
            said = new_id()
            written[said] = f"message {len(written)}"
            await socket.writes(written[said], said)
        elif step == "write again" and written:
            said = list(written)[-1]
            await socket.say("message", id=said, text=written[said])


@pytest.mark.timeout(90)
@pytest.mark.parametrize("moment", ["accepted", "after_send"])
async def test_a_killed_process_neither_loses_nor_doubles_a_line(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Killed at the worst moments: the page comes again with its unsent message and its place."""
    home = await open_house(serve=False)
    said = new_id()
    monkeypatch.setenv("SOCIALCARE_DIE_AT", moment)
    async with run(home) as doomed, visiting(home) as page:
        await page.say("message", id=said, text=HOURS)
        assert await doomed.ended() == -signal.SIGKILL
        await page.ends()
        token, seq, known = page.token, page.seq, page.lines()
        acknowledged = any(one["type"] == "ack" for one in page.frames)
    assert acknowledged <= (moment != "accepted")
    monkeypatch.delenv("SOCIALCARE_DIE_AT")
    async with run(home), visiting(home, token=token, seq=seq) as page:
        if not acknowledged:
            await page.writes(HOURS, said)
        await page.sees(OPEN)
        await home.settled()
        assert [author for _, author, _ in [*known, *page.lines()]] == ["customer", "bot"]
        async with visiting(home, token=token) as anew:
            await anew.hears("now")
            assert anew.lines() == [*known, *page.lines()]
