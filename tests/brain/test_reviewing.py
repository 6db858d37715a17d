"""What `check` remarks on in articles: stale, contradictory, duplicate, unreachable."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from brain.encoder import UseEncoder
from brain.knowledge.articles import Article
from brain.knowledge.reviewing import Fault, remarks
from brain.knowledge.search import Knowledge
from config.stages import Surface

NOW = datetime(2026, 11, 18, 10, tzinfo=UTC)


def article(name: str, answer: str, **fields: Any) -> Article:
    given: dict[str, Any] = {
        "id": name,
        "title": f"About {name}",
        "topics": ("start_return",),
        "languages": ("en",),
        "surface": Surface.PUBLIC,
        "answer": answer,
        "body": answer,
    }
    return Article(**(given | fields))


def found(encoder: UseEncoder, *articles: Article) -> Sequence[tuple[Fault, str, str]]:
    told = remarks(
        Knowledge(articles, encoder),
        encoder,
        at=NOW,
        floor=0.35,
        languages=["en", "de"],
        topics={"start_return", "store_hours"},
        forms={"de": "Sie"},
    )
    return [(each.fault, each.article, each.other) for each in told]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"expires": date(2026, 11, 17)}, "expired on 2026-11-17"),
        ({"reviewed": date(2025, 11, 16)}, "last reviewed on 2025-11-16"),
        ({"reviewed": date(2025, 11, 17)}, ""),
        ({"expires": date(2026, 11, 18)}, ""),
        ({}, ""),
    ],
)
def test_what_is_stale_is_not_used(encoder: UseEncoder, fields: dict[str, Any], why: str) -> None:
    one = article("returns", "You can send anything back within 30 days.", **fields)
    assert why in one.stale_on(NOW.date())
    assert one.valid_on(NOW.date()) is (why == "")
    assert found(encoder, one) == ([(Fault.STALE, "returns", "")] if why else [])
    sought = Knowledge([one], encoder).search(
        "can I send it back", language="en", surface=Surface.PUBLIC, at=NOW
    )
    assert bool(sought) is (why == "")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "You can send anything back within 30 days, unused and with its label.",
            "You can send everything back within 14 days, unused and with its label.",
        ),
        ("Our store is open from 9:00 to 18:00.", "Our store is open from 9:00 to 19:00."),
        (
            "The sale ends on 24 December. We look forward to you.",
            "Vouchers cannot be paid out. The sale ends on 24 January.",
        ),
        (
            "The store is open from Monday to Friday.",
            "The store is open from Monday to Saturday.",
        ),
    ],
)
def test_numbers_that_differ_in_one_sentence_contradict(
    encoder: UseEncoder, one: str, other: str
) -> None:
    told = found(encoder, article("a", one), article("b", other))
    assert told == [(Fault.CONTRADICTORY, "a", "b")]


@pytest.mark.parametrize(
    ("one", "other", "fields"),
    [
        ("We open at 9:00 on weekdays.", "We open at 09:00 on weekdays.", {"topics": ()}),
        ("Shipping costs 3.95 GBP.", "A gift box costs 5 GBP.", {}),
        ("Returns take 30 days at most.", "Your refund arrives 5 days after the return.", {}),
        ("We open at 9:00 on weekdays.", "We open at 8:00 on weekdays.", {"languages": ("de",)}),
        (
            "We open at 9:00 on weekdays.",
            "We open at 8:00 on weekdays.",
            {"expires": date(2026, 1, 1)},
        ),
        ("We open at 9:00 on weekdays.", "We open at 8:00 on weekdays.", {"topics": ("praise",)}),
    ],
)
def test_what_speaks_of_something_else_does_not_contradict(
    encoder: UseEncoder, one: str, other: str, fields: dict[str, Any]
) -> None:
    told = found(encoder, article("a", one), article("b", other, **fields))
    assert Fault.CONTRADICTORY not in [fault for fault, _, _ in told]


def test_one_number_written_in_two_ways_is_no_contradiction(encoder: UseEncoder) -> None:
    told = found(
        encoder,
        article("a", "Delivery is free above £50.00 and starts at 9:00."),
        article("b", "Delivery is free above £50 and starts at 09:00. Tell us where to."),
    )
    assert Fault.CONTRADICTORY not in [fault for fault, _, _ in told]


def test_the_same_again_is_a_duplicate(encoder: UseEncoder) -> None:
    words = "Print the label from your account and leave the parcel at any post office."
    again = "Print the label from your account, and leave the parcel at any post office!"
    other = "Gift cards can be used in our shops and online."
    told = found(encoder, article("a", words), article("b", again), article("c", other))
    assert told == [(Fault.DUPLICATE, "a", "b")]
    assert not found(encoder, article("a", words), article("b", again, languages=("de",)))


def test_four_with_one_title_hide_each_other(encoder: UseEncoder) -> None:
    """A question finds three at most: without a topic, the fourth is never among them."""
    answers = ["Wash at 30 degrees.", "We ship abroad.", "Shops are open.", "Cards never expire."]
    same = [
        article(f"faq-{n}", answer, title="Frequently asked questions", topics=())
        for n, answer in enumerate(answers)
    ]
    assert found(encoder, *same) == [(Fault.UNREACHABLE, "faq-3", "")]
    with_topic = article("faq-3", answers[3], title="Questions", topics=("store_hours",))
    assert not found(encoder, *same[:3], with_topic)


def test_an_article_in_no_language_of_the_brand_is_unreachable(encoder: UseEncoder) -> None:
    one = article("pl", "Zwroty w ciągu 30 dni.", languages=("pl",), topics=())
    assert found(encoder, one) == [(Fault.UNREACHABLE, "pl", "")]


def test_an_article_whose_topics_are_all_switched_off_is_unreachable(encoder: UseEncoder) -> None:
    cards = article("cards", "Gift cards are valid for three years.", topics=("gift_card",))
    both = article("both", "Gift cards cannot be sent back.", topics=("gift_card", "start_return"))
    told = remarks(
        Knowledge([cards, both], encoder),
        encoder,
        at=NOW,
        floor=0.35,
        languages=["en"],
        topics={"start_return"},
        off={"gift_card"},
    )
    assert [(one.article, one.fault) for one in told] == [
        ("cards", Fault.UNREACHABLE),
        ("both", Fault.TOPIC),
    ]
    assert "switched off" in told[0].why


def test_an_answer_in_another_form_of_address_is_named(encoder: UseEncoder) -> None:
    words = "Schick es einfach zurück, wir erstatten dir das Geld."
    german = article("rueckgabe", words, languages=("de",))
    assert found(encoder, german) == [(Fault.ADDRESS, "rueckgabe", "")]
    polite = article("rueckgabe", "Schicken Sie es einfach zurück.", languages=("de",))
    assert found(encoder, polite) == []
    assert found(encoder, article("returns", words, languages=("en",))) == []


def test_prices_that_differ_contradict_in_articles_without_a_topic_too(
    encoder: UseEncoder,
) -> None:
    """An import names no topic where the brain is not sure of one."""
    three = article("wrap", "Gift wrapping costs 3 EUR per parcel.", topics=())
    five = article("presents", "Gift wrapping costs 5 EUR per parcel.", topics=())
    assert (Fault.CONTRADICTORY, "wrap", "presents") in found(encoder, three, five)
    with_topic = article("presents", "Gift wrapping costs 5 EUR per parcel.")
    assert (Fault.CONTRADICTORY, "wrap", "presents") in found(encoder, three, with_topic)
    tent = article("tent", "The tent Fjell costs 399 EUR and weighs 3 kg.", topics=())
    other = article("other", "The rucksack Lofoten costs 129 EUR and weighs 2 kg.", topics=())
    assert Fault.CONTRADICTORY not in {fault for fault, _, _ in found(encoder, tent, other)}


def test_a_topic_that_is_not_served_is_named_with_the_nearest(encoder: UseEncoder) -> None:
    """What names topics answers these alone: a slip of the pen would silence an article."""
    slip = article("courses", "Our courses are on Saturdays.", topics=("store_hour",))
    told = remarks(
        Knowledge([slip], encoder),
        encoder,
        at=NOW,
        floor=0.35,
        languages=["en"],
        topics={"start_return", "store_hours"},
    )
    assert [(each.fault, each.why) for each in told] == [
        (Fault.TOPIC, "store_hour is no topic that you serve; is it store_hours?")
    ]


def test_nothing_to_look_through(encoder: UseEncoder) -> None:
    assert found(encoder) == []


def test_an_article_in_no_language_of_the_brand_is_unreachable_whatever_its_topic(
    encoder: UseEncoder,
) -> None:
    one = article("versand", "L'envoi dure trois jours.", languages=("fr",))
    assert found(encoder, one) == [(Fault.UNREACHABLE, "versand", "")]


def test_numbers_in_words_contradict_numbers(encoder: UseEncoder) -> None:
    one = article("a", "You can return everything within thirty days.")
    other = article("b", "You can return everything within 14 days.")
    same = article("c", "You can return everything within 30 days.")
    assert (Fault.CONTRADICTORY, "a", "b") in found(encoder, one, other)
    assert Fault.CONTRADICTORY not in {fault for fault, *_ in found(encoder, one, same)}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("You can send anything back within 30 days.", ""),
        ("Items marked * cost more: 2 * 3 | 4.\n- one\n- two", ""),
        ("We write to you. " * 70, "1,190 characters"),
        ("# Returns\n\nThirty days.", "Markdown"),
        ("Within **30 days**.", "Markdown"),
        ("Costs:\n| UK | £4 |\n", "Markdown"),
        ("![map](https://northwind.example/map.png)", "Markdown"),
    ],
)
def test_an_answer_reads_as_a_message(encoder: UseEncoder, answer: str, why: str) -> None:
    one = article("returns", answer, body="How to send things back.")
    told = remarks(
        Knowledge([one], encoder), encoder, at=NOW, floor=0.35, languages=["en"],
        topics={"start_return"},
    )  # fmt: skip
    written = [each for each in told if each.fault is Fault.WRITTEN]
    assert bool(written) == bool(why)
    assert all(why in each.why for each in written)
