"""The shipped heads: learnt from the examples as they stand, and with the encoder that is there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.classifier import content_key, in_order
from brain.encoder import NamedEncoder, NgramEncoder, UseEncoder, use_named
from brain.english import EnglishEncoder, JoinedEncoder, joined_named
from brain.examples import shipped_topics
from brain.heads import HeadsUnfit, learnt_keys, packed, shipped_heads, unpacked
from brain.wording import plain
from socialcare.teaching import ENGLISH_AXES, lessons


@pytest.mark.parametrize(
    ("english", "named"), [(False, use_named()), (True, joined_named(use_named()))]
)
def test_what_is_shipped_was_learnt_from_the_examples_as_they_are(
    english: bool, named: NamedEncoder
) -> None:
    """If this fails, an example has changed: run `python -m socialcare.teaching`."""
    wanted = {name: content_key(examples, named) for name, examples in lessons().items()}
    assert learnt_keys(english=english) == wanted


def test_its_rows_are_the_encoder_s(encoder: UseEncoder) -> None:
    heads = shipped_heads(encoder)
    head = heads.topics.head
    some = range(0, len(head.owners), 97)
    examples = in_order(shipped_topics())
    texts = [plain(examples[at].text) for at in some]
    wrong = head.known[head.rows[list(some)]] - heads.encoder.encode(texts)
    assert np.linalg.norm(wrong, axis=1).max() < 0.03


def test_with_the_english_encoder_its_own_are_read(encoder: UseEncoder) -> None:
    joined = JoinedEncoder(encoder, EnglishEncoder())
    heads = shipped_heads(joined)
    assert heads.topics.head.known.shape[1] == ENGLISH_AXES
    found = heads.topics.rank(["my mug came in pieces", "wo bleibt denn mein paket"])
    assert [one.best for one in found] == ["damaged_item", "order_status"]


def test_heads_of_another_encoder_are_refused_and_the_cure_is_told() -> None:
    with pytest.raises(HeadsUnfit, match=r"ngrams/65536; pip install"):
        shipped_heads(NgramEncoder())


@given(st.lists(st.lists(st.floats(-1, 1, width=32), min_size=4, max_size=4), max_size=5))
def test_a_number_is_wrong_by_half_a_step_at_most(values: list[list[float]]) -> None:
    rows = np.array(values, dtype=np.float32).reshape(-1, 4)
    steps, scales = packed(rows) if len(rows) else (rows.astype(np.int8), rows[:, 0])
    wrong = np.abs(unpacked(steps, scales) - rows)
    assert (wrong <= scales[:, None] * 0.5 + 1e-6).all()
