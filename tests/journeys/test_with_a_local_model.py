"""The whole path with a real model's arithmetic behind it, and no stand-in for its server.

    pip install xllamacpp
    pytest -m local_model tests/journeys/test_with_a_local_model.py
    SOCIALCARE_TEST_MODEL=/models/some.gguf pytest -m local_model …

Without the variable a tiny model with weights by chance is served: it proves the path, no words.
"""

import asyncio
import importlib.util
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from brain.model import ModelFailure, ModelTrouble, Said, Tool
from brain.openai_model import Form, OpenAIModel
from conversation.clock import SystemClock
from conversation.events import Decided, decode
from socialcare.demo.world import free_port
from tests.journeys import local_model
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import REFUND, SEED, House, never
from tests.journeys.local_model import INSTALL, write_tiny_model

START_S = 120.0
TURN_S = 120.0
LOOK = Tool(
    name="look",
    description="Look something up.",
    parameters={"type": "object", "properties": {"id": {"type": "string"}}},
)
QUESTION = "do you have any discounts for students at the moment?"

needs_server = pytest.mark.skipif(
    importlib.util.find_spec("xllamacpp") is None, reason=f"no xllamacpp; {INSTALL}"
)
pytestmark = [pytest.mark.local_model, pytest.mark.timeout(300)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    url: str
    by_chance: bool
    """The tiny model: what it says is noise."""


def given_model(folder: Path) -> tuple[Path, bool]:
    """Find the model whose path was given; make one where none was."""
    named = os.environ.get("SOCIALCARE_TEST_MODEL")  # noqa: TID251 - says where the model is
    if named:
        return Path(named), False
    write_tiny_model(folder / "tiny.gguf")
    return folder / "tiny.gguf", True


@asynccontextmanager
async def process(file: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the server as a process of its own; it ends with its stdin."""
    script = [local_model.__file__ or "", str(file), str(free_port())]
    pipe = asyncio.subprocess.PIPE
    running = await asyncio.create_subprocess_exec(
        sys.executable, *script, stdin=pipe, stdout=pipe, stderr=pipe
    )
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.communicate()


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    file, by_chance = given_model(tmp_path)
    async with process(file) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        drained = asyncio.create_task(running.stderr.read())
        async with asyncio.timeout(START_S):
            address = (await running.stdout.readline()).decode().strip()
        assert address.startswith("http://127.0.0.1:"), (await drained).decode()[-2_000:]
        yield Served(url=f"{address}/v1", by_chance=by_chance)
        running.kill()
        await drained


async def refused(file: Path) -> str:
    """Try to serve what cannot be served; gives what is said."""
    async with process(file) as running:
        async with asyncio.timeout(START_S):
            _, told = await running.communicate()
        assert running.returncode == 1
        return told.decode()


async def test_a_model_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    assert "there is no model at" in await refused(tmp_path / "none.gguf")


@needs_server
async def test_a_file_that_is_no_model_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "text.gguf").write_text("hello", "utf-8")
    assert "cannot be served" in await refused(tmp_path / "text.gguf")


@needs_server
async def test_each_form_of_a_step_is_taken_by_its_server(served: Served) -> None:
    """Tools, a schema, an object: asked of the real server, read by the real client."""
    model = OpenAIModel(name="local", base_url=served.url, api_key="none", clock=SystemClock())
    asked = (Said(role="system", text="Be brief."), Said(role="user", text="hello"))
    for form in (Form.TOOLS, Form.SCHEMA, Form.OBJECT):
        model._form = form
        try:
            reply = await model.ask(asked, (LOOK,), timeout_s=TURN_S)
        except ModelTrouble as trouble:
            # Noise may be cut short or be an empty step; the server has answered.
            if not served.by_chance or trouble.failure is not ModelFailure.MALFORMED:
                raise
            continue
        assert reply.tokens_in > 10
        assert reply.tokens_out > 0
        assert not reply.estimated, "the server counts"
        assert model.form is form
    await model.close()


@pytest.fixture
async def house(open_house: OpenHouse, served: Served) -> House:
    section = (
        f"model: {{provider: openai, name: local, base_url: '{served.url}', api_key: none, "
        "timeout: 60s, prices: {input: 1 USD, output: 2 USD}, budget: {per_day: 1 USD}}\n"
    )
    slow = {"answer: 60s": "answer: 110s", "store: {url": f"{section}store: {{url"}
    return await open_house(changes=slow)


def decisions(house: House, conversation: str) -> list[Decided]:
    rows = house.rows(
        "select content.body from log join content using (conversation, position) "
        "where log.conversation = ? and log.kind = 'decided' order by log.position",
        conversation,
    )
    events = [decode(row[0]) for row in rows]
    return [event for event in events if isinstance(event, Decided)]


@needs_server
async def test_a_turn_of_a_real_model_is_bounded_traced_and_paid_for(
    house: House, served: Served
) -> None:
    ana = house.customer("Ana")
    await ana.write(QUESTION)
    heard = await ana.sees(lambda _: True, timeout=TURN_S)
    await house.settled()
    (one,) = decisions(house, house.conversation(ana))
    assert one.model is not None
    assert one.model.name == "local"
    assert one.model.calls
    assert all(call.tokens_in > 0 for call in one.model.calls)
    assert one.model.cost > 0
    assert one.model.fell_back or one.brain == "local"
    assert not re.search(r"https?://", heard.text)
    if not served.by_chance:
        assert {call.outcome for call in one.model.calls} & {"words", "wishes"}


@needs_server
async def test_whatever_a_real_model_says_money_and_truth_are_safe(house: House) -> None:
    ella, ana = house.customer("Ella"), house.customer("Ana")
    await asyncio.gather(ella.write(REFUND), ana.write(SEED))
    for one in (ella, ana):
        await one.sees(lambda _: True, timeout=TURN_S)
    await house.settled()
    for order, most in (("A-10388", [4200]), ("A-10293", [2490])):
        assert await house.refunds(order) in ([], most)
    if not await house.refunds("A-10388"):
        never(ella, "I have refunded")
