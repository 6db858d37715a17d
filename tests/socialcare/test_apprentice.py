"""Many texts are encoded on two cores, and nothing is missing when one of them fails."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from brain.encoder import Vectors
from socialcare.apprentice import MANY, encoded

TEXTS = [str(number) for number in range(MANY + 1)]


@dataclass(frozen=True, kw_only=True)
class Counting:
    """An encoder that reads numbers."""

    fails_elsewhere: bool = False
    name: str = "counting"
    dimensions: int = 2
    home: int = os.getpid()

    def encode(self, texts: Sequence[str]) -> Vectors:
        if self.fails_elsewhere and os.getpid() != self.home:
            os._exit(9)
        away = os.getpid() != self.home
        return np.array([[int(one), away] for one in texts], dtype=np.float32).reshape(-1, 2)


@pytest.mark.parametrize("count", [0, 1, MANY - 1, MANY, MANY + 1])
def test_each_text_has_its_row(count: int) -> None:
    found = encoded(TEXTS[:count], Counting())
    assert found[:, 0].tolist() == list(range(count))


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core")
@pytest.mark.parametrize(("fails", "away"), [(False, MANY - MANY // 2), (True, 0)])
def test_the_other_core_does_half_and_is_done_without(fails: bool, away: int) -> None:
    found = encoded(TEXTS[:MANY], Counting(fails_elsewhere=fails))
    assert found[:, 0].tolist() == list(range(MANY))
    assert found[:, 1].sum() == away
