"""The measures begin when they are run by their path: no file of theirs hides a package."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = (
    "adversary",
    "brain",
    "core_service",
    "faults",
    "million",
    "spine",
    "takeovers",
    "webchat",
)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_measure_says_how_it_is_run(name: str) -> None:
    command = [sys.executable, f"bench/{name}.py", "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own scripts
    assert done.returncode == 0, done.stderr
    assert "usage" in done.stdout
