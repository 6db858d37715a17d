"""CASES 10, 22, 23, F30: a colleague takes over at any moment; the bot is silent from then on."""

from pathlib import Path

import pytest

from tests.faults.takeovers import MOMENTS, interleave

SEED = 22
CONVERSATIONS = 100


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return "sqlite:///care.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.mark.timeout(90)
async def test_no_word_of_the_bot_after_a_take_over(url: str, tmp_path: Path) -> None:
    """10,000 are played by `bench/takeovers.py`; here a few, on each store."""
    found = await interleave(url, tmp_path, seed=SEED, conversations=CONVERSATIONS)
    assert found.violations == [], f"SEED={SEED}"
    assert found.played == CONVERSATIONS
    assert set(found.moments) == set(MOMENTS)
    assert found.spoke > 0
