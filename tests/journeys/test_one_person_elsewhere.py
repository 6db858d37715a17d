"""A customer takes their identity along to another channel: by an invitation, once, or not."""

import re

import pytest
from playwright.async_api import Browser, expect

from config.stages import Stage
from conversation.invitations import LASTS
from conversation.sqlite_care import SqliteCare
from conversation.traces import trace_named
from handoff.context import reason_title
from tests.browser import visit
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import HOURS, OPEN, PATIENCE_S, House, hears, said
from tests.journeys.webchat_visitor import Socket, visiting

WISH = "Can we continue on Telegram?"
LINK = re.compile(r"https?://[^\s]+")


async def invited(visitor: Socket, wish: str = WISH) -> str:
    """Ask to go on elsewhere; gives the link."""
    await visitor.writes(wish)
    line = await visitor.sees("it is you: https://")
    found = LINK.search(line["text"])
    assert found is not None
    return found[0]


def customers(house: House, *channels: str) -> set[str]:
    rows = house.rows("select channel, customer from conversation")
    return {customer for channel, customer in rows if channel in channels}


async def test_a_web_visitor_goes_on_on_telegram_as_the_same_person(house: House) -> None:
    async with visiting(house) as visitor:
        link = await invited(visitor)
        assert link.startswith("https://t.me/northwind_care_bot?start=sc1-")
        ella = house.customer("Ella")
        await ella.follow(link)
        await hears(ella, "you are the person from our other conversation")
        await house.settled()
        assert len(customers(house, "webchat", "telegram")) == 1
        await ella.write(HOURS)
        await hears(ella, OPEN)

        # The desk sees one person, and has one owner for both places.
        await ella.write("human please")
        card = await house.with_button("case.claim", "“Ella”")
        assert "Also writes on webchat, private (the bot answers)" in house.desk()
        await house.press(house.world.ben, card, "case.claim")
        await house.settled()
        await visitor.writes(HOURS)
        await visitor.sees("A colleague will answer you here")
        await house.until(lambda: reason_title("linked") in house.desk() or None, house.desk)
        assert re.search("sc1-[A-Za-z0-9_-]", house.desk()) is None, "nobody else may use it"

    turn = house.one("select turn from log where kind = 'came_invited'")
    care = SqliteCare(str(house.world.store_file))
    await care.open()
    async with care.looking() as session:
        told = await trace_named(session, turn)
    await care.close()
    assert told is not None
    assert any("one customer with who was invited" in line.text for line in told.lines)


async def test_two_open_cases_of_who_turns_out_to_be_one_go_to_who_claimed_first(
    house: House,
) -> None:
    ben, mira = house.world.ben, house.world.mira
    async with visiting(house) as visitor:
        link = await invited(visitor)
        await visitor.writes("human please")
        first = await house.with_button("case.claim", "webchat")
        await house.press(ben, first, "case.claim")
        ella = house.customer("Ella")
        await ella.write("human please")
        second = await house.with_button("case.claim", "“Ella”")
        await house.press(mira, second, "case.claim")
        await house.settled()
        assert claimed(house) == {("webchat", "U0BEN"), ("telegram", "U0MIRA")}

        # Ella's token proves that she is who writes on the site: Ben has both, and Mira is told.
        await ella.follow(link)
        told = "which ben has: this one is theirs too (it was mira's)."
        await house.until(lambda: told in house.desk() or None, house.desk)
        await house.settled()
        assert claimed(house) == {("webchat", "U0BEN"), ("telegram", "U0BEN")}
        assert house.desk().count(told) == 1

        # And what is done with one is done with both.
        await house.press(ben, second, "case.resolve")
        await house.gone(first, "case.resolve")
        await house.settled()
        assert claimed(house) == {("webchat", None), ("telegram", None)}
        await ella.write(HOURS)
        await hears(ella, OPEN)


def claimed(house: House) -> set[tuple[str, str | None]]:
    rows = house.rows("select channel, claimed_by from conversation")
    return {(channel, by) for channel, by in rows}


@pytest.mark.parametrize("case", ["replayed", "expired", "forged", "elsewhere"])
async def test_what_is_no_good_joins_nobody_and_says_so(house: House, case: str) -> None:
    ella, eve = house.customer("Ella"), house.customer("Eve")
    async with visiting(house) as visitor:
        link = await invited(visitor)
        match case:
            case "replayed":
                await ella.follow(link)
                await hears(ella, "you are the person from our other conversation")
                words = "used already"
            case "expired":
                house.clock.leap(LASTS.total_seconds() + 1)
                words = "too old"
            case "forged":
                link = link[:-3] + ("AAA" if not link.endswith("AAA") else "BBB")
                words = "not valid here"
            case _:
                # Meant for Telegram, and brought to WhatsApp.
                guest = house.world.whatsapp.customer(name="Eve")
                await guest.write(link.partition("start=")[2])
                await guest.sees("not valid here", timeout=PATIENCE_S)
                words = ""
        if words:
            await eve.follow(link)
            await hears(eve, words)
            await house.settled()
            assert not any("you are the person" in one for one in said(eve))
            await eve.write(HOURS)
            await hears(eve, OPEN)
    known = customers(house, "webchat")
    eves = house.one(
        "select customer from conversation where id = ?",
        house.conversation(eve) if words else _whatsapp(house),
    )
    assert eves not in known


def _whatsapp(house: House) -> str:
    return str(house.one("select id from conversation where channel = 'whatsapp'"))


async def test_messenger_is_told_by_the_link_before_a_word_is_said(house: House) -> None:
    async with visiting(house) as visitor:
        link = await invited(visitor, "Could we move this to Messenger?")
        assert link.startswith("https://m.me/")
        mia = house.world.graph.customer(name="Mia")
        await mia.follow(link)
        await house.settled()
        assert len(customers(house, "webchat", "messenger")) == 1
        assert not mia.chat, "Meta lets nobody write to who has not written"
        await mia.write(HOURS)
        await mia.sees(OPEN, timeout=PATIENCE_S)
        await mia.sees("you are the person from our other conversation", timeout=PATIENCE_S)
        await house.settled()
        assert len(mia.chat) == 2


async def test_from_telegram_to_the_brands_own_page_and_to_whatsapp(house: House) -> None:
    ella = house.customer("Ella")
    await ella.write("I'd rather chat on your website")
    seen = await hears(ella, "/chat/webchat#i=")
    found = re.search(r"\S+/chat/webchat#i=(sc1-\S+)", seen.text)
    assert found is not None, seen.text
    async with visiting(house) as visitor:
        token = found[1]
        await visitor.say("referral", id=token, ref=token)
        await visitor.hears("ack", id=token)
        await visitor.sees("you are the person from our other conversation")
        # What comes twice is one event.
        await visitor.say("referral", id=token, ref=token)
        await visitor.hears("ack", id=token)
    await ella.write("and can we continue on WhatsApp?")
    seen = await hears(ella, "https://wa.me/", after=seen)
    link = LINK.search(seen.text)
    assert link is not None
    guest = house.world.whatsapp.customer(name="Ella")
    await guest.follow(link[0])
    await guest.sees("you are the person from our other conversation", timeout=PATIENCE_S)
    await house.settled()
    assert len(customers(house, "webchat", "telegram", "whatsapp")) == 1
    assert await house.figure("invitations_total", outcome="joined") == 2


async def test_a_wish_beside_an_invitation_is_answered_too(house: House) -> None:
    async with visiting(house) as visitor:
        link = await invited(visitor)
    ella = house.customer("Ella")
    await ella.write(f"{link.partition('start=')[2]} {HOURS}")
    await hears(ella, "you are the person from our other conversation")
    await hears(ella, OPEN)


async def test_in_public_a_link_goes_to_its_author_alone(house: House) -> None:
    mia = house.world.graph.customer(name="Mia")
    await mia.comment(WISH)
    private = await mia.sees("it is you: https://t.me/", timeout=PATIENCE_S)
    await house.settled()
    assert not any("sc1-" in one.text for one in mia.answers)
    link = LINK.search(private.text)
    assert link is not None
    ella = house.customer("Mia")
    await ella.follow(link[0])
    await hears(ella, "you are the person from our other conversation")
    # Where a platform has no such way, nobody is invited: whoever reads it could come.
    fan = house.world.x.customer(name="Fan")
    await fan.posts(f"@northwind {WISH}")
    await house.settled()
    assert len(house.rows("select 1 from invitation")) == 1
    assert "sc1-" not in "".join(text for (text,) in house.rows(
        "select payload from outbox o join conversation c on c.id = o.conversation "
        "where c.channel = 'x'"
    ))  # fmt: skip


async def test_a_bot_that_does_not_speak_by_itself_invites_nobody(open_house: OpenHouse) -> None:
    home = await open_house(stage=Stage.COPILOT)
    async with visiting(home) as visitor:
        await visitor.writes(WISH)
        await home.settled()
    assert home.rows("select 1 from invitation") == []


@pytest.mark.timeout(90)
async def test_the_page_asks_before_it_tells_who_was_invited(
    house: House, browser: Browser
) -> None:
    ella = house.customer("Ella")
    await ella.write("I'd rather chat on your website")
    seen = await hears(ella, "#i=sc1-")
    link = LINK.search(seen.text)
    assert link is not None
    page = (await visit(browser, locale="en-GB")).page
    await page.goto(link[0])
    await expect(page.get_by_text("Were you invited here from another chat")).to_be_visible()
    assert "sc1-" not in page.url
    assert house.rows("select 1 from log where kind = 'came_invited'") == []
    await page.get_by_role("button", name="Yes, go on").click()
    log = page.get_by_role("log")
    await expect(log).to_contain_text("you are the person from our other conversation")
    await page.reload()
    await expect(log).to_contain_text("you are the person from our other conversation")
    await house.settled()
    assert len(house.rows("select 1 from log where kind = 'came_invited'")) == 1
    assert len(customers(house, "webchat", "telegram")) == 1
