"""A brand's own examples: what teaches nothing is an error, what teaches little is told."""

from typing import Any

import pytest

from config.load import ConfigError, load
from config.schema import TOPICS_MAX
from config.taught import FEW, READ_MAX, faint
from tests.config.test_checks import text_of


def told(topics: dict[str, Any]) -> list[tuple[str, str]]:
    settings = load(text_of({"brand": {"name": "N"}, "topics": topics}), env={})
    return [(".".join(map(str, each.path)), each.message) for each in faint(settings)]


def test_a_name_that_is_nearly_a_shipped_one_is_asked_about() -> None:
    examples = [f"I want my money back {number}" for number in range(FEW)]
    (one,) = told({"refund_requst": {"examples": examples}})
    assert one[0] == "topics.refund_requst"
    assert "did you mean 'refund_request'?" in one[1]
    assert told({"warranty": {"examples": examples}}) == []
    assert told({"refund_request": {"examples": ["gimme"]}, "spam": "off"}) == []


def test_a_topic_of_few_examples_is_told() -> None:
    few = [f"is part {number} under warranty" for number in range(FEW - 1)]
    (one,) = told({"warranty": {"examples": [*few, "IS PART 1 under warranty?"]}})
    assert one[0] == "topics.warranty.examples"
    assert told({"warranty": {"examples": [*few, "do you cover the zip"]}}) == []


def test_an_example_is_no_essay() -> None:
    long = "my zip broke " * (READ_MAX // 12)
    (one,) = told({"damaged_item": {"examples": [long]}})
    assert one[0] == "topics.damaged_item.examples.0"


def test_there_is_a_limit_of_topics() -> None:
    topics = {f"own_{n}": {"examples": [f"word {n}"]} for n in range(TOPICS_MAX + 1)}
    with pytest.raises(ConfigError, match=f"topics: is longer than {TOPICS_MAX}"):
        told(topics)
