"""The service dies at every named point and at random moments; nothing is lost, nothing doubled."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from socialcare.fault_points import Point, dying_at, unheard
from tests.faults.driver import ALL_STORIES, Plan, Verdict, at_each_point, plan_of, play
from tests.faults.troubles import ELSEWHERE, Trouble
from tests.postgres_server import Server

KILLS = 2
SEEDS = [int(seed) for seed in os.environ.get("SEED", "11 12").split()]  # noqa: TID251 - to play a failing seed again
ANYWHERE = tuple(one for one in Trouble if one not in ELSEWHERE)
PARTS = (ANYWHERE[0::2], ANYWHERE[1::2])
"""What is certain to go wrong on SQLite, one part for each seed."""
ON_POSTGRES = (*ELSEWHERE, Trouble.LEASE_LOST, Trouble.SLOW_DISK)


def sound(verdict: Verdict) -> None:
    """Show what happened, and check that nothing was broken."""
    print(verdict)  # noqa: T201 - shown when it fails
    assert not verdict.violations, "\n".join([f"SEED={verdict.seed}", *verdict.violations])


@pytest.mark.timeout(90)
async def test_death_at_each_point(tmp_path: Path) -> None:
    """F05-F12, F39, CASES 15, 18, 19, 42: once at every named point, all stories under way."""
    deaths = at_each_point()
    plan = Plan(seed=1, deaths=deaths, stories=ALL_STORIES, guests=0, troubled=False)
    verdict = await play(plan, tmp_path / "house")
    sound(verdict)
    assert set(verdict.at_points) == {str(point) for point in Point}
    assert verdict.refunds
    assert verdict.replacements


@pytest.mark.timeout(90)
@pytest.mark.parametrize("seed", SEEDS)
async def test_random_deaths_and_faults(tmp_path: Path, seed: int) -> None:
    """F01, F02, F05-F13, F16, F17, F22, F25-F27, F29, F36, F39: and whatever the seed says."""
    certain = PARTS[seed % len(PARTS)]
    verdict = await play(plan_of(seed, kills=KILLS, certain=certain), tmp_path / "house")
    sound(verdict)
    assert set(verdict.troubles) >= set(certain)


@pytest.mark.timeout(120)
async def test_two_processes_and_a_server_in_trouble(
    postgres: Server, postgres_url: str, tmp_path: Path
) -> None:
    """The same on PostgreSQL: connections cut, restarted, its disk slow, a turn given up."""
    here = postgres.ours
    certain = ON_POSTGRES if here else (Trouble.LEASE_LOST,)
    plan = plan_of(13, kills=KILLS, store=postgres_url, workers=2, certain=certain)
    plan = replace(plan, leases_end=True)
    verdict = await play(plan, tmp_path / "house", restart=postgres.restart if here else None)
    sound(verdict)
    assert set(verdict.troubles) >= set(certain)


def test_everything_that_can_go_wrong_is_certain_to_somewhere() -> None:
    """No fault is left to luck alone."""
    assert {*PARTS[0], *PARTS[1], *ON_POSTGRES} == set(Trouble)
    told = (Path(__file__).parents[2] / "docs/faults.md").read_text("utf-8")
    assert [one for one in Trouble if one not in told] == []


def test_points_are_counted_and_spelled() -> None:
    """A misspelt point would prove nothing."""
    for wrong in ("nowhere", "accepted:0", "accepted:x"):
        with pytest.raises(ValueError, match=r"."):
            dying_at(wrong)
    passing = dying_at("accepted:2")
    passing(Point.CLAIMED)
    passing(Point.ACCEPTED)
    unheard(Point.ACCEPTED)
