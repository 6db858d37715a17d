import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from channels.splitting import (
    CUT_MARK,
    MAX_PARTS,
    SHORTEST_LIMIT,
    in_one,
    is_cut,
    split_text,
    utf16_length,
)


def without_blanks(text: str) -> str:
    return "".join(each for each in regex.findall(r"\X", text) if not each.isspace())


TEXTS = st.one_of(
    st.text(max_size=300),
    st.text(alphabet="ab .\n!é\u0301👩\u200d👧🇩🇪1@/:世。\r", max_size=400),
    st.lists(
        st.sampled_from(
            [
                "word",
                "https://northwind.example/orders/4711?a=b",
                "ada@northwind.example",
                "DE89 3704 0044 0532 0130 00",
                "\n\n",
                "End. ",
                "世界。",
                "👩\u200d👩\u200d👧",
                "x" * 50,
            ]
        ),
        max_size=30,
    ).map(" ".join),
)


@given(text=TEXTS, limit=st.integers(SHORTEST_LIMIT, 120), utf16=st.booleans())
@example(text="e" + "\u0301" * 50, limit=8, utf16=True)
@example(text=" \u0301 \u0301 a", limit=8, utf16=False)
@example(text="\r\n" * 40 + "a" + "\r\n" * 40, limit=8, utf16=True)
@example(text="👩\u200d👩\u200d👧" * 9, limit=8, utf16=True)
def test_nothing_is_lost_and_every_part_fits(text: str, limit: int, utf16: bool) -> None:
    measure = utf16_length if utf16 else len
    parts = split_text(text, limit=limit, measure=measure)
    assert all(0 < measure(part) <= limit for part in parts)
    assert all(without_blanks(part) for part in parts)
    assert len(parts) <= MAX_PARTS
    if len(parts) < MAX_PARTS:
        assert "".join(map(without_blanks, parts)) == without_blanks(text)
    else:
        kept = "".join(map(without_blanks, parts)).removesuffix(CUT_MARK.strip())
        assert without_blanks(text).startswith(kept)


@given(
    graphemes=st.lists(
        st.sampled_from(["a", "e\u0301", "👩\u200d👩\u200d👧", "🇩🇪", "한"]), max_size=60
    )
)
def test_one_giant_token_is_cut_between_graphemes(graphemes: list[str]) -> None:
    token = "".join(graphemes)
    parts = split_text(token, limit=20, measure=utf16_length)
    assert [each for part in parts for each in regex.findall(r"\X", part)] == regex.findall(
        r"\X", token
    )


@pytest.mark.parametrize("text", ["", " ", "\n\n\t\u00a0", " " * 500])
def test_a_text_of_blanks_has_no_parts(text: str) -> None:
    assert split_text(text, limit=10, measure=len) == ()


def test_a_text_that_fits_is_one_part() -> None:
    assert split_text("  One.\n\nTwo.  ", limit=20, measure=len) == ("One.\n\nTwo.",)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("First one.\n\nSecond one. Third.", ("First one.", "Second one. Third.")),
        ("First line\nsecond line here", ("First line", "second line here")),
        ("One is here. Two is there now", ("One is here.", "Two is there now")),
        ('He said "go!" Then we went home', ('He said "go!"', "Then we went home")),
        ("three words here and more of it", ("three words here and", "more of it")),
        (
            "一二三四五六七八九十。一二三四五六七八九十甲乙丙丁",
            ("一二三四五六七八九十。", "一二三四五六七八九十甲乙丙丁"),
        ),
    ],
)
def test_the_best_boundary_wins(text: str, parts: tuple[str, ...]) -> None:
    assert split_text(text, limit=20, measure=len) == parts


@pytest.mark.parametrize(
    "unbroken", ["https://northwind.example/returns", "care@northwind.example"]
)
def test_where_nobody_writes_spaces_a_link_ends_at_its_sentence(unbroken: str) -> None:
    """Chinese and Japanese: what follows a link is cut between sentences as everywhere."""
    sentence = "这是一个很长的句子。"
    parts = split_text(f"请看{unbroken}。" + sentence * 30, limit=64, measure=len)
    assert all(part.endswith("。") for part in parts)
    assert sum(part.count(unbroken) for part in parts) == 1


def test_a_paragraph_break_near_the_start_does_not_waste_a_message() -> None:
    text = "Hi\n\n" + "word " * 20
    assert len(split_text(text, limit=60, measure=len)[0]) > 30


@pytest.mark.parametrize(
    "unbroken",
    [
        "https://northwind.example/a,b.c?d=e!f",
        "www.northwind.example/returns",
        "ada.okafor+care@northwind.example",
        "+49 30 1234 5678",
        "DE89 3704 0044 0532 0130 00",
        "#A-4711-2026/07",
    ],
)
@given(before=st.integers(1, 45), after=st.integers(0, 45))
def test_links_addresses_and_numbers_stay_whole(unbroken: str, before: int, after: int) -> None:
    text = " ".join(["x" * before, unbroken, "y" * after]).strip()
    parts = split_text(text, limit=50, measure=len)
    assert any(unbroken in part for part in parts)


def test_a_link_longer_than_a_message_is_cut() -> None:
    link = "https://northwind.example/" + "a" * 100
    parts = split_text("See " + link, limit=40, measure=len)
    assert parts[0] == "See"
    assert "".join(parts[1:]) == link


def test_too_many_parts_end_in_a_mark() -> None:
    parts = split_text("word " * 1000, limit=20, measure=len)
    assert len(parts) == MAX_PARTS
    assert parts[-1].endswith(CUT_MARK)
    assert all(len(part) <= 20 for part in parts)


def test_exactly_as_many_parts_as_allowed_carry_no_mark() -> None:
    parts = split_text("a" * 20 * MAX_PARTS, limit=20, measure=len)
    assert parts == ("a" * 20,) * MAX_PARTS


def test_a_length_that_shrinks_at_links_still_fits() -> None:
    def weighted(text: str) -> int:
        return len(regex.sub(r"https?://\S+", "x" * 23, text))

    text = "A word. " * 4 + "https://northwind.example/" + "a" * 300 + " and more words " * 9
    parts = split_text(text, limit=60, measure=weighted)
    assert all(weighted(part) <= 60 for part in parts)
    assert any("https://northwind.example/" + "a" * 300 in part for part in parts)


def cut_at_forty(text: str) -> tuple[str, ...]:
    return split_text(text, limit=40, measure=utf16_length)


@given(TEXTS)
@example("x" * 100)
@example("word " * 30)
@example("👩\u200d👩\u200d👧" * 20)
def test_what_goes_once_is_one_part_and_says_that_it_was_cut(text: str) -> None:
    one = in_one(text, cut_at_forty)
    whole = len(cut_at_forty(text)) < 2
    assert cut_at_forty(one) == ((one,) if one else ())
    assert one == "".join(cut_at_forty(text)) if whole else one.endswith(CUT_MARK)


@pytest.mark.parametrize(
    ("text", "cut"),
    [("short", False), ("word " * 300, True), ("a draft that ends […]", False), ("", False)],
)
def test_it_is_known_whether_a_text_was_cut(text: str, *, cut: bool) -> None:
    assert is_cut(text, split_text(text, limit=40, measure=len, parts_max=2)) is cut


def test_a_limit_too_short_to_mean_anything() -> None:
    with pytest.raises(ValueError, match="too short"):
        split_text("text", limit=SHORTEST_LIMIT - 1, measure=len)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 200_000,
        "a@" * 100_000,
        "1 " * 100_000,
        "\u0301" * 100_000,
        ". " * 100_000,
        "\n" * 200_000,
    ],
    ids=["letters", "ats", "numbers", "accents", "sentences", "lines"],
)
def test_hostile_texts_take_no_quadratic_time(text: str) -> None:
    assert len(split_text(text, limit=4096, measure=utf16_length)) <= MAX_PARTS


@pytest.mark.parametrize(
    ("text", "units"), [("", 0), ("abc", 3), ("é", 1), ("😀", 2), ("👩\u200d👧", 5), ("\ud800", 1)]
)
def test_utf16_units(text: str, units: int) -> None:
    assert utf16_length(text) == units
