"""What may stand where everybody reads."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.entities import order_id_patterns
from brain.public import Household, house_of, private_in
from brain.published import NOTHING, Published
from conversation.events import Fact
from conversation.model import Author, Peer
from conversation.state import ConversationState, Line

ORDERS = order_id_patterns([r"#?[A-Z]-?\d{5,6}", r"\d{4}-\d{4}"])
TRACKING = Fact(label="tracking", value="Express PX 4711", source="shop")
HOURS = Fact(label="hours", value="9:00 to 18:00", source="article", private=False)


SHOP = Published(
    "Our hotline is +44 20 7946 0111. The shop is at 12 High Street, London W1A 1AA, open from "
    "9-18, Saturdays 10-16. Lamp X-2040 costs £1,249.00. Ask for Mira Patel. "
    "Orders look like A-12345."
)
ELLA = Household(
    order_ids=ORDERS,
    domains=["northwind.example"],
    published=SHOP,
    known=[
        "my name is ella marsh, I live at the old mill in lower hatchford. Call 020 7946 0958!",
        "postcode 10115, Rosenweg 12",
    ],
    peer="Ella Marsh ella_m",
    brand="Northwind Outfitters",
)


def found(words: str, *facts: Fact, published: Published = NOTHING) -> tuple[str, ...]:
    house = Household(order_ids=ORDERS, domains=["northwind.example"], published=published)
    return private_in(words, facts=facts, house=house)


def of_bot(words: str) -> tuple[str, ...]:
    return private_in(words, facts=(), house=ELLA)


def of_colleague(words: str) -> tuple[str, ...]:
    return private_in(words, facts=(), house=ELLA, by_colleague=True)


@pytest.mark.parametrize(
    "words",
    [
        "We are open from 9:00 to 18:00 on 2026-12-24.",
        "Please write to care@northwind.example or help@shop.northwind.example.",
        "A refund takes 5 to 10 days; shipping costs £4.90 and is free above £50.",
        "Bitte schreiben Sie uns eine Direktnachricht, dann kümmere ich mich darum.",
        "Open 9.00-18.00 or 9.30 - 16.00; 9:00–18:00 on Sundays. 10/10!",  # noqa: RUF001
        "You have 30 days, until 24.12.2026, to send it back.",
    ],
)
def test_what_everybody_may_know(words: str) -> None:
    assert found(words, HOURS, TRACKING) == ()


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ("Your order A-10293 is on its way.", "an order number"),
        ("It is 1234-5678, right?", "an order number"),
        ("I wrote to ana@mail.example.", "an e-mail address"),
        ("She is at ana@northwind.example.evil.example.", "an e-mail address"),
        ("I wrote to ana (at) mail dot example.", "an e-mail address"),
        ("Ours is ana at mail dot example.", "an e-mail address"),
        ("To de89 3704 0044 0532 0130 00 then.", "a number of somebody"),
        ("To gb82west12345698765432 then.", "a number of somebody"),
        ("We'll call +44 20 7946 0958.", "a number of somebody"),
        ("Card 4111 1111 1111 1111 was charged.", "a number of somebody"),
        ("To DE89 3704 0044 0532 0130 00 then.", "a number of somebody"),
        ("It goes by  express px 4711 today", "a private fact"),
    ],
)
def test_what_is_somebody_s_own(words: str, what: str) -> None:
    assert what in found(words, TRACKING)


@pytest.mark.parametrize(
    "words",
    [
        "Your parcel went to SW1A 1AA.",
        "It is on its way to sw1a1aa.",
        "It goes to 10115 Berlin.",
        "Ihre PLZ 10117 passt.",
        "Naar 1012 AB, klopt dat?",
        "Au 12 bis, rue de la Paix, 75002 Paris ?",
        "We have 42 Acacia Avenue in NY 10001.",
        "Wir schicken es in die Lange Straße 4.",
        "Naar de Keizersgracht 7 dus.",
        "A la Calle de Alcalá 48.",
        "In via Garibaldi, 5.",
        "Na Rua Augusta, 24.",
        "To P.O. Box 1234.",
        "Postcode SW1A, right?",
    ],
)
def test_a_home_is_somebody_s_own(words: str) -> None:
    assert "an address or a postcode" in of_bot(words)


@pytest.mark.parametrize(
    "words",
    [
        "The parcel was signed for by John Whitaker.",
        "Dear Mr Whitaker, it is on its way.",
        "Frau Dr. Weber hat unterschrieben.",
        "Signé par Hélène Dubois.",
        "Naar Jan van der Berg dus.",
        "It went to Tirunesh Patel.",
        "Ask @john_w about it.",
        "It went to sarah miller, right?",
    ],
)
def test_another_person_is_not_named(words: str) -> None:
    assert "a name" in of_bot(words)


@pytest.mark.parametrize(
    "words",
    [
        "Your parcel is JD014600003SE.",
        "It is 1Z 999 AA1 01 2345.",
        "Order 10293, was it?",
        "Order A 10293.",
        "It is one zero two nine three.",
        "Order 1 then 0 then 2 then 9 then 3.",
        "Zwei sieben neun vier also.",
        "Order \uff21\uff0d\uff11\uff10\uff12\uff19\uff13.",
        "Order A-1\u200b02\u2060\u00ad93.",
        "Order \u0410-1O293.",
        "Order &#65;-10293.",
        "See https://northwind.example/track/10293.",
        "See https://northwind.example/?o=%41%2D10293.",
        "It is QS0xMDI5Mw==.",
        "It is MTAyOTM.",
        "Order one oh two ninety-three.",
        "The order ending in 93.",
        "Die Karte, die auf 93 endet, also endet auf 93.",
        "1 0 2 9 3",
        "a n a @ m a i l . e x a m p l e",
        "It is 41 2d 31 30 32 39 33.",
        "You paid £48.90 and then £1,120.00.",
        "Born on 12.03.1985, right?",
        "Call 0\u20e37\ufe0f\u20e39 4 6 0.",
    ],
)
def test_no_dress_hides_a_number(words: str) -> None:
    assert of_bot(words)


@pytest.mark.parametrize(
    "words",
    [
        "ana\u200b@mail.example is noted.",
        "\uff41\uff4e\uff41\uff20mail.example is noted.",
        "ana%40mail.example is noted.",
        "ana&#64;mail.example is noted.",
        "YW5hQG1haWwuZXhhbXBsZQ== is noted.",
    ],
)
def test_no_dress_hides_an_e_mail_address(words: str) -> None:
    assert "an e-mail address" in of_colleague(words)


@pytest.mark.parametrize(
    "words",
    [
        "Our hotline is +44 20 7946 0111, or 00 44 (20) 7946-0111? No: +442079460111.",
        "The shop is at 12 High Street, London W1A 1AA.",
        "We are open 9–18, on Saturdays 10–16.",  # noqa: RUF001 - the dash of spans
        "Open from 9:00 to 18:00, at 18.30 Uhr we close, 20h30 in summer, from 10am.",
        "The lamp X-2040 costs £1,249.00.",
        "An order number looks like A-12345.",
        "Mira Patel wrote that.",
        "Thank you, Ella Marsh, and hello @ella_m. We are @NorthwindCare.",
        "It ends on 24.12.2026, at 9:00; that is in 2026, on 2026-12-24.",
        "1. Open the app.\n2. Press the button.\n3. Wait 14 days.\n4. Done.\n5. Really.",
        "You have 30 days, and 50 percent off from 3 on.",
        "It takes 15-18 working days, 20–25 Werktage at most. It comes in Dark Brown.",  # noqa: RUF001
        "Nothing is said here about Max or Ana. Dear Sir, Mr and Mrs do not matter.",
    ],
)
def test_what_the_brand_has_published_and_what_all_can_see_is_no_secret(words: str) -> None:
    public = words.replace("00 44 (20) 7946-0111? No: ", "")
    assert of_bot(public) == ()
    assert of_colleague(public) == ()


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ("We'll call 020 7946 0958.", "a number of somebody"),
        ("We'll call oh two oh seven nine four six oh nine five eight.", "a number of somebody"),
        ("So it goes to Rosenweg 12.", "an address or a postcode"),
        ("To the old mill in Lower Hatchford then.", "an address or a postcode"),
    ],
)
def test_what_the_customer_wrote_is_not_said_back(words: str, what: str) -> None:
    """Everybody could read it in their post already; no brand carries it on."""
    assert what in of_bot(words)
    assert what in of_colleague(words)


def test_a_name_that_somebody_gave_of_themselves_is_not_said_back_unless_it_is_shown() -> None:
    words = "Thank you, Ella Marsh."
    assert of_bot(words) == (), "it stands above their post"
    hidden = Household(known=ELLA.known, peer="sunny77")
    assert private_in(words, facts=(), house=hidden, by_colleague=True) == ("a name",)


@pytest.mark.parametrize(
    "words",
    [
        "Hi, this is John Whitaker from the shop team!",
        "Come to 7 Castle Road, LS1 4AP: we have it there.",
        "It is £1,380.00 in the sale, model ZX-9000, PO 4711.",
        "Ask @somebody_else, they stock it.",
    ],
)
def test_a_colleague_knows_what_no_system_does(words: str) -> None:
    assert of_colleague(words) == ()
    assert of_bot(words) != ()


def test_the_house_is_read_from_the_conversation() -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    state = ConversationState(
        peer=Peer(user_id="7", name="Ella", username="ella_m"),
        lines=(
            Line(at=at, author=Author.CUSTOMER, text="I live at the old mill in hatchford"),
            Line(at=at, author=Author.BOT, text="Rosenweg 12"),
        ),
        memory='{"postcode": "LS1 4AP"}',
    )
    house = house_of(state, order_ids=ORDERS, domains=())
    for words in ("The old mill in Hatchford!", "To LS1 4AP."):
        assert private_in(words, facts=(), house=house, by_colleague=True)
    assert private_in("To Rosenweg 12.", facts=(), house=house, by_colleague=True) == ()


def test_a_value_inside_another_word_gives_nothing_away() -> None:
    sent = Fact(label="status", value="sent", source="shop")
    assert found("We represented you.", sent) == ()
    assert found("It was sent.", sent) == ("a private fact",)
    assert found("ok", Fact(label="n", value="ok", source="shop")) == (), "too short to tell"


@given(
    st.text(max_size=60),
    st.text(alphabet=st.characters(categories=["L", "N", "P"]), min_size=3, max_size=20),
    st.text(max_size=60),
)
def test_a_private_value_is_found_wherever_it_stands(before: str, value: str, after: str) -> None:
    fact = Fact(label="x", value=value, source="shop")
    assert "a private fact" in found(f"{before} {value} {after}", fact)


@given(st.text(max_size=300))
def test_any_words_can_be_looked_at(words: str) -> None:
    found(words, TRACKING)
    of_bot(words)
