"""The head: deterministic, cacheable, and honest about what it does not know."""

import numpy as np
import pytest

from brain.classifier import Classifier, content_key
from brain.encoder import NgramEncoder, UseEncoder
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
    monkeypatch.setattr("brain.classifier.EXACT_MAX", 0)
    monkeypatch.setattr("brain.classifier.KEPT_MAX", len(examples) * 4 // 5)
    rough = Classifier.train(examples, encoder)
    texts = ["has my refund been paid", "send me the bill", "receipt please", "refund not here"]
    for one, other in zip(exact.rank(texts), rough.rank(texts), strict=True):
        assert one.best == other.best
        assert one.score == pytest.approx(other.score, abs=0.2)


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
