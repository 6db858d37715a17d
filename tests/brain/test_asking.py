"""What is missing is asked for once and together, once more in words that help, then no more."""

from zoneinfo import ZoneInfo

import pytest

from brain.decision import Handoff
from brain.knowledge.articles import Article
from brain.knowledge.search import Found
from brain.lacking import asks_where, lacks, lacks_by_name, looks_for_it
from brain.memory import recall
from brain.triage import Triage
from config.stages import Surface
from tests.brain.pretend_shop import WEDNESDAY, Talk


@pytest.fixture
def talk(triage: Triage) -> Talk:
    talk = Talk()
    talk.understand = lambda text: triage.understand(
        text,
        now=WEDNESDAY,
        timezone=ZoneInfo("Europe/London"),
        prior_language=talk.state.language,
    )
    return talk


TWICE = "I was charged twice"
NUMBER = "A-10293"
ADDRESS = "ana@northwind.example"
ELSE = ["it was last tuesday", "my name is Ana Smith, from Leeds"]


def asked_for(talk: Talk) -> tuple[str, ...]:
    return recall(talk.state.memory).asked


def test_something_else_is_asked_once_more_in_words_that_help(talk: Talk) -> None:
    first, again = talk.says(TWICE), talk.says(ELSE[0])
    assert "your order number and the e-mail address" in first
    assert "order confirmation" in again
    assert "human" in again
    assert talk.handoff is None
    talk.says(ELSE[1])
    assert talk.handoff == "missing"


@pytest.mark.parametrize(
    "answers",
    [
        ["that's my number and my mail", "yes I am sure"],
        ["I don't have any other order number"],
    ],
)
def test_what_was_given_and_fits_no_order_is_told_to_colleagues_as_given(
    talk: Talk, answers: list[str]
) -> None:
    """The card said of who had given both that they could give neither."""
    talk.says(f"{TWICE}, order {NUMBER}, zoe@northwind.example")
    for text in answers:
        assert talk.handoff is None
        talk.says(text)
    assert talk.last is not None
    assert talk.last.handoff == Handoff(
        reason="not_proved",
        note=f"What the customer gave fits no order: {NUMBER} with z•••@northwind.example",
    )


def test_a_wish_that_was_passed_on_names_its_order_in_the_summary(talk: Talk) -> None:
    """Also pages later, when another order is talked about."""
    talk.says(f"my mug from order {NUMBER} came broken, can I talk to a human?")
    assert talk.handoff == "human_request"
    assert talk.last is not None
    assert f"for {NUMBER}: with colleagues." in talk.last.summary
    talk.says("and where is my order A-10611? dev@northwind.example")
    assert f"for {NUMBER}: with colleagues." in talk.last.summary
    assert "for A-10611" in talk.last.summary


def test_a_wish_without_an_order_is_passed_on_without_one(talk: Talk) -> None:
    talk.says("I want a refund, can I talk to a human?")
    assert talk.last is not None
    assert "Wants the money back: with colleagues." in talk.last.summary


def test_what_was_not_given_is_told_so(talk: Talk) -> None:
    talk.says(f"{TWICE}, order {NUMBER}")
    talk.says("I no longer have that e-mail")
    assert talk.last is not None
    assert talk.last.handoff == Handoff(reason="missing", note="The customer could not give: email")


@pytest.mark.parametrize(("part", "rest"), [(NUMBER, "e-mail"), (ADDRESS, "order number")])
def test_who_gives_a_part_is_thanked_and_asked_for_the_rest_once(
    talk: Talk, part: str, rest: str
) -> None:
    talk.says(TWICE)
    words = talk.says(part)
    assert words.startswith("Thank you. All I still need is the ")
    assert rest in words
    assert talk.handoff is None
    talk.says(ELSE[0])
    assert talk.handoff == "missing"


@pytest.mark.parametrize(
    "turns",
    [
        [TWICE, ELSE[0], NUMBER, ELSE[1]],
        [TWICE, "and my lamp came broken", "oh and where is my parcel?", "I need it by Friday"],
        ["where's my parcel?", "I also want a refund", "the amount is £24.90", "hello?", "hm"],
    ],
)
def test_no_question_for_what_is_missing_is_said_twice(talk: Talk, turns: list[str]) -> None:
    asked: list[str] = []
    for text in turns:
        words = talk.says(text)
        asked += [one for one in words.split("\n\n") if "need" in one]
    assert len(asked) > 1
    assert len(set(asked)) == len(asked)


def test_a_further_wish_is_taken_in_and_all_of_it_asked_for_together(talk: Talk) -> None:
    talk.says("where's my parcel?")
    words = talk.says("and I want a refund for the mugs")
    assert words == (
        "Noted, thank you. For all of it together I need your order number and the e-mail "
        "address you ordered with."
    )
    assert "deliver" in talk.says(f"{NUMBER}, {ADDRESS}")


@pytest.mark.parametrize(
    "text",
    [
        f"{ADDRESS} but I don't have the order number",
        f"Meine Mail ist {ADDRESS}, die Bestellnummer habe ich nicht",
        f"mi correo es {ADDRESS}, no tengo el número de pedido",
    ],
)
def test_who_gives_one_and_does_not_have_the_other_is_not_asked_for_it(
    talk: Talk, text: str
) -> None:
    talk.says(TWICE)
    talk.says(text)
    assert talk.handoff == "missing"
    assert recall(talk.state.memory).email == ADDRESS


@pytest.mark.parametrize(
    "text",
    [
        "I was charged twice but I don't have an order number",
        "Ich wurde doppelt belastet, habe aber keine Bestellnummer mehr",
        "Me cobraron dos veces y no tengo el número de pedido",
    ],
)
def test_what_they_say_they_do_not_have_is_not_asked_for_at_all(talk: Talk, text: str) -> None:
    words = talk.says(text)
    assert talk.handoff == "missing"
    assert "?" not in words


@pytest.mark.parametrize(
    "text",
    [
        "where do I find the order number?",
        "i don't know where to find the number",
        "why do you need that?",
        "wo finde ich die Bestellnummer?",
        "¿dónde está el número?",
    ],
)
def test_who_asks_where_it_is_is_told(talk: Talk, text: str) -> None:
    talk.says(TWICE)
    words = talk.says(text)
    assert talk.handoff is None
    assert any(where in words for where in ("confirmation", "bestätigung", "confirmación"))


@pytest.mark.parametrize("text", ["one sec", "let me check", "hang on, I'll look it up"])
def test_who_goes_to_look_is_left_in_peace(talk: Talk, text: str) -> None:
    talk.says(TWICE)
    before = recall(talk.state.memory)
    assert talk.says(text) == "Of course, take your time."
    assert talk.says(text) == ""
    assert recall(talk.state.memory).worded == before.worded
    assert talk.handoff is None


def hours() -> dict[str, Found]:
    one = Article(
        id="hours", title="Hours", topics=("store_hours",), surface=Surface.PUBLIC,
        answer="We are open from nine to six.", body="",
    )  # fmt: skip
    return {"store_hours": Found(article=one, passage="", score=0.9)}


def test_a_question_in_between_is_answered_and_is_no_vain_answer(talk: Talk) -> None:
    talk.says("where's my parcel?")
    answers = hours()
    assert talk.says("do you open on sundays?", answers=answers) == (
        "We are open from nine to six."
    )
    assert asked_for(talk) == ("order_id", "email_or_postcode")
    assert "order confirmation" in talk.says("ok and my parcel?")
    assert "on its way" in talk.says("A-10611 dev@northwind.example")


def test_a_question_in_between_does_not_use_up_a_choice_of_ours(talk: Talk) -> None:
    talk.says("the cap is damaged, A-10417 ben@northwind.example")
    for _ in range(2):
        assert talk.says("do you open on sundays?", answers=hours()) == (
            "We are open from nine to six."
        )
    assert "£34.50" in talk.says("my money back please")


def test_who_never_chooses_hears_that_a_colleague_does(talk: Talk) -> None:
    talk.says("the cap is damaged, A-10417 ben@northwind.example")
    talk.says("the grey one")
    words = talk.says("in november")
    assert talk.handoff == "missing"
    assert words == "Then a colleague will find it with you and answer you here."


def test_all_that_is_missing_is_missing_for_good_at_once(talk: Talk) -> None:
    talk.says("where's my parcel, and my lamp came broken")
    talk.says("the socks one")
    words = talk.says("in november")
    assert talk.handoff == "missing"
    assert words == "Then a colleague will find it with you and answer you here."


@pytest.mark.parametrize(
    ("text", "things"),
    [
        ("I don't have the order number", {"order_id"}),
        ("no order number, sorry", {"order_id"}),
        ("I never got an order number and don't know which email I used", {"order_id", "email"}),
        ("je n'ai plus le numéro de commande", {"order_id"}),
        ("non ho il numero d'ordine", {"order_id"}),
        ("ik heb geen bestelnummer", {"order_id"}),
        ("não tenho o número do pedido", {"order_id"}),
        ("I never got an email about it", set()),
        ("I don't have a tracking number", set()),
        ("the order number is A-10293, I can't find my receipt", set()),
        ("I haven't got my order yet, the number is A-10293", set()),
    ],
)
def test_what_they_do_not_have_by_name(text: str, things: set[str]) -> None:
    assert lacks_by_name(text) == things


@pytest.mark.parametrize(
    "text",
    [
        "no sé qué correo usé",
        "no me acuerdo del correo",
        "no email",
        "keine E-Mail",
        "je ne sais plus quel e-mail",
    ],
)
def test_who_has_no_address_does_not_ask_for_silence(talk: Talk, text: str) -> None:
    talk.says(TWICE)
    talk.says(NUMBER)
    talk.says(text)
    assert talk.handoff == "missing"


def test_silence_is_heard_where_we_wait_for_an_address(talk: Talk) -> None:
    talk.says(TWICE)
    assert "won't hear from me" in talk.says("no more e-mails, stop writing to me")


def test_asking_where_is_not_lacking() -> None:
    assert lacks("I can't find it")
    assert not lacks("I can't find it, where is it?")
    assert asks_where("où est-ce que je trouve le numéro ?")
    assert asks_where("waar vind ik dat?")
    assert not asks_where("it's A-10293")


@pytest.mark.parametrize(
    ("text", "looks"),
    [
        ("moment, ich schaue nach", True),
        ("un momento, lo busco", True),
        ("attendez, je regarde", True),
        ("momentje", True),
        (
            "wait a minute, I ordered two of them and you sent only one of those, what now then",
            False,
        ),
        ("can you give me a sec?", False),
        ("refund me", False),
    ],
)
def test_who_goes_to_look(text: str, looks: bool) -> None:
    assert looks_for_it(text) is looks
