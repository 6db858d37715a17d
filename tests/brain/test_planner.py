"""Whole conversations: several wishes in one coherent reply, true to what was done.

Customers' words go through the real triage; the engine is a pretend one that asks for proofs.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions.action import AwaitingSignOff, Call, Done, Failed, Known, Refusal, Refused, Unknown
from actions.ports import Charges, OrderView, Promise, RefundResult, ReplacementResult, WriteStatus
from brain.claims import proved, unproved_claims
from brain.issues import Issue
from brain.knowledge.articles import Article
from brain.knowledge.search import Found
from brain.language import LanguageGuess
from brain.listening import Heard
from brain.memory import Memory, WishStatus, recall
from brain.procedures import PROCEDURES
from brain.triage import Triage, Understanding
from config.money import Money
from config.stages import Surface
from conversation.model import Author
from conversation.state import Line
from tests.brain.pretend_shop import ALL, WEDNESDAY, PretendEngine, Talk

SEED = "I was charged twice, my order arrived damaged, and I need a replacement by Sunday"
DOUBLE = "charged twice"
GIVEN = "A-10293, ana@northwind.example"
ENGLISH = LanguageGuess(code="en", p=1.0, supported=True)


@pytest.fixture
def talk(triage: Triage) -> Talk:
    talk = Talk()

    def understand(text: str) -> Understanding:
        return triage.understand(
            text,
            now=WEDNESDAY,
            timezone=ZoneInfo("Europe/London"),
            prior_language=talk.state.language,
        )

    talk.understand = understand
    return talk


def understood(
    *topics: str, language: LanguageGuess = ENGLISH, p: float = 1.0, **more: Any
) -> Understanding:
    issues = tuple(
        Issue(start=0, end=1, topic=topic, p=p, strength=p, text=topic) for topic in topics
    )
    return Understanding(
        language=language, topics=tuple((topic, p) for topic in topics), issues=issues, **more
    )


def heard(
    *topics: str, text: str = "so many words that it is no mere answer to us", **more: Any
) -> Heard:
    return Heard(text=text, understanding=understood(*topics, **more), answers={})


def article(answer: str, topic: str) -> Found:
    one = Article(
        id=topic, title=topic, topics=(topic,), surface=Surface.PUBLIC, answer=answer, body=answer
    )
    return Found(article=one, passage=answer, score=0.9)


def all_done(talk: Talk, words: str) -> None:
    assert [call.args["charge_id"] for call in talk.wrote("refund")] == ["C2"]
    assert len(talk.wrote("replacement")) == 1
    assert "24" in words
    assert words.count("A-10293") == 1
    assert talk.handoff is None
    assert unproved_claims(words, talk.state.language or "", proved(talk.outcomes)) == ()


# --- the seed


def test_the_seed_message_in_many_words(
    triage: Triage, talk: Talk, messages: dict[str, Any]
) -> None:
    for text in messages["seed"]:
        talk.state, talk.engine = type(talk.state)(), PretendEngine()
        asked = talk.says(text)
        assert not talk.engine.done
        assert asked
        all_done(talk, talk.says(f"A-10293\n{GIVEN}"))


@pytest.mark.parametrize(
    "turns",
    [
        [
            "I was charged twice",
            "my order arrived damaged",
            "I need a replacement by Sunday",
            GIVEN,
        ],
        [f"I was charged twice\nmy order arrived damaged\nI need a replacement by Sunday\n{GIVEN}"],
        [SEED, "A-10293", "ana@northwind.example"],
        [SEED, "ana@northwind.example", "it's A-10293"],
        [GIVEN, SEED],
    ],
)
def test_the_seed_in_pieces(talk: Talk, turns: list[str]) -> None:
    for text in turns[:-1]:
        assert talk.says(text)
        assert not talk.engine.done
    all_done(talk, talk.says(turns[-1]))


def test_what_is_missing_is_asked_once_and_together(talk: Talk) -> None:
    words = talk.says(SEED)
    assert words.count("?") + words.count(".") <= 2
    assert "order number and the e-mail" in words


def test_without_a_second_charge_nothing_goes_back_and_that_is_said(talk: Talk) -> None:
    words = talk.says(f"{SEED}. A-10417, ben@northwind.example")
    assert "no second charge" in words
    assert not talk.wrote("refund")
    assert len(talk.wrote("replacement")) == 1


def test_the_answers_come_in_the_customers_order(talk: Talk) -> None:
    words = talk.says(f"I need a replacement, it came broken, and you charged me twice. {GIVEN}")
    assert 0 < words.index("replacement") < words.index("second charge")


def test_the_summary_is_for_people(talk: Talk) -> None:
    talk.says(f"{SEED} {GIVEN}")
    assert talk.state.summary == (
        "Charged twice for A-10293: £24.90 refunded. Damaged goods (Enamel mug, green) for "
        "A-10293: replacement promised for 2026-11-20. Needed by 2026-11-22."
    )


# --- questions of ours


def test_damaged_without_a_wish_is_a_choice(talk: Talk) -> None:
    assert "replacement or your money back" in talk.says(f"my mug arrived broken {GIVEN}")
    assert "refunded £24.90" in talk.says("money back please")


def test_a_new_one_may_be_chosen_too(talk: Talk) -> None:
    talk.says(f"my mug arrived broken {GIVEN}")
    assert "ordered a replacement" in talk.says("a new one please")
    assert not talk.wrote("refund")


def test_money_and_a_new_one_are_never_both_given_unasked(talk: Talk) -> None:
    words = talk.says(f"I want a refund or a replacement for my damaged mug, {GIVEN}")
    assert "replacement or your money back" in words
    assert not talk.engine.done


@pytest.mark.parametrize(
    ("answer", "said", "sent"),
    [
        ("yes please", "I have ordered", 1),
        ("ok do it", "I have ordered", 1),
        ("no", "have not ordered", 0),
        ("then I'd rather have my money back", "I have refunded £24.90", 0),
    ],
)
def test_too_late_is_asked_before_it_is_ordered(
    talk: Talk, answer: str, said: str, sent: int
) -> None:
    talk.engine.earliest = date(2026, 11, 22)
    words = talk.says(f"it broke, I need a replacement before Sunday, {GIVEN}")
    assert "Shall I order it all the same?" in words
    assert not talk.engine.done
    assert said in talk.says(answer)
    assert len(talk.wrote("replacement")) == sent


def test_which_of_the_goods(talk: Talk) -> None:
    words = talk.says("it arrived broken, send a new one. A-10845 fay@northwind.example")
    assert "Fleece jumper" in words
    assert "Merino socks" in talk.says("the socks")
    assert talk.wrote("replacement")[0].args["line_id"] == "L5"


def test_no_question_is_asked_for_ever(talk: Talk) -> None:
    talk.says("it arrived broken, send a new one. A-10845 fay@northwind.example")
    talk.says("the thing")
    talk.says("the thing")
    assert talk.handoff == "missing"


@pytest.mark.parametrize(
    ("wish", "answer", "sent"),
    [
        ("Meine Tasse kam kaputt an, ich brauche Ersatz vor Sonntag", "ja, bitte", 1),
        ("Meine Tasse kam kaputt an, ich brauche Ersatz vor Sonntag", "nein danke", 0),
        ("Ma tasse est arrivée cassée, il me faut un remplacement avant dimanche", "oui", 1),
        ("La taza llegó rota, necesito un reemplazo antes del domingo", "sí", 1),
    ],
)
def test_yes_and_no_in_other_languages(talk: Talk, wish: str, answer: str, sent: int) -> None:
    talk.engine.earliest = date(2026, 11, 22)
    talk.says(f"{wish}. {GIVEN}")
    assert not talk.engine.done
    assert talk.says(answer)
    assert len(talk.wrote("replacement")) == sent
    assert talk.handoff is None


# --- asking in vain


@pytest.mark.parametrize(
    "text",
    [
        "I don't have the order number",
        "i lost the order number",
        "no idea",
        "I can't find it",
        "Ich habe die Bestellnummer nicht",
        "Je n'ai pas le numéro de commande",
        "No tengo el número de pedido",
    ],
)
def test_who_does_not_have_it_is_not_nagged(talk: Talk, text: str) -> None:
    talk.says("where is my order?")
    talk.says(text)
    assert talk.handoff == "missing"


def test_in_vain_once_more_then_a_person(talk: Talk) -> None:
    talk.says("where is my order?")
    assert "human" in talk.says("what do you mean?")
    talk.says("I just want to know")
    assert talk.handoff == "missing"


def test_a_bare_number_is_asked_what_it_is_about(talk: Talk) -> None:
    assert talk.says("A-10293") == "Thank you. What can I do for you?"
    assert not talk.calls
    talk.says("where is it?")
    assert "delivered" in talk.says("ana@northwind.example")


@pytest.mark.parametrize(
    "text",
    [
        "Please refund my mugs, order A-10293, ana@northwind.example",
        "I want £24.90 back for A-10293, ana@northwind.example",
    ],
)
def test_few_words_are_a_first_wish(talk: Talk, text: str) -> None:
    assert "£24.90" in talk.says(text)
    assert len(talk.wrote("refund")) == 1


# --- proofs


def test_a_wrong_proof_is_asked_again_carefully_then_a_person(talk: Talk) -> None:
    talk.says("where is my order A-10293?")
    first = talk.says("bad@x.com")
    talk.says("worse@x.com")
    assert talk.handoff == "not_proved"
    for words in (first, talk.last.words if talk.last else ""):
        assert words
        assert "A-10293" not in words
        assert "deliver" not in words


def test_unknown_orders_and_wrong_proofs_sound_alike(triage: Triage, talk: Talk) -> None:
    replies = []
    for order_id in ("A-10293", "A-99999"):
        talk.state, talk.engine = type(talk.state)(), PretendEngine()
        replies.append([talk.says(f"where is {order_id}"), talk.says("bad@x.com"), talk.says("hm")])
    assert replies[0] == replies[1]


@pytest.mark.parametrize("corrected", ["oh sorry, ana@northwind.example", GIVEN])
def test_a_corrected_proof_is_believed(talk: Talk, corrected: str) -> None:
    talk.says("where is my order A-10293? bad@x.com")
    assert "delivered" in talk.says(corrected)


def test_a_proof_holds_for_the_conversation(talk: Talk) -> None:
    talk.says(f"where is my order? {GIVEN}")
    assert "I see no refund for order A-10293" in talk.says("and has it been refunded?")


def test_a_second_order_needs_its_own_proof(talk: Talk) -> None:
    talk.says(f"where is my order? {GIVEN}")
    words = talk.says("and where is A-10611?")
    assert "e-mail" in words
    assert "deliver" not in words
    words = talk.says("dev@northwind.example")
    assert "A-10611" in words
    assert "DPD106110001" in words
    assert "A-10293" not in words


def test_guessing_order_numbers_ends_at_a_person(talk: Talk) -> None:
    talk.says(f"where is my order? {GIVEN}")
    talk.says("and where is A-10611?")
    talk.says("and where is A-10417?")
    assert talk.handoff == "not_proved"


def test_a_postcode_shows_and_an_email_refunds(talk: Talk) -> None:
    talk.says("hey where is my order A-10611?")
    assert "on its way" in talk.says("LS1 4AP")
    assert "e-mail address" in talk.says("refund it please")
    assert "refunded £119.00" in talk.says("dev@northwind.example")


def test_a_correction_is_about_the_other_order(talk: Talk) -> None:
    talk.says("I want a refund for A-10293")
    talk.says("sorry, I meant A-10417")
    assert "A-10417" in talk.says("ben@northwind.example")
    assert [call.args["charge_id"] for call in talk.wrote("refund")] == ["C3"]


# --- outcomes of earlier turns


def waiting(talk: Talk) -> Call:
    talk.engine.sign_off = True
    talk.says("please refund A-10417, ben@northwind.example")
    return talk.calls[-1]


RESULT = RefundResult(refund_id="F", status=WriteStatus.DONE)


def test_a_late_yes_is_told_once_and_closes_the_wish(talk: Talk) -> None:
    call = waiting(talk)
    done = Done(call=call, key="k", result=RESULT, amount=Money(3450, "GBP"))
    assert talk.hears(None, news=[done]) == "I have refunded £34.50 for order A-10417."
    assert recall(talk.state.memory).wishes[0].status is WishStatus.CLOSED
    assert talk.hears(None) == ""
    assert "welcome" in talk.says("thanks")


def test_a_late_outcome_leaves_other_wishes_alone(talk: Talk) -> None:
    call = waiting(talk)
    talk.says("and where is my parcel A-10611?")
    before = recall(talk.state.memory)
    assert "could not approve" in talk.hears(
        None, news=[Refused(call=call, reason=Refusal.REJECTED, detail="")]
    )
    after = recall(talk.state.memory)
    assert after.asked == before.asked
    assert after.wishes[1:] == before.wishes[1:]


def test_news_and_a_new_message_make_one_reply(talk: Talk) -> None:
    call = waiting(talk)
    done = Done(call=call, key="k", result=RESULT, amount=Money(3450, "GBP"))
    words = talk.says("any news on my refund?", news=[done])
    assert words.count("£34.50") == 1
    words = talk.says("I want a human", news=[replace(done, key="k2")])
    assert "passing you to a colleague" in words


def test_asked_again_what_waits_still_waits(talk: Talk) -> None:
    waiting(talk)
    assert "still waiting for a colleague's approval" in talk.says("any news on my refund?")
    assert not talk.engine.done


# --- always


@pytest.mark.parametrize(
    "text", ["human", "HUMAN!!", "ich will einen Menschen sprechen", "un humain svp", "MENSCH",
             "quiero hablar con una persona", "refund A-10293 and get me a HUMAN"],
)  # fmt: skip
@pytest.mark.parametrize("memory", ["{}", "garbage", '{"question": 5, "asked": 1}', "flow"])
def test_a_person_is_always_one_word_away(talk: Talk, text: str, memory: str) -> None:
    if memory == "flow":
        talk.says(SEED)
    else:
        talk.state = replace(talk.state, memory=memory)
    assert talk.says(text)
    assert talk.handoff == "human_request"
    assert not talk.calls


def test_with_a_person_the_wishes_are_noted(talk: Talk) -> None:
    talk.says(f"please refund A-10293 and let me talk to a human. {GIVEN}")
    assert talk.last
    assert talk.last.handoff
    assert "money back" in talk.last.handoff.note
    assert "with colleagues" in talk.last.summary
    assert "welcome" in talk.says("thanks"), "what went to people is not taken up again"


@pytest.mark.parametrize("text", ["STOP", "stop writing me", "Bitte schreiben Sie mir nicht mehr"])
def test_silence_is_confirmed_once_and_lifted_by_a_wish(talk: Talk, text: str) -> None:
    talk.says(SEED)
    assert talk.says(text)
    assert talk.state.opted_out
    assert talk.says(text) == ""
    assert talk.says("thanks") == ""
    assert talk.state.opted_out
    assert "delivered" in talk.says(f"where is my order? {GIVEN}")
    assert not talk.state.opted_out


def test_a_person_may_be_wanted_after_silence(talk: Talk) -> None:
    talk.says("STOP")
    assert "passing you to a colleague" in talk.says("stop writing me, I want a human")
    assert talk.handoff == "human_request"
    assert not talk.state.opted_out


def test_a_threat_is_passed_on_in_silence_too() -> None:
    talk = Talk()
    assert "won't hear" in talk.hears(heard("legal_threat", opts_out=True))
    assert talk.handoff == "legal_threat"
    assert talk.state.opted_out


def test_two_orders_that_do_not_fit_are_not_told_still(talk: Talk) -> None:
    """Nobody has said so before: they come in one message."""
    words = talk.says("where are A-10293 and A-10388? bad@x.com")
    assert talk.handoff == "not_proved"
    assert "match these" in words
    assert "still" not in words


def test_silence_does_not_forget_wrong_proofs(talk: Talk) -> None:
    talk.says("where is my order A-10293? bad@x.com")
    talk.says("STOP")
    talk.says("where is my order A-10293? worse@x.com")
    assert talk.handoff == "not_proved"


# --- public


def test_in_public_nothing_private_is_said_or_looked_up(talk: Talk) -> None:
    talk.surface = Surface.PUBLIC
    for text in (SEED, f"where is my order {GIVEN}", "A-10293"):
        assert "direct message" in talk.says(text)
    assert not talk.calls
    assert "ana@" not in talk.state.memory


def test_in_public_articles_answer(talk: Talk) -> None:
    talk.surface = Surface.PUBLIC
    answers = {"store_hours": article("From 9:00 to 18:00.", "store_hours")}
    assert talk.says("when are you open?", answers=answers) == "From 9:00 to 18:00."
    both = talk.says("where is my order? and when are you open?", answers=answers)
    assert "9:00" in both
    assert "direct message" in both


# --- articles, and what no article answers


def test_an_article_stands_beside_what_was_done(talk: Talk) -> None:
    answers = {"store_hours": article("From 9:00 to 18:00.", "store_hours")}
    words = talk.says(f"I was charged twice, {GIVEN}. And when are you open?", answers=answers)
    assert words.index("refunded") < words.index("9:00")
    assert talk.last
    assert talk.last.citations == ("store_hours",)


def test_what_cannot_be_done_goes_on_with_the_rest_done(talk: Talk) -> None:
    words = talk.says(f"please cancel order A-10293 and I was charged twice, {GIVEN}")
    assert "can't do that myself" in words
    assert "refunded" in words
    assert talk.handoff == "no_answer"


def test_labels_around_a_wish_are_nobodys_topic() -> None:
    talk = Talk()
    assert talk.hears(heard("_context"))
    assert talk.handoff is None
    assert talk.last
    assert talk.last.understood.issues == ()


# --- little things


def test_a_language_nobody_speaks_goes_to_the_desk(talk: Talk) -> None:
    words = talk.says("Onde está a minha encomenda? Estou à espera há duas semanas e ninguém diz")
    assert words == "Thank you for your message. A colleague will answer you here."
    assert talk.handoff == "language"


@pytest.mark.parametrize("text", ["", "👍", "❤️❤️", "...", "   "])
def test_what_says_nothing_is_answered_with_nothing(talk: Talk, text: str) -> None:
    talk.says("hello")
    assert talk.says(text) == ""
    assert talk.handoff is None


def test_a_picture_alone_is_asked_about(talk: Talk) -> None:
    assert "picture" in talk.says("", media_only=True)


@pytest.mark.parametrize(("later_s", "handed_off"), [(20, False), (59, False), (61, True)])
def test_a_handful_of_pictures_is_asked_about_once(
    talk: Talk, later_s: int, handed_off: bool
) -> None:
    """People send three pictures one by one; who answers with a picture later gets a person."""
    asked = talk.says("", media_only=True)
    said = WEDNESDAY - timedelta(seconds=later_s)
    line = Line(at=said, author=Author.BOT, text=f"I'm an AI.\n\n{asked}")
    talk.state = replace(talk.state, lines=(line,))
    assert bool(talk.says("", media_only=True)) is handed_off
    assert (talk.handoff is not None) is handed_off


def test_small_talk_is_answered_kindly(talk: Talk) -> None:
    assert "How can I help" in talk.says("hello")
    assert "delivered" in talk.says(f"hi! where is my order? {GIVEN}")
    assert "welcome" in talk.says("thank you so much!")
    assert talk.rounds == 1


def test_long_messages_are_understood_from_their_beginning(talk: Talk) -> None:
    words = talk.says(f"where is my order? {GIVEN} " + "bla " * 2_500)
    assert words
    assert len(talk.state.memory) < 5_000


def test_once_unclear_is_asked_twice_is_passed_on() -> None:
    talk = Talk()
    assert "not sure" in talk.hears(heard(text="mumble"))
    talk.hears(heard(text="mumble mumble"))
    assert talk.handoff == "not_understood"


@pytest.mark.parametrize("between", ["greeting", "thanks", "praise"])
def test_politeness_does_not_make_us_ask_once_more(between: str) -> None:
    talk = Talk()
    assert "not sure" in talk.hears(heard(text="mumble"))
    assert talk.hears(heard(between, text="well"))
    assert "not sure" not in talk.hears(heard(text="mumble mumble"))
    assert talk.handoff == "not_understood"


def test_reading_only_passes_the_writing_on(talk: Talk) -> None:
    talk.offered = frozenset({"order_status", "charges", "delivery_promise"})
    words = talk.says(f"I was charged twice, {GIVEN}")
    assert "refunded" not in words
    assert talk.handoff == "not_offered"
    assert {call.action for call in talk.calls} <= talk.offered


# --- whatever comes

TOPICS = [*PROCEDURES, "store_hours", "cancel_order", "greeting", "thanks", "confirmation_yes",
          "confirmation_no", "spam", "_context", "human_request", "brand_topic"]  # fmt: skip
IDS = ["A-10293", "A-10417", "A-99999"]


@st.composite
def understandings(draw: st.DrawFn) -> Heard:
    topics = draw(st.lists(st.sampled_from(TOPICS), max_size=4))
    ids = draw(st.lists(st.sampled_from(IDS), max_size=3, unique=True))
    known = understood(
        *topics,
        p=draw(st.sampled_from([0.5, 1.0])),
        order_ids=tuple(ids),
        emails=tuple(draw(st.lists(st.sampled_from(["ana@northwind.example", "b@x"]), max_size=2))),
        postcodes=tuple(draw(st.lists(st.sampled_from(["SW1A 1AA", ""]), max_size=1))),
        amounts=tuple(draw(st.lists(st.just(Money(500, "GBP")), max_size=1))),
        deadline=draw(st.none() | st.dates(max_value=date.max)),
        deadline_strict=draw(st.booleans()),
        mood=draw(st.sampled_from(["angry", "neutral", "happy"])),
        wants_human=draw(st.integers(0, 9)) == 0,
        opts_out=draw(st.integers(0, 9)) == 0,
        out_of_scope=draw(st.booleans()),
        language=draw(
            st.sampled_from([ENGLISH, LanguageGuess(code="de", p=1, supported=True),
                             LanguageGuess(code="pt", p=1, supported=False)])
        ),
    )  # fmt: skip
    text = draw(st.text(max_size=30))
    return Heard(text=text, understanding=known, answers={}, media_only=draw(st.booleans()))


class Dice:
    """A fake engine that answers anything at all."""

    def __init__(self, draw: Callable[[Any], Any]) -> None:
        self._draw = draw
        self._honest = PretendEngine()
        self.proofs = self._honest.proofs

    def answer(self, call: Call) -> Any:
        honest = self._honest.answer(call)
        results = [
            RESULT,
            ReplacementResult(replacement_id="R", status=WriteStatus.DONE),
            Promise(earliest=date(2026, 12, 1), latest=date(2026, 12, 2)),
            Charges(order_id="A-10293", charges=()),
            OrderView(order_id="A-10293", status="odd", placed_at=WEDNESDAY, lines=()),
        ]
        result = self._draw(st.sampled_from(results))
        kinds: Sequence[Any] = [
            honest,
            honest,
            honest,
            Known(call=call, result=result),
            Done(call=call, key="k", result=result, repeated=self._draw(st.booleans())),
            Refused(call=call, reason=self._draw(st.sampled_from(list(Refusal))), detail="d"),
            AwaitingSignOff(call=call, key="k", amount=None),
            Failed(call=call, why="w"),
            Unknown(call=call, key="k", why="w"),
        ]
        return self._draw(st.sampled_from(kinds))


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_turn_comes_to_an_end_and_is_true(data: st.DataObject) -> None:
    talk = Talk(surface=data.draw(st.sampled_from([Surface.PRIVATE, Surface.PRIVATE, *Surface])))
    talk.engine = Dice(data.draw)  # type: ignore[assignment] # answers as the engine does
    for said in data.draw(st.lists(understandings(), min_size=1, max_size=4)):
        made = len(talk.calls)
        earlier = [call for call in talk.calls if call.action in {"refund", "replacement"}]
        news: list[Any] = []
        happened: bool = data.draw(st.booleans())
        if earlier and happened:
            late = data.draw(st.sampled_from(["done", "no"]))
            news = [
                Done(call=earlier[-1], key="k", result=RESULT)
                if late == "done"
                else Refused(call=earlier[-1], reason=Refusal.EXPIRED, detail="d")
            ]
        words = talk.hears(said, news=news)
        assert talk.rounds <= 6
        assert talk.last
        if talk.surface is Surface.PUBLIC:
            assert len(talk.calls) == made
            assert not re.search(r"A-\d|£", words)
        if said.understanding.wants_human:
            assert talk.handoff == "human_request"
        assert not (talk.handoff or "").startswith("_")
        assert "_" not in talk.state.summary
        assert not any(issue.topic.startswith("_") for issue in talk.last.understood.issues)
        assert len(talk.state.memory) < 20_000
        assert isinstance(Memory.model_validate(json.loads(talk.state.memory)), Memory)
        paragraphs = words.split("\n\n")
        assert len(paragraphs) == len(set(paragraphs))
        claims = unproved_claims(words, "en", proved(talk.outcomes))
        assert claims == (), words


def test_a_brain_that_lies_is_caught() -> None:
    talk = Talk()
    talk.hears(heard("refund_request", order_ids=("A-10417",), emails=("bad@x",)))
    lie = "All done, I have refunded £34.50 to your card."
    assert unproved_claims(lie, "en", proved(talk.outcomes))


def test_all_offered_actions_are_known_by_name() -> None:
    assert {"refund", "replacement"} < ALL


def test_who_passes_it_on_asks_nothing(talk: Talk) -> None:
    words = talk.hears(heard("damaged_item", "cancel_order"))
    assert "can't do that myself" in words
    assert "?" not in words
    assert "order number" not in words
