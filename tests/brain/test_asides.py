"""A lawyer in the family threatens nobody, and a friend who ordered too reports no fault."""

from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from ruamel.yaml import YAML

from brain.triage import Triage, Understanding
from tests.brain.pretend_shop import WEDNESDAY

SAID = YAML(typ="safe", pure=True).load(
    Path(__file__).with_name("asides.yaml").read_text(encoding="utf-8")
)


Ear = Callable[[str], Understanding]


@pytest.fixture
def hear(triage: Triage) -> Ear:
    def heard(text: str) -> Understanding:
        return triage.understand(text, now=WEDNESDAY, timezone=ZoneInfo("Europe/London"))

    return heard


def threatens(found: Understanding) -> bool:
    named = any(issue.topic == "legal_threat" for issue in found.issues)
    return named or any(one.kind == "legal_threat" and one.sure for one in found.risks)


@pytest.mark.parametrize("text", SAID["no_threat"])
def test_a_trade_is_no_threat(hear: Ear, text: str) -> None:
    assert not threatens(hear(text))


@pytest.mark.parametrize("text", SAID["threat"])
def test_a_threat_is_one_though_a_trade_is_named(hear: Ear, text: str) -> None:
    assert threatens(hear(text))


@pytest.mark.parametrize("text", SAID["no_fault"])
def test_who_ordered_too_reports_no_fault(hear: Ear, text: str) -> None:
    assert not {issue.topic for issue in hear(text).issues} & {"wrong_item", "missing_item"}


@pytest.mark.parametrize("text", SAID["fault"])
def test_a_fault_is_one_though_somebody_else_has_it(hear: Ear, text: str) -> None:
    topics = {issue.topic for issue in hear(text).issues}
    assert topics & {"wrong_item", "missing_item", "exchange"}
