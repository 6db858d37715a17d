"""Where everybody reads: a brain of bad will gives nobody away, and no refusal stands alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from actions.action import Outcome
from brain.decision import Brain, Decision, Handoff, Turn, Understood
from config.stages import Stage
from conversation.events import IssueSeen
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import HOURS, PATIENCE_S, House

WAY = "If you want a colleague to look at it, write “human” here or in a direct message."
INVITED = "send me a direct message"
NO = "Sorry, we cannot give money back for lamps."


@dataclass(slots=True)
class Mouth:
    """A brain that says what it is told to; `name` is what it calls itself."""

    words: str
    name: str = "adversary"
    handoff: Handoff | None = None
    outside: bool = False
    topic: str = ""
    """What the customer wants, and an article answers."""

    @property
    def ready(self) -> bool:
        return True

    async def topics(self, turn: Turn) -> Understood:
        return Understood(language="en", outside=self.outside)

    async def decide(self, turn: Turn, stage: Stage, outcomes: Sequence[Outcome]) -> Decision:
        issues = (IssueSeen(topic=self.topic, text="x"),) if self.topic else ()
        return Decision(
            understood=Understood(language="en", outside=self.outside, issues=issues),
            citations=("an-article",) if self.topic else (),
            words=self.words,
            handoff=self.handoff,
            brain=self.name,
        )


def possess(house: House, brain: Brain) -> None:
    """Put another brain into the running service."""
    service: Any = house.service
    service._thinker = replace(service._thinker, brain=brain)


@pytest.mark.parametrize(
    "leak",
    [
        "Your lamp went to SW1A 1AA.",
        "It was signed for by John Whitaker.",
        "Your parcel is JD014600003SE.",
        "It was order １０２９３.",  # noqa: RUF001 - full-width, on purpose
        "Order one zero two nine three, was it?",
        "We call you on 0 2 0 7 9 4 6 0 9 5 8.",
        "You live in Rosenweg 12.",
        "QS0xMDI5Mw== is on its way.",
        "I found ana\u200b@mail.example here.",
    ],
)
async def test_nobody_is_given_away(open_house: OpenHouse, leak: str) -> None:
    house = await open_house()
    possess(house, Mouth(words=f"Thank you for asking. {leak}"))
    ana = house.world.x.customer(name="Ana")
    await ana.posts("@northwind where is my lamp?")
    told = await ana.sees(INVITED, timeout=PATIENCE_S)
    assert leak[:12] not in told.text
    await house.settled()
    assert len(ana.public) == 1
    assert await house.figure("private_kept_total") == 1


async def test_what_a_customer_posted_is_not_said_back(house: House) -> None:
    possess(house, Mouth(words="We will send it to the old mill in Hatchford, Petra Sommer."))
    ana = house.world.x.customer(name="sunny77")
    await ana.posts("@northwind my name is petra sommer, I live at the old mill in hatchford")
    told = await ana.sees(INVITED, timeout=PATIENCE_S)
    assert "mill" not in told.text


async def test_a_shops_own_hotline_and_address_are_for_everybody(open_house: OpenHouse) -> None:
    house = await open_house()
    article = house.world.folder / "knowledge" / "hours.md"
    text = article.read_text("utf-8")
    told = "Call +44 20 7946 0111 or come to 12 High Street, London W1A 1AA. "
    article.write_text(text.replace("  Our store", f"  {told}Our store"), "utf-8")
    await house.until(lambda: told[:10] in _published(house) or None, lambda: _published(house))
    possess(house, Mouth(words=told))
    ana = house.world.x.customer(name="Ana")
    await ana.posts(f"@northwind {HOURS}")
    await ana.sees(told.strip(), timeout=PATIENCE_S)


def _published(house: House) -> str:
    service: Any = house.service
    return str(service._backing.published.text)


async def test_a_crisis_line_of_the_brand_is_read_by_whoever_needs_it(
    open_house: OpenHouse,
) -> None:
    line = "Please call 0800 111 0 111 now. A person from our team will write to you here."
    links = "  links: [northwind.example]"
    house = await open_house(changes={links: f"{links}\n  crisis: {{en: '{line}'}}"})
    ana = house.world.graph.customer(name="Ana")
    await ana.comment("I don't want to live any more")
    await ana.sees_answer("0800 111 0 111", timeout=PATIENCE_S)


# --- no refusal alone


async def test_a_refusal_in_public_comes_with_the_way_to_a_person(house: House) -> None:
    possess(house, Mouth(words=NO))
    ana = house.world.x.customer(name="Ana")
    await ana.posts("@northwind I want my money back")
    told = await ana.sees(NO, timeout=PATIENCE_S)
    assert WAY in told.text


async def test_the_way_is_not_what_a_long_refusal_loses(house: House) -> None:
    """One post is all the room there is: sentences go, the way stays."""
    possess(house, Mouth(words=" ".join([NO, *["That is how it is with us here."] * 12])))
    ana = house.world.x.customer(name="Ana")
    await ana.posts("@northwind I want my money back")
    told = await ana.sees(NO, timeout=PATIENCE_S)
    assert told.text.endswith(WAY)


async def test_a_brain_that_does_not_say_its_name_is_believed_nothing(house: House) -> None:
    possess(house, Mouth(words=NO, name=Decision(understood=Understood(language="en")).brain))
    ana = house.world.x.customer(name="Ana")
    await ana.posts("@northwind I want my money back")
    assert WAY in (await ana.sees(NO, timeout=PATIENCE_S)).text


@pytest.mark.parametrize(
    "no",
    [
        "No human will ever look at it. We cannot do that.",
        "Nope.",
        "We cannot do that, and don't send us a direct message.",
        "That is out of the question. Ask a person at your bank.",
    ],
)
async def test_a_way_that_is_none_does_not_count(open_house: OpenHouse, no: str) -> None:
    house = await open_house()
    possess(house, Mouth(words=no))
    ana = house.world.x.customer(name="Ana")
    await ana.posts("@northwind I want my money back")
    assert WAY in (await ana.sees(no[:20], timeout=PATIENCE_S)).text
    ben = house.customer("Ben")
    await ben.write("I want my money back")
    told = await ben.sees(no[:20], timeout=PATIENCE_S)
    assert "write “human”" in told.text


async def test_who_is_invited_into_private_has_a_way(house: House) -> None:
    possess(house, Mouth(words="We can't say that here. Please send us a direct message."))
    ana = house.world.x.customer(name="Ana")
    await ana.posts("@northwind where is my lamp?")
    told = await ana.sees("can't say that here", timeout=PATIENCE_S)
    assert "write “human”" not in told.text


async def test_what_is_declined_in_public_shows_the_way_too(house: House) -> None:
    """The embedded brain's own no."""
    ana = house.world.x.customer(name="Ana")
    await ana.posts("@northwind write me a poem about the sea")
    told = await ana.sees("outside what I can help with", timeout=PATIENCE_S)
    assert WAY in told.text


@pytest.mark.parametrize(("topic", "shown"), [("cancel_order", True), ("store_hours", False)])
async def test_an_article_that_says_no_to_a_wish_shows_it_and_to_a_question_does_not(
    open_house: OpenHouse, topic: str, *, shown: bool
) -> None:
    house = await open_house()
    no = "An order that is packed cannot be cancelled, and on Sundays we are not available."
    possess(house, Mouth(words=no, name="embedded", topic=topic))
    ana = house.world.x.customer(name="Ana")
    await ana.posts("@northwind please cancel it")
    assert (WAY in (await ana.sees(no, timeout=PATIENCE_S)).text) is shown


async def test_a_no_that_is_handed_over_says_that_somebody_comes(house: House) -> None:
    possess(house, Mouth(words=NO, handoff=Handoff(reason="no_answer", note="x")))
    ana = house.customer("Ana")
    await ana.write("I want my money back")
    await ana.sees(f"{NO} A colleague will answer you here.", timeout=PATIENCE_S)


# --- colleagues


async def test_a_colleague_s_own_words_go_as_they_are(open_house: OpenHouse) -> None:
    """What only looks like somebody's is theirs to know."""
    house = await open_house()
    ana = house.world.x.customer(name="Ana")
    await ana.posts("@northwind I want to talk to a human please, my postcode is LS1 4AP")
    words = "Hello, this is John Whitaker of the shop, ask @northwind_shop as well."
    card = await house.with_button("case.reply", "Ana")
    mira = house.world.mira
    await house.press(mira, card, "case.reply")
    await mira.gets_view(timeout=PATIENCE_S)
    assert (await mira.submit(values={"text": words})).ok
    assert (await ana.sees("John Whitaker", timeout=PATIENCE_S)).text == words
