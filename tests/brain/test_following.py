"""What a short message means after what was said last, and what is said to it."""

from dataclasses import replace
from datetime import date

import pytest

from brain.answers import corrects, means_too, taken_back
from brain.following import asks_after, in_context, nods, remarks
from brain.language import LanguageGuess
from brain.memory import Asks, Memory, Wish, WishStatus, recall
from tests.brain.pretend_shop import Talk
from tests.brain.test_planner import GIVEN, heard, talk

__all__ = ["talk"]

CAP = "A-10417, ben@northwind.example"
TWO = "ana@northwind.example, ben@northwind.example"
THREE = "ana@northwind.example and dev@northwind.example"
LOOKED = "I have looked again"
BOOTS = "A-10611, dev@northwind.example"


# --- read


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("when exactly??", Asks.WHEN),
        ("ok and when will it be here", Asks.WHEN),
        ("how long does it take until it's on my card?", Asks.WHEN),
        ("wann genau??", Asks.WHEN),
        ("Danke. Und wann ist das Geld da?", Asks.WHEN),
        ("quand exactement ?", Asks.WHEN),
        ("¿cuándo exactamente?", Asks.WHEN),
        ("quando esattamente?", Asks.WHEN),
        ("wanneer precies?", Asks.WHEN),
        ("quando exatamente?", Asks.WHEN),
        ("when will it be decided?", Asks.WHEN),
        ("wann wird das entschieden?", Asks.WHEN),
        ("quand est-ce que ce sera décidé ?", Asks.WHEN),
        ("¿cuándo se decide?", Asks.WHEN),
        ("quando sarà deciso?", Asks.WHEN),
        ("quando é decidido?", Asks.WHEN),
        ("wanneer wordt dat beslist?", Asks.WHEN),
        ("any news?", Asks.NEWS),
        ("hello, still nothing??", Asks.NEWS),
        ("gibt's was neues?", Asks.NEWS),
        ("toujours rien", Asks.NEWS),
        ("¿alguna novedad?", Asks.NEWS),
        ("novità?", Asks.NEWS),
        ("nog steeds niks", Asks.NEWS),
        ("ainda nada", Asks.NEWS),
        ("but why not?", Asks.WHY),
        ("warum denn nicht?", Asks.WHY),
        ("can't it come any sooner?", Asks.SOONER),
        ("could it get here a bit faster please", Asks.SOONER),
        ("any way to speed it up?", Asks.SOONER),
        ("geht das nicht schneller?", Asks.SOONER),
        ("ça ne peut pas arriver plus vite ?", Asks.SOONER),
        ("¿no puede llegar antes?", Asks.SOONER),
        ("again please", Asks.SAME),
        ("once more please", Asks.SAME),
        ("sorry, can you repeat that?", Asks.SAME),
        ("nochmal bitte", Asks.SAME),
        ("encore une fois svp", Asks.SAME),
        ("otra vez por favor", Asks.SAME),
        ("di nuovo per favore", Asks.SAME),
        ("nog een keer aub", Asks.SAME),
        ("de novo por favor", Asks.SAME),
        ("please send it again", None),
        ("schick es nochmal los", None),
        ("not again!", None),
        ("the zip broke again", None),
        ("when do you open on sundays?", None),
        ("how long do the boots last?", None),
        ("when is the sale", None),
        ("any news on the blue jacket in size L?", None),
        ("why is my kettle leaking", None),
        ("still nothing works on this lamp", None),
        ("", None),
        ("when " * 20, None),
    ],
)
def test_asking_after_something_that_is_not_named(text: str, asks: Asks | None) -> None:
    assert asks_after(text) is asks


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("has my refund come through for it?", "refund_status"),
        ("is there a refund for A-10388?", "refund_status"),
        ("have you refunded A-10388 yet", "refund_status"),
        ("was I refunded?", "refund_status"),
        ("Ist meine Erstattung schon da?", "refund_status"),
        ("wurde mir das Geld schon erstattet?", "refund_status"),
        ("m'avez-vous remboursée ?", "refund_status"),
        ("¿me han devuelto el dinero?", "refund_status"),
        ("mi avete già rimborsato?", "refund_status"),
        ("hebben jullie het al terugbetaald?", "refund_status"),
        ("já me reembolsaram?", "refund_status"),
        ("can I have my money back?", "refund_request"),
        ("then I'd rather have my money back", "refund_request"),
        ("I want my money back, has my refund gone to the moon?", "refund_request"),
        ("no me han devuelto el dinero, quiero mi dinero", "refund_request"),
        ("erstatten Sie mir das Geld", "refund_request"),
    ],
)
def test_a_question_after_money_is_no_wish_for_it(text: str, topic: str) -> None:
    said = heard("refund_request", text=text)
    issues = tuple(replace(each, text=text) for each in said.understanding.issues)
    said = replace(said, understanding=replace(said.understanding, issues=issues))
    assert in_context(Memory(), said).topics == (topic,)


@pytest.mark.parametrize(
    ("text", "so"),
    [
        ("no sorry i meant the socks", True),
        ("not that one, A-10388", True),
        ("ich meinte doch die blaue", True),
        ("pas celle-là", True),
        ("me refería al otro", True),
        ("intendevo il blu", True),
        ("that's what I meant, thanks!", False),
        ("este no funciona", False),
        ("it is not working", False),
    ],
)
def test_corrections(text: str, so: bool) -> None:
    assert corrects(text) is so


@pytest.mark.parametrize(
    "text",
    ["actually keep it", "I'll just keep it then", "let me keep them please",
     "ich behalte sie doch", "je la garde finalement", "mejor me la quedo", "lascia perdere",
     "laat maar", "deixa pra lá", "ho cambiato idea", "mudei de ideia"],
)  # fmt: skip
def test_changes_of_mind(text: str) -> None:
    assert taken_back(text)


@pytest.mark.parametrize("text", ["keep it up!", "keep it in the shop", "can I keep it dry?"])
def test_no_change_of_mind(text: str) -> None:
    assert not taken_back(text)


def test_nods_and_too() -> None:
    assert all(map(nods, ["ok", "cool", "ok great!", "alles klar", "vale", "d'accord", "top"]))
    assert not any(map(nods, ["ok where is it", "cool jacket", "no", ""]))
    assert means_too("and for my other order too")
    assert not means_too("two orders")


@pytest.mark.parametrize(
    ("text", "language", "so"),
    [
        ("ok thats great will come by on saturday with my mum then", "en", True),
        ("super, dann komme ich am Samstag mal vorbei", "de", True),
        ("ok then whats the best laptop", "en", False),
        ("great, my order never came", "en", False),
        ("kaputte Tasse bekommen", "de", False),
        ("ok, und was kostet der Versand", "de", False),
        ("parfait, je passe samedi", "fr", True),
        ("ok lähetän sen huomenna", "fi", False),
    ],
)
def test_a_remark_begins_with_a_nod_and_asks_for_nothing(
    text: str, language: str, *, so: bool
) -> None:
    assert remarks(text, language) is so


def test_few_words_do_not_change_the_language_to_one_that_nobody_speaks() -> None:
    memory = Memory(
        wishes=(Wish(topic="order_status", status=WishStatus.CLOSED, order_id="A-1", result="x"),)
    )
    guess = LanguageGuess(code="pt", p=0.6, supported=False)
    said = heard(text="quando esattamente?", language=guess)
    assert in_context(memory, said, language="it").understanding.language.code == "it"
    said = heard(text="onde está a minha encomenda, já paguei há dias", language=guess)
    assert in_context(memory, said, language="it").understanding.language.code == "pt"


# --- said


@pytest.mark.parametrize("yes", ["yes", "yes please refund me", "ja bitte", "oui", "sí, por favor"])
def test_a_yes_to_what_we_offered_is_that_wish(talk: Talk, yes: str) -> None:
    assert "If you want one" in talk.says(f"has my refund come through for {CAP}?")
    talk.says(yes)
    assert [call.args["charge_id"] for call in talk.wrote("refund")] == ["C3"]


def test_a_no_to_what_we_offered_is_taken_and_a_later_yes_is_none(talk: Talk) -> None:
    talk.says(f"has my refund come through for {CAP}?")
    assert "leave it at that" in talk.says("no")
    talk.says("yes")
    assert not talk.engine.done


def test_an_offer_holds_for_the_next_words_only(talk: Talk) -> None:
    talk.says(f"has my refund come through for {CAP}?")
    talk.says("thanks")
    talk.says("yes")
    assert not talk.engine.done


def test_a_question_after_a_refund_moves_no_money(talk: Talk) -> None:
    assert "I see no refund" in talk.says(f"is there a refund for {CAP}?")
    assert not talk.engine.done
    talk.says("why not?")
    assert talk.handoff == "no_answer"


def test_when_exactly_is_answered_with_what_is_known_and_no_sentence_twice(talk: Talk) -> None:
    first = talk.says(f"where is my order? {BOOTS}")
    assert "on its way" in first
    then = talk.says("when exactly??")
    assert then == "All I know is the expected day, Friday, 20 November; no time has been given."
    last = talk.says("but WHEN??")
    assert "find out more" in last
    assert talk.handoff == "asked_again"


def test_without_a_day_it_says_that_none_is_known(talk: Talk) -> None:
    order = talk.engine.orders["A-10611"]
    assert order.tracking is not None
    order.tracking = order.tracking.model_copy(update={"expected": None})
    talk.says(f"where is my order? {BOOTS}")
    assert "No day of delivery has been given" in talk.says("and when will it come?")


def test_what_has_changed_meanwhile_is_told_as_news(talk: Talk) -> None:
    talk.says(f"where is my order? {BOOTS}")
    talk.engine.orders["A-10611"].status = "delivered"
    assert "Your order A-10611 is delivered" in talk.says("any news?")
    assert talk.handoff is None


def test_the_same_question_again_is_looked_up_again_and_then_a_persons(talk: Talk) -> None:
    said = [talk.says(f"where is my order? {BOOTS}")]
    said += [talk.says("WHERE IS MY ORDER"), talk.says("where is my order")]
    assert said[1].startswith(LOOKED)
    assert talk.handoff == "asked_again"
    assert len({sentence for each in said for sentence in each.split(". ")}) == sum(
        len(each.split(". ")) for each in said
    )


def test_delivered_and_still_asked_after_is_a_persons(talk: Talk) -> None:
    assert "delivered" in talk.says(f"where is my order? {CAP}")
    talk.says("where is it??")
    assert talk.handoff == "asked_again"


def test_when_the_money_is_there_only_the_bank_knows(talk: Talk) -> None:
    assert "I have refunded" in talk.says(f"I was charged twice, {GIVEN}")
    assert "up to the bank" in talk.says("when will the money be back??")
    assert len(talk.wrote("refund")) == 1


def test_what_waits_is_told_as_waiting_in_other_words_then_a_person(talk: Talk) -> None:
    talk.engine.sign_off = True
    assert "needs a colleague's approval" in talk.says(f"I want my money back for {CAP}")
    assert "still waiting for a colleague's approval" in talk.says("any news?")
    talk.says("still nothing?")
    assert talk.handoff == "asked_again"
    wish = recall(talk.state.memory).wishes[-1]
    assert wish.status is WishStatus.WAITING


def test_when_the_new_one_comes_is_the_day_that_was_promised(talk: Talk) -> None:
    talk.says(f"my mug is broken, send me a new one please, {GIVEN}")
    assert len(talk.wrote("replacement")) == 1
    assert "promised for Friday, 20 November; more" in talk.says("when will it come?")
    talk.says("when exactly?")
    assert talk.handoff == "no_answer"
    assert len(talk.wrote("replacement")) == 1


def test_sooner_is_answered_with_the_day_that_was_promised_and_the_way_to_a_person(
    talk: Talk,
) -> None:
    talk.says(f"my mug is broken, send me a new one please, {GIVEN}")
    words = talk.says("can't it come any sooner?")
    assert "promised for Friday, 20 November" in words
    assert "“human”" in words
    talk.says("but I need it sooner!")
    assert len(talk.wrote("replacement")) == 1


def test_an_order_that_shall_come_sooner_is_looked_up_and_a_person_is_offered(talk: Talk) -> None:
    talk.says(f"where is my order? {BOOTS}")
    words = talk.says("can you speed it up?")
    assert "Friday, 20 November" in words
    assert "“human”" in words
    assert talk.handoff is None


@pytest.mark.parametrize("text", ["nochmal bitte", "again please", "once more please", "repeat"])
def test_again_is_what_was_told_and_no_wish_for_a_new_one(talk: Talk, text: str) -> None:
    talk.says(f"I want my money back for {CAP}")
    talk.says(text)
    assert talk.last is not None
    assert talk.last.understood.issues[0].topic == "refund_status"
    assert [len(talk.wrote(each)) for each in ("refund", "replacement")] == [1, 0]
    assert talk.handoff is None


@pytest.mark.parametrize("text", ["again please", "nochmal bitte", "once more?"])
def test_again_about_nothing_is_asked_after(talk: Talk, text: str) -> None:
    talk.says("hello")
    talk.says(text)
    assert talk.last is not None
    assert talk.last.understood.issues == ()
    assert talk.handoff is None


@pytest.mark.parametrize("no", ["no", "No!", "nope", "nein", "nope that's not what I meant"])
def test_a_no_to_what_was_done_is_asked_after_once(talk: Talk, no: str) -> None:
    talk.says(f"I want my money back for {CAP}")
    words = talk.says(no)
    assert "?" in words
    assert talk.handoff == "corrected" or "human" in words or "Mensch" in words
    if talk.handoff is None:
        assert "?" not in talk.says("no"), "nothing is wrong"
    assert len(talk.wrote("refund")) == 1


def test_who_wants_nothing_more_is_let_go_kindly_and_then_in_peace(talk: Talk) -> None:
    talk.says(f"where is my order? {BOOTS}")
    assert "leave it at that" in talk.says("no thanks")
    assert talk.says("no") == ""


def test_two_orders_have_their_own_addresses(talk: Talk) -> None:
    words = talk.says(f"where are my orders? {BOOTS} and {CAP}")
    assert "A-10611 is on its way" in words
    assert "A-10417 is delivered" in words
    assert "couldn't match" not in words
    assert "All I know" in talk.says("and when exactly?"), "of the one that is not there yet"


def test_one_address_for_two_orders_names_the_one_it_does_not_fit(talk: Talk) -> None:
    words = talk.says(f"where are A-10611 and {CAP}?")
    assert "A-10417 is delivered" in words
    assert "This is about order number A-10611." in words


def test_several_numbers_where_one_was_asked_for_are_several_wishes(talk: Talk) -> None:
    talk.says("I want my money back")
    talk.says("A-10293 and A-10417")
    talk.says("ben@northwind.example")
    assert [call.args["order_id"] for call in talk.wrote("refund")] == ["A-10417"]


@pytest.mark.parametrize(
    "text",
    [
        f"please refund both A-10293 and A-10417. mails are {TWO}",
        "refund A-10293 ana@northwind.example and refund A-10417 ben@northwind.example",
        f"Ich will mein Geld zurück für A-10293 und A-10417: {TWO}",
        f"je veux un remboursement pour A-10293 et A-10417: {TWO}",
        f"quiero un reembolso de A-10293, A-10417 ({TWO})",
    ],
)
def test_what_is_wanted_for_two_orders_at_once_is_done_for_both(talk: Talk, text: str) -> None:
    talk.says(text)
    assert {call.args["order_id"] for call in talk.wrote("refund")} == {"A-10293", "A-10417"}


def test_the_second_of_two_orders_is_not_forgotten_for_want_of_its_proof(talk: Talk) -> None:
    assert "e-mail" in talk.says("I want a refund for A-10417 and A-10293")
    words = talk.says("ben@northwind.example")
    assert [call.args["order_id"] for call in talk.wrote("refund")] == ["A-10417"]
    assert "A-10293" in words
    assert "second" not in talk.says("ana@northwind.example, A-10293")
    assert [call.args["order_id"] for call in talk.wrote("refund")] == ["A-10417", "A-10293"]


@pytest.mark.parametrize(
    "text",
    [
        "refund A-10293, not A-10417, ana@northwind.example",
        "I got A-10417 instead of A-10293, money back please, ana@northwind.example",
        "refund 5 pounds of A-10293 and A-10417, ana@northwind.example",
    ],
)
def test_two_orders_that_are_not_both_meant_are_not_both_changed(talk: Talk, text: str) -> None:
    talk.says(text)
    talk.says("ben@northwind.example")
    assert len(talk.wrote("refund")) < 2


@pytest.mark.parametrize(
    "text",
    [
        f"my order A-10293 came broken, I want a new one and also where is A-10611, {THREE}",
        f"where is {BOOTS}? A-10293, ana@northwind.example, arrived broken, send me a new one",
        f"A-10293 arrived broken, send me a new one please. where is A-10611? {THREE}",
    ],
)
def test_what_is_changed_is_never_the_order_that_was_only_asked_after(
    talk: Talk, text: str
) -> None:
    talk.says(text)
    assert [call.args["order_id"] for call in talk.wrote("replacement")] in ([], ["A-10293"])
    if not talk.wrote("replacement"):
        talk.says("A-10293, ana@northwind.example")
    assert [call.args["order_id"] for call in talk.wrote("replacement")] == ["A-10293"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("I was charged twice for A-10293", "and please refund A-10417 too"),
        (
            "Die Bestellung A-10293 wurde doppelt abgebucht",
            "und bitte erstatten Sie mir auch das Geld für A-10417",
        ),
    ],
)
def test_a_second_charge_and_the_money_of_another_order_are_two_wishes(
    talk: Talk, first: str, second: str
) -> None:
    words = talk.says(f"{first}, ana@northwind.example, {second}, ben@northwind.example")
    assert [call.args["charge_id"] for call in talk.wrote("refund")] == ["C2", "C3"]
    assert "A-10293" in words
    assert "A-10417" in words


def test_which_of_two_orders_is_asked_before_anything_is_changed(talk: Talk) -> None:
    words = talk.says("I got A-10417 instead of A-10293, money back please, ben@northwind.example")
    assert talk.wrote("refund") == []
    assert "order number" in words
    talk.says("A-10417")
    assert [call.args["order_id"] for call in talk.wrote("refund")] == ["A-10417"]


@pytest.mark.parametrize(
    "text", ["no, the other one", "no the other order please", "nee, de andere"]
)
def test_the_other_one_after_a_change_is_a_persons(talk: Talk, text: str) -> None:
    talk.says(f"I want my money back, {CAP}")
    assert len(talk.wrote("refund")) == 1
    assert "putting that right" in talk.says(text)
    assert talk.handoff == "corrected"


def test_the_other_one_while_a_sign_off_waits_is_a_persons(talk: Talk) -> None:
    talk.engine.sign_off = True
    talk.says(f"where is my order? {BOOTS}")
    talk.says(f"I want my money back, {CAP}")
    assert "putting that right" in talk.says("no, the other order")
    assert talk.handoff == "corrected"


def test_the_other_one_too_is_a_wish_and_no_correction(talk: Talk) -> None:
    talk.says(f"I want my money back, {CAP}")
    talk.says("and refund the other order too, A-10293, ana@northwind.example")
    assert talk.handoff is None
    assert len(talk.wrote("refund")) == 2


def test_what_went_back_before_comes_with_the_way_to_a_person_and_then_is_a_persons(
    talk: Talk,
) -> None:
    """A refusal is none for ever, and no sentence is said twice."""
    talk.says(f"I want my money back, {CAP}")
    first = talk.says(f"refund A-10417 please, {CAP}")
    assert "have already been refunded" in first
    assert "write “human”" in first
    again = talk.says("refund it again")
    assert "already" not in again
    assert talk.handoff == "asked_again"
    assert len(talk.wrote("refund")) == 1


def test_for_my_other_order_too(talk: Talk) -> None:
    talk.says(f"my mug arrived broken, please send a new one, {GIVEN}")
    talk.says(f"and for my other order too, {CAP}")
    assert [call.args["order_id"] for call in talk.wrote("replacement")] == ["A-10293", "A-10417"]


@pytest.mark.parametrize("text", ["no sorry i meant the socks", "not that one, A-10417"])
def test_what_was_done_and_not_meant_is_a_persons(talk: Talk, text: str) -> None:
    talk.says("the jumper from A-10845 is torn, fay@northwind.example, please send a new one")
    assert len(talk.wrote("replacement")) == 1
    assert "putting that right" in talk.says(text)
    assert talk.handoff == "corrected"
    assert len(talk.wrote("replacement")) == 1


def test_nothing_is_ordered_to_the_old_address_once_another_is_named(talk: Talk) -> None:
    talk.says(f"the cap is damaged, {CAP}")
    words = talk.says("a new one please, but send it to my new address: 5 King Street, Leeds")
    assert "not ordered it" in words
    assert talk.handoff == "other_address"
    assert not talk.engine.done


def test_a_yes_with_another_address_orders_nothing(talk: Talk) -> None:
    talk.engine.earliest = date(2026, 11, 27)
    assert "all the same?" in talk.says(f"the cap is broken, {CAP}, need a new one by Sunday")
    talk.says("yes but send it to my new address, 5 King Street, Leeds")
    assert talk.handoff == "other_address"
    assert not talk.engine.done


def test_a_question_of_ours_is_not_asked_in_the_same_words(talk: Talk) -> None:
    first = talk.says(f"the cap is damaged, {CAP}")
    again = talk.says("what options do i have?")
    assert "Would you like a replacement or your money back?" in first
    assert again == "To go on I need to know: a replacement, or the money back?"


def test_what_the_colleague_goes_on_with_is_said_of_all_of_it(talk: Talk) -> None:
    words = talk.says(f"the cap is damaged, {CAP}. And I need an invoice")
    assert "the rest of your message" in words


@pytest.mark.parametrize("text", ["cool", "ok great", "lol ok"])
def test_who_takes_note_is_not_asked_what_they_mean(talk: Talk, text: str) -> None:
    talk.says(f"where is my order? {BOOTS}")
    assert talk.says(text) in {"", "You're welcome! If there is anything else, just write."}
    assert talk.handoff is None


def test_a_recording_is_no_answer_to_a_question_and_that_is_said(talk: Talk) -> None:
    talk.says(f"the cap is damaged, {CAP}")
    words = talk.says("", media_only=True)
    assert words.startswith("I can't look at pictures or listen to recordings myself")
    assert "a replacement, or the money back?" in words


@pytest.mark.parametrize(
    ("text", "replaced"),
    [
        ("my jumper and my socks are both torn, please send new ones", ["L4", "L5"]),
        ("both are torn, please send new ones", ["L4", "L5"]),
        ("the socks are torn, please send new ones", ["L5"]),
        ("the jumper is fine, but the socks are torn, please send new ones", []),
    ],
)
def test_both_are_both_and_two_names_alone_are_asked_about(
    talk: Talk, text: str, replaced: list[str]
) -> None:
    words = talk.says(f"{text}. A-10845, fay@northwind.example")
    assert [call.args["line_id"] for call in talk.wrote("replacement")] == replaced
    assert words.count("promised for") == len(replaced)
    assert bool(replaced) is ("Which item" not in words)


@pytest.mark.parametrize(
    ("answer", "action"),
    [("money", "refund"), ("the money pls", "refund"), ("new one", "replacement"),
     ("das Geld bitte", "refund"), ("lieber Ersatz", "replacement"), ("l'argent", "refund"),
     ("el dinero", "refund")],
)  # fmt: skip
def test_one_word_is_a_choice_where_two_were_offered(talk: Talk, answer: str, action: str) -> None:
    talk.says(f"the cap is damaged, {CAP}")
    talk.says(answer)
    assert [call.action for call in talk.engine.done] == [action]


def test_the_money_instead_of_what_was_sent_is_a_persons(talk: Talk) -> None:
    talk.says(f"the cap is broken, please send a new one, {CAP}")
    talk.says("no wait, money back instead")
    assert talk.handoff == "corrected"
    assert not talk.wrote("refund")


@pytest.mark.parametrize(
    "text",
    ["is late, if it is not here tomorrow I want my money back",
     "is late. If it doesn't come by Friday please refund me"],
)  # fmt: skip
def test_what_is_wanted_in_case_of_something_is_not_done_now(talk: Talk, text: str) -> None:
    words = talk.says(f"my parcel A-10611 {text}, dev@northwind.example")
    assert "on its way" in words
    assert "Should it come to that" in words
    assert not talk.engine.done


def test_an_order_that_was_only_named_is_asked_about(talk: Talk) -> None:
    orders, emails = ("A-10417", "A-10293"), ("ben@northwind.example", "ana@northwind.example")
    said = heard("refund_request", text=f"refund {CAP}. also {GIVEN}")
    issues = tuple(replace(each, text="refund A-10417") for each in said.understanding.issues)
    found = replace(said.understanding, issues=issues, order_ids=orders, emails=emails)
    words = talk.hears(replace(said, understanding=found))
    assert len(talk.wrote("refund")) == 1
    assert "what can I do about order A-10293?" in words


def test_tomorrow_then_is_a_question_after_the_order(talk: Talk) -> None:
    talk.says(f"is my order coming today? {BOOTS}")
    assert "All I know is the expected day" in talk.says("tomorrow then?")
