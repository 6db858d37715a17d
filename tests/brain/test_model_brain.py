"""The brain with a model, step by step: bounded, backed, and never without an answer."""

import asyncio
import json
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typing_extensions import override

from actions.action import Done, Outcome
from brain.deadlines import KNOWLEDGE, RESERVE
from brain.decision import Decision, Turn
from brain.embedded import EmbeddedBrain, Mind
from brain.encoder import UseEncoder
from brain.knowledge.articles import Article
from brain.knowledge.search import Found, Knowledge
from brain.memory import Memory, Wish
from brain.model import LanguageModel, ModelFailure, ModelTrouble, Reply, Said, Tool, ToolCall
from brain.model_brain import ModelBrain
from brain.prompts import prompt
from brain.resting import FAILURES_IN_A_ROW, REST
from brain.triage import Triage
from config.schema import Settings
from config.stages import Stage, Surface
from conversation.events import MessageReceived
from conversation.model import Author, Peer
from conversation.state import ConversationState, Line
from socialcare.offers import offers
from socialcare.sandbox.hand_clock import HandClock
from tests.brain.adversary import INVENTED, Adversary
from tests.brain.pretend_shop import ALL, PretendEngine
from tests.reachable import holds
from tests.spend_book import Book

ANA = Peer(user_id="7", name="Ana")
ROUNDS = 5
QUESTION = "hello, do you have any discounts for students at the moment?"


class Scripted:
    """Answers in order; the last answer for ever."""

    name = "scripted"

    def __init__(self, *answers: Reply | ModelTrouble) -> None:
        self.answers = list(answers)
        self.seen: list[list[Said]] = []

    async def ask(
        self, messages: Sequence[Said], tools: Sequence[Tool], *, timeout_s: float
    ) -> Reply:
        del tools, timeout_s
        self.seen.append(list(messages))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, ModelTrouble):
            raise answer
        return answer

    async def close(self) -> None:
        """Have nothing to let go of."""


Make = Callable[..., ModelBrain]


@pytest.fixture(scope="module")
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(scope="module")
def make(triage: Triage, encoder: UseEncoder, clock: HandClock) -> Iterator[Make]:
    hours = Article(
        id="hours",
        title="When our store is open",
        topics=("store_hours",),
        languages=("en",),
        surface=Surface.PUBLIC,
        answer="We are open from 9:00 to 18:00.",
        body="Our store is open from 9:00 to 18:00, Monday to Saturday.",
    )
    german = replace(hours, id="zeiten", title="Wann unser Laden geöffnet hat", languages=("de",))
    german = replace(german, answer="Wir haben bis 18 Uhr geöffnet.", body="Geöffnet bis 18 Uhr.")
    mind = Mind(triage=triage, knowledge=Knowledge([hours, german], encoder))
    opened: list[EmbeddedBrain] = []

    def made(
        model: LanguageModel, form: str = "Sie", zone: str = "UTC", **section: object
    ) -> ModelBrain:
        brand = {"name": "Northwind", "languages": ["en", "de", "fr", "es"], "timezone": zone}
        given = Settings.model_validate(
            {
                "brand": brand | {"formality": {"de": form}},
                "model": {"rounds": ROUNDS, **section},
            }
        )
        embedded = EmbeddedBrain(given)
        opened.append(embedded)
        brain = ModelBrain(
            given, model=model, embedded=embedded, offers=offers(), clock=clock, book=Book()
        )
        brain.learn(mind)
        return brain

    yield made
    for one in opened:
        one.close()


def turn(clock: HandClock, *texts: str, number: int = 1, **more: object) -> Turn:
    now = clock.now()
    messages = tuple(
        MessageReceived(message_id=f"{number}.{n}", sender=ANA, occurred_at=now, text=text)
        for n, text in enumerate(texts)
    )
    one = Turn(
        id=f"c:{number}",
        conversation="c",
        channel="telegram",
        surface=Surface.PRIVATE,
        now=now,
        state=ConversationState(language="en"),
        messages=messages,
        offered=ALL,
        deadline=now + timedelta(seconds=60),
    )
    return replace(one, **more)  # type: ignore[arg-type]  # the fields a test wants otherwise


async def decided(brain: ModelBrain, one: Turn) -> tuple[Decision, list[Outcome], int]:
    """Play a turn to its words, as the service would."""
    engine, outcomes = PretendEngine(), list[Outcome]()
    for step in range(ROUNDS + 2):
        decision = await brain.decide(one, Stage.AUTONOMOUS, outcomes)
        if not decision.calls:
            return decision, outcomes, step
        assert {call.action for call in decision.calls} <= one.offered
        outcomes += [engine.answer(call) for call in decision.calls]
    raise AssertionError("it found no end")


def asks(*names: str, arguments: str = "{}") -> Reply:
    calls = (ToolCall(id=f"c{n}", name=one, arguments=arguments) for n, one in enumerate(names))
    return Reply(calls=tuple(calls))


async def test_words_are_said_with_the_brain_and_prompt_that_made_them(
    make: Make, clock: HandClock
) -> None:
    brain = make(Scripted(Reply(text="We have none, sorry.")))
    decision, _, _ = await decided(brain, turn(clock, QUESTION))
    assert decision.words == "We have none, sorry."
    assert decision.brain == "scripted"
    assert decision.model is not None
    assert decision.model.prompt == prompt("care").id


PRICED = {"prices": {"input": "10 USD", "output": "100 USD"}}


async def test_every_call_is_noted_with_its_tokens_price_and_what_came_of_it(
    make: Make, clock: HandClock
) -> None:
    wishes = replace(asks("nonsense", "search_articles"), tokens_in=1_000, tokens_out=10)
    words = Reply(text="You pay 99 less. We are glad to help.", tokens_in=2_000, tokens_out=20)
    model = Scripted(wishes, ModelTrouble(ModelFailure.MALFORMED, "x"), words)
    decision, _, _ = await decided(make(model, **PRICED), turn(clock, QUESTION))
    use = decision.model
    assert use is not None
    assert [one.outcome for one in use.calls] == ["wishes", "malformed", "words"]
    first, failed, last = use.calls
    assert first.wishes == ("nonsense", "search_articles")
    assert first.turned_down == ("nonsense: there is no such tool",)
    assert (first.cost, last.cost) == (Decimal("0.011"), Decimal("0.022"))
    assert failed.tokens_in > 0, "it has read, so it is paid: nobody says how much"
    assert use.cost == first.cost + failed.cost + last.cost
    assert (use.currency, use.fell_back, use.unbacked) == ("USD", "", 1)
    assert all(one.began_at is not None for one in use.calls)


@pytest.mark.parametrize("fallback", ["embedded", "handoff"])
async def test_a_turn_without_the_models_words_still_says_what_it_cost_and_why(
    make: Make, clock: HandClock, fallback: str
) -> None:
    model = Scripted(ModelTrouble(ModelFailure.LATE, "x"))
    brain = make(model, fallback=fallback, **PRICED)
    decision, _, _ = await decided(brain, turn(clock, QUESTION))
    assert decision.brain == ("embedded" if fallback == "embedded" else "none")
    assert decision.model is not None
    assert decision.model.fell_back == "late"
    assert decision.model.cost > 0


async def test_a_turn_that_is_thought_about_anew_has_been_paid_for_too(
    make: Make, clock: HandClock
) -> None:
    model = Scripted(Reply(text="We have none.", tokens_in=1_000, tokens_out=100))
    brain = make(model, **PRICED, budget={"per_turn": "0.03 USD"})
    await decided(brain, turn(clock, QUESTION))
    await decided(brain, turn(clock, QUESTION, "are you there?"))
    third, _, _ = await decided(brain, turn(clock, QUESTION, "are you there?", "hello?"))
    assert len(model.seen) == 2
    assert third.model is not None
    assert third.model.fell_back == "budget"
    assert third.model.cost == Decimal("0.04")


async def test_a_turn_that_is_let_go_leaves_its_price_and_nobodys_words(
    make: Make, clock: HandClock
) -> None:
    model = Scripted(asks("mia_of_elm_road"), Reply(text="We have none.", tokens_in=1_000))
    brain = make(model, **PRICED)
    one = turn(clock, f"{QUESTION} I am Mia of Elm Road.")
    await decided(brain, one)
    assert holds(brain, "Elm Road", beside=[model])
    brain.forget(one.id)
    assert not holds(brain, "Elm Road", beside=[model])
    assert not holds(brain, "mia_of", beside=[model]), "nor in a name that the model made up"
    anew, _, _ = await decided(brain, one)
    assert anew.model is not None
    assert [each.outcome for each in anew.model.calls] == ["wishes", "words", "words"]
    assert anew.model.cost == Decimal("0.02")


async def test_without_prices_a_turn_still_has_an_end_of_tokens(
    make: Make, clock: HandClock
) -> None:
    greedy = replace(asks("nonsense"), tokens_in=150_000)
    model = Scripted(greedy, Reply(text="Here I am."))
    decision, _, _ = await decided(make(model), turn(clock, QUESTION))
    assert len(model.seen) == 1
    assert decision.model is not None
    assert decision.model.fell_back == "budget"


async def test_a_day_of_tokens_ends_at_midnight_where_the_brand_is(
    make: Make, clock: HandClock
) -> None:
    """In Honolulu it is another day than in Auckland: the brand's is counted, whoever writes."""
    greedy = Reply(text="Here I am.", tokens_in=2_000, tokens_out=100)
    model = Scripted(greedy)
    brain = make(model, zone="Pacific/Auckland", tokens={"per_day": 2_000})
    auckland = clock.now().astimezone(ZoneInfo("Pacific/Auckland"))
    midnight = auckland.replace(hour=0, minute=0, second=0) + timedelta(days=1)
    seen = []
    for number, (at, zone) in enumerate([
        (midnight - timedelta(minutes=2), "Pacific/Auckland"),
        (midnight - timedelta(minutes=1), "Pacific/Honolulu"),
        (midnight + timedelta(minutes=1), "Pacific/Honolulu"),
    ]):  # fmt: skip
        clock.advance((at - clock.now()).total_seconds())
        peer = replace(ANA, timezone=zone)
        state = ConversationState(language="en", peer=peer)
        await decided(brain, turn(clock, QUESTION, number=number, customer=zone, state=state))
        seen.append(len(model.seen))
    assert seen == [1, 1, 2]


async def test_rounds_that_are_spent_end_with_a_person(make: Make, clock: HandClock) -> None:
    model = Scripted(*(asks("search_articles", arguments=f'{{"query": "{n}"}}') for n in range(9)))
    decision, _, _ = await decided(make(model), turn(clock, QUESTION))
    assert len(model.seen) == ROUNDS
    assert decision.handoff is not None
    assert decision.handoff.reason == "no_end"
    assert decision.model is not None
    assert decision.model.fell_back == "endless"


@pytest.mark.parametrize(("more", "asked"), [("", 0), (" And do you wrap gifts?", ROUNDS)])
async def test_a_turn_taken_anew_has_no_rounds_anew_over_the_same_words(
    make: Make, clock: HandClock, more: str, asked: int
) -> None:
    model = Scripted(*(asks("search_articles", arguments=f'{{"query": "{n}"}}') for n in range(20)))
    brain = make(model)
    one = turn(clock, QUESTION)
    await decided(brain, one)
    brain.forget(one.id)
    model.seen.clear()
    anew, _, _ = await decided(brain, turn(clock, QUESTION + more))
    assert anew.handoff is not None
    assert len(model.seen) == asked


async def test_a_deed_before_the_end_is_not_denied(make: Make, clock: HandClock) -> None:
    refund = {"order_id": "A-10293", "charge_id": "C1", "amount": "24.90", "currency": "GBP"}
    proof = {"order_id": "A-10293", "email": "ana@northwind.example"}
    model = Scripted(
        asks("charges", arguments=json.dumps(proof)),
        asks("refund", arguments=json.dumps({**refund, "reason": "asked"})),
        asks("nonsense"),
    )
    one = turn(clock, "please give me my money back, A-10293, ana@northwind.example")
    decision, outcomes, _ = await decided(make(model), one)
    assert any(isinstance(each, Done) for each in outcomes)
    assert decision.handoff is not None
    assert "can't do that" not in (decision.words or "")
    assert "confirm to you what has been done" in (decision.words or "")


async def test_what_a_model_found_by_itself_is_told_and_cited(make: Make, clock: HandClock) -> None:
    words = "Our store is open from 9:00 to 18:00, Monday to Saturday."
    search = asks("search_articles", arguments='{"query": "when is the store open?"}')
    model = Scripted(search, Reply(text=words))
    decision, _, _ = await decided(make(model), turn(clock, QUESTION))
    assert decision.words == words
    assert decision.citations == ("hours",)
    assert [one.id for one in decision.articles] == ["hours"]
    assert decision.articles[0].score > 0.35


async def test_an_article_backs_its_numbers_and_is_cited(make: Make, clock: HandClock) -> None:
    words = "Our store is open from 9:00 to 18:00, Monday to Saturday."
    brain = make(Scripted(Reply(text=words)))
    decision, _, _ = await decided(brain, turn(clock, "when is your store open?"))
    assert decision.words == words
    assert decision.citations == ("hours",)


async def test_errors_are_told_to_the_model_and_each_wish_gets_its_answer(
    make: Make, clock: HandClock
) -> None:
    model = Scripted(asks("nonsense", "refund"), Reply(text="I cannot help with that."))
    decision, outcomes, _ = await decided(make(model), turn(clock, QUESTION))
    assert decision.words == "I cannot help with that."
    assert outcomes == []
    told = [one for one in model.seen[-1] if one.role == "tool"]
    assert [one.answers for one in told] == ["c0", "c1"]
    assert all("error" in one.text for one in told)


@pytest.mark.parametrize("failure", [ModelFailure.DOWN, ModelFailure.LIMITED])
async def test_a_failure_that_may_pass_is_tried_once_more(
    make: Make, clock: HandClock, failure: ModelFailure
) -> None:
    model = Scripted(ModelTrouble(failure, "x"), Reply(text="Here I am."))
    decision, _, _ = await decided(make(model), turn(clock, QUESTION))
    assert decision.words == "Here I am."


@pytest.mark.parametrize("fallback", ["embedded", "handoff"])
async def test_without_a_model_the_turn_still_ends(
    make: Make, clock: HandClock, fallback: str
) -> None:
    model = Scripted(ModelTrouble(ModelFailure.DOWN, "x"))
    decision, _, _ = await decided(make(model, fallback=fallback), turn(clock, QUESTION))
    assert decision.words
    assert len(model.seen) == 2, "once, and once more"
    assert (decision.handoff is not None and decision.handoff.reason == "model") is (
        fallback == "handoff"
    )


async def test_a_model_that_fails_in_a_row_rests_and_comes_back(
    make: Make, clock: HandClock
) -> None:
    model = Scripted(ModelTrouble(ModelFailure.LATE, "x"))
    brain = make(model)
    for number in range(FAILURES_IN_A_ROW + 3):
        await decided(brain, turn(clock, QUESTION, number=number))
    assert len(model.seen) == FAILURES_IN_A_ROW
    clock.advance(REST.total_seconds())
    model.answers = [Reply(text="I am back.")]
    decision, _, _ = await decided(brain, turn(clock, QUESTION, number=99))
    assert decision.words == "I am back."


async def test_a_server_that_refuses_us_rests_at_once_and_one_request_refused_is_no_rest(
    make: Make, clock: HandClock
) -> None:
    """A text that a server does not take is one customer's: the next one is served."""
    for failure, asked in ((ModelFailure.UNFIT, 2), (ModelFailure.REFUSED, 1)):
        model = Scripted(ModelTrouble(failure, "x"), Reply(text="We have none at the moment."))
        brain = make(model)
        first, _, _ = await decided(brain, turn(clock, QUESTION, number=1))
        assert first.model is not None
        assert first.model.fell_back == failure
        second, _, _ = await decided(brain, turn(clock, QUESTION, number=2))
        assert len(model.seen) == asked
        assert (second.words == "We have none at the moment.") is (asked == 2)


class Slow(Knowledge):
    """Articles whose search for a model takes for ever."""

    def __init__(self, known: Knowledge) -> None:
        self.known, self.go_on = known, threading.Event()

    @override
    def search(self, text: str, *, limit: int = 3, **more: Any) -> list[Found]:
        if limit == 4:  # What a model is given; understanding asks for the best one alone.
            self.go_on.wait(10)
        return self.known.search(text, limit=limit, **more)


async def test_row_2_a_search_that_takes_too_long_has_found_nothing(
    make: Make, clock: HandClock
) -> None:
    brain = make(Scripted(Reply(text="I do not know that, sorry.")))
    mind = brain._embedded._mind
    assert mind is not None
    slow = Slow(mind.knowledge)
    brain.learn(replace(mind, knowledge=slow))
    deciding = asyncio.create_task(decided(brain, turn(clock, QUESTION)))
    await clock.waits()
    clock.advance(KNOWLEDGE.total_seconds() + 0.1)
    decision, _, _ = await deciding
    slow.go_on.set()
    assert decision.words == "I do not know that, sorry."
    assert decision.articles == ()


class Sleepy(Scripted):
    """Takes its time over each answer, and keeps to the limit it is given."""

    def __init__(self, clock: HandClock, seconds: float, *answers: Reply | ModelTrouble) -> None:
        super().__init__(*answers)
        self.clock, self.seconds, self.limits = clock, seconds, list[float]()

    @override
    async def ask(
        self, messages: Sequence[Said], tools: Sequence[Tool], *, timeout_s: float
    ) -> Reply:
        self.limits.append(timeout_s)
        self.clock.advance(min(self.seconds, timeout_s))
        if self.seconds >= timeout_s:
            raise ModelTrouble(ModelFailure.LATE, "no answer in time")
        return await super().ask(messages, tools, timeout_s=timeout_s)


async def test_row_3_one_late_call_is_the_fallbacks_turn(make: Make, clock: HandClock) -> None:
    model = Sleepy(clock, 99, Reply(text="Too late."))
    decision, _, _ = await decided(make(model), turn(clock, QUESTION))
    assert model.limits == [15.0], "the call's own time, and no second try of what hangs"
    assert decision.brain == "embedded"
    assert decision.words


async def test_row_4_a_pause_that_leaves_no_time_is_not_made(make: Make, clock: HandClock) -> None:
    trouble = ModelTrouble(ModelFailure.LIMITED, "a pause", retry_after_s=59)
    model = Sleepy(clock, 0.1, trouble)
    decision, _, _ = await decided(make(model), turn(clock, QUESTION))
    assert len(model.limits) == 1
    assert decision.brain == "embedded"


async def test_row_5_all_calls_together_leave_the_reserve(make: Make, clock: HandClock) -> None:
    answers = [asks("search_articles", arguments=f'{{"query": "{n}"}}') for n in range(9)]
    model = Sleepy(clock, 4, *answers)
    one = turn(clock, QUESTION, deadline=clock.now() + timedelta(seconds=15))
    decision, _, _ = await decided(make(model), one)
    assert model.limits == [13.5, 9.5, 5.5, 1.5]
    assert one.deadline is not None
    assert one.deadline - clock.now() >= RESERVE
    assert decision.brain == "embedded"


async def test_row_6_the_fallback_needs_no_model(make: Make, clock: HandClock) -> None:
    model = Sleepy(clock, 99, Reply(text="Too late."))
    one = turn(clock, QUESTION, deadline=clock.now() + timedelta(seconds=4))
    decision, _, _ = await decided(make(model, fallback="handoff"), one)
    assert one.deadline is not None
    assert one.deadline - clock.now() >= RESERVE
    assert decision.handoff is not None


async def test_a_turn_that_is_late_asks_no_model(make: Make, clock: HandClock) -> None:
    model = Scripted(Reply(text="Too late."))
    late = turn(clock, QUESTION, deadline=clock.now() + timedelta(seconds=2))
    decision, _, _ = await decided(make(model), late)
    assert model.seen == []
    assert decision.words


@pytest.mark.parametrize("text", ["human please", "STOP", "ich möchte mit einem Menschen sprechen"])
async def test_what_must_always_work_asks_no_model(make: Make, clock: HandClock, text: str) -> None:
    model = Scripted(Reply(text="No."))
    decision, _, _ = await decided(make(model), turn(clock, text))
    assert model.seen == []
    assert decision.handoff is not None or decision.understood.opted_out


async def test_in_public_a_private_wish_is_plain_codes_business(
    make: Make, clock: HandClock
) -> None:
    model = Scripted(Reply(text="Tell me everything here."))
    public = turn(clock, "where is my order A-10293?", surface=Surface.PUBLIC)
    decision, _, _ = await decided(make(model), public)
    assert model.seen == []
    assert decision.invites


async def test_in_public_the_trace_names_both_prompts(make: Make, clock: HandClock) -> None:
    model = Scripted(Reply(text="We have none, sorry."))
    public = turn(clock, QUESTION, surface=Surface.PUBLIC, offered=frozenset())
    decision, _, _ = await decided(make(model), public)
    assert decision.model is not None
    assert decision.model.prompt == f"{prompt('care').id} {prompt('public').id}"
    assert "read by everybody" in model.seen[0][0].text


async def test_who_wanted_silence_and_says_thanks_is_left_in_peace(
    make: Make, clock: HandClock
) -> None:
    model = Scripted(Reply(text="You are welcome!"))
    state = ConversationState(language="en", opted_out=True)
    decision, _, _ = await decided(make(model), turn(clock, "thanks", state=state))
    assert model.seen == []
    assert not decision.words


async def test_a_card_is_repeated_to_nobody_and_an_address_only_in_private(
    make: Make, clock: HandClock
) -> None:
    words = "I have your card [CARD_1] and your address [EMAIL_1]."
    text = "do you have discounts? 4111 1111 1111 1111, ana@northwind.example"
    decision, _, _ = await decided(make(Scripted(Reply(text=words))), turn(clock, text))
    assert decision.words == "I have your card ••• and your address ana@northwind.example."


async def test_nothing_is_said_twice(make: Make, clock: HandClock) -> None:
    said = "We have no discounts for students at the moment, I am afraid."
    line = Line(at=clock.now(), author=Author.BOT, text=said)
    state = ConversationState(language="en", lines=(line,))
    model = Scripted(Reply(text=f"{said}\nIs there anything else?"))
    decision, _, _ = await decided(make(model), turn(clock, QUESTION, state=state))
    assert decision.words == "Is there anything else?"


def waiting(clock: HandClock, language: str) -> ConversationState:
    """Be in the middle of a refund: the number is known, the proof was asked for."""
    memory = Memory(
        order_id="A-10293",
        asked=("email",),
        wishes=(Wish(topic="refund_request", text="my money back"),),
    )
    asked = Line(at=clock.now(), author=Author.BOT, text="I need the e-mail address.")
    return ConversationState(language=language, memory=memory.model_dump_json(), lines=(asked,))


PERSON = {
    "en": "just get me a human", "de": "ich will mit einem Menschen sprechen",
    "fr": "je veux parler à un humain", "es": "quiero hablar con una persona",
    "it": "vorrei parlare con un operatore", "pt": "quero falar com um atendente",
    "nl": "ik wil met een medewerker spreken", "pl": "chcę rozmawiać z człowiekiem",
    "tr": "bir insanla görüşmek istiyorum", "ru": "соедините с оператором",  # noqa: RUF001 - Russian
}  # fmt: skip
SILENCE = {
    "en": "stop messaging me", "de": "schreibt mir nicht mehr", "fr": "ne m'écrivez plus",
    "es": "no me escriban más", "it": "non scrivetemi più", "pt": "não me escrevam mais",
    "nl": "stuur me geen berichten meer", "pl": "nie piszcie do mnie więcej",
    "tr": "bana bir daha yazmayın", "ru": "больше не пишите мне",  # noqa: RUF001 - Russian
}  # fmt: skip


@pytest.mark.parametrize("language", PERSON)
async def test_a_person_and_silence_in_ten_languages_mid_flow_with_the_model_down(
    make: Make, clock: HandClock, language: str
) -> None:
    model = Scripted(ModelTrouble(ModelFailure.DOWN, "gone"))
    brain = make(model)
    for number, spoken in enumerate(("en", language)):
        state = waiting(clock, spoken)
        asked = turn(clock, PERSON[language], state=state, number=2 * number)
        decision, _, _ = await decided(brain, asked)
        assert decision.handoff is not None
        assert decision.handoff.reason == "human_request"
        asked = turn(clock, SILENCE[language], state=state, number=2 * number + 1)
        decision, _, _ = await decided(brain, asked)
        assert decision.understood.opted_out
    assert model.seen == []


async def test_a_scripted_turn_asks_no_model(make: Make, clock: HandClock) -> None:
    model = Scripted(Reply(text="Free words."))
    asked = turn(clock, "when do you open?")
    decision = await make(model).decide(asked, Stage.SCRIPTED, [])
    assert model.seen == []
    assert decision.words == "We are open from 9:00 to 18:00."
    assert decision.citations == ("hours",)


@pytest.mark.parametrize(
    "text",
    ["write me a poem about the sea", "tu peux faire mes devoirs de maths ?", "cuéntame un chiste"],
)
async def test_what_is_none_of_its_business_is_declined_without_a_model(
    make: Make, clock: HandClock, text: str
) -> None:
    model = Scripted(Reply(text="Roses are red"))
    decision, _, _ = await decided(make(model), turn(clock, text))
    assert model.seen == []
    assert decision.handoff is None
    assert "Northwind" in (decision.words or "")


async def test_a_model_that_writes_poems_programs_or_essays_is_put_right(
    make: Make, clock: HandClock
) -> None:
    declined = "That is outside what I can help with. I'm here for your Northwind orders, payments"
    poem = "\n".join(["the sea is wide"] * 7)
    essay = "To mend your television, take the lid off and look inside it. " * 8
    for number, words in enumerate((poem, "```\nprint()\n```", essay)):
        brain = make(Scripted(Reply(text=words)))
        decision, _, _ = await decided(brain, turn(clock, "my telly is odd", number=number))
        assert (decision.words or "").startswith(declined), words


async def test_blame_and_a_loop_of_pity_are_taken_out(make: Make, clock: HandClock) -> None:
    sorry = "I am so sorry about this."
    lines = tuple(
        Line(at=clock.now(), author=Author.BOT, text=f"{sorry} {more}") for more in ("A.", "B.")
    )
    state = ConversationState(language="en", lines=lines)
    said = f"{sorry} You should have read the page. We have none at the moment."
    decision, _, _ = await decided(
        make(Scripted(Reply(text=said))), turn(clock, QUESTION, state=state)
    )
    assert decision.words == "We have none at the moment."
    blame = make(Scripted(Reply(text="That was your own fault.")))
    decision, _, _ = await decided(blame, turn(clock, QUESTION, number=9))
    assert decision.model is not None
    assert decision.model.fell_back == ModelFailure.WRONG


async def test_a_question_in_the_models_own_words_finds_what_the_customers_do_not(
    make: Make, clock: HandClock
) -> None:
    search = asks("search_articles", arguments='{"query": "when is your store open"}')
    model = Scripted(search, Reply(text="We are open from 9:00 to 18:00."))
    decision, _, _ = await decided(make(model), turn(clock, "hey r u lot about l8r or nah"))
    first, second = (each[-1].text for each in model.seen)
    assert "18:00" not in first
    assert "18:00" in second
    assert decision.words == "We are open from 9:00 to 18:00."


async def test_the_first_turn_reads_articles_in_the_customers_language(
    make: Make, clock: HandClock
) -> None:
    model = Scripted(Reply(text="Gern."))
    state = ConversationState()
    await decided(make(model), turn(clock, "Hallo, wann habt ihr denn geöffnet?", state=state))
    assert "18:00" not in model.seen[0][-1].text
    assert "18 Uhr" in model.seen[0][-1].text


GERMAN = "Guten Tag, gibt es bei euch gerade einen Rabatt für Studierende?"
FORMAL = "Leider haben wir gerade keinen Rabatt für Sie."
FAMILIAR = "Leider haben wir gerade keinen Rabatt für dich."


@pytest.mark.parametrize(
    ("form", "good", "bad"),
    [
        ("Sie", FORMAL, FAMILIAR),
        ("du", FAMILIAR, FORMAL),
    ],
)
async def test_words_in_another_form_of_address_are_asked_for_again_once(
    make: Make, clock: HandClock, form: str, good: str, bad: str
) -> None:
    model = Scripted(Reply(text=bad), Reply(text=good))
    decision, _, _ = await decided(make(model, form), turn(clock, GERMAN))
    assert decision.words == good
    assert f"addressing the customer as “{form}”" in model.seen[0][0].text
    assert [one.role for one in model.seen[1][-2:]] == ["assistant", "user"]
    assert f"“{form}” in every sentence" in model.seen[1][-1].text
    stubborn = Scripted(Reply(text=bad))
    decision, _, _ = await decided(make(stubborn, form), turn(clock, GERMAN, number=2))
    assert decision.words
    assert bad not in decision.words
    assert decision.model is not None
    assert decision.model.fell_back == ModelFailure.WRONG
    assert len(stubborn.seen) == 2


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 2**32))
async def test_whatever_a_model_does_a_turn_ends_bounded_and_backed(
    make: Make, clock: HandClock, seed: int
) -> None:
    rng = random.Random(seed)  # noqa: S311 - a played adversary keeps no secret
    model = Adversary(rng)
    text = rng.choice([QUESTION, "refund A-10293, ana@northwind.example", "where is it?"])
    decision, _, _ = await decided(make(model), turn(clock, text, number=seed))
    assert decision.words or decision.handoff
    assert INVENTED not in (decision.words or "")
    assert "250" not in (decision.words or "")
    assert model.asked <= ROUNDS


@pytest.mark.parametrize(
    "text",
    [
        "I was charged £24.90 twice, it came broken, and I need a new one by Sunday",
        "i dont want a refund, i want my parcel",
        "don't cancel it!!",
        "don't unsubscribe me, when does it come?",
        "you will hear from my lawyer",
        "THIS IS A JOKE, get me a human",
        QUESTION,
    ],
)
async def test_both_brains_understand_a_message_alike(
    make: Make, clock: HandClock, text: str
) -> None:
    brain = make(Scripted(Reply(text="Let me see what I can find out for you.")))
    one = turn(clock, text)
    embedded = await brain._embedded.topics(one)
    decision, _, _ = await decided(brain, one)
    assert await brain.topics(one) == embedded
    assert decision.understood == embedded
