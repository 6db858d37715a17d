"""Socket Mode against the stand-in: kept before acknowledged, sockets that end, envelopes again."""

import asyncio
import contextlib
import json
import random
from collections.abc import AsyncIterator, Callable
from urllib.parse import parse_qsl

import pytest

from channels.slack.socket import SlackSocket, SocketAnswer, SocketRequest, as_request
from channels.slack.transport import SlackTransport
from conversation.clock import SystemClock
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.slack import SlackStandIn
from socialcare.sandbox.slack_people import Colleague
from tests.journeys.leap_clock import LeapClock

PATIENCE_S = 10.0


class Taker:
    """Keeps what comes, as slowly and as badly as it is told."""

    def __init__(self) -> None:
        self.requests: list[SocketRequest] = []
        self.refuse = 0
        self.answer = ""
        self.may = asyncio.Event()
        self.may.set()

    async def __call__(self, request: SocketRequest) -> SocketAnswer | None:
        self.requests.append(request)
        await self.may.wait()
        if self.refuse:
            self.refuse -= 1
            return None
        return SocketAnswer(body=self.answer)

    @property
    def events(self) -> list[str]:
        return [json.loads(one.body)["event_id"] for one in self.requests]


class Line:
    def __init__(self, slack: SlackStandIn, clock: LeapClock, *, token: str) -> None:
        self.take = Taker()
        self.clock = clock
        self.slack = slack
        self.transport = SlackTransport(
            bot_token=slack.bot_token,
            signing_secret=slack.signing_secret,
            api_base=slack.base_url,
            clock=clock,
            name="test",
            app_token=token,
        )
        self.socket = SlackSocket(
            name="test",
            app_token=token,
            client=self.transport.client,
            take=self.take,
            clock=clock,
            rng=random.Random(1),  # noqa: S311 - jitter that repeats itself
        )

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        await self.transport.connect()
        task = asyncio.create_task(self.socket.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await self.transport.close()


async def until(look: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not look():
            await SystemClock().sleep(0.01)


@pytest.fixture
def clock() -> LeapClock:
    return LeapClock()


@pytest.fixture
async def slack(clock: LeapClock) -> AsyncIterator[SlackStandIn]:
    async with SlackStandIn(clock=clock, enforce_rates=False) as slack:
        yield slack


@pytest.fixture
def ben(slack: SlackStandIn) -> Colleague:
    return slack.colleague("U0BEN", name="Ben")


@pytest.fixture
async def line(slack: SlackStandIn, clock: LeapClock) -> AsyncIterator[Line]:
    one = Line(slack, clock, token="xapp-stand-in")  # noqa: S106 - the stand-in's
    async with one.running():
        await slack.sockets.opened(1)
        yield one


def test_an_envelope_reads_as_the_request_that_http_brings() -> None:
    event = as_request("events_api", {"type": "event_callback"})
    assert (json.loads(event.body), event.content_type) == (
        {"type": "event_callback"},
        "application/json",
    )
    press = dict(parse_qsl(as_request("interactive", {"type": "block_actions"}).body.decode()))
    assert json.loads(press["payload"]) == {"type": "block_actions"}
    command = as_request("slash_commands", {"command": "/care", "text": "pause & more"})
    assert dict(parse_qsl(command.body.decode())) == {"command": "/care", "text": "pause & more"}


async def test_an_event_is_acknowledged_after_it_is_kept(line: Line, ben: Colleague) -> None:
    line.take.may.clear()
    await ben.write("C0CARE", "hello")
    await until(lambda: len(line.take.requests) == 1)
    assert not line.slack.sockets.sent, "nothing is acknowledged yet"
    line.take.may.set()
    await line.slack.delivered()
    assert [one.acknowledged for one in line.slack.sockets.sent] == [True]
    assert line.socket.trouble is None


async def test_what_was_not_kept_comes_again(line: Line, ben: Colleague) -> None:
    line.take.refuse = 1
    await ben.write("C0CARE", "hello")
    await until(lambda: len(line.take.requests) == 1)
    line.clock.leap(3.0)
    await line.slack.delivered()
    assert len(set(line.take.events)) == 1
    assert [one.acknowledged for one in line.slack.sockets.sent] == [False, True]
    assert [one.attempt for one in line.slack.sockets.sent] == [0, 1]


async def test_a_command_s_answer_comes_with_the_acknowledgement(
    line: Line, ben: Colleague
) -> None:
    line.take.answer = json.dumps({"response_type": "ephemeral", "text": "done"})
    answer = await ben.command("C0CARE", "/care", "pause")
    assert json.loads(answer.body)["text"] == "done"
    assert (await ben.sees("done")).text == "done"


async def test_envelopes_do_not_wait_for_each_other(line: Line, ben: Colleague) -> None:
    line.take.may.clear()
    for number in range(5):
        await ben.write("C0CARE", f"line {number}")
    await until(lambda: len(line.take.requests) == 5)
    line.take.may.set()
    await line.slack.delivered()


@pytest.mark.parametrize("reason", ["refresh_requested", "warning"])
async def test_a_socket_is_renewed_before_it_ends(line: Line, ben: Colleague, reason: str) -> None:
    """What is under way on the old one is acknowledged there, new ones come by the new one."""
    line.take.may.clear()
    await ben.write("C0CARE", "before")
    await until(lambda: len(line.take.requests) == 1)
    await line.slack.sockets.ask_to_renew(reason)
    await line.slack.sockets.opened(2)
    assert line.socket.trouble is None
    line.take.may.set()
    await line.slack.delivered()
    await line.slack.sockets.cut(leaving=True)
    await ben.write("C0CARE", "after")
    await line.slack.delivered()
    assert len(line.take.events) == 2
    assert all(one.acknowledged for one in line.slack.sockets.sent)
    assert line.slack.sockets.connections == 2


async def test_a_socket_that_is_cut_is_opened_again(line: Line, ben: Colleague) -> None:
    """What was on its way comes again, by the next socket."""
    line.take.may.clear()
    await ben.write("C0CARE", "hello")
    await until(lambda: len(line.take.requests) == 1)
    await line.slack.sockets.cut()
    line.take.may.set()
    line.clock.leap(3.0)
    await line.slack.sockets.opened(2)
    line.clock.leap(60.0)
    await line.slack.delivered()
    assert len(set(line.take.events)) == 1
    assert line.slack.sockets.sent[-1].acknowledged


async def test_too_many_sockets_are_named_and_tried_again(
    slack: SlackStandIn, clock: LeapClock
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        lines = [Line(slack, clock, token="xapp-stand-in") for _ in range(10)]  # noqa: S106
        for number, one in enumerate(lines, start=1):
            await stack.enter_async_context(one.running())
            await slack.sockets.opened(number)
        late = Line(slack, clock, token="xapp-stand-in")  # noqa: S106 - the stand-in's
        async with late.running():
            await until(lambda: "too_many_websockets" in (late.socket.trouble or ""))


async def test_socket_mode_switched_off_is_named_until_it_is_on(line: Line) -> None:
    await line.slack.sockets.switch_off()
    await until(lambda: "link_disabled" in (line.socket.trouble or ""))
    line.slack.sockets.off = False
    line.clock.leap(60.0)
    await line.slack.sockets.opened(2)
    await until(lambda: line.socket.trouble is None)


async def test_a_refused_token_is_named(slack: SlackStandIn, clock: LeapClock) -> None:
    wrong = Line(slack, clock, token="xapp-another")  # noqa: S106 - opens nothing
    async with wrong.running():
        await until(lambda: "invalid_auth" in (wrong.socket.trouble or ""))
    assert slack.sockets.connections == 0


async def test_slack_is_asked_less_and_less(slack: SlackStandIn, clock: LeapClock) -> None:
    slack.faults.next("apps.connections.open", Fault(kind="too_many", retry_after=30))
    line = Line(slack, clock, token="xapp-stand-in")  # noqa: S106 - the stand-in's
    async with line.running():
        await until(lambda: "rate_limited" in (line.socket.trouble or ""))
        clock.leap(29.0)
        await SystemClock().sleep(0.05)
        assert slack.sockets.connections == 0
        clock.leap(1.0)
        await slack.sockets.opened(1)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind="status"),
        Fault(kind="reset"),
        Fault(kind="twist", twist=lambda answer: {**answer, "url": "https://elsewhere"}),
        Fault(kind="twist", twist=lambda answer: {**answer, "url": 5}),
    ],
    ids=["html", "reset", "another scheme", "no address"],
)
async def test_whatever_stands_in_the_way_it_is_tried_again(
    slack: SlackStandIn, clock: LeapClock, fault: Fault
) -> None:
    slack.faults.next("apps.connections.open", fault)
    line = Line(slack, clock, token="xapp-stand-in")  # noqa: S106 - the stand-in's
    async with line.running():
        await slack.faults.met("apps.connections.open")
        await slack.sockets.opened(1)
        await until(lambda: line.socket.trouble is None)
