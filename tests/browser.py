"""A real browser for tests of pages: Debian's chromium, driven by Playwright.

One browser runs for all tests of a process (an xdist worker); each test gets a context of its own:
no cookies, no storage, nothing of the tests before it. Import the fixtures you use into a
conftest.py: `from tests.browser import browser, chromium, page`. The driver lives on the test's
event loop, and starting it takes a third of a second; tests that share a loop
(`pytest.mark.asyncio(loop_scope="session")`) import `shared_browser` and share a driver.

Whatever a page asks for outside 127.0.0.1 is refused and remembered: `Visit.strangers` is empty at
the end of a good test, and so is `Visit.troubles`, its errors and the console's.
"""

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import (
    Browser,
    BrowserContext,
    Page,
    Request,
    Route,
    async_playwright,
    expect,
)

INSTALL: Final = "apt-get update && apt-get install -y chromium"
FLAGS: Final = (
    "--no-sandbox",  # tests may run as root; the pages are our own
    "--headless=new",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-dev-shm-usage",  # /dev/shm is small in containers
    "--password-store=basic",
    # Nothing but 127.0.0.1 has an address.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
LINES_MAX: Final = 200
"""Lines of the browser's own log until it must have said where it listens."""
PATIENCE_MS: Final = 20_000
"""Milliseconds that a page gets for anything a test waits for."""

_LISTENS: Final = re.compile(r"DevTools listening on (ws://\S+)")
_OURS: Final = re.compile(
    r"^(?:(?:https?|wss?)://(?:127\.0\.0\.1|localhost)[:/]|data:|blob:|about:)"
)

expect.set_options(timeout=PATIENCE_MS)


@contextlib.contextmanager
def running_chromium() -> Iterator[str]:
    """Run chromium for as long as the body lasts; gives the address of its DevTools.

    Raises:
        LookupError: there is none on this machine.
        OSError: it ended before it listened.
    """
    program = shutil.which("chromium")
    if program is None:
        raise LookupError(f"no chromium; install it with: {INSTALL}")
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        command = (program, *FLAGS, "--remote-debugging-port=0", f"--user-data-dir={profile}")
        with subprocess.Popen(  # noqa: S603 - the flags above and nothing else
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                yield _address(process)
            finally:
                process.kill()
                process.communicate()


def _address(process: "subprocess.Popen[str]") -> str:
    said: list[str] = []
    for line in process.stderr or ():
        said.append(line)
        if found := _LISTENS.search(line):
            return found[1]
        if len(said) >= LINES_MAX:
            break
    raise OSError("chromium did not say where it listens:\n" + "".join(said))


@pytest.fixture(scope="session")
def chromium() -> Iterator[str]:
    """Run one browser for the tests of this process; without one they skip, but not under CI."""
    environment = os.environ  # noqa: TID251 - where the gate says that it is the gate
    if shutil.which("chromium") is None and not environment.get("CI"):
        pytest.skip(f"no chromium; install it with: {INSTALL}")
    with running_chromium() as address:
        yield address


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """Drive the browser from this test's event loop."""
    async with async_playwright() as playwright:
        driven = await playwright.chromium.connect_over_cdp(chromium)
        yield driven
        for context in driven.contexts:
            await context.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_browser(chromium: str) -> AsyncIterator[Browser]:
    """Drive the browser from the loop that tests of a process share."""
    async with async_playwright() as playwright:
        yield await playwright.chromium.connect_over_cdp(chromium)


@dataclass(slots=True, kw_only=True)
class Visit:
    """One page in a context of its own, and all that went wrong on it."""

    page: Page
    context: BrowserContext
    troubles: list[str] = field(default_factory=list)
    """Errors of scripts and of the console."""
    strangers: list[str] = field(default_factory=list)
    """What was asked for outside this machine."""


async def visit(browser: Browser, **settings: Any) -> Visit:
    """Open an empty page in a new context; `settings` are those of `Browser.new_context`."""
    context = await browser.new_context(**settings)
    context.set_default_timeout(PATIENCE_MS)
    page = await context.new_page()
    seen = Visit(page=page, context=context)
    watch(seen, page)

    async def refuse(route: Route, request: Request) -> None:
        seen.strangers.append(request.url)
        await route.abort()

    await context.route(lambda url: _OURS.match(url) is None, refuse)
    return seen


def watch(seen: Visit, page: Page) -> None:
    """Note the troubles of a further page of the same context too."""
    page.on("pageerror", lambda error: seen.troubles.append(f"error: {error}"))
    page.on(
        "console",
        lambda line: (
            seen.troubles.append(f"console: {line.text}") if line.type == "error" else None
        ),
    )


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """Open an empty page; nothing may have gone wrong on it at the end."""
    seen = await visit(browser)
    yield seen.page
    assert not seen.troubles
    assert not seen.strangers
