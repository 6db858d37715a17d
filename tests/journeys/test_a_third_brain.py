"""A third brain, plugged in without a change to the core: a classifier behind HTTP, and templates.

The classifier answers three kinds of questions with probabilities: `choice`, `score`, `yes_no`. It
understands; what is said comes from a table, what is done from the engine:
docs/howto/add-a-brain.md
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from actions.action import Call, Known, Outcome
from actions.ports import OrderView
from brain.always import opts_out, wants_human
from brain.decision import Decision, Handoff, Turn, Understood
from brain.embedded import Mind
from brain.wordbook import say
from config.schema import Settings
from config.stages import Stage
from conversation.clock import Clock
from conversation.events import IssueSeen, MessageReceived
from conversation.spending import SpendBook
from socialcare.app import Service
from socialcare.sandbox.serving import LocalServer
from socialcare.sandbox.slack_reading import plain
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import House, hears, never

Json = dict[str, Any]
SURE = 0.6
TIMEOUT_S = 2.0
WHERE = "where is A-10611? dev@northwind.example"


# --- the service that somebody else runs


@dataclass(slots=True)
class Classifier:
    """Three questions, each with a probability; here by the words in the text."""

    asked: list[str] = field(default_factory=list)
    down: bool = False

    async def answer(self, request: web.Request) -> web.Response:
        asked = await request.json()
        kind, text = request.match_info["kind"], asked["text"].casefold()
        self.asked.append(kind)
        if self.down:
            return web.json_response({"error": "overloaded"}, status=503)
        return web.json_response(self._judged(kind, asked, text))

    def _judged(self, kind: str, asked: Json, text: str) -> Json:
        match kind:
            case "choice":
                words = {"order_status": "where", "refund_request": "money", "store_hours": "open"}
                held = [one for one in asked["options"] if words.get(one, "\n") in text]
                return {"choice": (held or asked["options"])[0], "p": 0.9 if held else 0.2}
            case "score":
                return {"score": 0.95 if "furious" in text else 0.1}
            case _:
                return {"p": 0.97 if "somebody real" in text else 0.02}


# --- the brain


@dataclass(slots=True, kw_only=True)
class ClassifierBrain:
    """`socialcare.brains.ServiceBrain` on such a service."""

    url: str
    session: aiohttp.ClientSession
    clock: Clock
    words: Mapping[str, str]
    """What is said, by topic."""
    _understood: dict[str, tuple[Understood, float]] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        return True

    def learn(self, mind: Mind) -> None:
        """Leave it: topics and articles are the service's."""

    def follow(self, settings: Settings) -> None:
        """Leave it: nothing of the configuration is used."""

    async def topics(self, turn: Turn) -> Understood:
        text = _text(turn)
        try:
            chosen = await self._ask("choice", text=text, options=[*self.words, "order_status"])
            angry = await self._ask("score", text=text, what="how angry is the customer")
        except (aiohttp.ClientError, TimeoutError):
            return Understood(language="en")
        issue = IssueSeen(topic=chosen["choice"], text=text, p=chosen["p"])
        mood = "angry" if angry["score"] > SURE else "neutral"
        understood = Understood(language="en", mood=mood, issues=(issue,))
        self._understood[turn.id] = (understood, chosen["p"])
        return understood

    async def decide(self, turn: Turn, stage: Stage, outcomes: Sequence[Outcome]) -> Decision:
        text = _text(turn)
        if opts_out(text):  # Plain code, whatever the service would say.
            silent = Understood(language="en", opted_out=True)
            return self._says(silent, say("en", "opted_out"))
        understood, p = self._understood.get(turn.id, (Understood(language="en"), 0.0))
        try:
            person = wants_human(text) or (await self._ask("yes_no", text=text))["p"] > SURE
        except (aiohttp.ClientError, TimeoutError):
            return self._hands_over(understood, "backend_down", "The classifier is down.")
        if person:
            return self._hands_over(understood, "human_request", "Asks for a person.")
        if p < SURE:
            return self._hands_over(understood, "no_answer", f"Not sure enough: {p:.2f}.")
        topic = understood.issues[0].topic
        if topic != "order_status":
            return self._says(understood, self.words[topic])
        return self._status(understood, text, outcomes)

    def _status(self, understood: Understood, text: str, outcomes: Sequence[Outcome]) -> Decision:
        if not outcomes:
            order, email = text.split("where is ")[1].split("? ")
            look = Call(action="order_status", args={"order_id": order, "email": email})
            return Decision(understood=understood, calls=(look,), brain="classifier")
        match outcomes[-1]:
            case Known(result=OrderView() as order_view):
                return self._says(understood, f"{order_view.order_id} is {order_view.status}.")
            case _:
                return self._hands_over(understood, "not_proved", "The order was not shown.")

    def _says(self, understood: Understood, words: str) -> Decision:
        return Decision(understood=understood, words=words, brain="classifier")

    def _hands_over(self, understood: Understood, reason: str, note: str) -> Decision:
        words, handoff = say("en", "handoff_topic"), Handoff(reason=reason, note=note)
        return Decision(understood=understood, words=words, handoff=handoff, brain="classifier")

    async def _ask(self, kind: str, **asked: object) -> Json:
        async with (
            self.clock.timeout(TIMEOUT_S),
            self.session.post(f"{self.url}/{kind}", json=asked) as answer,
        ):
            answer.raise_for_status()
            told: Json = await answer.json()
            return told


def _text(turn: Turn) -> str:
    return "\n".join(one.text for one in turn.messages if isinstance(one, MessageReceived))


# --- it in service


@dataclass(slots=True, kw_only=True)
class Plugged:
    house: House
    classifier: Classifier
    words: dict[str, str]


@pytest.fixture
async def plugged(open_house: OpenHouse) -> AsyncIterator[Plugged]:
    """Run the whole service with this brain."""
    classifier = Classifier()
    server = LocalServer([web.post("/{kind}", classifier.answer)])
    words = {"store_hours": "We open at nine.", "refund_request": "Ask us for money back any time."}

    async def open_classifier(
        settings: Settings, *, clock: Clock, stack: contextlib.AsyncExitStack, book: SpendBook
    ) -> ClassifierBrain:
        del book  # it costs nothing
        session = await stack.enter_async_context(aiohttp.ClientSession())
        return ClassifierBrain(url=server.url, session=session, clock=clock, words=words)

    house = await open_house(serve=False)
    world = house.world
    await server.start()
    service = Service(
        world.settings,
        folder=world.folder,
        clock=world.clock,
        learn=world.learn,
        open_brain=open_classifier,
    )
    await service.start(port=world.port)
    await service.ready()
    house.service = service
    yield Plugged(house=house, classifier=classifier, words=words)
    await service.stop()
    await server.stop()


async def test_it_understands_looks_up_by_the_engine_and_answers(plugged: Plugged) -> None:
    house = plugged.house
    dev = house.customer("Dev")
    await dev.write(WHERE)
    await hears(dev, "A-10611 is shipped.")
    assert set(plugged.classifier.asked) == {"choice", "score", "yes_no"}
    await house.settled()
    assert house.owner(dev) == "bot"


async def test_its_probability_and_name_stand_in_the_trace_and_at_the_desk(
    plugged: Plugged,
) -> None:
    house = plugged.house
    eve = house.customer("Eve")
    await eve.write("blorp the fizzwick")
    card = await house.with_button("case.why", "Eve")
    await house.press(house.world.ben, card, "case.why")
    shown = plain(await house.world.ben.gets_view())
    assert "store hours (20% sure): “blorp the fizzwick”" in shown
    assert "Not sure enough: 0.20." in shown
    assert "Brain: classifier" in shown


@pytest.mark.parametrize("text", ["human please", "I want somebody real to answer", "STOP"])
async def test_what_must_always_work_works(plugged: Plugged, text: str) -> None:
    house = plugged.house
    gus = house.customer("Gus")
    await gus.write(text)
    await hears(gus, "won't hear from me" if text == "STOP" else "colleague")
    await house.settled()
    assert house.owner(gus) == ("bot" if text == "STOP" else "desk")


async def test_a_service_that_is_down_ends_at_the_desk(plugged: Plugged) -> None:
    plugged.classifier.down = True
    house = plugged.house
    ana = house.customer("Ana")
    await ana.write(WHERE)
    await hears(ana, "passed it to a colleague")
    await house.settled()
    assert house.owner(ana) == "desk"


async def test_it_is_trusted_no_more_than_the_others(plugged: Plugged) -> None:
    lie = "I have refunded £180.00 to your card."
    plugged.words["refund_request"] = lie
    house = plugged.house
    ana = house.customer("Ana")
    await ana.write("give me my money")
    await hears(ana, "colleague")
    never(ana, lie)
    assert await house.figure("unproved_claims_total") >= 1


async def test_many_are_understood_at_once(plugged: Plugged) -> None:
    house = plugged.house
    guests = [house.customer(f"Guest {n}") for n in range(8)]
    await asyncio.gather(*(one.write("when do you open?") for one in guests))
    for one in guests:
        await hears(one, "We open at nine.")
