"""Every fault and every symptom of the core has its row, and every test it names is there."""

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
TEXT: Final = (ROOT / "docs/faults.md").read_text("utf-8")
ROWS: Final = {
    number: line
    for line in TEXT.splitlines()
    for number in re.findall(r"\b[FC]\d+\b", line.split("|")[1] if line.startswith("|") else "")
}
NAMED: Final = sorted(set(re.findall(r"`(tests/[\w./]+)::(\w+)`", TEXT)))
NUMBERS: Final = [*(f"F{n:02}" for n in range(1, 43)), *(f"C{n}" for n in range(1, 34))]


@pytest.mark.parametrize("number", NUMBERS)
def test_each_number_names_a_test_or_its_limit(number: str) -> None:
    row = ROWS[number]
    assert re.search(r"`tests/[\w./]+::\w+`", row) or "*limit*:" in row


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_what_is_named_is_there(file: str, test: str) -> None:
    assert f"def {test}(" in (ROOT / file).read_text("utf-8")
