"""The head: deterministic, cacheable, and honest about what it does not know."""

import numpy as np
import pytest

from brain.classifier import FORMAT, Classifier, content_key
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
    for name in ("owners", "known", "pulls", "sparse", "bias"):
        np.testing.assert_array_equal(getattr(first.head, name), getattr(second.head, name))
    assert first.threshold == second.threshold


SOME = [
    Example(label, f"{words} {n}")
    for label, words in (("late", "where is my parcel"), ("hours", "when do you OPEN??"))
    for n in "abcdef"
]


def test_whoever_changes_what_is_learnt_raises_the_format() -> None:
    """If this fails, raise FORMAT, learn the shipped heads anew, note the new values here."""
    head = Classifier.train(SOME, NgramEncoder())
    late, shop = head.rank(["Where is my PARCEEEEL @you", "do you open on sunday"])
    found = [head.threshold, late.score, late.topics[0][1], shop.score, shop.topics[0][1]]
    assert (FORMAT, late.best, shop.best) == (5, "late", "hours")
    assert found == pytest.approx([0.9221, 0.7208, 1.0, 0.4650, 0.9940], abs=1e-3)


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
    few = {"duplicate_charge", "cancel_order", "order_status", "product_question"}
    examples = [each for each in shipped_topics() if each.label in few]
    classifier = Classifier.train(examples[::10], NgramEncoder())
    rankings = classifier.rank(["i was charged twice!!", "please cancel my order"])
    assert [ranking.best for ranking in rankings] == ["duplicate_charge", "cancel_order"]


def test_vectors_have_length_one(encoder: UseEncoder) -> None:
    rows = encoder.encode(["hello", "", "a longer sentence about parcels 📦"])
    assert rows.shape == (3, encoder.dimensions)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-3)
    assert encoder.encode([]).shape == (0, encoder.dimensions)
