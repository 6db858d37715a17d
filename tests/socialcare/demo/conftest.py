"""One demo for all tests of a process, in a thread of its own; tests come as its visitors do."""

import asyncio
import contextlib
import os
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from conversation.clock import SystemClock
from socialcare.demo.opening import Demo, open_demo
from socialcare.demo.world import stand_ins
from tests.browser import Visit, chromium, shared_browser, visit

__all__ = ["chromium", "shared_browser"]

T = TypeVar("T")
START_S = 90.0
DONE_S = 45.0
HOSTILE = '<img src=x onerror="window.executed=1"><script>window.executed=1</script>'
"""What must only ever be read."""
ARTICLE = f"""---
id: hostile
title: Engraving {HOSTILE}
topics: [product_question]
languages: [en]
surface: public
owner: team
---
# Engraving {HOSTILE}

Engraving of names on enamel mugs takes two days. {HOSTILE}
"""


@dataclass(slots=True, kw_only=True)
class Stand:
    """A demo that runs elsewhere."""

    demo: Demo
    loop: asyncio.AbstractEventLoop

    @property
    def url(self) -> str:
        """The page."""
        return f"{self.demo.sandbox.url}/sandbox"

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Have something done where the demo lives."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(DONE_S)


@pytest.fixture(scope="session")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """Run a demo with the page on it."""
    folder = tmp_path_factory.mktemp("demo")
    opened: list[Stand] = []
    failed: list[BaseException] = []
    ready, over = threading.Event(), asyncio.Event()

    async def live() -> None:
        environment = dict(os.environ)  # noqa: TID251 - as a shell would
        async with stand_ins(folder, clock=SystemClock()) as world:
            (folder / "knowledge" / "hostile.md").write_text(ARTICLE, "utf-8")
            async with open_demo(world, environment=environment, port=0) as demo:
                opened.append(Stand(demo=demo, loop=asyncio.get_running_loop()))
                ready.set()
                await over.wait()

    def run() -> None:
        try:
            asyncio.run(live())
        except BaseException as error:  # noqa: BLE001 - told to whoever waits
            failed.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run, name="demo", daemon=True)
    thread.start()
    ready.wait(START_S)
    if not opened:
        raise RuntimeError("the demo did not start") from (failed[0] if failed else None)
    yield opened[0]
    opened[0].loop.call_soon_threadsafe(over.set)
    thread.join(DONE_S)
    assert not failed, failed


@contextlib.asynccontextmanager
async def visiting(
    shared_browser: Browser, stand: Stand, *, before: str = "", **settings: Any
) -> AsyncIterator[Visit]:
    """Open the page after a script; nothing may go wrong on it, and nothing leave this machine."""
    settings = {"viewport": {"width": 1600, "height": 900}, "reduced_motion": "reduce"} | settings
    seen = await visit(shared_browser, **settings)
    if before:
        await seen.page.add_init_script(before)
    await seen.page.goto(stand.url)
    await seen.page.locator("#service[data-life=ready]").wait_for()
    yield seen
    assert seen.troubles == []
    assert seen.strangers == []
    assert await seen.page.evaluate("window.executed") is None
    await seen.context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def guest(shared_browser: Browser, stand: Stand) -> AsyncIterator[Visit]:
    """Open the page on a wide screen."""
    async with visiting(shared_browser, stand) as seen:
        yield seen


@pytest.fixture(scope="session")
def axe() -> Path:
    """Find axe-core, which the gate brings along."""
    environment = os.environ  # noqa: TID251 - where the gate says where it is
    named = environment.get("SOCIALCARE_AXE")
    if named is None:
        if environment.get("CI"):
            raise RuntimeError("SOCIALCARE_AXE is not set: the gate must bring axe-core along")
        pytest.skip(
            "no axe-core; npm install --prefix /tmp/axe axe-core@4.14.1, then "
            "SOCIALCARE_AXE=/tmp/axe/node_modules/axe-core/axe.min.js"
        )
    return Path(named)
