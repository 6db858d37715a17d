"""The service is killed at the worst moments; what was accepted is done, once."""

import contextlib
import json
import random
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path

import aiohttp
import pytest

from socialcare.demo.world import CARE
from socialcare.fault_points import VARIABLE, Point
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.slack_reading import plain
from socialcare.sandbox.telegram_people import Customer
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import (
    HOURS,
    OPEN,
    PATIENCE_S,
    POLLING,
    REFUND,
    REFUNDED,
    changed,
    hears,
    said,
)
from tests.journeys.process import run

CUSTOMERS = 30


def _answered(guests: list[Customer], at_least: int) -> int | None:
    """Count those who were answered, once there are enough of them."""
    answered = sum(len(guest.chat) > 0 for guest in guests)
    return answered if answered >= at_least else None


async def test_killed_between_storing_and_answering(open_house: OpenHouse) -> None:
    """CASES 15, 19: what was acknowledged is answered after a restart, once."""
    house = await open_house(serve=False)
    ella = house.customer("Ella")
    async with run(house) as first:
        house.world.shop.faults.next("order", Fault(kind="hang"))
        await ella.write(REFUND)
        await ella.delivered()
        await house.world.shop.faults.met("order")
        await first.kill()
    house.world.shop.faults.clear()
    assert not ella.chat
    async with run(house) as second:
        await hears(ella, REFUNDED)
        await house.settled()
        assert await second.terminate() == 0
    assert await house.refunds("A-10388") == [4200]
    assert len(ella.chat) == 1
    assert house.log(ella, "message") == 1


async def test_killed_between_the_refund_and_its_note(open_house: OpenHouse) -> None:
    """CASES 18, 42: the shop refunded, the process died before it knew; still one refund."""
    house = await open_house(serve=False)
    ella = house.customer("Ella")
    async with run(house) as first:
        house.world.shop.faults.next("refund", Fault(kind="hang", after_effect=True))
        await ella.write(REFUND)
        await house.until(lambda: house.calls() == ["executing"] or None)
        await house.world.shop.called("refund")
        await first.kill()
    house.world.shop.faults.clear()
    assert await house.refunds("A-10388") == [4200]
    async with run(house):
        await hears(ella, REFUNDED)
        await house.settled()
    assert await house.refunds("A-10388") == [4200]
    assert house.calls() == ["done"]
    assert len(ella.chat) == 1


@pytest.mark.timeout(60)
@pytest.mark.parametrize("seed", [20_261_120])
@pytest.mark.parametrize("changes", [{}, POLLING], ids=["webhook", "polling"])
async def test_thirty_customers_and_two_kills(
    open_house: OpenHouse, seed: int, changes: dict[str, str]
) -> None:
    """CASES 9, 19: nobody is forgotten; words repeat only where it died between send and note."""
    print("seed", seed)  # noqa: T201 - shown when it fails
    rng = random.Random(seed)  # noqa: S311 - moments of death are no secrets
    house = await open_house(serve=False, changes=changes)
    guests = [house.customer(f"Guest {number}") for number in range(CUSTOMERS)]
    excused: Counter[str] = Counter()
    moments = sorted(rng.sample(range(1, CUSTOMERS - 2), 2))
    for moment in moments:
        async with run(house) as doomed:
            for guest in guests if moment == moments[0] else ():
                await guest.write(HOURS)
            answered = await house.world.telegram.changes.until(
                partial(_answered, guests, moment),
                patience_s=20,
                expected=lambda: "answers",
            )
            await doomed.kill()
            print("killed after", answered, "answers")  # noqa: T201 - shown when it fails
        excused.update(
            conversation
            for (conversation,) in house.rows(
                "select conversation from outbox where state = 'sending' and kind = 'reply'"
            )
        )
    async with run(house):
        for guest in guests:
            await hears(guest, OPEN)
        await house.settled()
    for guest in guests:
        assert 1 <= len(guest.chat) <= 1 + excused[house.conversation(guest)], guest.person
        assert house.log(guest, "message") == 1


async def test_sigterm_finishes_the_turn_under_way(open_house: OpenHouse) -> None:
    """CASES 19: told to stop while it thinks, it finishes its words, exits 0 within 10 s."""
    house = await open_house(serve=False)
    ella = house.customer("Ella")
    async with run(house) as running:
        house.world.shop.faults.next("refund", Fault(kind="hang"))
        await ella.write(REFUND)
        await house.world.shop.faults.met("refund")
        began = house.clock.monotonic()
        running.process.terminate()
        house.world.shop.faults.release()
        assert await running.ended() == 0
        assert house.clock.monotonic() - began < 10
        log = running.errors.read_text("utf-8")
    assert await house.refunds("A-10388") == [4200]
    assert [text for text in (m.text for m in ella.chat) if REFUNDED in text]
    records = [json.loads(line) for line in log.splitlines()]
    assert records[-1]["event"] == "stopped"
    assert "demo-webhook-secret" not in log
    assert house.world.telegram.token not in log
    assert "ella@" not in log


@pytest.mark.timeout(60)
async def test_killed_before_the_desk_heard_of_an_account(
    open_house: OpenHouse,
) -> None:
    """What Meta does about a page is told by the next life, once, and never only in the inbox."""
    house = await open_house(serve=False)
    graph = house.world.graph
    event = {
        "recipient": {"id": graph.page_id},
        "timestamp": 1793869200123,
        "policy_enforcement": {"action": "block", "reason": "The bot violated our Policies"},
    }
    entry = {"id": graph.page_id, "time": 1793869200123, "messaging": [event]}
    raw = json.dumps({"object": "page", "entry": [entry]}).encode()
    told = "messenger: Meta enforces its policies: block"
    environment = {**house.world.environment, VARIABLE: Point.ACCEPTED}
    dying = replace(house, world=replace(house.world, environment=environment))
    async with run(dying) as doomed:
        with contextlib.suppress(aiohttp.ClientError):
            await graph.post_raw("page", raw)
        await doomed.ended()
    assert told not in house.desk()
    async with run(house):
        await house.until(lambda: told in house.desk() or None, house.desk)
        # Meta had no answer, and says it again.
        assert (await graph.post_raw("page", raw)).status == 200
        await house.settled()
        await house.until(lambda: house.rows("select 1 from notice") == [] or None)
    assert house.desk().count(told) == 1


async def test_killed_while_sending_where_nothing_may_repeat(open_house: OpenHouse) -> None:
    """CASES 9: `on_unknown: hold`: taken, then killed: not repeated, the desk is told."""
    house = await open_house(
        serve=False, changes={"    stage: ": "    on_unknown: hold\n    stage: "}
    )
    ana = house.customer()
    async with run(house) as first:
        house.world.telegram.faults.next("sendMessage", Fault(kind="hang", after_effect=True))
        await ana.write(HOURS)
        await hears(ana, OPEN)
        await first.kill()
    house.world.telegram.faults.clear()
    async with run(house):
        await house.settled()
        assert len(ana.chat) == 1
        await house.with_button("case.claim", "Ana")


async def test_the_configuration_is_followed(open_house: OpenHouse) -> None:
    """A valid change takes effect within moments; a broken one is refused, and the desk is told."""
    house = await open_house(serve=False)
    ana, file = house.customer(), house.world.config_file
    good = file.read_text("utf-8")
    async with run(house):
        file.write_text(good.replace("    stage: ", "    stage: sideways\n    unused: "), "utf-8")
        told = await house.world.slack.appears(CARE, "refused", timeout=PATIENCE_S)
        assert "northwind.yaml:" in plain(told)
        await ana.write(HOURS)
        first = await hears(ana, OPEN)
        file.write_text(changed(good, {'stage: "${DEMO_STAGE}"': "stage: manual"}), "utf-8")
        await house.until(lambda: _changed_in(file.with_name("errors.log")) or None)
        await ana.write(HOURS)
        await ana.sees(lambda _: True, after=first, timeout=PATIENCE_S)
        await house.with_button("case.claim", "Ana")
    assert sum(OPEN in text for text in said(ana)) == 1


async def test_the_articles_are_followed(open_house: OpenHouse) -> None:
    """A changed article is said within seconds; a broken one is refused, and the desk is told."""
    house = await open_house(serve=False)
    ana, file = house.customer(), house.world.folder / "knowledge" / "hours.md"
    log = house.world.config_file.with_name("errors.log")
    good = file.read_text("utf-8")
    async with run(house):
        file.write_text("---\ntitle: [\n---\n", "utf-8")
        told = await house.world.slack.appears(CARE, "articles were refused", timeout=PATIENCE_S)
        assert "hours.md" in plain(told)
        await ana.write(HOURS)
        await hears(ana, OPEN)
        learnt = log.read_text("utf-8").count("brain ready")
        file.write_text(changed(good, {"9:00 to 18:00": "8:00 to 20:00"}), "utf-8")
        await house.until(
            lambda: log.read_text("utf-8").count("brain ready") > learnt or None,
        )
        await ana.write(HOURS)
        await hears(ana, "8:00 to 20:00")


def _changed_in(log: Path) -> bool:
    return "configuration changed" in log.read_text("utf-8")
