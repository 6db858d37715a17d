"""The web chat as people use it: a real browser against the running service."""

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from playwright.async_api import Browser, FilePayload, Page, expect

from channels.webchat.files import SIZE_MAX
from socialcare.demo.world import free_port
from tests.browser import Visit, visit, watch
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import HOURS, OPEN, House, running
from tests.journeys.test_webchat_files import png

pytestmark = pytest.mark.timeout(90)  # a browser on a busy machine


def chat_url(house: House) -> str:
    return f"{house.world.url}/chat/webchat"


async def write(page: Page, text: str) -> None:
    await page.get_by_label("Your message").fill(text)
    await page.get_by_role("button", name="Send", exact=True).click()


async def hears(page: Page, words: str) -> None:
    await expect(page.get_by_role("log")).to_contain_text(words)


@contextlib.asynccontextmanager
async def brand_site(port: int, care: str, *, policy: str) -> AsyncIterator[str]:
    """Serve a page of the brand's with the script tag in it, under a policy."""

    async def shop(_: web.Request) -> web.Response:
        text = (
            '<!doctype html><html lang="de"><title>Shop</title><link rel="icon" href="data:,">'
            f'<body><h1>Shop</h1><script src="{care}/widget.js" async></script>'
        )
        headers = {"Content-Security-Policy": policy}
        return web.Response(text=text, content_type="text/html", headers=headers)

    async def framing(_: web.Request) -> web.Response:
        text = f'<!doctype html><title>Frame</title><iframe src="{care}"></iframe>'
        return web.Response(text=text, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", shop)
    app.router.add_get("/framing", framing)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


@pytest.fixture
async def ada(house: House, browser: Browser) -> AsyncIterator[Visit]:
    """Open the chat's own page; at the end nothing went wrong and no stranger was asked."""
    seen = await visit(browser, locale="en-GB")
    await seen.page.goto(chat_url(house))
    yield seen
    assert seen.troubles == []
    assert seen.strangers == []


async def test_a_question_is_answered_on_the_page(house: House, ada: Visit) -> None:
    await expect(ada.page.locator("#disclosure")).to_contain_text("AI assistant")
    await write(ada.page, HOURS)
    await hears(ada.page, OPEN)
    await expect(ada.page.locator(".customer .state")).to_have_text("Read")
    read = "select count(*) from inbox where kind = 'read'"
    await house.until(lambda: house.one(read) or None, "no receipt came")
    await ada.page.reload()
    await hears(ada.page, OPEN)
    await expect(ada.page.locator(".line")).to_have_count(2)


async def test_everything_is_reached_by_keyboard_and_has_a_name(ada: Visit) -> None:
    page = ada.page
    await expect(page.locator("#disclosure")).to_be_visible()
    await page.get_by_label("Your message").focus()
    await page.keyboard.type("when do you open")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("on saturday?")
    await page.keyboard.press("Enter")
    await hears(page, OPEN)
    await expect(page.locator(".line.customer .text")).to_have_text(
        "when do you open\non saturday?"
    )
    reached = set()
    for _ in range(10):
        await page.keyboard.press("Tab")
        reached.add(
            await page.evaluate(
                "(document.querySelector('socialcare-chat').shadowRoot.activeElement || {})"
                ".textContent || ''"
            )
        )
    assert {"+", "Send", "Talk to a person", "Download the conversation"} <= reached
    await expect(page.get_by_role("log", name="Conversation")).to_have_attribute(
        "aria-live", "polite"
    )


def photo(name: str = "mug.png", body: bytes = png()) -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": body}


async def put(page: Page, how: str, *, name: str = "mug.png", kind: str = "image/png") -> None:
    """Paste or drop a picture where the visitor writes."""
    await page.get_by_label("Your message").evaluate(
        """(field, [how, name, kind, bytes]) => {
          const data = new DataTransfer();
          data.items.add(new File([Uint8Array.from(bytes)], name, {type: kind}));
          const given = {bubbles: true, cancelable: true};
          field.dispatchEvent(how === "paste"
            ? new ClipboardEvent(how, {...given, clipboardData: data})
            : new DragEvent(how, {...given, dataTransfer: data}));
        }""",
        [how, name, kind, list(png())],
    )


async def test_a_picture_is_picked_pasted_or_dropped_and_the_desk_has_it(
    house: House, ada: Visit
) -> None:
    page = ada.page
    await page.get_by_role("button", name="Talk to a person").click()
    card = await house.with_button("case.claim", "asks for a person")
    async with page.expect_file_chooser() as choosing:
        await page.get_by_role("button", name="Send a picture or PDF").press("Enter")
    await (await choosing.value).set_files([photo("one.png"), photo("two.png")])
    await put(page, "paste", name="three.png")
    await put(page, "dragover")
    await expect(page.locator(".panel.dropping")).to_have_count(1)
    await put(page, "drop", name="four.png")
    await expect(page.locator(".panel.dropping")).to_have_count(0)
    for name in ("one", "two", "three", "four"):
        await hears(page, f"{name}.png (1 kB)")
    await expect(page.locator("progress, .pending")).to_have_count(0)
    await house.until(lambda: house.one("select count(*) from media") == 4 or None)
    await house.press(house.world.ben, card, "case.claim")
    await house.settled()
    for name in ("one", "two", "three", "four"):
        assert f"{name}.png (picture, 1 kB)" in house.desk()
    await page.reload()
    await hears(page, "four.png (1 kB)")
    await expect(page.locator(".line.customer")).to_have_count(5)


async def test_what_cannot_be_sent_is_said_where_a_screen_reader_hears_it(
    house: House, ada: Visit
) -> None:
    page, said = ada.page, ada.page.locator(".note[role=status]")
    attach = page.get_by_role("button", name="Send a picture or PDF")
    await expect(attach).to_be_visible()
    await put(page, "drop", name="notes.txt", kind="text/plain")
    await expect(said).to_have_text("Only pictures and PDF.")
    await write(page, HOURS)
    await hears(page, OPEN)
    async with page.expect_file_chooser() as choosing:
        await attach.click()
    large = photo("large.png", png() + b"x" * SIZE_MAX)
    await (await choosing.value).set_files([large])
    await expect(said).to_have_text("Files may have up to 8 MB.")
    # Called a picture, and none: only the service can tell.
    async with page.expect_file_chooser() as choosing:
        await attach.click()
    await (await choosing.value).set_files([photo("trick.png", b"MZ a program")])
    failed = page.locator(".failed .state")
    await expect(failed).to_have_text("Only pictures and PDF.")
    ada.troubles.clear()  # the browser's own words about status 415
    assert house.one("select count(*) from media") == 0


async def test_a_file_waits_for_the_network_can_be_taken_back_and_comes_once(
    house: House, ada: Visit
) -> None:
    page = ada.page
    await expect(page.get_by_role("button", name="Send a picture or PDF")).to_be_visible()
    await ada.context.set_offline(True)
    await put(page, "drop", name="kept.png")
    await put(page, "drop", name="gone.png")
    await expect(page.get_by_role("progressbar", name="Sending …")).to_have_count(2)
    await page.get_by_role("button", name="Cancel").last.click()
    await expect(page.get_by_label("Your message")).to_be_focused()
    await write(page, HOURS)
    ada.troubles.clear()
    await ada.context.set_offline(False)
    await hears(page, OPEN)
    await expect(page.locator(".pending")).to_have_count(0)
    await expect(page.get_by_role("log")).not_to_contain_text("gone.png")
    tab = await ada.context.new_page()
    watch(ada, tab)
    await tab.goto(chat_url(house))
    await hears(tab, "kept.png (1 kB)")
    await expect(tab.locator(".line.customer")).to_have_count(2)
    assert house.one("select count(*) from media") == 1


async def test_the_human_button_brings_a_person(house: House, ada: Visit) -> None:
    await ada.page.get_by_role("button", name="Talk to a person").click()
    await hears(ada.page, "A person of our team will answer you here.")
    await house.with_button("case.claim", "asks for a person")


SCRIPTS = (
    "<script>fetch('{url}/xss')</script>",
    "<img src='{url}/xss' onerror=\"fetch('{url}/xss')\">",
    "</div><svg onload=\"fetch('{url}/xss')\">",
    "javascript:fetch('{url}/xss')",
    '"><iframe srcdoc="<script>fetch(\'{url}/xss\')</script>">',
)


async def test_what_people_write_is_never_run(open_house: OpenHouse, browser: Browser) -> None:
    asked: list[str] = []

    async def count(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response()

    app = web.Application()
    app.router.add_route("*", "/xss", count)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    name = SCRIPTS[1].format(url=url).replace('"', "'")
    home = await open_house(changes={"name: Northwind Outfitters": f"name: {json.dumps(name)}"})
    seen = await visit(browser, locale="en-GB")
    await seen.page.goto(chat_url(home))
    await seen.page.get_by_role("button", name="Talk to a person").click()
    card = await home.with_button("case.claim", "asks for a person")
    await home.press(home.world.ben, card, "case.claim")
    for text in SCRIPTS:
        await write(seen.page, text.format(url=url))
        await home.press(home.world.ben, card, "case.reply")
        await home.world.ben.gets_view(timeout=10)
        await home.world.ben.submit(values={"text": "Ben: " + text.format(url=url)})
        if home.world.ben.view is not None:
            # A link that is not the brand's, and no turn has read the visitor's with it yet.
            await home.world.ben.submit()
        await hears(seen.page, "Ben: " + text.format(url=url))
    await expect(seen.page.locator("h2")).to_have_text(name)
    inside = "document.querySelector('socialcare-chat').shadowRoot.querySelectorAll"
    found = await seen.page.evaluate(f"{inside}('script, img, svg, iframe').length")
    assert (found, asked) == (0, [])
    assert seen.strangers == []
    await seen.page.reload()
    await hears(seen.page, "Ben: " + SCRIPTS[0].format(url=url))
    assert asked == []
    await runner.cleanup()


async def test_one_tag_on_the_brand_s_site_under_a_strict_policy(
    open_house: OpenHouse, browser: Browser
) -> None:
    port = free_port()
    origins = {'origins: ["${DEMO_URL}"]': f'origins: ["http://127.0.0.1:{port}/"]'}
    home = await open_house(changes=origins)
    care = home.world.url
    policy = (
        f"default-src 'none'; img-src data:; script-src {care}; connect-src {care} ws://{care[7:]}"
    )
    async with brand_site(port, chat_url(home), policy=policy) as shop:
        seen = await visit(browser, viewport={"width": 1280, "height": 800})
        await seen.page.goto(shop)
        launch = seen.page.get_by_role("button", name="Chat", exact=True)
        await launch.click()
        await seen.page.get_by_label("Ihre Nachricht").fill("Wann habt ihr am Samstag offen?")
        await seen.page.keyboard.press("Enter")
        await expect(seen.page.locator(".line.bot .text")).to_have_count(1)
        async with seen.page.expect_file_chooser() as choosing:
            await seen.page.get_by_role("button", name="Bild oder PDF senden").click()
        await (await choosing.value).set_files([photo()])
        await hears(seen.page, "mug.png")
        await expect(seen.page.locator(".pending")).to_have_count(0)
        await seen.page.get_by_label("Ihre Nachricht").focus()
        await seen.page.keyboard.press("Escape")
        await expect(launch).to_be_focused()
        assert seen.troubles == []
        assert seen.strangers == []


async def test_a_foreign_site_gets_no_conversation_and_no_frame(
    house: House, browser: Browser
) -> None:
    async with brand_site(free_port(), chat_url(house), policy="") as evil:
        seen = await visit(browser)
        await seen.page.goto(evil)
        await seen.page.get_by_role("button", name="Chat", exact=True).click()
        await expect(seen.page.get_by_role("status").first).to_be_visible()
        await seen.page.goto(f"{evil}/framing")
        refused = [one for one in seen.troubles if "frame-ancestors" in one]
        assert refused, seen.troubles
    await house.until(
        lambda: (
            house.one("select count(*) from conversation where channel = 'webchat'") == 0 or None
        )
    )
    assert await house.figure("rejected_total", channel="webchat", why="origin") >= 1


async def test_what_is_written_offline_is_sent_once_when_back(house: House, ada: Visit) -> None:
    await expect(ada.page.locator("#disclosure")).to_be_visible()
    await ada.context.set_offline(True)
    await expect(ada.page.locator(".note[role=status]")).to_contain_text("offline")
    await write(ada.page, HOURS)
    await write(ada.page, "and do you ship to Leeds?")
    await expect(ada.page.locator(".pending .state")).to_have_text(["Sending …"] * 2)
    assert house.one("select count(*) from inbox where channel = 'webchat'") == 0
    ada.troubles.clear()  # the browser's own words about lost sockets
    await ada.context.set_offline(False)
    await hears(ada.page, OPEN)
    await expect(ada.page.locator(".pending")).to_have_count(0)
    messages = "select body from inbox where kind = 'message' order by seq"
    texts = [json.loads(row[0][1:])["frame"]["text"] for row in house.rows(messages)]
    assert texts == [HOURS, "and do you ship to Leeds?"]
    kept = await ada.page.evaluate(
        "Object.keys(localStorage).filter(k => k.includes(':q:')).length"
    )
    assert kept == 0


async def test_a_restart_of_the_service_loses_and_doubles_nothing(
    open_house: OpenHouse, browser: Browser
) -> None:
    home = await open_house(serve=False)
    seen = await visit(browser, locale="en-GB")
    async with running(home):
        await seen.page.goto(chat_url(home))
        await write(seen.page, HOURS)
        await hears(seen.page, OPEN)
    await expect(seen.page.locator(".note[role=status]")).to_contain_text("Trying again")
    await write(seen.page, "and do you ship to Leeds?")
    async with running(home):
        await expect(seen.page.locator(".pending")).to_have_count(0)
        await expect(seen.page.locator(".line.customer .text")).to_have_text(
            [HOURS, "and do you ship to Leeds?"]
        )
        await expect(seen.page.locator(".line.bot .text").first).to_contain_text(OPEN)


async def test_two_tabs_and_another_device_hold_one_conversation(
    house: House, ada: Visit, browser: Browser
) -> None:
    await write(ada.page, HOURS)
    await hears(ada.page, OPEN)
    tab = await ada.context.new_page()
    watch(ada, tab)
    await tab.goto(chat_url(house))
    await hears(tab, OPEN)
    await ada.page.get_by_role("button", name="Go on with another device").click()
    link = await ada.page.get_by_label("Go on with another device").last.input_value()
    phone = await visit(browser, viewport={"width": 360, "height": 740}, locale="en-GB")
    await phone.page.goto(link)
    await phone.page.get_by_role("button", name="Yes, go on").click()
    await hears(phone.page, OPEN)
    assert "#" not in phone.page.url
    await write(phone.page, "thank you from my phone")
    await hears(tab, "thank you from my phone")
    await hears(ada.page, "thank you from my phone")
    width = await phone.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 360
    assert phone.troubles == []


async def test_a_solved_case_asks_how_it_was_and_the_words_can_be_taken_home(
    house: House, ada: Visit
) -> None:
    await ada.page.get_by_role("button", name="Talk to a person").click()
    card = await house.with_button("case.claim", "asks for a person")
    await house.press(house.world.ben, card, "case.claim")
    await hears(ada.page, "has taken over")
    await house.press(house.world.ben, card, "case.resolve")
    await ada.page.get_by_role("button", name="5, very well").click()
    await hears(ada.page, "Thank you for telling us.")
    body = house.one("select body from inbox where channel = 'webchat' and kind = 'rating'")
    assert json.loads(body[1:])["frame"]["score"] == 5
    assert house.one("select count(*) from log where kind = 'rated'") == 1
    await ada.page.reload()
    async with ada.page.expect_download() as download:
        await ada.page.get_by_role("button", name="Download the conversation").click()
    text = await asyncio.to_thread(Path(await (await download.value).path()).read_text, "utf-8")
    assert "I would like to talk to a person, please." in text
    await expect(ada.page.get_by_role("button", name="5, very well")).to_have_count(0)


@pytest.fixture(scope="session")
def axe() -> str:
    """Read axe-core, where the gate (or a developer) has brought it along."""
    environment = os.environ  # noqa: TID251 - where the gate says where it is
    named = environment.get("SOCIALCARE_AXE")
    if named is None:
        pytest.skip(
            "no axe-core; npm install --prefix /tmp/axe axe-core, then "
            "SOCIALCARE_AXE=/tmp/axe/node_modules/axe-core/axe.min.js"
        )
    return Path(named).read_text("utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_keeps_people_out(
    house: House, browser: Browser, axe: str, scheme: str
) -> None:
    seen = await visit(browser, locale="en-GB", color_scheme=scheme, bypass_csp=True)
    page = seen.page
    await page.goto(chat_url(house))
    await write(page, HOURS)
    await hears(page, OPEN)
    await page.get_by_role("button", name="Talk to a person").click()
    card = await house.with_button("case.claim", "asks for a person")
    await house.press(house.world.ben, card, "case.claim")
    await house.press(house.world.ben, card, "case.resolve")
    await expect(page.get_by_role("button", name="5, very well")).to_be_visible()
    await page.evaluate(axe)
    found = await page.evaluate("axe.run({resultTypes: ['violations']})")
    assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []


@pytest.mark.parametrize(("width", "height"), [(360, 640), (1_600, 900)])
async def test_it_fills_a_phone_and_a_wide_screen(
    house: House, browser: Browser, width: int, height: int
) -> None:
    seen = await visit(browser, locale="en-GB", viewport={"width": width, "height": height})
    await seen.page.goto(chat_url(house))
    for number in range(6):
        await write(seen.page, f"{number}: {'a long story ' * 20}")
    await expect(seen.page.locator(".customer")).to_have_count(6)
    box = await seen.page.locator(".panel").bounding_box()
    send = await seen.page.get_by_role("button", name="Send", exact=True).bounding_box()
    assert box is not None
    assert send is not None
    assert round(box["height"]) == height
    assert send["y"] + send["height"] <= height
    assert send["x"] + send["width"] <= width
    size = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    assert await seen.page.evaluate(size) == [width, height]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_follows_the_visitor_s_light(house: House, browser: Browser, scheme: str) -> None:
    seen = await visit(browser, color_scheme=scheme, locale="en-GB")
    await seen.page.goto(chat_url(house))
    paint = await seen.page.evaluate(
        "getComputedStyle(document.querySelector('socialcare-chat').shadowRoot"
        ".querySelector('.panel')).backgroundColor"
    )
    assert paint == {"light": "rgb(255, 255, 255)", "dark": "rgb(22, 25, 29)"}[scheme]
