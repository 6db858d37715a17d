"""The sandbox page as a person uses it: mouse, keyboard, small and large, light and dark."""

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from socialcare.demo.brains import BrainName
from socialcare.demo.stories import STORIES
from socialcare.sandbox.shop_seed import Line, renumbered, seed_orders
from tests.browser import Visit
from tests.socialcare.demo.conftest import HOSTILE, Stand, visiting

PICTURE = Path(__file__).parents[3] / "docs" / "pictures" / "sandbox.png"
PICTURE_MAX_BYTES = 300_000
SLOW_MS = 30_000
"""Milliseconds for what takes a restart of the service."""

pytestmark = [pytest.mark.timeout(90), pytest.mark.asyncio(loop_scope="session")]


SLOW_NEWS = """
window.news = { held: null, hold() { this.held = []; } };
news.go_on = () => { const held = news.held; news.held = null; for (const give of held) give(); };
news.drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
window.EventSource = class extends EventSource {
  set onmessage(heard) {
    super.onmessage = (one) => news.held ? news.held.push(() => heard(one)) : heard(one);
  }
};
"""
"""What the demo tells the page waits for as long as a test wants."""


async def bring_in(page: Page, name: str, *, channel: str = "Telegram") -> None:
    """Bring in a customer of one's own."""
    if await page.locator("#channel").evaluate("one => one.selectedOptions[0].label") != channel:
        await page.locator("#channel").select_option(label=channel)
    await page.get_by_label("Name of a new customer").fill(name)
    # The name alone tells nothing: somebody else's guest of that name may be shown till then.
    async with page.expect_response(
        lambda one: one.url.endswith("/enter") and name in str(one.request.post_data)
    ):
        await page.get_by_role("button", name="Bring in").click()
    await expect(page.locator("#phone-name")).to_have_text(f"{name} · {channel}")


async def say(page: Page, hint: str) -> None:
    """Pick something to say, and send it."""
    await page.get_by_role("button", name=hint).click()
    await page.get_by_role("button", name="Send", exact=True).click()


async def test_each_story_ends_as_it_must_when_clicked(guest: Visit, stand: Stand) -> None:
    page = guest.page
    stories = page.get_by_role("group", name="Stories").get_by_role("button")
    await expect(stories).to_have_count(len(STORIES))
    for place in range(len(STORIES)):
        await stories.nth(place).click()
    for place in range(len(STORIES)):
        await expect(stories.nth(place)).to_contain_text("✓ as it must be", timeout=SLOW_MS)
    # The phone in hand is the last story's.
    await expect(page.locator("#phone-name")).to_have_text("Ella · Telegram")
    await expect(page.get_by_role("log")).to_contain_text("I have refunded £42.00")
    # A second time, with orders that nobody has touched.
    played = stand.demo.visitors.performances
    await stories.first.click()
    await expect(page.locator("#phone-name")).to_have_text("Ana · Telegram", timeout=SLOW_MS)
    await expect(stories.first).to_contain_text("✓ as it must be", timeout=SLOW_MS)
    assert stand.demo.visitors.performances == played + 1


async def test_a_refund_within_the_limit_is_told_with_its_numbers(guest: Visit) -> None:
    page = guest.page
    await bring_in(page, "Nils")
    await say(page, "Refund of 42.00: alone")
    await expect(page.get_by_role("log")).to_contain_text("I have refunded £42.00")
    latest = page.locator(".turn-card").first
    await expect(latest).to_contain_text("refund: 42.00 GBP ≤ 50.00 GBP alone → done")
    await expect(latest.locator(".by")).to_have_text("Stage autonomous · embedded brain")
    for stop in (
        "Received",
        "Understood",
        "Found",
        "Proposed",
        "Judged",
        "Done",
        "Checked",
        "Said",
    ):
        await expect(latest.locator(".way")).to_contain_text(stop)
    await expect(latest.locator(".way")).to_contain_text(re.compile(r"\+[\d,.]+ ms"))
    await expect(page.locator("#orders")).to_contain_text("42.00 GBP → paid back")


async def test_a_customer_goes_to_another_platform_and_posts_in_public(
    guest: Visit, stand: Stand
) -> None:
    page = guest.page
    await bring_in(page, "Ines")
    await expect(page.get_by_label("in public")).to_be_hidden()
    await bring_in(page, "Ines", channel="X")
    await page.get_by_label("in public").check()
    await page.get_by_label("Message as the customer").fill("when do you open on saturday?")
    await page.get_by_role("button", name="Send", exact=True).click()
    log = page.get_by_role("log")
    await expect(log).to_contain_text("@northwind when do you open on saturday?")
    await expect(log.locator(".theirs")).to_contain_text("9:00 to 18:00")
    await expect(log.locator(".theirs")).to_contain_text("public")
    await expect(page.locator(".turn-card").first).to_contain_text("saturday")
    # What was ticked there is no public matter where all is private.
    await bring_in(page, "Ines", channel="WhatsApp")
    await say(page, "Refund of 42.00: alone")
    await expect(log).to_contain_text("I have refunded £42.00")
    chat = page.get_by_role("link", name="Chat page")
    await expect(chat).to_have_attribute("href", f"{stand.demo.world.url}/chat/webchat")


async def test_a_choice_stands_while_its_customer_is_still_on_the_way(
    shared_browser: Browser, stand: Stand
) -> None:
    async with visiting(shared_browser, stand, before=SLOW_NEWS) as seen:
        page, channel = seen.page, seen.page.locator("#channel")
        await bring_in(page, "Before")
        await page.evaluate("news.hold()")
        async with page.expect_response("**/enter"):
            await channel.select_option(label="Web chat")
        # The page draws again, and knows of nobody there yet.
        await page.evaluate("news.drawn()")
        await expect(channel).to_have_value("webchat", timeout=1)
        await expect(page.locator("#phone-name")).to_have_text("Before · Telegram")
        await page.evaluate("news.go_on()")
        await bring_in(page, "Afterwards", channel="Web chat")


async def test_the_web_chat_is_a_phone_with_a_socket_of_its_own(guest: Visit) -> None:
    page, log = guest.page, guest.page.get_by_role("log")
    # Until somebody fresh is there, the page shows who was there before, on whatever channel.
    await expect(page.locator("#phone-name")).to_contain_text("Telegram")
    await bring_in(page, "Webb", channel="Web chat")
    await say(page, "Refund of 42.00: alone")
    await expect(log).to_contain_text("I have refunded £42.00")
    await expect(page.locator(".turn-card").first).to_contain_text("From webchat: on disk")
    await say(page, "Angry: a person, now")
    await expect(page.locator("#owner")).to_have_text("waits for a colleague")
    card = page.locator(".card", has_text="REAL PERSON").first
    await card.get_by_role("button", name="Claim").click()
    await expect(page.locator("#owner")).to_have_text("a colleague answers")
    await card.get_by_role("button", name="Reply", exact=True).click()
    modal = page.get_by_role("dialog")
    await modal.get_by_role("textbox").fill("Hi, Ben here.")
    await modal.locator("button[type=submit]").click()
    await expect(log).to_contain_text("Ben here")

    # Without the service it waits in the page, and comes once.
    await bring_in(page, "Wilma", channel="Web chat")
    await page.get_by_role("button", name="Kill the service").click()
    await say(page, "Opening hours")
    await expect(log).to_contain_text("9:00 to 18:00", timeout=SLOW_MS)
    await expect(page.locator("#service")).to_contain_text("running", timeout=SLOW_MS)
    await expect(page.locator(".mine")).to_have_count(1)
    await expect(page.locator(".theirs")).to_have_count(1)
    await expect(page.locator("#verdict")).to_have_text(
        "✓ Nothing lost, nothing doubled", timeout=SLOW_MS
    )


async def test_a_colleague_signs_what_the_bot_may_not_do_alone(guest: Visit) -> None:
    page = guest.page
    await bring_in(page, "Chloe-Marie")
    await say(page, "Refund of 180.00: sign-off")
    await expect(page.get_by_role("log")).to_contain_text("needs a colleague's approval")
    card = page.locator(".card", has_text="Chloe-Marie").first
    await page.get_by_label("You are").select_option("Ben")
    await card.get_by_role("button", name="Approve").click()
    await expect(card.locator(".whisper")).to_contain_text("Only visible to you")
    await page.get_by_label("You are").select_option("Mira")
    await expect(card.locator(".whisper")).to_have_count(0)
    await card.get_by_role("button", name="Approve").click()
    await expect(page.get_by_role("log")).to_contain_text("I have refunded £180.00")
    latest = page.locator(".turn-card").first
    await expect(latest).to_contain_text("refund 180.00 GBP: signed by a colleague → done")


async def test_a_colleague_asks_why_and_reads_it_from_the_beginning(guest: Visit) -> None:
    page = guest.page
    await bring_in(page, "Wanda")
    await page.locator("#say").fill("please refund my order A-10777, finn@northwind.example")
    await page.get_by_role("button", name="Send", exact=True).click()
    card = page.locator(".card", has_text="Wanda").first
    await card.get_by_role("button", name="Why?").click()
    modal = page.get_by_role("dialog", name="Why the bot did this")
    await expect(modal).to_contain_text("640.00 GBP of charge")
    await expect(modal).to_contain_text("> 500.00 GBP signed → not done, a case for people")
    await expect(modal).to_contain_text("Brain: embedded")
    await expect(modal.get_by_role("heading", name="Why the bot did this")).to_be_focused()
    await modal.get_by_role("button", name="Close").click()
    await expect(modal).to_have_count(0)


async def test_a_colleague_takes_over_by_modal_and_thread(guest: Visit) -> None:
    page = guest.page
    await bring_in(page, "Gustav")
    await say(page, "Angry: a person, now")
    card = page.locator(".card", has_text="Gustav").first
    await page.get_by_label("You are").select_option("Ben")
    await card.get_by_role("button", name="Claim").click()
    await expect(card).to_contain_text("Claimed by")
    await expect(page.locator("#owner")).to_have_text("a colleague answers")
    await card.get_by_role("button", name="Reply", exact=True).click()
    modal = page.get_by_role("dialog")
    await modal.get_by_role("textbox").fill("Hi Gustav, Ben here.")
    await modal.locator("button[type=submit]").click()
    await expect(page.get_by_role("log")).to_contain_text("Ben here")
    await expect(modal).to_have_count(0)
    await card.locator("summary").click()
    await card.get_by_label("Write in the thread").fill("I will send him a voucher")
    await card.get_by_role("button", name="Post").click()
    await card.get_by_role("button", name="Keep internal").click()
    await expect(card).to_contain_text("Kept internal")
    # Escape closes a modal as its button does.
    await card.get_by_role("button", name="Reply", exact=True).click()
    await modal.wait_for()
    await page.keyboard.press("Escape")
    await expect(modal).to_have_count(0)


async def test_a_message_that_comes_twice_is_answered_once(guest: Visit) -> None:
    page = guest.page
    await bring_in(page, "Twyla")
    twice = page.get_by_role("button", name="Telegram delivers twice")
    await twice.click()
    await expect(twice).to_contain_text("armed")
    await say(page, "Opening hours")
    await expect(page.get_by_role("log")).to_contain_text("9:00 to 18:00")
    await expect(twice).to_contain_text("struck once")
    await expect(page.locator("#verdict")).to_have_text("✓ Nothing lost, nothing doubled")
    await expect(page.locator(".theirs")).to_have_count(1)
    # What is not there cannot be pulled, and says so.
    model = page.get_by_role("button", name="Model is down")
    await expect(model).to_have_attribute("aria-disabled", "true")
    await model.click(force=True)
    await expect(model).to_contain_text("not here")


@pytest.fixture
def with_brains(stand: Stand) -> Iterator[None]:
    """Leave the built-in brain to whoever comes next."""
    yield
    stand.demo.troubles.clear()
    stand.do(stand.demo.brains.choose(BrainName.EMBEDDED))


@pytest.mark.usefixtures("with_brains")
async def test_a_model_is_taken_away_and_nobody_is_left_without_an_answer(
    guest: Visit, stand: Stand
) -> None:
    page = guest.page
    await bring_in(page, "Moana")
    await page.get_by_label("Brain").select_option(label="language model")
    await expect(page.locator("#brain-note")).to_contain_text("no AI, a short script")
    await expect(page.locator("#service")).not_to_contain_text("running")
    await expect(page.locator("#service")).to_contain_text("running", timeout=SLOW_MS)
    await expect(page.get_by_label("Brain")).to_be_enabled(timeout=SLOW_MS)
    latest, theirs = page.locator(".turn-card").first, page.locator(".theirs")

    # The model proposes; limits are the same as ever.
    await say(page, "Refund of 42.00: alone")
    await expect(theirs.last).to_contain_text("I have refunded 42.00 GBP to you.")
    await expect(latest).to_contain_text("scripted-model brain")
    # What it took, in time, tokens and money.
    await expect(latest).to_contain_text(re.compile(r"prompt care@\d+ · \d calls · [\d,]+ \+ "))
    await expect(latest).to_contain_text(re.compile(r"tokens · 0\.\d+ USD"))
    await expect(latest).to_contain_text(re.compile(r"\d ms"))
    await expect(latest).to_contain_text("refund: 42.00 GBP ≤ 50.00 GBP alone → done")
    # It lies when it is told to, and is not heard.
    await say(page, "A trick")
    await expect(latest).to_contain_text("Goes on without scripted-model: wrong")
    await expect(page.get_by_role("log")).not_to_contain_text("refunded 5000")

    # Without it, the built-in brain answers at once.
    plug = page.get_by_role("button", name="Model is down")
    await plug.click()
    await expect(plug).to_have_attribute("aria-pressed", "true")
    await say(page, "Opening hours")
    await expect(theirs.last).to_contain_text("9:00 to 18:00")
    await expect(latest).to_contain_text("Goes on without scripted-model: down")
    await expect(plug).to_contain_text("pulled, met")
    await plug.click()
    await expect(plug).to_have_attribute("aria-pressed", "false")
    # Stories are held against the built-in brain's words.
    await page.get_by_role("group", name="Stories").get_by_role("button").first.click()
    await expect(page.get_by_role("alert")).to_contain_text("choose the built-in brain")
    await expect(page.locator("#verdict")).to_have_text("✓ Nothing lost, nothing doubled")
    guest.troubles.clear()  # the browser's own words about status 409
    assert stand.demo.world.model.requests


async def test_killed_in_mid_refund_it_pays_once(guest: Visit) -> None:
    page = guest.page
    await bring_in(page, "Kim")
    kill = page.get_by_role("button", name="Kill it in mid-refund")
    await kill.click()
    await say(page, "Refund of 42.00: alone")
    await expect(page.locator("#service")).not_to_contain_text("running")
    await expect(kill).to_contain_text("struck once")
    await page.get_by_label("Message as the customer").fill("hello? are you there?")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.get_by_role("log")).to_contain_text("refunded £42.00", timeout=SLOW_MS)
    await expect(page.locator("#service")).to_contain_text("running", timeout=SLOW_MS)
    verdict = page.locator("#verdict")
    await expect(verdict).to_have_text("✓ Nothing lost, nothing doubled", timeout=SLOW_MS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_fits_and_is_accessible(
    shared_browser: Browser, stand: Stand, axe: Path, scheme: str
) -> None:
    async with visiting(shared_browser, stand, color_scheme=scheme) as seen:
        page = seen.page
        await page.evaluate(axe.read_text("utf-8"))
        for width, panes in (
            (1600, [""]),
            (800, [""]),
            (360, ["customer", "turn", "desk", "try", "shop"]),
        ):
            await page.set_viewport_size({"width": width, "height": 800})
            for pane in panes:
                if pane:
                    await page.locator(f"[data-go={pane}]").click()
                wide = await page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, pane
                assert await faults(page) == [], (width, pane)


async def faults(page: Page) -> list[str]:
    """Ask axe-core for what keeps people out."""
    found = await page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{one['id']}: {[node['html'][:120] for node in one['nodes'][:3]]}"
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
    ]


async def test_the_theme_can_be_chosen_and_is_kept(shared_browser: Browser, stand: Stand) -> None:
    async with visiting(shared_browser, stand, color_scheme="light") as seen:
        page = seen.page
        theme = page.get_by_role("button", name="Theme")
        light = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        await theme.click()
        await theme.click()
        await expect(theme).to_have_accessible_name("Theme: dark")
        dark = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert dark != light
        await page.reload()
        assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


async def test_the_keyboard_is_enough(guest: Visit) -> None:
    page = guest.page
    keyboard = page.keyboard
    await keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "say"
    # On to the next form: a customer of one's own.
    for _ in range(6):
        await keyboard.press("Tab")
        if await page.evaluate("document.activeElement.id") == "newcomer":
            break
    await keyboard.type("Keanu")
    await keyboard.press("Enter")
    await expect(page.locator("#phone-name")).to_have_text("Keanu · Telegram")
    await expect(page.locator("#say")).to_be_focused()
    await keyboard.type("I want to talk to a REAL PERSON now, this is RIDICULOUS")
    await keyboard.press("Enter")
    await expect(page.get_by_role("log")).to_contain_text("colleague")
    card = page.locator(".card", has_text="Keanu").first
    claim = card.get_by_role("button", name="Claim")
    await claim.wait_for()
    for _ in range(60):
        await keyboard.press("Tab")
        if await claim.evaluate("one => one === document.activeElement"):
            break
    await keyboard.press("Enter")
    await expect(page.locator("#owner")).to_have_text("a colleague answers")


async def test_strangers_words_are_text_wherever_they_stand(guest: Visit, stand: Stand) -> None:
    page = guest.page
    await page.evaluate(
        "document.addEventListener('securitypolicyviolation', () => { window.executed = 'policy' })"
    )
    await page.get_by_label("Name of a new customer").fill(HOSTILE[:64])
    await page.get_by_role("button", name="Bring in").click()
    await expect(page.locator("#phone-name")).to_contain_text("<img src=x")
    stand.do(note_on_orders(stand))
    for words in (
        f"{HOSTILE} please let me talk to a human",
        "how long does engraving of names on enamel mugs take?",
    ):
        await page.get_by_label("Message as the customer").fill(words)
        await page.get_by_role("button", name="Send", exact=True).click()
        await expect(page.locator(".mine").last).to_contain_text(words[:30])
    card = page.locator(".card", has_text="<img src=x").first
    await expect(card).to_contain_text("onerror")
    await expect(page.locator(".turn-card").first).to_contain_text("engraving")
    await expect(page.locator("#orders")).to_contain_text("<script>window.executed=1</script>")
    await card.locator("summary").click()
    await card.get_by_label("Write in the thread").fill(f"*{HOSTILE}* <!channel>")
    await card.get_by_role("button", name="Post").click()
    await expect(card.locator(".replies")).to_contain_text("<script>")
    # Nothing of it became an element either.
    assert await page.locator("img, main script, iframe").count() == 0


async def note_on_orders(stand: Stand) -> None:
    shop, now = stand.demo.world.shop, stand.demo.world.clock.now()
    order = renumbered(seed_orders(now)[0], "X-99999", email="x@northwind.example")
    line = Line(id="X-99999-1", sku="MUG", title=f"Mug, note: {HOSTILE}", amount=2490)
    await shop.enter(replace(order, lines=(line,)))


async def test_the_readme_picture(shared_browser: Browser, stand: Stand, tmp_path: Path) -> None:
    wide = {"width": 1420, "height": 840}
    async with visiting(shared_browser, stand, color_scheme="light", viewport=wide) as seen:
        page = seen.page
        await bring_in(page, "Nora")
        await say(page, "Refund of 180.00: sign-off")
        await expect(page.get_by_role("log")).to_contain_text("needs a colleague's approval")
        await page.get_by_label("You are").select_option("Mira")
        card = page.locator(".card", has_text="Nora").first
        await card.get_by_role("button", name="Approve").wait_for()
        await expect(page.locator("#verdict")).to_have_text("✓ Nothing lost, nothing doubled")
        wanted = os.environ.get("SOCIALCARE_PICTURE")  # noqa: TID251 - asked for by hand
        place = PICTURE if wanted else tmp_path / "sandbox.png"
        await page.screenshot(path=place)
    assert place.stat().st_size < PICTURE_MAX_BYTES
    assert PICTURE.exists()
