"""The head: deterministic, cacheable, and honest about what it does not know."""

import io
from typing import Any

import numpy as np
import pytest

from brain.classifier import FORMAT, Classifier, content_key
from brain.encoder import BUCKETS, NgramEncoder, UseEncoder
from brain.examples import Example, shipped_topics
from config.topics import SHIPPED_TOPICS


def test_every_shipped_topic_has_examples() -> None:
    labels = [example.label for example in shipped_topics() if not example.label.startswith("_")]
    assert set(labels) == set(SHIPPED_TOPICS)
    assert min(labels.count(topic) for topic in SHIPPED_TOPICS) >= 9


def test_no_example_stands_for_two_topics() -> None:
    texts: dict[str, str] = {}
    for example in shipped_topics():
        assert texts.setdefault(example.text, example.label) == example.label, example.text


def test_training_twice_gives_the_same_head(encoder: UseEncoder) -> None:
    examples = [each for each in shipped_topics() if each.label in {"thanks", "greeting", "spam"}]
    first, second = (
        Classifier.train(order, encoder) for order in (examples, list(reversed(examples)))
    )
    assert first.to_bytes() == second.to_bytes()


def test_a_head_survives_its_cache(classifier: Classifier, encoder: UseEncoder) -> None:
    again = Classifier.from_bytes(classifier.to_bytes(), encoder)
    texts = ["i was charged twice", "where is my order", "write a poem"]
    assert again.threshold == classifier.threshold
    for before, after in zip(classifier.rank(texts), again.rank(texts), strict=True):
        assert after.topics == before.topics
        assert after.score == pytest.approx(before.score)


@pytest.mark.parametrize("damage", [b"", b"no zip", b"PK\x03\x04half"])
def test_a_damaged_cache_is_a_value_error(encoder: UseEncoder, damage: bytes) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        Classifier.from_bytes(damage, encoder)


def test_a_head_of_another_encoder_is_refused(classifier: Classifier) -> None:
    with pytest.raises(ValueError, match="another format or encoder"):
        Classifier.from_bytes(classifier.to_bytes(), NgramEncoder())


SOME = [
    Example(label, f"{words} {n}")
    for label, words in (("late", "where is my parcel"), ("hours", "when do you OPEN??"))
    for n in "abcdef"
]


def _altered(classifier: Classifier, **arrays: Any) -> bytes:
    with np.load(io.BytesIO(classifier.to_bytes())) as stored:
        kept = {name: stored[name] for name in stored.files} | arrays
    buffer = io.BytesIO()
    np.savez(buffer, **kept)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "arrays",
    [
        {"examples": np.zeros((12, 3), dtype=np.float32)},
        {"examples": np.zeros((11, BUCKETS), dtype=np.float32)},
        {"sparse": np.zeros((BUCKETS // 2, 2), dtype=np.float32)},
        {"ngram_weights": np.zeros(BUCKETS // 2, dtype=np.float32)},
        {"pulls": np.zeros((12, 3), dtype=np.float32)},
        {"bias": np.zeros(1, dtype=np.float32)},
        {"owners": np.full(12, 2)},
        {"owners": np.zeros(12)},
        {"labels": np.array(["late"])},
        {"bias": np.array(["a", "b"])},
        {"calibration": np.array([1.0, np.nan])},
        {"pulls": np.full((12, 2), np.inf, dtype=np.float32)},
    ],
)  # fmt: skip
def test_a_head_that_does_not_fit_together_is_refused(arrays: dict[str, Any]) -> None:
    """An older or a foreign program may have written it: it must not break every turn."""
    head, encoder = Classifier.train(SOME, NgramEncoder()), NgramEncoder()
    assert Classifier.from_bytes(_altered(head), encoder).labels == ("hours", "late")
    with pytest.raises(ValueError, match="stored classifier"):
        Classifier.from_bytes(_altered(head, **arrays), encoder)


def test_whoever_changes_what_is_learnt_raises_the_format() -> None:
    """If this fails, kept heads would be misread: raise FORMAT and note the new values here."""
    head = Classifier.train(SOME, NgramEncoder())
    late, shop = head.rank(["Where is my PARCEEEEL @you", "do you open on sunday"])
    found = [head.threshold, late.score, late.topics[0][1], shop.score, shop.topics[0][1]]
    assert (FORMAT, late.best, shop.best) == (3, "late", "hours")
    assert found == pytest.approx([0.9266, 0.7231, 1.0, 0.4658, 0.9942], abs=1e-3)


def test_the_key_follows_examples_and_encoder(encoder: UseEncoder) -> None:
    one, two = Example("a", "x"), Example("b", "y")
    assert content_key([one, two], encoder) == content_key([two, one], encoder)
    assert content_key([one], encoder) != content_key([one, two], encoder)
    assert content_key([one], encoder) != content_key([one], NgramEncoder())


def test_one_label_is_no_classifier(encoder: UseEncoder) -> None:
    with pytest.raises(ValueError, match="two labels"):
        Classifier.train([Example("a", "x")], encoder)


def test_probabilities_make_one(classifier: Classifier) -> None:
    ranking = classifier.rank(["my mug came in pieces"])[0]
    assert ranking.best == "damaged_item"
    assert sum(p for _, p in ranking.topics) == pytest.approx(1, abs=1e-4)
    assert 0 <= ranking.score <= 1


def test_what_is_unlike_everything_scores_low(classifier: Classifier) -> None:
    known, strange = classifier.rank(["where is my parcel", "the moon orbits a purple teapot"])
    assert known.score > 0.5 > classifier.threshold > 0.05
    assert strange.score < known.score / 2


def test_more_examples_than_are_kept_still_teach(
    encoder: UseEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With fewer points of comparison than examples, the answers stay nearly the same."""
    examples = [each for each in shipped_topics() if each.label in {"refund_status", "invoice"}]
    exact = Classifier.train(examples, encoder)
    monkeypatch.setattr("brain.lesson.EXACT_MAX", 0)
    monkeypatch.setattr("brain.lesson.KEPT_MAX", len(examples) * 4 // 5)
    rough = Classifier.train(examples, encoder)
    texts = ["has my refund been paid", "send me the bill", "receipt please", "refund not here"]
    for one, other in zip(exact.rank(texts), rough.rank(texts), strict=True):
        assert one.best == other.best
        assert one.score == pytest.approx(other.score, abs=0.2)


def test_a_topic_of_the_brand_s_own_wins_where_a_text_is_as_near_to_it_as_to_anything(
    encoder: UseEncoder,
) -> None:
    wraps = ("can you gift wrap it", "how much is gift wrap", "please wrap it as a present",
             "is there a gift box option", "can i add a greeting card")  # fmt: skip
    ours = {"change_order", "product_question", "change_address", "promo_code", "gift_card"}
    examples = [each for each in shipped_topics() if each.label in ours]
    examples += [Example("gift_wrapping", text) for text in wraps]
    plain = Classifier.train(examples, encoder)
    favouring = plain.favouring({"gift_wrapping"})
    meant = ["whats your gift packaging like", "can it come in a box with a bow on"]
    assert [one.best for one in plain.rank(meant)] != ["gift_wrapping"] * 2
    assert [one.best for one in favouring.rank(meant)] == ["gift_wrapping"] * 2
    others = ["please change my delivery address", "do you have this kettle in red"]
    for before, after in zip(plain.rank(others), favouring.rank(others), strict=True):
        assert after == before


def test_ngrams_alone_are_enough_for_plain_words() -> None:
    classifier = Classifier.train(shipped_topics(), NgramEncoder())
    rankings = classifier.rank(["i was charged twice!!", "please cancel my order"])
    assert [ranking.best for ranking in rankings] == ["duplicate_charge", "cancel_order"]


def test_vectors_have_length_one(encoder: UseEncoder) -> None:
    rows = encoder.encode(["hello", "", "a longer sentence about parcels 📦"])
    assert rows.shape == (3, encoder.dimensions)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-3)
    assert encoder.encode([]).shape == (0, encoder.dimensions)
