"""Where sentences end, for every guard alike: no dot of a date, a link or a number ends one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.promises import promises_in, promises_person
from brain.sentences import as_read, begins_after, sentences, sentences_of


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two! Three?", ["One.", " Two!", " Three?"]),
        ("Am 23. November war es so. Ja.", ["Am 23. November war es so.", " Ja."]),
        ("Order no. A-10293 is here. Yes.", ["Order no. A-10293 is here.", " Yes."]),
        ("Bestell-Nr. 10293 ist da. Ja.", ["Bestell-Nr. 10293 ist da.", " Ja."]),
        ("It was £24.90. It is gone.", ["It was £24.90.", " It is gone."]),
        ("Das sind 1.249,90 €. Ja.", ["Das sind 1.249,90 €.", " Ja."]),
        ("We open at 9. We close at 5.", ["We open at 9.", " We close at 5."]),
        ("1. One\n2. Two", ["1. One\n", "2. Two"]),
        ("A\n\nB", ["A\n\n", "B"]),
        ("A team, e.g. Anna's, is here. Yes.", ["A team, e.g. Anna's, is here.", " Yes."]),
        ("Etwa z. B. morgen. Ja.", ["Etwa z. B. morgen.", " Ja."]),
        ("Etwa z.B. morgen, d.h. bald. Ja.", ["Etwa z.B. morgen, d.h. bald.", " Ja."]),
        ("Par ex. demain, p. ex. ici. Oui.", ["Par ex. demain, p. ex. ici.", " Oui."]),
        ("El Sr. Paz y la Sra. Gil. Sí.", ["El Sr. Paz y la Sra. Gil.", " Sí."]),
        ("Il sig. Rossi, p.es. oggi. Sì.", ["Il sig. Rossi, p.es. oggi.", " Sì."]),
        ("Ik bel u. Ja.", ["Ik bel u.", " Ja."]),
        ("Lampen u. a. morgen, u.a. hier. Ja.", ["Lampen u. a. morgen, u.a. hier.", " Ja."]),
        ("So do I.\nYes.", ["So do I.\n", "Yes."]),
        ("Dat is bijv. morgen. Ja.", ["Dat is bijv. morgen.", " Ja."]),
        ("Lamps, cups etc. are here. Yes.", ["Lamps, cups etc. are here.", " Yes."]),
        ("Lamps, cups etc. Yes.", ["Lamps, cups etc.", " Yes."]),
        ("Did it come? No. It did not.", ["Did it come?", " No.", " It did not."]),
        ("All the best. It comes.", ["All the best.", " It comes."]),
        ("It is here.It is late.", ["It is here.", "It is late."]),
        ("Done!It is here.", ["Done!", "It is here."]),
        ("See shop.example/A.Html?Id=5. Yes.", ["See shop.example/A.Html?Id=5.", " Yes."]),
        ("Mail Jo.Miller@northwind.example! Yes.", ["Mail Jo.Miller@northwind.example!", " Yes."]),
        ("She said “it is here.” It was.", ["She said “it is here.”", " It was."]),
        ("(It is here.) It was.", ["(It is here.)", " It was."]),
        ("It is (at last!) here. Yes.", ["It is (at last!) here.", " Yes."]),
        ("Well … it is here… It was.", ["Well … it is here…", " It was."]),
        ("", []),
    ],
)
def test_sentences_end_where_they_end(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


MADE_OF = st.lists(
    st.sampled_from(
        [
            *("I", "have", "not", "refunded", "A-10293", "£24.90", "1.249,90", "23", "November"),
            *("z.", "B.", "e.g.", "Nr.", "no.", "etc.", "St.", "a@b.example"),
            *("https://x.example/a.b?C=1", ".", "!", "?", "...", "…", "\n", "\n\n", " "),
            *(", ", ": ", "; ", "- ", '"', "”", ")", "(", "🎉"),
        ]
    ),
    max_size=40,
).map("".join)


@given(st.text(max_size=300) | MADE_OF)
def test_joined_sentences_give_the_text_back(text: str) -> None:
    assert "".join(sentences(text)) == text
    spans = sentences_of(text)
    assert all(begins < ends for begins, ends in spans)
    assert [ends for _, ends in spans][:-1] == [begins for begins, _ in spans][1:]


@given(MADE_OF)
def test_nothing_that_is_written_together_is_cut(text: str) -> None:
    for link in ("£24.90", "1.249,90", "A-10293"):
        assert sum(link in one for one in sentences(text)) <= text.count(link)
        assert sum(one.count(link) for one in sentences(text)) == text.count(link)


@given(st.text(max_size=300) | MADE_OF)
def test_what_is_read_has_its_commas_within_it(text: str) -> None:
    read, stops = as_read(text)
    assert read == " ".join(read.split(" "))
    assert all(0 <= stop <= len(read) + 1 for stop in stops)


def test_words_reach_back_to_a_comma_or_an_and() -> None:
    read, stops = as_read("I can, and I will say it")
    at = read.index("say")
    assert read[begins_after(read, stops, at) : at].strip() == "and I will".casefold()


# --- what hangs on it


@pytest.mark.parametrize(
    "words",
    [
        "A colleague (e.g. Anna) will call you.",
        "Ein Kollege (z. B. Frau Meier) meldet sich.",
        "A colleague of Dr. Smith will call you.",
        "Un collègue, p. ex. Anne, vous répondra.",
    ],
)
def test_a_promise_goes_on_behind_a_dot_that_ends_nothing(words: str) -> None:
    assert promises_person(words)


def test_a_promise_is_named_whole() -> None:
    words = "It is so. A colleague (e.g. Anna) will call you. Yes."
    assert promises_in(words) == ("A colleague (e.g. Anna) will call you",)


@pytest.mark.parametrize(
    "words",
    [
        "If you want, e.g. for order no. 5, a colleague will call you.",
        "Wenn Sie z. B. möchten, meldet sich ein Kollege.",
    ],
)
def test_a_condition_holds_behind_a_dot_that_ends_nothing(words: str) -> None:
    assert not promises_person(words)
