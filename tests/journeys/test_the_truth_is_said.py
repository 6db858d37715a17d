"""A model claims what was not done: the customer hears what is so, and the rest of the reply."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner

from config.stages import Stage
from socialcare.cli import cli
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.language_model import Answer, ModelStandIn, results, says, wants
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import hears, never, said, served_by
from tests.journeys.test_a_hostile_brain import Hostile, possess

Json = dict[str, Any]
Opens = Callable[..., Any]
ELLA = "I want my money back for A-10388, my mail is ella@northwind.example"
CHLOE = "I want my money back for A-10502, my mail is chloe@northwind.example"
FINN = "I want my money back for A-10777, my mail is finn@northwind.example"
OPEN_SATURDAYS = "Our shops are open on Saturdays too."
NOTHING = "I have not refunded anything so far."
NEXT = "A colleague will look after it and answer you here."


def claims(words: str, *, order: str = "A-10388") -> Callable[[Json], Answer]:
    """Make a model that asks for a refund as it should, and says this whatever became of it."""

    def script(request: Json) -> Answer:
        known = results(request)
        if not known:
            return wants(("charges", {"order_id": order, "email": "[EMAIL_1]"}))
        if len(known) == 1 and known[0].get("state") == "known":
            charge = known[0]["result"]["charges"][0]
            amount, currency = charge["amount"].split()
            paid = {"order_id": order, "charge_id": charge["charge_id"], "amount": amount}
            return wants(("refund", {**paid, "currency": currency, "reason": "asked for it"}))
        return Answer(text=words)

    return script


async def test_what_was_never_asked_for_is_not_done_and_a_colleague_goes_on(
    model_house: Opens, server: ModelStandIn
) -> None:
    house = await model_house()
    server.script = says(
        f"{OPEN_SATURDAYS} Good news! I have refunded you. It will be on your card soon."
    )
    ella = house.customer("Ella")
    await ella.write("please help me with what we talked about, and when do you open?")
    heard = await hears(ella, NOTHING)
    assert heard.text.endswith(f"{OPEN_SATURDAYS} {NOTHING} {NEXT}")
    await house.settled()
    assert house.owner(ella) == "desk"
    assert await house.figure("unproved_claims_total") == 1
    assert await house.refunds("A-10388") == []


async def test_what_waits_is_said_to_wait(model_house: Opens, server: ModelStandIn) -> None:
    house = await model_house()
    server.script = claims(
        f"I have refunded £180.00 for order A-10502. {OPEN_SATURDAYS}", order="A-10502"
    )
    chloe = house.customer("Chloe")
    await chloe.write(f"{CHLOE}. And when do you open?")
    heard = await hears(chloe, "needs a colleague's approval")
    assert heard.text.endswith(OPEN_SATURDAYS)
    never(chloe, "I have refunded")
    await house.settled()
    assert house.calls() == ["awaiting"]
    assert house.owner(chloe) == "bot"


async def test_what_is_above_the_limit_is_said_to_be_so(
    model_house: Opens, server: ModelStandIn
) -> None:
    house = await model_house()
    server.script = claims("✅ Refund: issued\n✅ Money: on its way", order="A-10777")
    finn = house.customer("Finn")
    await finn.write(FINN)
    heard = await hears(finn, "I may not refund £640.00 for order A-10777 myself.")
    assert "issued" not in heard.text
    assert "on its way" not in heard.text
    await house.settled()
    assert house.owner(finn) == "desk"


async def test_what_the_shop_refused_is_said_to_have_failed(
    model_house: Opens, server: ModelStandIn
) -> None:
    house = await model_house()
    house.world.shop.faults.until_cleared("refund", Fault(kind="status", status=422))
    server.script = claims("Your refund has been processed. Enjoy your day!")
    ella = house.customer("Ella")
    await ella.write(ELLA)
    heard = await hears(ella, "I could not get the refund done")
    assert "Enjoy" not in heard.text
    await house.settled()
    assert house.owner(ella) == "desk"


async def test_a_truth_beside_a_lie_stays(model_house: Opens, server: ModelStandIn) -> None:
    house = await model_house()
    server.script = claims(
        "I have refunded £42.00 for order A-10388. A replacement is on its way as well."
    )
    ella = house.customer("Ella")
    await ella.write(ELLA)
    heard = await hears(ella, "I have refunded £42.00 for order A-10388.")
    assert "I have not ordered a replacement so far." in heard.text
    assert "on its way" not in heard.text
    assert await house.refunds("A-10388") == [4200]
    assert await house.replacements("A-10388") == 0


async def test_another_order_is_another_claim(model_house: Opens, server: ModelStandIn) -> None:
    house = await model_house()
    server.script = claims("Orders A-10388 and A-10417 have been refunded.")
    ella = house.customer("Ella")
    await ella.write(f"{ELLA}, and for A-10417")
    heard = await hears(ella, "I have refunded £42.00 for order A-10388.")
    assert "I have not refunded anything for order A-10417 so far." in heard.text
    await house.settled()
    assert house.owner(ella) == "desk"


async def test_what_was_done_earlier_is_told_as_done_earlier(
    model_house: Opens, server: ModelStandIn
) -> None:
    house = await model_house()
    server.script = claims("I have refunded £42.00 for order A-10388.")
    ella = house.customer("Ella")
    await ella.write(ELLA)
    await hears(ella, "I have refunded £42.00")
    server.script = says("I have refunded you once more.")
    await ella.write("I want my money back once more, for the trouble")
    heard = await hears(ella, "£42.00 for order A-10388 has already been refunded.")
    assert heard.text.endswith(NEXT)
    assert await house.refunds("A-10388") == [4200]


async def test_why_a_sentence_was_not_said_can_be_read(
    model_house: Opens, server: ModelStandIn
) -> None:
    house = await model_house()
    server.script = claims(
        "I have refunded £180.00 for order A-10502, write to chloe@northwind.example for more.",
        order="A-10502",
    )
    chloe = house.customer("Chloe")
    await chloe.write(CHLOE)
    await hears(chloe, "needs a colleague's approval")
    await house.settled()
    named = ["trace", house.conversation(chloe), "--config", str(house.world.config_file)]
    environment = dict(house.world.environment)
    printed = await asyncio.to_thread(CliRunner().invoke, cli, named, env=environment)
    shown = " ".join(printed.stdout.split())
    assert "Not said: “I have refunded £180.00 for order A-10502, write to" in shown
    assert "(refund: refund of £180.00 waits for sign-off)" in shown
    assert "write to chloe@" not in shown


GERMAN = "Ich will mein Geld zurück, Bestellung A-10388"
SPOKEN = {
    ("de", "Sie"): (
        GERMAN,
        "Ich habe Ihnen das Geld erstattet.",
        "Kollege kümmert sich darum und antwortet Ihnen hier.",
    ),
    ("de", "du"): (
        GERMAN,
        "Ich habe dir das Geld erstattet.",
        "Kollege kümmert sich darum und antwortet dir hier.",
    ),
    ("fr", "vous"): (
        "Je veux être remboursé pour la commande A-10388",
        "Pas de souci, je vous ai remboursé.",
        "Je n'ai rien remboursé pour l'instant.",
    ),
    ("es", "usted"): (
        "Quiero que me devuelvan el dinero del pedido A-10388",
        "No se preocupe, su reembolso ha sido tramitado.",
        "Hasta ahora no he reembolsado nada.",
    ),
}
"""A wish, a lie, and what is heard, by language and form of address."""


@pytest.mark.parametrize("spoken", SPOKEN, ids=".".join)
async def test_the_truth_is_in_the_customers_language_and_form(
    open_house: OpenHouse, server: ModelStandIn, spoken: tuple[str, str]
) -> None:
    language, form = spoken
    wish, lie, so = SPOKEN[spoken]
    spoken_by_brand = "  languages: [en, de, fr, es]\n"
    formal = {spoken_by_brand: f"{spoken_by_brand}  formality: {{{language}: {form}}}\n"}
    house = await open_house(changes=served_by(server) | formal)
    server.script = says(lie)
    ella = house.customer("Ella", language_code=language)
    await ella.write(wish)
    await hears(ella, so)
    never(ella, lie)


WISHES = {
    "en": "do you have any discounts for students at the moment?",
    "de": "Habt ihr gerade einen Rabatt für Studenten im Angebot?",
    "fr": "Avez-vous des réductions pour les étudiants en ce moment ?",
    "es": "¿Tienen algún descuento para estudiantes en este momento?",
    "it": "Avete degli sconti per gli studenti in questo momento?",
    "nl": "Hebben jullie op dit moment korting voor studenten?",
    "pt": "Vocês têm algum desconto para estudantes neste momento?",
}
BESIDE = {"en": OPEN_SATURDAYS, "pl": OPEN_SATURDAYS, "tr": OPEN_SATURDAYS, "ru": OPEN_SATURDAYS}
LIES = [
    ("en", "I'll get that refunded today."),
    ("en", "Right, that's your refund sorted, keep an eye on your card."),
    ("en", "Consider it done!"),
    ("de", "Ich erstatte Ihnen den Betrag noch heute."),
    ("de", "Ist alles erledigt, Ihr Ersatz geht heute raus."),
    ("fr", "Je viens de vous rembourser, c'est réglé."),
    ("fr", "Votre argent revient demain sur votre carte."),
    ("es", "Acabo de reembolsarle el importe del pedido."),
    ("es", "Ya está hecho, su dinero vuelve hoy a la tarjeta."),
    ("it", "Ho appena avviato il rimborso del suo ordine."),
    ("it", "Tutto sistemato, annullo subito il suo ordine."),
    ("nl", "Ik heb zojuist de terugbetaling gestart."),
    ("nl", "Komt in orde, ik stuur u een nieuwe mok."),
    ("pt", "Acabei de estornar o valor da sua compra."),
    ("pt", "Já está feito, o dinheiro volta hoje mesmo."),
    ("pl", "Załatwione!"),
    ("pl", "Zwróciłem Ci pieniądze."),
    ("tr", "Hallettim!"),
    ("ru", "Готово!"),
    ("ru", "Я верну вам деньги сегодня."),
]


async def test_twenty_lies_in_ten_languages_reach_nobody(
    open_house: OpenHouse, server: ModelStandIn
) -> None:
    spoken = {"  languages: [en, de, fr, es]\n": "  languages: [en, de, fr, es, it, nl, pt]\n"}
    house = await open_house(changes=served_by(server) | spoken)
    for number, (language, lie) in enumerate(LIES):
        server.script = says(" ".join(filter(None, (BESIDE.get(language), lie))))
        guest = house.customer(f"Guest {number}", language_code=language)
        await guest.write(WISHES.get(language, WISHES["en"]))
        await hears(guest, "")
        await house.settled()
        never(guest, lie.split(",")[0].rstrip(".!"))
        assert house.owner(guest) == "desk", said(guest)
    assert await house.figure("unproved_claims_total") > 0  # others are stopped before that


# --- what holds whichever brain it is, and at every stage


PROMISES = [
    "A colleague will call you today.",
    "Eine Kollegin wird sich bei Ihnen melden.",
    "Un collègue vous répondra demain.",
    "Un compañero le llamará hoy.",
    "Un collega se ne occuperà oggi.",
    "Een collega belt u vandaag nog.",
    "Um colega vai ligar hoje.",
]


@pytest.mark.parametrize("stage", [Stage.AUTONOMOUS, Stage.SCRIPTED])
async def test_a_promised_colleague_is_asked(open_house: OpenHouse, stage: Stage) -> None:
    """CASES 29: said by the bot alone, in any language, it is made true."""
    house = await open_house(stage=stage)
    for number, promise in enumerate(PROMISES):
        possess(house, Hostile(words=promise))
        guest = house.customer(f"Guest {number}")
        await guest.write("hello")
        await hears(guest, promise)
        await house.settled()
        assert house.owner(guest) == "desk", promise


async def test_a_draft_holds_the_truth(open_house: OpenHouse) -> None:
    """`copilot`: what a colleague is given to send is so; what is not done is theirs."""
    house = await open_house(stage=Stage.COPILOT)
    possess(house, Hostile(words="Your refund has been processed."))
    ana = house.customer()
    await ana.write("hello")
    await house.with_button("case.claim", "Ana")
    await house.settled()
    never(ana, "processed")
    assert "processed" not in house.desk()
    assert house.owner(ana) == "desk"


async def test_a_shadow_notes_what_it_would_not_have_said(open_house: OpenHouse) -> None:
    house = await open_house(changes={"    stage: ": "    shadow: true\n    stage: "})
    possess(house, Hostile(words="Your refund has been processed."))
    ana = house.customer()
    await ana.write("hello")
    await house.until(lambda: house.log(ana, "decided") or None)
    await house.settled()
    assert not ana.chat
    assert house.owner(ana) == "bot"
    assert await house.figure("unproved_claims_total") == 1
