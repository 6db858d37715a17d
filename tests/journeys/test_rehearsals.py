"""Rehearsals: the shipped ones go as they must, and one that does not is told with its reason."""

import asyncio
import re
import shutil
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from brain.classifier import Classifier
from brain.embedded import Mind
from brain.encoder import UseEncoder
from brain.examples import shipped_topics
from brain.knowledge.search import Knowledge
from brain.prompts import prompt
from brain.triage import Triage
from brain.wordbook import LANGUAGES
from config.languages import FORMS
from config.schema import Model
from conversation.clock import SystemClock
from socialcare import cli as command
from socialcare.rehearsal.brains import never_answered
from socialcare.rehearsal.playing import Played, rehearse, stage
from socialcare.rehearsal.script import Rehearsal, RehearsalError, read_rehearsal
from socialcare.sandbox.language_model import ModelStandIn
from tests.journeys.honest_model import Honest

SHIPPED = sorted(
    one.name
    for one in files("socialcare.rehearsal").joinpath("northwind").iterdir()
    if one.name.endswith(".yaml")
)


async def played(
    folder: Path, mind: Mind, rehearsal: Rehearsal, *, model: Model | None = None
) -> list[Played]:
    clock = SystemClock()
    place = stage(
        folder,
        clock=clock,
        settings=None,
        knowledge=None,
        brand=rehearsal.brand,
        learn=lambda *_: mind,
    )
    async with place as world:
        changed = {} if model is None else {"model": model}
        there = replace(world, settings=world.settings.model_copy(update=changed))
        async with there.service() as service:
            return await rehearse(there, service, rehearsal)


def section(server: ModelStandIn, **more: object) -> Model:
    given = {"provider": "openai", "name": server.model, "base_url": server.base_url}
    prices = {"input": "0.25 USD", "output": "2 USD"}
    return Model.model_validate({**given, "api_key": server.key, "prices": prices, **more})


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", SHIPPED)
async def test_a_shipped_rehearsal_goes_as_it_must(tmp_path: Path, mind: Mind, name: str) -> None:
    text = files("socialcare.rehearsal").joinpath("northwind", name).read_text("utf-8")
    found = await played(tmp_path, mind, read_rehearsal(text, source=name))
    assert {one.name: one.faults for one in found if one.faults} == {}


@pytest.fixture(scope="module")
def polyglot() -> Mind:
    """Learn the demo's topics in every language that the bot has words in."""
    encoder = UseEncoder()
    triage = Triage(
        encoder=encoder,
        classifier=Classifier.train(shipped_topics(), encoder),
        order_id_patterns=[r"#?[A-Z]-?\d{5,6}"],
        languages=LANGUAGES,
        currency="GBP",
    )
    return Mind(triage=triage, knowledge=Knowledge((), encoder))


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", ["polite.yaml", "familiar.yaml"])
async def test_the_form_of_address_is_kept(tmp_path: Path, polyglot: Mind, name: str) -> None:
    text = files("socialcare.rehearsal").joinpath("address", name).read_text("utf-8")
    rehearsal = read_rehearsal(text, source=name)
    assert set(rehearsal.brand.formality or {}) == set(FORMS)
    found = await played(tmp_path, polyglot, rehearsal)
    assert {one.name: one.faults for one in found if one.faults} == {}


REMEMBERED = {"following.yaml", "minds.yaml", "mood.yaml"}
"""What rests on the embedded brain's own notes; what of it is plain code around every brain is
held by test_second_thoughts.py and test_with_a_model.py."""


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", [name for name in SHIPPED if name not in REMEMBERED])
async def test_a_shipped_rehearsal_goes_as_it_must_with_a_model_too(
    tmp_path: Path, mind: Mind, name: str
) -> None:
    """The same words, ends and books, whichever brain it is."""
    text = files("socialcare.rehearsal").joinpath("northwind", name).read_text("utf-8")
    async with ModelStandIn(Honest(mind), clock=SystemClock()) as server:
        found = await played(
            tmp_path, mind, read_rehearsal(text, source=name), model=section(server)
        )
    failed = [one for one in found if one.faults]
    assert not failed, "\n".join(f"{one.name}: {one.faults} {one.lines}" for one in failed)
    decisions = [decision for one in found for decision in one.decisions]
    assert not [one for one in decisions if one.model is not None and one.model.fell_back]
    answered = [one for one in decisions if one.brain == server.model]
    assert len(answered) >= len(found) / 4, "most of it is the model's to answer"
    assert not never_answered(decisions)


SEEN_BY_THE_REPLY = {"out_of_scope", "spam"}
"""No wishes: what is understood of them shows in what is said alone."""


def test_every_topic_has_a_conversation() -> None:
    folder = files("socialcare.rehearsal").joinpath("northwind")
    shipped = [
        read_rehearsal(folder.joinpath(name).read_text("utf-8"), source=name) for name in SHIPPED
    ]
    conversations = [one for rehearsal in shipped for one in rehearsal.conversations]
    expected = {topic for one in conversations for line in one.lines for topic in line.topics}
    topics = {one.label for one in shipped_topics() if not one.label.startswith("_")}
    assert topics - expected == SEEN_BY_THE_REPLY
    assert expected <= topics
    assert len(conversations) >= 60


BROKEN = """
conversations:
  - name: everything wrong
    lines:
      - customer: "when do you open on saturday?"
        says: ["10:00"]
        any_of: ["/1[12]:00/", midnight]
        never: ["9:00"]
        topics: [refund_request]
    refunds: {A-10388: [42.00 GBP]}
    replacements: {A-10293: 1}
    desk: desk
    reason: human_request
    waits: 1
  - name: silence wanted
    lines:
      - customer: "hello"
        silent: true
"""


@pytest.mark.timeout(60)
async def test_each_broken_expectation_is_named(tmp_path: Path, mind: Mind) -> None:
    wrong, silent = await played(tmp_path, mind, read_rehearsal(BROKEN, source="x"))
    told = "\n".join(wrong.faults)
    for fault in (
        "line 1: not said: 10:00",
        "line 1: none of it said: /1[12]:00/, midnight",
        "line 1: said all the same: 9:00",
        "line 1: understood store_hours, not refund_request",
        "refunds of A-10388: [] in minor units",
        "replacements of A-10293: 0, not 1",
        "in the end bot has it, not desk",
        "handed off: not at all, not human_request",
        "0 sign-offs wait, not 1",
    ):
        assert fault in told
    assert silent.faults == ("line 1: it was to be silent",)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("conversations: [", "while parsing"),
        ("conversations: []", "conversations: "),
        ("conversations: [{name: x, lines: [{custmer: hi}]}]", "lines.0.customer"),
        (
            "conversations: [{name: x, lines: [{customer: hi}], refunds: {A-1: ['12']}}]",
            "x: refunds of A-1",
        ),
        ("[]", "valid dictionary"),
        (
            "brand: {formality: {de: Ihr}}\nconversations: [{name: x, lines: [{customer: hi}]}]",
            "Sie",
        ),
    ],
)
def test_a_file_that_cannot_be_played_is_told_with_its_place(
    tmp_path: Path, text: str, why: str
) -> None:
    with pytest.raises(RehearsalError, match=r"file\.yaml"):
        read_rehearsal(text, source="file.yaml")
    file = tmp_path / "file.yaml"
    file.write_text(text, "utf-8")
    told = CliRunner().invoke(command.cli, ["rehearse", str(file)])
    assert told.exit_code == 2
    assert why in " ".join(told.output.split())


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    told = CliRunner().invoke(command.cli, ["rehearse", str(tmp_path / "none.yaml")])
    assert told.exit_code == 2


TWO_QUESTIONS = """
conversations:
  - name: Opening hours
    lines: [{customer: "when do you open on saturday?", says: ["9:00 to 18:00"]}]
  - name: Shipping
    lines: [{customer: "how much is shipping?", says: ["3.95 GBP"]}]
"""


def brand(folder: Path, server: ModelStandIn, *, key: str) -> Path:
    """Write a brand's configuration with a model, and its articles."""
    with as_file(files("socialcare.demo").joinpath("knowledge")) as articles:
        shutil.copytree(articles, folder / "knowledge")
    (folder / "two.yaml").write_text(TWO_QUESTIONS, "utf-8")
    config = folder / "brand.yaml"
    config.write_text(
        "brand: {name: Northwind Outfitters, languages: [en], currency: GBP,\n"
        "  timezone: Europe/London, order_ids: ['#?[A-Z]-?\\d{5,6}']}\n"
        f"model: {{provider: openai, name: {server.model}, base_url: '{server.base_url}',\n"
        f"  api_key: '{key}', prices: {{input: 0.25 USD, output: 2 USD}}}}\n",
        "utf-8",
    )
    return config


async def rehearsed(folder: Path, config: Path, *more: str) -> Result:
    names = ["rehearse", str(folder / "two.yaml"), "--config", str(config), *more]
    return await asyncio.to_thread(CliRunner().invoke, command.cli, names)


@pytest.mark.timeout(180)
async def test_the_command_rehearses_with_the_configured_model_and_says_what_it_cost(
    tmp_path: Path, mind: Mind
) -> None:
    async with ModelStandIn(Honest(mind), clock=SystemClock()) as server:
        config = brand(tmp_path, server, key=server.key)
        told = await rehearsed(tmp_path, config)
        assert told.exit_code == 0, told.output
        assert "2 turns decided by stand-in-1" in told.stdout
        assert f"calls with prompt {prompt('care').id}: " in told.stdout
        assert re.search(r"[\d,]+ \+ [\d,]+ tokens, 0\.00\d+ USD", told.stdout)
        asked = len(server.requests)
        assert asked == 2
        without = await rehearsed(tmp_path, config, "--embedded")
        assert without.exit_code == 0, without.output
        assert "2 turns decided by embedded" in without.stdout
        assert len(server.requests) == asked


@pytest.mark.timeout(180)
async def test_a_model_that_never_answers_proves_nothing(tmp_path: Path) -> None:
    """The embedded brain plays it all, as it must; that is no rehearsal of the model."""
    async with ModelStandIn(clock=SystemClock()) as server:
        told = await rehearsed(tmp_path, brand(tmp_path, server, key="another"))
    assert told.exit_code == 1
    assert "2 of 2 conversations went as they must" in told.stdout
    assert "taken over from the model: " in told.stdout
    assert "the model gave no answer that was taken" in told.stdout
