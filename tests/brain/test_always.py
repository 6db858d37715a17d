"""A person, or silence: phrases of ten languages, and everything that only looks like them."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from brain.always import doubts, opts_out, wants_human, without_doubts

HUMAN = [
    "HUMAN",
    "human",
    "Human please!!",
    "can I pls talk to a real person??",
    "I want to speak to a manager",
    "agent",
    "let me talk to someone",
    "get me a human",
    "I'd like to speak with a representative",
    "is there a real person there?",
    "can someone call me",
    "this is useless, connect me to an agent NOW",
    "I need a human",
    "stop talking, i need to speak to a real human being",
    "not talking to a bot",
    "are there any humans there",
    "Ich möchte mit einem Menschen sprechen",
    "echter Mensch bitte",
    "kann ich bitte mit einem Mitarbeiter reden",
    "MENSCH",
    "Mitarbeiter bitte",
    "je veux parler à un humain",
    "un conseiller svp",
    "parler à quelqu'un",
    "quiero hablar con una persona",
    "persona",
    "Agente por favor",
    "necesito hablar con un agente humano",
    "vorrei parlare con un operatore",
    "operatore",
    "quero falar com um atendente",
    "falar com uma pessoa real",
    "ik wil met een medewerker spreken",
    "kan ik iemand spreken? liefst een echt mens",
    "chcę rozmawiać z człowiekiem",
    "konsultant",
    "bir insanla görüşmek istiyorum",
    "müşteri temsilcisine bağlay\u0131n",
    "GERÇEK BİR İNSANLA KONUŞMAK İSTİYORUM",
    "соедините с оператором",  # noqa: RUF001 - Russian
    "Je voudrais parler avec un conseiller",
    "can i speak to somebody in customer service",
    "talk to a person",
    "speak to human",
    "pls transfer me to a human agent",
    "i want a real person not a robot",
    "Könnt ihr mich mit einem Menschen verbinden?",
    "I would rather talk to a human",
    "human!!! 😡",
    "ring me back please",
    "Call me, 020 7946 0018",
    "please phone me on 07700 900123",
    "give us a ring",
    "could one of your team give me a bell",
    "can you call me today",
    "I need someone real to call me about this",
    "have somebody phone me",
    "get your boss to phone me",
    "get a supervisor to ring my mobile",
    "someone has to pick up the phone and ring me",
    "is there anyone i can actually speak to",
    "who can I speak to about this",
    "somebody with a brain please",
    "let a human look at it",
    "can an actual human deal with this",
    "i'd rather deal with a proper person",
    "let me talk this through with somebody",
    "let me speak with whoever's in charge",
    "put a person on",
    "escalate this",
    "i want a call back",
    "enough of the bot",
    "get me a person",
    "könnte mich bitte jemand zurückrufen",
    "Rufen Sie mich an!",
    "ich bitte um Rückruf",
    "ich will jemanden sprechen",
    "rappelez-moi s'il vous plaît",
    "quelqu'un peut m'appeler ?",
    "que alguien me llame por favor",
    "¿podéis llamarme?",
    "potete richiamarmi?",
    "podem ligar-me de volta",
    "kan iemand mij terugbellen",
]
NOT_HUMAN = [
    "the human-sized mannequin arrived broken",
    "I stopped by your store",
    "your agent was rude to me",
    "the person at the till was rude",
    "someone stole my parcel",
    "do you sell human hair wigs",
    "human error I guess",
    "is this for one person",
    "I bought it for a person who is tall",
    "my manager needs an invoice",
    "the delivery agent never came",
    "thank you, great person in your store",
    "somebody left the parcel outside",
    "a tent for 4 people",
    "ein Mitarbeiter war unfreundlich",
    "la persona de la tienda fue grosera",
    "c'est une personne gentille",
    "I need a new one",
    "the agent said 2 days",
    "how many people fit in the tent",
    "human rights are important",
    "travel agent discount?",
    "I talked to your representative yesterday and he said it's fine",
    "no I don't need a human",
    "I like the human touch in your ads",
    "una persona me dijo que llegaba hoy",
    "the driver spoke to my neighbour",
    "I spoke to someone yesterday",
    "will the driver call me when he's here",
    "can you call me when the driver is near",
    "nobody bothered to call me back",
    "you never rang me back",
    "you said you'd call me back and didn't",
    "call me old fashioned but i like paper",
    "don't call me again",
    "please don't ring me",
    "someone called me names in your shop",
    "can you call off the delivery",
    "the courier should ring the bell",
    "can someone tell me where my order is",
    "i need someone to sign for the parcel",
    "could you ring the doorbell please",
    "call us for a quote",
    "do you have a call back button",
    "the human resources team",
    "can i get a phone case",
    "i had a phone call from a scammer pretending to be you",
    "someone with a clue would have packed it better",
    "die Klingel ruft mich an",
    "der Fahrer hat mich nicht angerufen",
    "le livreur ne m'a pas appelé",
    "el repartidor no me llamó",
    "mi chiamo anna rossi",
    "de bezorger heeft niet gebeld",
]
SILENCE = [
    "stop messaging me",
    "STOP",
    "Stop.",
    "unsubscribe",
    "UNSUBSCRIBE ME",
    "please leave me alone",
    "opt out",
    "take me off your list",
    "don't message me again",
    "do not contact me again",
    "no more messages please",
    "remove me from your mailing list",
    "stop texting me",
    "Stop sending me messages",
    "stop spamming me",
    "can you stop emailing me",
    "leave me alone!!",
    "i don't want any more messages from you",
    "stop contacting me",
    "never message me again",
    "keine Nachrichten mehr schicken",
    "schreibt mir nicht mehr",
    "lasst mich in Ruhe",
    "abmelden",
    "arrêtez de m'écrire",
    "ne m'envoyez plus de messages",
    "désabonnez-moi",
    "laissez-moi tranquille",
    "dejen de escribirme",
    "no quiero más mensajes",
    "darme de baja de la lista",
    "déjenme en paz",
    "smettete di scrivermi",
    "lasciatemi in pace",
    "parem de me mandar mensagens",
    "me deixem em paz",
    "stop met berichten sturen",
    "laat me met rust",
    "przestańcie do mnie pisać",
    "dajcie mi spokój",
    "bana mesaj atmay\u0131n",
    "beni rahat b\u0131rak\u0131n",
    "не пишите мне больше",
    "стоп",
    "stop sending me emails",
    "please remove me from your list",
    "lose my number",
    "I said stop messaging me!!!",
    "Bitte keine Werbung mehr schicken",
    "quit texting me",
]
NOT_SILENCE = [
    "stop the delivery",
    "I stopped by your store",
    "human-sized mannequin",
    "stop the order please",
    "don't stop making these",
    "it stopped working",
    "it won't stop beeping",
    "please don't message my wife, message me",
    "you left me alone with this problem",
    "cancel my subscription",
    "the unsubscribe button doesn't work",
    "bus stop",
    "where does the bus stop",
    "please stop charging my card",
    "stop my delivery",
    "non stop problems",
    "leave the parcel alone at the door",
    "did you text me?",
    "don't contact my neighbour",
    "why did nobody message me",
    "message me when it's back in stock",
    "can you text me the tracking",
    "I got no more messages from the courier",
    "ich habe keine Nachricht bekommen",
    "I haven't received any emails",
    "no email arrived",
    "the messages stopped",
    "stop lying",
    "STOP LYING TO ME",
    "stop ignoring me",
    "opt out of the warranty",
    "don't call it a day",
    "je n'ai plus de message de suivi",
    "please don't text me the code, email it",
    "take me to your list of stores",
    "full stop.",
]


IN_DOUBT: dict[str, Any] = YAML(typ="safe", pure=True).load(
    Path(__file__).with_name("in_doubt.yaml").read_text(encoding="utf-8")
)
DOUBT: dict[str, list[str]] = IN_DOUBT["doubts"]


@pytest.mark.parametrize(("code", "text"), [(c, t) for c, each in DOUBT.items() for t in each])
def test_who_asks_what_answers_asks_a_question_and_for_nobody(code: str, text: str) -> None:
    assert doubts(text) == code
    assert not wants_human(text)


def test_so_few_words_are_of_no_language() -> None:
    assert doubts("human or bot?") == ""


@pytest.mark.parametrize("text", IN_DOUBT["certain"])
def test_goods_and_opening_hours_are_no_doubt(text: str) -> None:
    assert doubts(text) is None


def test_a_person_wanted_beside_the_doubt_is_wanted() -> None:
    assert wants_human("are you a bot? i want a human")
    assert wants_human("Sind Sie ein Bot? Ich möchte mit einem Menschen sprechen")


@given(st.text(max_size=300))
def test_places_stay_true_without_the_doubt(text: str) -> None:
    assert len(without_doubts(text)) == len(text)
    assert len(without_doubts(f"\u0130\u0130 are you a bot? {text}")) == len(text) + 18


PHRASES = YAML(typ="safe", pure=True).load(
    Path(__file__).with_name("always.yaml").read_text("utf-8")
)


@pytest.mark.parametrize("language", PHRASES["human"])
def test_the_ten_languages(language: str) -> None:
    assert [text for text in PHRASES["human"][language] if not wants_human(text)] == []
    assert [text for text in PHRASES["silence"][language] if not opts_out(text)] == []
    assert len(PHRASES["human"]) == len(PHRASES["silence"]) == 10


def test_what_only_looks_so() -> None:
    assert [text for text in PHRASES["neither"] if wants_human(text) or opts_out(text)] == []


@pytest.mark.parametrize("text", HUMAN)
def test_a_person_is_wanted(text: str) -> None:
    assert wants_human(text)


@pytest.mark.parametrize("text", NOT_HUMAN)
def test_no_person_is_wanted(text: str) -> None:
    assert not wants_human(text)


@pytest.mark.parametrize("text", SILENCE)
def test_silence_is_wanted(text: str) -> None:
    assert opts_out(text)


@pytest.mark.parametrize("text", NOT_SILENCE)
def test_no_silence_is_wanted(text: str) -> None:
    assert not opts_out(text)


@pytest.mark.parametrize("text", ["can i get a human", "je veux parler à un conseiller"])
def test_capitals_and_surroundings_change_nothing(text: str) -> None:
    assert wants_human(text.upper())
    assert wants_human(f"hi, my parcel is late. {text}!! it is urgent 😡")


@pytest.mark.parametrize(
    ("text", "human"),
    [
        ("Mitarbieter bitte", True),
        ("medewerkr graag", True),
        ("operatoree", True),
        ("konsultnat", True),
        ("conseilleur en ligne", False),
        ("opera", False),
        ("personal", False),
    ],
)
def test_one_wrong_letter_in_a_long_word_alone(text: str, human: bool) -> None:
    assert wants_human(text) is human


def test_one_wrong_letter_in_the_word_for_silence() -> None:
    assert opts_out("unsubcsribe")
    assert opts_out("uitschrjven")
    assert not opts_out("subscribe")


def test_what_is_called_for_at_last_and_what_is_only_sighed() -> None:
    assert wants_human("no more of this, human please")
    assert wants_human("harto de bots, un humano por favor")
    assert not wants_human("Wo bleibt mein Paket, Mensch!")
    assert not wants_human("wat duurt dat lang, mens")


@given(st.text(max_size=300))
def test_any_text_has_an_answer(text: str) -> None:
    assert wants_human(text) in {True, False}
    assert opts_out(text) in {True, False}


def test_long_courtesy_takes_no_time() -> None:
    assert not wants_human("please a an a please " * 100 + "x")
    assert not opts_out("a" * 2_000 + "!")
