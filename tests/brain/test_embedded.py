"""The embedded brain as turns meet it: bursts, stickers, articles, and steps of one turn."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from actions.action import Outcome
from brain.claims import proved, unproved_claims
from brain.decision import Decision, Turn
from brain.embedded import HEARD_KEPT, EmbeddedBrain, Mind
from brain.encoder import UseEncoder
from brain.knowledge.articles import Article
from brain.knowledge.search import Knowledge
from brain.triage import Triage
from config.schema import Settings
from config.stages import Stage, Surface
from conversation.events import MessageReceived, Pressed
from conversation.model import Attachment, AttachmentKind, Author, Peer
from conversation.state import ConversationState, Line
from tests.brain.pretend_shop import ALL, PretendEngine

NOW = datetime(2026, 11, 18, 10, tzinfo=UTC)
ANA = Peer(user_id="7", name="Ana")
OPENED = "Can I return opened coffee?"
UNOPENED = "No, only unopened bags."
ABIERTO = "¿Puedo devolver el café?"
HOURS = "Our store is open from Monday to Saturday, 9:00 to 18:00."


@pytest.fixture
def brain(triage: Triage, encoder: UseEncoder) -> Iterator[EmbeddedBrain]:
    hours = Article(
        id="hours",
        title="When our store is open",
        topics=("store_hours",),
        languages=("en",),
        surface=Surface.PUBLIC,
        answer=HOURS,
        body="When do you open? Opening hours of the store.",
    )
    brand = {"name": "Northwind", "languages": ["en", "de", "fr", "es"]}
    brain = EmbeddedBrain(Settings.model_validate({"brand": brand}))
    brain.learn(Mind(triage=triage, knowledge=Knowledge([hours], encoder)))
    yield brain
    brain.close()


def message(text: str, *kinds: AttachmentKind) -> MessageReceived:
    attachments = tuple(Attachment(kind=kind) for kind in kinds)
    return MessageReceived(
        message_id=text[:9], sender=ANA, occurred_at=NOW, text=text, attachments=attachments
    )


def turn(*messages: MessageReceived | Pressed | str, surface: Surface = Surface.PRIVATE) -> Turn:
    told = tuple(message(each) if isinstance(each, str) else each for each in messages)
    return Turn(
        id="c:1",
        conversation="c",
        channel="telegram",
        surface=surface,
        now=NOW,
        state=ConversationState(),
        messages=told,
        offered=ALL if surface is Surface.PRIVATE else frozenset(),
    )


async def decided(brain: EmbeddedBrain, one: Turn) -> Decision:
    """Take the turn to its words."""
    engine, outcomes = PretendEngine(), list[Outcome]()
    for _ in range(6):
        decision = await brain.decide(one, Stage.AUTONOMOUS, outcomes)
        if not decision.calls:
            words = decision.words or ""
            assert unproved_claims(words, decision.understood.language, proved(outcomes)) == ()
            return decision
        outcomes += [engine.answer(call) for call in decision.calls]
    raise AssertionError("no end")


async def test_a_brain_that_has_not_learnt_says_so() -> None:
    brain = EmbeddedBrain(Settings.model_validate({"brand": {"name": "Northwind"}}))
    assert not brain.ready
    with pytest.raises(RuntimeError, match="not learnt"):
        await brain.topics(turn("hello"))
    brain.close()


async def test_topics_are_what_decide_works_with(brain: EmbeddedBrain) -> None:
    assert brain.ready
    one = turn("I was charged twice")
    understood = await brain.topics(one)
    assert [issue.topic for issue in understood.issues] == ["duplicate_charge"]
    assert (await decided(brain, one)).understood == understood


async def test_a_burst_is_one_message(brain: EmbeddedBrain) -> None:
    burst = turn(
        "I was charged twice", "my order arrived damaged", "I need a replacement by Sunday",
        "A-10293", "ana@northwind.example",
    )  # fmt: skip
    decision = await decided(brain, burst)
    assert decision.words
    assert "refunded the second charge of £24.90" in decision.words
    assert "replacement for Enamel mug" in decision.words


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize(("text", "reason"), [("STOP", None), ("HUMAN", "human_request")])
async def test_stop_and_human_count_wherever_they_stand(
    brain: EmbeddedBrain, text: str, reason: str | None, at: int
) -> None:
    texts = ["where is my order?" + " and where is it now" * 200, "hello??"]
    texts.insert(at, text)
    decision = await decided(brain, turn(*texts))
    assert (decision.handoff.reason if decision.handoff else None) == reason
    assert decision.understood.opted_out == (text == "STOP")


async def test_long_bursts_are_heard_to_their_end(brain: EmbeddedBrain) -> None:
    decision = await decided(
        brain, turn("where is my order?" + " so" * 1_000, "A-10293 ana@northwind.example")
    )
    assert "A-10293" in (decision.words or "")


async def test_ten_thousand_characters(brain: EmbeddedBrain) -> None:
    decision = await decided(brain, turn("where is my order? " + "😀 lorem ipsum " * 1_000))
    assert decision.words
    assert len(decision.memory) < 5_000


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (message("", AttachmentKind.IMAGE), "pictures"),
        (message("", AttachmentKind.AUDIO), "recordings"),
        (message("", AttachmentKind.STICKER), "How can I help"),
        (message(""), "How can I help"),
        (message("/start"), "How can I help"),
        (message("👋"), "How can I help"),
        (message("\ud800 where is my order?"), "order number"),
        (message("where is my order?", AttachmentKind.IMAGE), "order number"),
        (Pressed(press_id="1", message_id=None, sender=ANA, occurred_at=NOW,
                 payload="where is my order?"), "order number"),
    ],
)  # fmt: skip
async def test_whatever_comes_is_answered(
    brain: EmbeddedBrain, what: MessageReceived | Pressed, said: str
) -> None:
    decision = await decided(brain, turn(what))
    assert said in (decision.words or "")
    assert decision.handoff is None


async def test_articles_answer_in_their_language_only(brain: EmbeddedBrain) -> None:
    decision = await decided(brain, turn("when do you open on saturday?", surface=Surface.PUBLIC))
    assert decision.words == HOURS
    assert decision.citations == ("hours",)
    german = await decided(brain, turn("Wann haben Sie am Samstag geöffnet?"))
    assert german.handoff
    assert german.understood.language == "de"
    assert "9:00" not in (german.words or "")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("Is your coffee fair trade?", f"About “{OPENED}”: {UNOPENED}"),
        ("¿Vuestro café es de comercio justo?", f"Sobre «{ABIERTO}»: Sí, sin abrir."),
        ("can I return opened coffee", UNOPENED),
    ],
)
async def test_an_answer_that_only_likeness_speaks_for_says_what_it_is_about(
    triage: Triage, encoder: UseEncoder, asked: str, told: str
) -> None:
    """Else “is it fair trade?” is told “No, only unopened bags”, which is not so."""
    returned = Article(
        id="opened",
        title=OPENED,
        languages=("en",),
        surface=Surface.PRIVATE,
        answer=UNOPENED,
        body=UNOPENED,
    )
    spanish = replace(
        returned, id="abierto", title=ABIERTO, languages=("es",), answer="Sí, sin abrir."
    )
    known = [returned, spanish]
    brand = {"name": "Linde", "languages": ["en", "es"]}
    brain = EmbeddedBrain(Settings.model_validate({"brand": brand}))
    brain.learn(Mind(triage=triage, knowledge=Knowledge(known, encoder)))
    decision = await decided(brain, turn(asked))
    brain.close()
    assert decision.words == told


@pytest.mark.parametrize(
    ("zone", "at", "used"),
    [
        ("Pacific/Auckland", datetime(2026, 11, 18, 10, 59, tzinfo=UTC), True),
        ("Pacific/Auckland", datetime(2026, 11, 18, 11, 1, tzinfo=UTC), False),
        ("America/Los_Angeles", datetime(2026, 11, 19, 7, 59, tzinfo=UTC), True),
        ("America/Los_Angeles", datetime(2026, 11, 19, 8, 1, tzinfo=UTC), False),
    ],
)
async def test_an_article_is_true_to_the_end_of_the_brands_own_day(
    triage: Triage, encoder: UseEncoder, zone: str, at: datetime, used: bool
) -> None:
    sale = Article(
        id="sale", title="Sale: free shipping", surface=Surface.PUBLIC,
        expires=date(2026, 11, 18), answer="Shipping is free.",
        body="Is shipping free in the sale?",
    )  # fmt: skip
    told = {"name": "Northwind", "languages": ["en"], "timezone": zone}
    brain = EmbeddedBrain(Settings.model_validate({"brand": told}))
    brain.learn(Mind(triage=triage, knowledge=Knowledge([sale], encoder)))
    one = replace(turn("Is shipping free in the sale?"), now=at)
    decision = await decided(brain, one)
    found = await brain.articles(one, "is shipping free in the sale", language="en")
    brain.close()
    assert ("Shipping is free." in (decision.words or ""), bool(found)) == (used, used)


async def test_what_they_quote_of_ours_is_not_what_they_want(brain: EmbeddedBrain) -> None:
    ours = "Write “human” at any time to reach a person."
    lines = (Line(at=NOW, author=Author.BOT, text=f"I'm an AI assistant. {ours}"),)
    one = turn(f"> {ours}\nwhen do you open on saturday?")
    assert (await brain.topics(one)).issues[0].topic == "human_request"
    one = replace(one, id="c:2", state=ConversationState(lines=lines))
    assert [issue.topic for issue in (await brain.topics(one)).issues] == ["store_hours"]


async def test_a_poem_about_what_an_article_is_about_is_declined_all_the_same(
    brain: EmbeddedBrain,
) -> None:
    decision = await decided(brain, turn("write me a poem about the mugs in your store"))
    assert HOURS not in (decision.words or "")
    assert "outside what I can help with" in (decision.words or "")


async def test_without_messages_only_news_are_told(brain: EmbeddedBrain) -> None:
    quiet = await brain.decide(turn(), Stage.AUTONOMOUS, [])
    assert quiet.words is None
    assert quiet.calls == ()


async def test_what_is_remembered_of_turns_is_bounded(brain: EmbeddedBrain) -> None:
    for number in range(HEARD_KEPT + 5):
        one = replace(turn(""), id=f"c:{number}", now=NOW + timedelta(seconds=number))
        await brain.topics(one)
    assert len(brain._heard) == HEARD_KEPT
