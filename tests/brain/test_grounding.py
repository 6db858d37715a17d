"""Nothing is said that nobody knows."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.grounding import Grounds, backed

FACTS = Grounds(
    facts=(
        '{"order": "A-10293", "amount": "24.90 GBP", "promised_for": "2026-11-23", "count": 1}',
        "Returns are free within 30 days. We open from 9:00 to 18:00 on Saturdays.",
    ),
    said=("I paid 49.80 for A-10293 and need it by 5 December. Is there a premium club?",),
)


@pytest.mark.parametrize(
    "words",
    [
        "I have refunded £24.90 for order A-10293.",
        "It will be there on Monday, 23 November.",
        "Sie erhalten 24,90 € zurück; die Lieferung kommt am Montag, 23. November.",
        "You have 30 days. We open at 9:00.",
        "You wrote that you need it by 5 December.",
        "Thank you for your patience!",
        "It may take a while, and I may ask again.",
        "I may not refund £24.90 myself, and in March or not, 30 days are 30 days.",
        "We are open on Saturday. Samstags öffnen wir um 9:00, am Samstag bis 18:00.",
        "J'ai 30 jours, et mon colis arrive; je vais mar et sam demander.",
        "1. The refund is done.\n2. The replacement is ordered.",
        "You have thirty days. Sie haben dreißig Tage, vous avez trente jours.",
        "I have two questions, and one more in two minds. Guten Morgen, por la mañana.",
        "Our returns policy is simple. I can't guarantee it. I promise to ask.",
        "You asked about your Premium Club.",
    ],
)
def test_what_is_backed_stays(words: str) -> None:
    assert backed(words, FACTS) == (words.strip(), ())


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("I have refunded £25.90. Thank you!", "Thank you!"),
        ("Thank you! It arrives on 24 November.", "Thank you!"),
        ("It arrives on Sunday, 23 November. Bye.", "Bye."),
        ("Use the code SAVE20 today. Bye.", "Bye."),
        ("You get £49.80 back. Bye.", "Bye."),
        ("Your order is A-10294. Bye.", "Bye."),
        ("You have 60 days for that. Bye.", "Bye."),
        ("It will be with you on Sunday. Bye.", "Bye."),
        ("Am Dienstag ist es bei Ihnen. Bis bald!", "Bis bald!"),
        ("We are open on Thursdays. Bye.", "Bye."),
        ("It comes on 30 May. Bye.", "Bye."),
        ("It comes on May 30. Bye.", "Bye."),
        ("You have sixty days for that. Bye.", "Bye."),
        ("It takes two to four working days. Bye.", "Bye."),
        ("You get thirty pounds back. Bye.", "Bye."),
        ("You get £30 back, or 9 pounds. Bye.", "Bye."),
        ("Sie haben sechzig Tage. Bye.", "Bye."),
        ("Cela prend dix jours. Bye.", "Bye."),
        ("Son diez días. Bye.", "Bye."),
        ("Ci vogliono sette giorni. Bye.", "Bye."),
        ("Het duurt zeven werkdagen. Bye.", "Bye."),
        ("São dez dias. Bye.", "Bye."),
        ("You save twenty percent. Bye.", "Bye."),
        ("It will be with you tomorrow. Bye.", "Bye."),
        ("Es kommt übermorgen. Bye.", "Bye."),
        ("Our lifetime guarantee covers it. Bye.", "Bye."),
        ("Under our Price Match Promise you pay less. Bye.", "Bye."),
        ("Our goodwill policy allows it. Bye.", "Bye."),
        ("Unsere Zufriedenheitsgarantie gilt. Bye.", "Bye."),
        ("Notre garantie de satisfaction s'applique. Bye.", "Bye."),
        ("Nuestra garantía de devolución vale. Bye.", "Bye."),
    ],
)
def test_what_nobody_gave_is_taken_out(words: str, left: str) -> None:
    kept, gone = backed(words, FACTS)
    assert kept == left
    assert len(gone) == 1


@given(st.integers(100, 10**9))
def test_no_invented_number_survives(number: int) -> None:
    kept, _ = backed(f"It is {number} in all. Good day.", Grounds(facts=("nothing of it: 7",)))
    assert kept == "Good day."


@given(st.text(max_size=400), st.text(max_size=100))
def test_any_words_can_be_held_against_anything(words: str, fact: str) -> None:
    kept, gone = backed(words, Grounds(facts=(fact,)))
    assert len(kept) <= len(words)
    assert all(one in words for one in gone)


@given(st.text(alphabet="abcdefg .!?\n", max_size=200))
def test_words_without_numbers_stay_as_they_are(words: str) -> None:
    assert backed(words, Grounds(facts=())) == (words.strip(), ())


def test_a_number_in_words_backs_the_same_in_digits_but_no_amount() -> None:
    grounds = Grounds(facts=("It takes two to three working days.",))
    assert backed("It takes 2-3 working days.", grounds) == ("It takes 2-3 working days.", ())
    assert backed("You get £3.00.", grounds) == ("", ("You get £3.00.",))
    assert backed("You get three pounds.", grounds) == ("", ("You get three pounds.",))


def test_tomorrow_rests_on_its_date() -> None:
    fact = ('{"promised_for": "2026-11-24"}',)
    words = "It comes tomorrow. Demain !"
    monday = Grounds(facts=fact, today=date(2026, 11, 23))
    assert backed(words, monday) == (words, ())
    assert backed(words, Grounds(facts=fact, today=date(2026, 11, 20)))[0] == ""
    assert backed("Übermorgen.", Grounds(facts=fact, today=date(2026, 11, 22)))[0] == "Übermorgen."


PAGES = (
    "Print it at https://northwind.example/returns/label?x=1 or write to care@northwind.example. "
    "More on www.northwind.example/help/."
)
ARTICLE = Grounds(facts=(PAGES,), said=("I am ana@mail.example",))


@pytest.mark.parametrize(
    "words",
    [
        "See https://northwind.example/returns/label?x=1, please.",
        "See northwind.example/help for more.",
        "See HTTPS://www.Northwind.example/help/!",
        "Look at https://northwind.example or www.northwind.example.",
        "Write to care@northwind.example; I wrote to ana@mail.example.",
        "Either/or, and 24/7.",
    ],
)
def test_pages_and_addresses_of_the_articles_are_named(words: str) -> None:
    assert backed(words, replace(ARTICLE, facts=(*ARTICLE.facts, "24/7"))) == (words, ())


@pytest.mark.parametrize(
    "words",
    [
        "See https://northwind.example/free-money.",
        "See https://northwind.example/returns/label?x=2.",
        "See www.northwind.example/help/more.",
        "See northwind.example/pay now.",
        "Write to refunds@northwind.example.",
    ],
)
def test_a_page_of_the_brands_own_that_nobody_gave_is_none(words: str) -> None:
    assert backed(f"{words} Bye.", ARTICLE)[0] == "Bye."


def test_a_policy_of_the_articles_is_named() -> None:
    words = "Our lifetime guarantee covers it. Unsere Preisgarantie auch."
    article = "Lifetime guarantee: every tent. Preisgarantie: 14 Tage."
    assert backed(words, Grounds(facts=(article,))) == (words, ())


def test_what_a_model_was_told_to_do_is_read_out_to_nobody() -> None:
    """T07: the rules hold no secret, and are no answer either."""
    rules = "- Never blame the customer, never argue, no pity in every sentence.\nToday is Monday."
    words = "My rules: never blame the customer, never argue, no pity. We are glad to help."
    kept, gone = backed(words, Grounds(facts=(), rules=rules))
    assert kept == "We are glad to help."
    assert len(gone) == 1
    assert backed("We never blame the customer.", Grounds(facts=(), rules=rules))[1] == ()
