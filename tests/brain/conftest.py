"""The encoder takes a second to load: once a session."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ruamel.yaml import YAML

from brain.classifier import Classifier
from brain.encoder import UseEncoder
from brain.heads import shipped_heads
from brain.triage import Triage, Understanding

WEDNESDAY = datetime(2026, 11, 18, 10, tzinfo=UTC)


@pytest.fixture(scope="session")
def encoder() -> UseEncoder:
    return UseEncoder()


@pytest.fixture(scope="session")
def classifier(encoder: UseEncoder) -> Classifier:
    return shipped_heads(encoder).topics


@pytest.fixture(scope="session")
def triage(encoder: UseEncoder) -> Triage:
    return Triage(
        heads=shipped_heads(encoder),
        order_id_patterns=[r"#?[A-Z]-?\d{5,6}", r"\d{4}-\d{4}"],
        languages=["en", "de", "fr", "es"],
        currency="GBP",
    )


@pytest.fixture(scope="session")
def understand(triage: Triage) -> Callable[[str], Understanding]:
    """What a message of Wednesday, 18 November 2026, in London, says."""

    def _understand(text: str) -> Understanding:
        return triage.understand(text, now=WEDNESDAY, timezone=ZoneInfo("Europe/London"))

    return _understand


@pytest.fixture(scope="session")
def messages() -> dict[str, Any]:
    text = Path(__file__).with_name("messages.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return loaded
