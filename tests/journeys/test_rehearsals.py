"""Rehearsals: the shipped ones go as they must, and one that does not is told with its reason."""

import asyncio
import re
import shutil
from collections import Counter
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner, Result

from brain.embedded import Mind
from brain.encoder import UseEncoder
from brain.examples import shipped_topics
from brain.heads import shipped_heads
from brain.knowledge.search import Knowledge
from brain.prompts import prompt
from brain.triage import Triage
from brain.wordbook import LANGUAGES
from config.languages import FORMS
from config.schema import Model
from config.stages import Surface
from conversation.clock import SystemClock
from socialcare import cli as command
from socialcare.rehearsal.brains import never_answered
from socialcare.rehearsal.playing import Played, rehearse, stage
from socialcare.rehearsal.script import (
    Conversation,
    Rehearsal,
    RehearsalError,
    read_rehearsal,
)
from socialcare.sandbox.language_model import ModelStandIn
from tests.journeys.honest_model import Honest

ROOT = Path(__file__).parents[2]
FOLDERS = ("northwind", "address", "polyglot")
LANGUAGES_SHIPPED = frozenset({"en", "de", "fr", "es", "nl", "it", "pt"})
LEAST_SHIPPED = 60
LEAST_LANGUAGES = 5
LEAST_PER_LANGUAGE = 7
"""Conversations from which on a language is covered."""


def names_in(folder: str) -> list[str]:
    found = files("socialcare.rehearsal").joinpath(folder).iterdir()
    return sorted(one.name for one in found if one.name.endswith(".yaml"))


def shipped(folder: str, name: str) -> Rehearsal:
    text = files("socialcare.rehearsal").joinpath(folder, name).read_text("utf-8")
    return read_rehearsal(text, source=f"{folder}/{name}")


SHIPPED = names_in("northwind")


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
    found = await played(tmp_path, mind, shipped("northwind", name))
    assert {one.name: one.faults for one in found if one.faults} == {}


@pytest.fixture(scope="module")
def polyglot() -> Mind:
    """Learn the demo's topics in every language that the bot has words in."""
    encoder = UseEncoder()
    triage = Triage(
        heads=shipped_heads(encoder),
        order_id_patterns=[r"#?[A-Z]-?\d{5,6}"],
        languages=LANGUAGES,
        currency="GBP",
    )
    return Mind(triage=triage, knowledge=Knowledge((), encoder))


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", ["polite.yaml", "familiar.yaml"])
async def test_the_form_of_address_is_kept(tmp_path: Path, polyglot: Mind, name: str) -> None:
    rehearsal = shipped("address", name)
    assert set(rehearsal.brand.formality or {}) == set(FORMS)
    found = await played(tmp_path, polyglot, rehearsal)
    assert {one.name: one.faults for one in found if one.faults} == {}


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", names_in("polyglot"))
async def test_a_brand_of_another_language_is_served_in_it(
    tmp_path: Path, polyglot: Mind, name: str
) -> None:
    found = await played(tmp_path, polyglot, shipped("polyglot", name))
    assert {one.name: one.faults for one in found if one.faults} == {}


REMEMBERED = {"following.yaml", "minds.yaml", "mood.yaml"}
"""What rests on the embedded brain's own notes; what of it is plain code around every brain is
held by test_second_thoughts.py and test_with_a_model.py."""
TWO_DEEDS = {"refused.yaml"}
"""The honest stand-in asks for one deed of a message and forgets the other."""


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", sorted(set(SHIPPED) - REMEMBERED - TWO_DEEDS))
async def test_a_shipped_rehearsal_goes_as_it_must_with_a_model_too(
    tmp_path: Path, mind: Mind, name: str
) -> None:
    """The same words, ends and books, whichever brain it is."""
    async with ModelStandIn(Honest(mind), clock=SystemClock()) as server:
        found = await played(tmp_path, mind, shipped("northwind", name), model=section(server))
    failed = [one for one in found if one.faults]
    assert not failed, "\n".join(f"{one.name}: {one.faults} {one.lines}" for one in failed)
    decisions = [decision for one in found for decision in one.decisions]
    assert not [one for one in decisions if one.model is not None and one.model.fell_back]
    answered = [one for one in decisions if one.brain == server.model]
    assert len(answered) >= len(found) / 5, "too little of it was the model's to answer"
    assert not never_answered(decisions)


@pytest.mark.timeout(180)
async def test_a_person_and_silence_come_with_the_model_down(tmp_path: Path, mind: Mind) -> None:
    """In ten languages and in the middle of anything: no model is asked for it."""
    async with ModelStandIn(Honest(mind), clock=SystemClock()) as server:
        gone = section(server)
    found = await played(tmp_path, mind, shipped("northwind", "always.yaml"), model=gone)
    assert {one.name: one.faults for one in found if one.faults} == {}
    fell = [one.model.fell_back for play in found for one in play.decisions if one.model]
    assert fell
    assert all(fell)


def everything() -> list[Conversation]:
    """Give every conversation that is shipped."""
    return [
        one
        for folder in FOLDERS
        for name in names_in(folder)
        for one in shipped(folder, name).conversations
    ]


def rules() -> dict[str, str]:
    text = files("socialcare.rehearsal").joinpath("rules.yaml").read_text("utf-8")
    return dict(YAML(typ="safe", pure=True).load(text))


SEEN_BY_THE_REPLY = {"out_of_scope", "spam"}
"""No wishes: what is understood of them shows in what is said alone."""


def test_every_topic_has_a_conversation() -> None:
    expected = {topic for one in everything() for line in one.lines for topic in line.topics}
    topics = {one.label for one in shipped_topics() if not one.label.startswith("_")}
    assert topics - expected == SEEN_BY_THE_REPLY
    assert expected <= topics
    assert {topic for one in everything() for topic in one.proves} >= SEEN_BY_THE_REPLY


def test_every_rule_has_a_conversation() -> None:
    """And nothing is said to be proved that is neither a rule nor a topic."""
    proved = {each for one in everything() for each in one.proves}
    assert set(rules()) - proved == set()
    assert proved - set(rules()) == SEEN_BY_THE_REPLY


def test_as_many_languages_and_conversations_are_shipped_as_are_promised() -> None:
    conversations = everything()
    assert len(conversations) >= LEAST_SHIPPED
    heard = Counter(
        next((line.language for line in one.lines if line.language), "en") for one in conversations
    )
    covered = {language for language, count in heard.items() if count >= LEAST_PER_LANGUAGE}
    assert covered == LANGUAGES_SHIPPED
    assert len(covered) >= LEAST_LANGUAGES
    assert any(one.surface is Surface.PUBLIC for one in conversations)


def test_the_guide_names_every_rule_and_every_file() -> None:
    guide = (ROOT / "docs" / "howto" / "rehearse.md").read_text("utf-8")
    missing = [rule for rule in rules() if f"`{rule}`" not in guide]
    missing += [name for folder in FOLDERS for name in names_in(folder) if f"`{name}`" not in guide]
    assert missing == []


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
        language: de
        silent: true
  - name: nothing to sign
    lines:
      - customer: "hello"
      - colleague: approves
"""


@pytest.mark.timeout(60)
async def test_each_broken_expectation_is_named(tmp_path: Path, mind: Mind) -> None:
    wrong, silent, unsigned = await played(tmp_path, mind, read_rehearsal(BROKEN, source="x"))
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
    assert silent.faults == (
        "line 1: it was to be silent",
        "line 1: heard as en, not de",
    )
    assert unsigned.faults == ("line 2: the desk shows nothing to press (signoff.approve)",)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("conversations: [", "while parsing"),
        ("conversations: []", "conversations: "),
        (
            "conversations: [{name: x, lines: [{custmer: hi}]}]",
            "lines.0.custmer",
        ),
        (
            "conversations: [{name: x, lines: [{customer: hi}], refunds: {A-1: ['12']}}]",
            "x: refunds of A-1",
        ),
        ("[]", "valid dictionary"),
        ("conversations: [{name: x, lines: [{customer: hi, colleague: approves}]}]", "lines.0"),
        ("conversations: [{name: x, lines: [{colleague: dances}]}]", "lines.0.colleague"),
        ("conversations: [{name: x, lines: [{colleague: rejects, topics: [thanks]}]}]", "alone"),
        ("shop_refuses: [tea]\nconversations: [{name: x, lines: [{customer: hi}]}]", "refund"),
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
