"""Every turn can be told afterwards: understood, judged by its numbers, done and said."""

import asyncio
import json

import pytest
from typer.testing import CliRunner, Result

from conversation.trace import Trace
from conversation.trace_lines import Stop
from conversation.traces import trace_named, traces_of
from handoff.why import why_modal
from socialcare.cli import cli
from socialcare.demo.turns_shown import turn_shown
from socialcare.stores import make_care
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import BIG_REFUND, REFUND, REFUNDED, SEED, House, hears


async def traces(home: House, conversation: str) -> tuple[Trace, ...]:
    care = make_care(home.world.settings, folder=home.world.folder)
    await care.open()
    try:
        async with care.looking() as session:
            found = await traces_of(session, conversation)
            for one in found:
                assert await trace_named(session, one.turn) == one
            return found
    finally:
        await care.close()


def told(trace: Trace, stop: Stop) -> list[str]:
    return [line.text for line in trace.lines if line.stop is stop]


async def test_three_wishes_are_told_with_their_numbers(house: House) -> None:
    ana = house.customer("Ana")
    await ana.write(SEED)
    await hears(ana, "refunded the second charge")
    await house.settled()
    (one,) = await traces(house, house.conversation(ana))
    assert one.over
    assert one.brain == "embedded"
    assert one.stage == "autonomous"
    assert told(one, Stop.STORED)[1] == f"“{SEED}”"
    assert "3 wishes · en" in told(one, Stop.UNDERSTOOD)[0]
    assert "refund: 24.90 GBP ≤ 50.00 GBP alone → done" in told(one, Stop.JUDGED)
    assert len(told(one, Stop.PROPOSED)) == len(told(one, Stop.JUDGED)) == 2
    assert any("Refund 24.90 GBP" in text for text in told(one, Stop.DONE))
    assert told(one, Stop.SAID)[-1] == "Delivered: the platform has it"
    times = [line.at for line in one.lines if line.at is not None]
    assert len(times) > 8
    assert all(at >= one.began_at for at in times)


async def test_a_sign_off_is_a_turn_of_its_own(house: House) -> None:
    chloe = house.customer("Chloe")
    await chloe.write(BIG_REFUND)
    button = await house.with_button("signoff.approve", "A-10502")
    await house.press(house.world.mira, button, "signoff.approve")
    await hears(chloe, "I have refunded £180.00")
    await house.settled()
    asked, signed = await traces(house, house.conversation(chloe))
    wanted = "refund: 180.00 GBP > 50.00 GBP alone, ≤ 500.00 GBP signed → a colleague is asked"
    assert told(asked, Stop.JUDGED) == [wanted]
    assert any("asked to sign" in text for text in told(asked, Stop.DESK))
    assert told(signed, Stop.STORED) == [
        "From the desk: on disk, then acknowledged",
        "mira signed",
    ]
    assert told(signed, Stop.JUDGED) == ["refund 180.00 GBP: signed by a colleague → done"]


async def test_what_may_never_be_done_is_told_with_its_reason(house: House) -> None:
    finn = house.customer("Finn")
    await finn.write("please refund my order A-10777, finn@northwind.example")
    await house.with_button("case.claim", "Finn")
    await house.settled()
    (one,) = await traces(house, house.conversation(finn))
    (judged,) = told(one, Stop.JUDGED)
    assert "640.00 GBP" in judged
    assert "> 500.00 GBP signed → not done" in judged
    assert not told(one, Stop.DONE)


async def test_what_waits_is_told_before_anybody_has_thought_about_it(
    open_house: OpenHouse,
) -> None:
    home = await open_house()
    ella = home.customer("Ella")
    await ella.write(REFUND)
    await hears(ella, REFUNDED)
    await home.settled()
    assert home.service is not None
    # As a kill between accepting and thinking would leave it.
    await home.service._end("turns")
    await ella.write("thank you")
    await ella.delivered()
    first, second = await traces(home, home.conversation(ella))
    assert first.over
    assert not second.over
    assert told(second, Stop.STORED) == ["From telegram: on disk, then acknowledged"]
    assert not told(second, Stop.UNDERSTOOD)


async def test_an_unknown_turn_is_told_as_nothing(house: House) -> None:
    assert await traces(house, "c_nobody") == ()
    care = make_care(house.world.settings, folder=house.world.folder)
    await care.open()
    try:
        async with care.looking() as session:
            assert await trace_named(session, "c_nobody:7") is None
    finally:
        await care.close()


def command(*words: str, home: House) -> Result:
    names = [*words, "--config", str(home.world.config_file)]
    return CliRunner().invoke(cli, names, env=dict(home.world.environment))


async def test_the_command_prints_a_turn_and_all_turns(house: House) -> None:
    ana = house.customer("Ana")
    await ana.write(SEED)
    await hears(ana, "refunded the second charge")
    await house.settled()
    conversation = house.conversation(ana)
    (one,) = await traces(house, conversation)
    for named in (one.turn, conversation):
        printed = await asyncio.to_thread(command, "trace", named, home=house)
        assert printed.exit_code == 0, printed.output
        assert "24.90 GBP ≤ 50.00 GBP alone → done" in printed.stdout
        assert one.turn in printed.stdout


async def test_what_names_a_person_is_masked_wherever_a_turn_is_told(house: House) -> None:
    ana = house.customer("Ana")
    await ana.write(f"{SEED}, card 4111 1111 1111 1111, account DE89 3704 0044 0532 0130 00")
    await hears(ana, "refunded the second charge")
    await house.settled()
    conversation = house.conversation(ana)
    (one,) = await traces(house, conversation)
    printed = await asyncio.to_thread(command, "trace", one.turn, home=house)
    shown = json.dumps(turn_shown(one, conversation, "telegram"), ensure_ascii=False)
    asked = json.dumps(why_modal([one]), ensure_ascii=False)
    for words in (printed.stdout, shown, asked):
        assert "•••• 1111" in words
        assert "DE•• •••• 3000" in words
        assert not [told for told in ("4111", "3704", "0532", "ana@") if told in words]


@pytest.mark.parametrize("named", ["c_nobody", "c_nobody:7"])
async def test_the_command_says_that_it_knows_no_such_turn(house: House, named: str) -> None:
    printed = await asyncio.to_thread(command, "trace", named, home=house)
    assert printed.exit_code == 2
    assert f"no turn is known as {named}" in printed.stderr
