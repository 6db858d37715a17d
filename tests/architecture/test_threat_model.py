"""A threat model that names files and tests which are gone is worse than none."""

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
NAMED: Final = sorted(
    set(re.findall(r"`([\w./]+/[\w.]+(?:::\w+)?)`", (ROOT / "docs/threat-model.md").read_text()))
)


@pytest.mark.parametrize("place", NAMED)
def test_what_the_threat_model_names_is_there(place: str) -> None:
    file, _, test = place.partition("::")
    assert (ROOT / file).is_file()
    assert not test or f"def {test}(" in (ROOT / file).read_text("utf-8")
