"""What belongs to no case is said at the desk, beside whoever has learned it."""

import asyncio

from socialcare.announcing import TRIES_MAX, WAITING_MAX, Announcer
from socialcare.sandbox.hand_clock import HandClock


class Slack:
    """A desk that is away for a while."""

    def __init__(self, *, away: int, wanted: int) -> None:
        self.away = away
        self.wanted = wanted
        self.heard: list[str] = []
        self.tries = 0
        self.full = asyncio.Event()

    async def tell(self, text: str) -> bool:
        self.tries += 1
        if self.tries <= self.away:
            return False
        self.heard.append(text)
        if len(self.heard) == self.wanted:
            self.full.set()
        return True


async def test_it_is_said_in_order_and_again_where_the_desk_is_away() -> None:
    clock, slack = HandClock(), Slack(away=2, wanted=2)
    announcer = Announcer(tell=slack.tell, clock=clock)
    announcer.announce("one")
    announcer.announce("two")
    running = asyncio.create_task(announcer.run())
    for _ in range(2):
        await clock.skip()
    await slack.full.wait()
    running.cancel()
    assert slack.heard == ["one", "two"]


async def test_a_desk_that_stays_away_holds_nothing_else_up_for_ever() -> None:
    clock, slack = HandClock(), Slack(away=TRIES_MAX, wanted=1)
    announcer = Announcer(tell=slack.tell, clock=clock)
    announcer.announce("one")
    announcer.announce("two")
    running = asyncio.create_task(announcer.run())
    for _ in range(TRIES_MAX):
        await clock.skip()
    await slack.full.wait()
    running.cancel()
    assert slack.heard == ["two"]


async def test_so_many_wait_and_no_more() -> None:
    slack = Slack(away=0, wanted=WAITING_MAX)
    announcer = Announcer(tell=slack.tell, clock=HandClock())
    for number in range(WAITING_MAX + 5):
        announcer.announce(str(number))
    running = asyncio.create_task(announcer.run())
    await slack.full.wait()
    running.cancel()
    assert slack.heard == [str(number) for number in range(WAITING_MAX)]
