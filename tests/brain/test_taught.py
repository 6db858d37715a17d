"""What a brand teaches comes on top: it is heard, and what we taught stays as it was."""

import numpy as np
import pytest

from brain.classifier import Classifier
from brain.encoder import UseEncoder
from brain.examples import Example, shipped_topics
from brain.heads import shipped_heads
from brain.taught import NOBODY, taught

WRAPS = (
    "can you gift wrap it", "how much is gift wrap", "please wrap it as a present",
    "is there a gift box option", "can i add a greeting card", "do you put a bow on it",
    "i want it wrapped in paper", "does it come in nice packaging", "wrap the mug please",
    "could you put a ribbon round it",
)  # fmt: skip
OWN = [Example("gift_wrapping", text) for text in WRAPS]
OTHERS = (
    "where is my parcel", "my mug came in pieces", "i was charged twice", "wo ist mein paket",
    "quiero cancelar mi pedido", "please change my delivery address", "what time do you open",
    "do you have this kettle in red", "write me a poem about the sea",
)  # fmt: skip


@pytest.fixture(scope="module")
def shipped(encoder: UseEncoder) -> Classifier:
    return shipped_heads(encoder).topics


@pytest.fixture(scope="module")
def wrapping(shipped: Classifier) -> Classifier:
    return taught(shipped, OWN, shipped_topics())


def test_texts_lie_as_they_did_or_comparing_takes_twice_the_time(
    shipped: Classifier, wrapping: Classifier
) -> None:
    assert shipped.head.known.flags.f_contiguous
    assert wrapping.head.known.flags.f_contiguous
    assert len(wrapping.head.known) == len(shipped.head.known) + len(OWN)


def test_a_topic_of_the_brand_s_own_is_heard(wrapping: Classifier) -> None:
    assert {one.best for one in wrapping.rank(WRAPS)} == {"gift_wrapping"}
    meant = ["could you wrap it up as a gift", "is gift wrapping possible", "add a ribbon please"]
    found = wrapping.favouring({"gift_wrapping"}).rank(meant)
    assert [one.best for one in found] == ["gift_wrapping"] * 3


def test_of_everything_else_nearly_the_same_is_said(
    shipped: Classifier, wrapping: Classifier
) -> None:
    for before, after in zip(shipped.rank(OTHERS), wrapping.rank(OTHERS), strict=True):
        assert after.best == before.best
        assert after.score == pytest.approx(before.score, abs=0.08)
        assert after.pulls["gift_wrapping"] < 0.2


def test_our_own_examples_are_still_read_as_before(
    shipped: Classifier, wrapping: Classifier
) -> None:
    texts = [each.text for each in shipped_topics()[::11]]
    pairs = zip(shipped.rank(texts), wrapping.rank(texts), strict=True)
    other = sum(before.best != after.best for before, after in pairs)
    assert other <= len(texts) // 100


def test_more_examples_of_a_shipped_topic_are_heard_as_it(shipped: Classifier) -> None:
    said = "the gizmotron went pfff on me"
    before = shipped.rank([said])[0]
    found = taught(shipped, [Example("defective_item", said)], shipped_topics()).rank([said])[0]
    assert (found.best, found.score > before.score) == ("defective_item", True)
    assert found.pulls["defective_item"] > 0.8


def test_what_the_brand_gives_to_another_topic_is_the_brand_s_to_say(shipped: Classifier) -> None:
    ours = next(each for each in shipped_topics() if each.label == "order_status")
    own = [Example("track_and_trace", f" {ours.text.upper()}! ")]
    found = taught(shipped, own, shipped_topics()).favouring({"track_and_trace"})
    assert found.rank([ours.text])[0].best == "track_and_trace"


def test_the_same_examples_always_give_the_same(shipped: Classifier) -> None:
    one, other = (taught(shipped, order, shipped_topics()) for order in (OWN, OWN[::-1]))
    np.testing.assert_array_equal(one.head.pulls, other.head.pulls)
    np.testing.assert_array_equal(one.head.sparse, other.head.sparse)


def test_a_topic_that_is_off_is_never_named(shipped: Classifier) -> None:
    left = taught(shipped, (), (), off={"booking_cancel", "booking_change"})
    assert set(shipped.labels) - set(left.labels) == {"booking_cancel", "booking_change"}
    said = "please cancel my table for tonight"
    (before,), (after,) = shipped.rank([said]), left.rank([said])
    assert before.best == "booking_cancel"
    assert after.best != "booking_cancel"
    assert after.score < before.score  # its examples still tell what is not about another topic
    assert (left.head.owners == NOBODY).any()


def test_nothing_taught_is_what_is_shipped(shipped: Classifier) -> None:
    assert taught(shipped, (), ()).head is shipped.head


def test_other_examples_than_it_was_learnt_from_are_refused(shipped: Classifier) -> None:
    with pytest.raises(ValueError, match=r"python -m socialcare\.teaching"):
        taught(shipped, OWN, shipped_topics()[1:])
