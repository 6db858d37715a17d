"""CASES 41: in the place of a false sentence stands the true one, and the rest of a reply stays."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.action import (
    AwaitingSignOff,
    Call,
    Done,
    Failed,
    Known,
    Outcome,
    Refusal,
    Refused,
    Unknown,
)
from actions.ports import Charge, Charges, OrderLine, OrderView, RefundResult, WriteStatus
from brain.claims import Deed, claims_in, deeds
from brain.pledges import ASKED
from brain.promises import promises_person
from brain.published import Published
from brain.truth import LEANS, Books, Mended, mended
from brain.wordbook import LANGUAGES, Speech, say
from config.languages import FORMS
from config.money import Money
from conversation.ledger import CallState
from conversation.state import Act, Waiting
from tests.brain import test_pledges
from tests.brain.test_claims import ORDER_IDS, each

NOW = datetime(2026, 11, 20, tzinfo=UTC)
NOTHING = "I have not refunded anything so far."
NEXT = "A colleague will look after it and answer you here."


def call(action: str = "refund", order: str = "A-10293", **more: str) -> Call:
    return Call(action=action, args={"order_id": order, **more})


def done(order: str = "A-10293", minor: int = 2490) -> Done:
    result = RefundResult(refund_id="1", status=WriteStatus.DONE)
    key = f"refund:{order}"
    return Done(call=call(order=order), key=key, result=result, amount=Money(minor, "GBP"))


def refused(reason: Refusal, *, key: str | None = "refund:r", order: str = "A-10293") -> Refused:
    asked = call(order=order, amount="600.00", currency="GBP")
    return Refused(call=asked, reason=reason, detail="", key=key)


WAITS = AwaitingSignOff(call=call(), key="refund:w", amount=Money(18000, "GBP"))
FAILED = Failed(call=call(), why="no answer", key="refund:f")
UNKNOWN = Unknown(call=call(), key="refund:u", why="lost")
REFUND = "Refund 42.00 GBP of charge ch_1 (order A-10388)"


def act(state: CallState) -> Act:
    return Act(at=NOW, action="refund", state=state, summary=REFUND, key="refund:x")


def put_right(
    words: str,
    *outcomes: Outcome,
    language: str = "en",
    form: str = "",
    earlier: Sequence[Done] = (),
    acts: Sequence[Act] = (),
    waiting: Sequence[Waiting] = (),
    passed_on: bool = False,
    written: str = "",
) -> Mended | None:
    books = Books(
        outcomes=outcomes,
        earlier=earlier,
        acts=acts,
        waiting=waiting,
        order_ids=ORDER_IDS,
        passed_on=passed_on,
        written=Published(written),
    )
    speech = Speech(languages=(language,), forms={language: form} if form else {})
    return mended(words, language, books, speaker=(speech, "Northwind"))


def said(words: str, *outcomes: Outcome) -> str:
    found = put_right(words, *outcomes)
    assert found is not None
    return found.words


def reason(found: Mended | None) -> str | None:
    assert found is not None
    return None if found.handoff is None else found.handoff.reason


# --- what is so


LIE = "I have refunded you in full."


@pytest.mark.parametrize(
    ("outcome", "so", "why"),
    [
        (WAITS, "Refunding £180.00 for order A-10293 needs a colleague's approval.", None),
        (FAILED, "I could not get the refund done", "action_failed"),
        (UNKNOWN, "I have asked for the refund but got no confirmation.", "action_unknown"),
        (
            refused(Refusal.ABOVE_LIMIT),
            "I may not refund £600.00 for order A-10293 myself.",
            "above_limit",
        ),
        (refused(Refusal.REJECTED), "could not approve it", None),
        (refused(Refusal.EXPIRED), "has not been decided yet", "sign_off_expired"),
        (refused(Refusal.NOT_PROVED, key=None), "I couldn't match that order number", None),
        (refused(Refusal.UNCONFIRMED), NOTHING, None),
        (refused(Refusal.INVALID, key=None), f"{NOTHING} {NEXT}", "unproved_claim"),
        (refused(Refusal.NOT_FOUND, key=None), f"{NOTHING} {NEXT}", "unproved_claim"),
    ],
)
def test_what_became_of_the_call_is_told(outcome: Outcome, so: str, why: str | None) -> None:
    found = put_right(LIE, outcome)
    assert found is not None
    assert so in found.words
    assert "I have refunded" not in found.words
    assert reason(found) == why
    assert promises_person(found.words) is (why is not None)


def test_what_nobody_asked_for_is_not_done_and_a_colleague_goes_on() -> None:
    found = put_right(LIE)
    assert found is not None
    assert found.words == f"{NOTHING} {NEXT}"
    assert reason(found) == "unproved_claim"
    assert [(one.claimed, one.why) for one in found.taken] == [("refund", "no call was made")]


@pytest.mark.parametrize(
    ("lie", "so"),
    [
        ("Your replacement is on its way.", "I have not ordered a replacement so far."),
        ("I have cancelled your order.", "I have not cancelled anything."),
        ("I have updated your address.", "I have not changed anything about the order."),
        ("Your booking has been moved.", "I have not booked or moved anything."),
        ("I have emailed you the label.", "I have not sent anything apart from these messages."),
        ("It has been approved.", "That has not been done yet."),
    ],
)
def test_each_kind_of_deed_has_its_words(lie: str, so: str) -> None:
    assert said(lie) == f"{so} {NEXT}"


def test_what_is_approved_is_what_was_asked_for() -> None:
    assert "£180.00" in said("It has been approved.", WAITS)


def test_arguments_that_nobody_has_checked_are_not_repeated() -> None:
    forged = refused(Refusal.INVALID, key=None, order="Z-99999")
    assert "Z-99999" not in said(LIE, forged)
    assert "600" not in said(LIE, forged)


def test_what_was_done_is_told_as_it_was() -> None:
    assert put_right("I have refunded £24.90 for order A-10293.", done()) is None
    assert said("I have refunded £42.00.", done()) == "I have refunded £24.90 for order A-10293."
    assert reason(put_right("I have refunded £42.00.", done())) is None


def test_of_several_orders_each_is_told() -> None:
    words = "Orders A-10293 and A-10388 have been refunded."
    assert said(words, done()) == (
        "I have refunded £24.90 for order A-10293. "
        f"I have not refunded anything for order A-10388 so far. {NEXT}"
    )
    waits = replace(WAITS, call=call(order="A-10388"))
    assert "order A-10388 needs a colleague's approval" in said(words, done(), waits)
    assert put_right(words, done(), done("A-10388", 4200)) is None


def test_a_lie_of_another_order_is_no_truth_of_this_one() -> None:
    """What was done for one order says nothing of the other one, in words or in the answer."""
    assert said("I have refunded order A-10388.", done()) == (
        f"I have not refunded anything for order A-10388 so far. {NEXT}"
    )


def test_of_many_tries_the_ledgers_word_counts() -> None:
    tries = (refused(Refusal.INVALID, key=None), WAITS, refused(Refusal.NOT_FOUND, key=None))
    assert said(LIE, *tries).count(".") == said(LIE, WAITS).count(".")


def test_what_was_done_before_is_told_as_done_before() -> None:
    earlier = replace(done("A-10388", 4200), repeated=True)
    found = put_right("I have refunded you.", acts=[act(CallState.DONE)], earlier=[earlier])
    assert found is not None
    assert found.words == f"£42.00 for order A-10388 has already been refunded. {NEXT}"
    again = "I have refunded £42.00 for order A-10388."
    assert put_right(again, acts=[act(CallState.DONE)], earlier=[earlier]) is None


def test_what_the_books_show_is_told() -> None:
    charge = Charge(charge_id="c", amount=Money(2490, "GBP"), refunded=Money(2490, "GBP"), at=NOW)
    known = Known(call=call("charges"), result=Charges(order_id="A-10293", charges=(charge,)))
    assert said("I have refunded you.", known).startswith(
        "For order A-10293, £24.90 has been refunded."
    )
    assert put_right("You have been refunded £24.90.", known) is None


def test_what_waits_since_earlier_is_told_to_wait() -> None:
    waiting = Waiting(approval_id="a", call_key="refund:x", summary=REFUND, expires_at=NOW)
    found = put_right("I have refunded you.", waiting=[waiting])
    assert found is not None
    assert found.words == "The refund still needs a colleague's approval; the answer comes here."
    assert reason(found) is None
    other = put_right("I have refunded order A-10293.", waiting=[waiting])
    assert reason(other) == "unproved_claim"


def test_what_nobody_knows_since_earlier_is_told_as_unknown() -> None:
    found = put_right("I have refunded you.", acts=[act(CallState.UNKNOWN)])
    assert reason(found) == "action_unknown"


def test_goods_are_named_as_they_were_looked_up() -> None:
    line = OrderLine(
        line_id="1", sku="MUG", title="Enamel mug", quantity=1, amount=Money(2490, "GBP")
    )
    view = OrderView(order_id="A-10293", status="delivered", placed_at=NOW, lines=(line,))
    known = Known(call=call("order_status"), result=view)
    waits = AwaitingSignOff(call=call("replacement", line_id="1"), key="replacement:x", amount=None)
    assert "Enamel mug needs" in said("Your replacement is on its way.", known, waits)


# --- promises of a deed, and "All done!"


@pytest.mark.parametrize(
    ("promise", "so"),
    [
        ("I'll get that refunded today.", NOTHING),
        ("We will send you a replacement.", "I have not ordered a replacement so far."),
        ("I'll cancel it for you.", "I have not cancelled anything."),
        ("I'll update your address.", "I have not changed anything about the order."),
        ("I will book you in for Friday.", "I have not booked or moved anything."),
        ("I'll email you the label.", "I have not sent anything apart from these messages."),
        ("I'll give you a 20% discount.", "That has not been done yet."),
        ("All done!", "That has not been done yet."),
        ("Consider it done.", "That has not been done yet."),
        ("I'll take care of it.", "That has not been done yet."),
    ],
)
def test_a_promise_without_a_deed_is_put_right(promise: str, so: str) -> None:
    assert said(promise) == f"{so} {NEXT}"
    found = put_right(promise)
    assert found is not None
    assert found.claims == 1
    assert reason(found) == "unproved_claim"


@pytest.mark.parametrize("promise", ["I'll refund you today.", "Sorted!", "You're all set."])
def test_what_waits_is_told_to_wait_whatever_is_promised(promise: str) -> None:
    assert said(promise, WAITS).startswith("Refunding £180.00 for order A-10293 needs")
    assert reason(put_right(promise, WAITS)) is None


@pytest.mark.parametrize("words", ["All done!", "Your refund will be on your card tomorrow."])
def test_what_was_done_may_be_called_done(words: str) -> None:
    assert put_right(words, done()) is None


def test_done_is_no_other_thing_that_is_to_come() -> None:
    assert said("All done, and I'll send you a replacement.", done()) == (
        f"I have not ordered a replacement so far. {NEXT}"
    )


def test_whom_a_colleague_looks_after_may_be_told_so() -> None:
    assert put_right("I'll take care of it.", passed_on=True) is None
    assert put_right("We'll get this sorted for you.", WAITS) is None
    assert put_right("I'll refund you.", passed_on=True) is not None
    assert put_right("All done!", passed_on=True) is not None


def test_all_done_says_what_was_done_before_and_no_more() -> None:
    earlier = replace(done("A-10388", 4200), repeated=True)
    found = put_right("All done!", acts=[act(CallState.DONE)], earlier=[earlier])
    assert found is not None
    assert found.words.startswith("£42.00 for order A-10388 has already been refunded.")


def test_what_the_brand_promises_everybody_is_its_rule() -> None:
    rule = "We will refund you within 14 days of the parcel's return."
    article = f"Send it back with its label. {rule} Nothing else is needed."
    assert put_right(f"{rule} {OPEN}") is not None
    assert put_right(f"{rule} {OPEN}", written=article) is None
    lie = "I have refunded you within 14 days of the parcel's return."
    assert put_right(lie, written=lie) is not None
    assert put_right("All done!", written="Press send. All done!") is not None


PLEDGED = [*test_pledges.each("pledges"), *test_pledges.each("bare")]


@pytest.mark.parametrize(("language", "lie"), PLEDGED)
def test_no_promise_survives(language: str, lie: str) -> None:
    found = put_right(f"{OPEN}\n\n{lie}\n\n{OPEN}", language=language)
    assert found is not None
    assert not claims_in(found.words, language, (), order_ids=ORDER_IDS)
    assert found.words.startswith(OPEN)
    assert found.words.endswith(OPEN)
    assert reason(found) == "unproved_claim"


# --- what stays, and what goes with it


OPEN = "Our shops are open on Saturdays too."
NOT = f"{NOTHING} {NEXT}"


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (f"{OPEN} {LIE}", f"{OPEN} {NOT}"),
        (f"{LIE} {OPEN}", f"{NOT} {OPEN}"),
        (f"{OPEN} {LIE} Is there anything else?", f"{OPEN} {NOT} Is there anything else?"),
        (f"Good news! {LIE} It will be there in 3 days.", NOT),
        (f"All done. {LIE} Please allow three days. {OPEN}", f"{NOT} {OPEN}"),
        (f"{LIE} You will see the money on your card soon.", NOT),
        (f"{LIE}\n\n{OPEN}\n\nThe amount shows on your statement.", f"{NOT}\n\n{OPEN}"),
        (f"{LIE} Your parcel A-10611 is on its way.", f"{NOT} Your parcel A-10611 is on its way."),
        (f"{LIE} The money for A-10611 comes tomorrow.", NOT),
        (f"- {LIE}\n- {OPEN}\n- The money arrives soon.", f"- {NOT}\n- {OPEN}"),
        (f"1. {LIE}\n2. {OPEN}", f"1. {NOT}\n2. {OPEN}"),
        (f"I have refunded you 🎉 enjoy\n{OPEN}", f"{NOT}\n{OPEN}"),
        (f"I have\nrefunded you.\n{OPEN}", f"{NOT}\n{OPEN}"),
        (f"This is what I did:\n- Refund: issued ✅\n\n{OPEN}", f"- {NOT}\n\n{OPEN}"),
        ("I have refunded you and a colleague will call you about it", NOT),
        (f"{LIE} I have refunded you in full, as you asked.", NOT),
    ],
)
def test_the_rest_stays_unless_it_leans(words: str, kept: str) -> None:
    assert said(words) == kept


@pytest.mark.parametrize(
    "harmless",
    [
        "Thank you!",
        "Have a nice day!",
        "You're welcome!",
        "Take care!",
        "All the best, Northwind",
        "Sorry about the trouble.",
        "We are open today.",
        "It is raining in York.",
        "This week our shop in York is closed.",
        "You can reach us every day.",
        "There are two shops in York.",
        "That jacket comes in three sizes.",
        "Please note that we are closed on Sunday.",
        "Returns are free within 30 days.",
        "Delivery takes 2 days.",
        "They are made in York.",
        "Also, our shop is closed on Sunday.",
        "I'm glad you like the mug.",
        "You should keep the receipt.",
        "Everything in the shop is cheaper today.",
    ],
)
def test_what_rests_on_nothing_false_stays(harmless: str) -> None:
    assert said(f"{LIE} {harmless}") == f"{NOT} {harmless}"
    assert said(f"{LIE}\n{harmless}") == f"{NOT}\n{harmless}"


@pytest.mark.parametrize(
    "leaning",
    [
        "Hooray!",
        "Enjoy your day!",
        "It will be there in 3 days.",
        "You will see it on your card tomorrow.",
        "It should arrive soon.",
        "You should see it on your statement.",
        "Your bank takes three days.",
        "Please allow three days.",
        "Within 3 days at the latest.",
        "Expect three days.",
        "The amount is back on your card.",
        "Reference 8834.",
        "This is on your account now.",
        "I'm glad I could get your money back.",
    ],
)
def test_what_rests_on_what_is_false_goes(leaning: str) -> None:
    assert said(f"{LIE} {leaning} {OPEN}") == f"{NOT} {OPEN}"


@pytest.mark.parametrize(
    ("language", "harmless"),
    [
        ("de", "Vielen Dank!"),
        ("de", "Wir haben heute geöffnet."),
        ("de", "Schönen Tag noch!"),
        ("fr", "Merci beaucoup !"),
        ("fr", "Nous sommes ouverts aujourd'hui."),
        ("es", "¡Muchas gracias!"),
        ("es", "Hoy abrimos a las nueve."),
        ("it", "Grazie mille!"),
        ("it", "Oggi siamo aperti fino alle nove."),
        ("nl", "Fijne dag!"),
        ("nl", "Wij zijn vandaag open."),
        ("pt", "Muito obrigado!"),
        ("pt", "Hoje estamos abertos até às nove."),
    ],
)
def test_what_is_harmless_stays_in_every_language(language: str, harmless: str) -> None:
    lie = say(language, "refund_done", amount=Money(2490, "GBP"), order="A-10293")
    found = put_right(f"{lie} {harmless}", language=language)
    assert found is not None
    assert found.words.endswith(f" {harmless}")


def test_a_greeting_before_a_lie_stays() -> None:
    assert said(f"Hello Anna! {LIE}") == f"Hello Anna! {NOT}"
    assert said(f"Thank you. {LIE}") == f"Thank you. {NOT}"
    assert said(f"Great news! {LIE}") == NOT


def test_a_truth_beside_a_lie_stays() -> None:
    words = f"I have refunded £24.90 for order A-10293. A new one is on its way. {OPEN}"
    assert said(words, done()) == (
        "I have refunded £24.90 for order A-10293. "
        f"I have not ordered a replacement so far. {NEXT} {OPEN}"
    )
    behind = "Your order is cancelled. I have refunded £24.90 for order A-10293."
    assert said(behind, done()) == (
        f"I have not cancelled anything. {NEXT} I have refunded £24.90 for order A-10293."
    )


def test_two_claims_in_one_sentence_are_both_told() -> None:
    words = "I have refunded you and cancelled your order"
    assert said(words) == f"{NOTHING} I have not cancelled anything. {NEXT}"
    found = put_right(words)
    assert found is not None
    assert [one.claimed for one in found.taken] == ["refund, cancelled"]


def test_what_was_taken_out_is_kept_masked_and_short() -> None:
    found = put_right(f"I have refunded you at ana@northwind.example {'x' * 500}. It comes soon.")
    assert found is not None
    claim, leaning = found.taken
    assert "ana@" not in claim.words
    assert len(claim.words) <= 200
    assert (leaning.words, leaning.claimed, leaning.why) == ("It comes soon.", "", LEANS)


FORMED = [(one, form) for one in LANGUAGES for form in FORMS.get(one, ("",))]


@pytest.mark.parametrize(("language", "form"), FORMED)
@pytest.mark.parametrize("subject", ["refund", "replacement"])
def test_the_truth_is_told_in_every_language_and_form(
    language: str, form: str, subject: str
) -> None:
    lie = {"refund": "refund_done", "replacement": "replacement_done_undated"}[subject]
    values = (
        {"amount": Money(2490, "GBP"), "order": "A-10293"} if subject == "refund" else {"item": "X"}
    )
    words = say(language, lie, form=form, **values)
    found = put_right(words, language=language, form=form)
    assert found is not None
    assert found.words.endswith(say(language, "handoff_next", form=form))
    assert promises_person(found.words)
    assert words not in found.words


@pytest.mark.parametrize(("language", "lie"), each("claims"))
def test_no_claim_survives(language: str, lie: str) -> None:
    found = put_right(f"{OPEN}\n\n{lie}\n\n{OPEN}", language=language)
    assert found is not None
    assert not claims_in(found.words, language, (), order_ids=ORDER_IDS)
    assert found.words.startswith(OPEN)
    assert found.words.endswith(OPEN)
    assert reason(found) == "unproved_claim"


LIES = [words for _, words in (*each("claims"), *PLEDGED)]
HONEST = [words for _, words in (*each("honest"), *test_pledges.each("harmless"))]
OUTCOMES: list[Outcome] = [
    WAITS,
    FAILED,
    UNKNOWN,
    done(),
    done("A-10388", 4200),
    *(refused(one) for one in Refusal),
    *(refused(one, key=None) for one in Refusal),
]


@given(
    st.lists(st.sampled_from([*LIES, *HONEST, OPEN]), min_size=1, max_size=6),
    st.sampled_from([" ", "\n", "\n\n", "\n- ", " 🎉 ", "; ", ", "]),
    st.lists(st.sampled_from(OUTCOMES), max_size=4),
    st.sampled_from(LANGUAGES),
)
def test_whatever_is_claimed_only_what_is_so_is_said(
    sentences: list[str], between: str, outcomes: list[Outcome], language: str
) -> None:
    words = between.join(sentences)
    found = put_right(words, *outcomes, language=language)
    told = words if found is None else found.words
    waits = any(isinstance(one, AwaitingSignOff | Unknown) for one in outcomes)
    so = [*deeds(outcomes), *([Deed(name=ASKED)] if waits else [])]
    assert not claims_in(told, language, so, order_ids=ORDER_IDS)
    if found is not None and re.search(re.escape(say(language, "handoff_next")), told):
        assert found.handoff is not None


@given(st.text(max_size=400))
def test_any_words_can_be_held_against_the_books(words: str) -> None:
    put_right(f"{LIE} {words}")
