"""What every adapter promises on each of its surfaces, against the stand-in of its platform.

A surface joins by a harness in `harnesses`; nothing here knows a platform.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from channels.contract import Adapter, Formatting, LengthUnit, OutboundMessage
from channels.errors import SendError, SendFailure
from channels.registry import directory_of
from channels.splitting import CUT_MARK, MAX_PARTS
from config.stages import Surface
from conversation.events import MessageReceived
from conversation.model import Button, Peer
from socialcare.pacing import PacedError, Pacer
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.hand_clock import HandClock
from tests.channels.codec_cases import CASES
from tests.channels.harness import Harness
from tests.channels.harnesses import HARNESSES

HELLO = OutboundMessage(text="Hello")
LATER_S: Final = 120.0
"""Longer than any adapter waits for one call."""
WITH_WINDOW = ("whatsapp", "messenger", "instagram")
ONCE = (
    "messenger private reply",
    "messenger post, private reply",
    "instagram private reply",
)
"""Where what the customer said is answered once, and within a week."""
BUSY: Final = 60
"""Messages in a row: more than any platform takes of us at once from one chat."""

COMMON = {
    "busy, with a hint": (Fault(kind="too_many", retry_after=7), SendFailure.RATE_LIMITED),
    "busy, without a hint": (Fault(kind="too_many"), SendFailure.RATE_LIMITED),
    "a proxy's page": (Fault(kind="status", status=502), SendFailure.UNAVAILABLE),
    "no service": (Fault(kind="status", status=503), SendFailure.UNAVAILABLE),
    "a proxy that waited": (Fault(kind="status", status=504), SendFailure.UNKNOWN),
    "a success that is a page": (Fault(kind="status", status=200), SendFailure.UNKNOWN),
    "a success that is none": (
        Fault(kind="error_inside", error="service_unavailable"),
        SendFailure.UNAVAILABLE,
    ),
    "reset": (Fault(kind="reset"), SendFailure.UNKNOWN),
    "the answer is lost": (Fault(kind="answer_lost"), SendFailure.UNKNOWN),
    "the answer says nothing": (Fault(kind="twist", twist=lambda _: {}), SendFailure.UNKNOWN),
}


FOLLOWED = ("webchat",)
"""Where customers read the log itself (`Capabilities.followed`): no platform is called that could
refuse, and their own end is what breaks."""
CALLED = tuple(name for name in HARNESSES if name not in FOLLOWED)
OF_READERS = {
    "the line breaks before the words are read": Fault(kind="reset"),
    "the line breaks after the words are read": Fault(kind="answer_lost"),
    "nobody reads for a while": Fault(kind="hang"),
    "the reader is slow": Fault(kind="slow", seconds=3.0),
    "nobody acknowledges": Fault(kind="twist", twist=lambda _: {}),
}


@pytest.fixture(params=HARNESSES)
async def harness(request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
    async with HARNESSES[request.param](HandClock()) as made:
        yield made


@pytest.fixture(params=CALLED)
async def called(request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
    async with HARNESSES[request.param](HandClock()) as made:
        yield made


@pytest.fixture(params=FOLLOWED)
async def followed(request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
    async with HARNESSES[request.param](HandClock()) as made:
        yield made


async def failed(harness: Harness, message: OutboundMessage = HELLO) -> SendError:
    with pytest.raises(SendError) as caught:
        await harness.send(message)
    assert harness.secret not in str(caught.value)
    return caught.value


def texts(harness: Harness) -> list[str]:
    return [text for _, text in harness.seen()]


# --- what it says of itself


async def test_it_keeps_the_contract(harness: Harness) -> None:
    adapter: Adapter = harness.adapter
    assert adapter.name == harness.address.channel
    for surface in Surface:
        told = adapter.capabilities(surface)
        assert told.max_length >= 100
        assert told.unit in LengthUnit
        assert told.formatting in Formatting
        assert told.typing_interval_s > 0
    assert adapter.codec.split(b"\xff\x00")[0].kind == "unreadable"
    assert not adapter.authentic({}, b"{}")


async def test_whoever_is_followed_is_tried() -> None:
    async def is_followed(name: str) -> bool:
        async with HARNESSES[name](HandClock()) as harness:
            assert harness.told.followed is (harness.follower is not None)
            return harness.told.followed

    assert [name for name in HARNESSES if await is_followed(name)] == list(FOLLOWED)


async def test_it_opens_and_closes(harness: Harness) -> None:
    await harness.adapter.open()
    await harness.adapter.close()


async def test_dead_credentials_are_told_at_the_door_and_at_every_message(
    called: Harness,
) -> None:
    called.revoke()
    with pytest.raises(SendError) as caught:
        await called.adapter.open()
    assert caught.value.failure is SendFailure.REVOKED
    error = await failed(called)
    assert (error.failure, error.retryable) == (SendFailure.REVOKED, True)


@pytest.mark.parametrize("name", HARNESSES)
async def test_what_it_reads_of_media_is_what_it_tells(name: str) -> None:
    """Every kind that a golden payload holds, on the surface where it came."""
    async with HARNESSES[name](HandClock()) as harness:
        surface = harness.address.surface
        told = harness.adapter.capabilities(surface).media
        case = CASES[harness.adapter.name]
        codec = case.codecs()[0]
        for golden in case.golden.values():
            for arrival in codec.split(case.written(golden, case.payload(golden))):
                if arrival.address is None or arrival.address.surface is not surface:
                    continue
                for event in codec.decode(arrival):
                    if isinstance(event, MessageReceived):
                        assert {one.kind for one in event.attachments} <= told


# --- words


async def test_words_arrive_under_the_id_that_is_given_back(harness: Harness) -> None:
    sent = await harness.send(HELLO)
    assert harness.seen()[-1] == (sent.message_id, "Hello")


@pytest.mark.parametrize(
    "text",
    [
        "<b>5 & 6</b> &amp; <script>",
        "*now* only ~£40~ £20, _really_ `x` ```y```",
        "> quoted\n> twice",
        "snake_case_word 3*4*5 ~ a_b@shop.example https://shop.example/a_b_c*d*",
        "مرحبا 👩‍👩‍👧‍👦 e\u0301 \u202e end",
        'quotes " and \\ back\\slashes / {"json": 1}',
        "<!channel> <@U123> @everyone #tag",
        "[a link](https://shop.example) **bold** __under__",
    ],
)
async def test_plain_words_are_read_as_they_were_written(harness: Harness, text: str) -> None:
    await harness.send(OutboundMessage(text=text))
    assert texts(harness) == [harness.as_read(text)]


@pytest.mark.parametrize("word", ["lorem ", "👍🏽 ", "ß_*~` ", "x"])
async def test_a_long_text_arrives_whole_in_parts_that_each_fit(
    harness: Harness, word: str
) -> None:
    text = word * (harness.told.max_length * 5 // 2 // harness.measure(word))
    parts = harness.split(text)
    for part in parts:
        await harness.send(OutboundMessage(text=part))
    read = "".join(texts(harness)).replace(" ", "")
    whole = harness.as_read(text).replace(" ", "")
    if harness.told.replies_per_message == 1:
        assert len(parts) == 1
        assert whole.startswith(read.removesuffix(CUT_MARK.strip()))
        assert len(read) > 100
        return
    assert 2 < len(parts) <= MAX_PARTS
    assert read == whole


async def test_the_length_it_tells_is_the_platforms(harness: Harness) -> None:
    most = harness.told.max_length
    await harness.send(OutboundMessage(text="x" * most))
    assert len(texts(harness)[-1]) == most
    error = await failed(harness, OutboundMessage(text="x" * (most + harness.room + 1)))
    assert (error.failure, error.retryable) == (SendFailure.REFUSED, False)


async def test_as_many_buttons_as_it_tells_and_no_more(harness: Harness) -> None:
    most = harness.told.buttons
    buttons = tuple(Button(label=f"Choice {n}", payload=f"choice:{n}") for n in range(most + 1))
    if most:
        message = OutboundMessage(text="Which?", buttons=buttons[:most])
        await harness.send(message)
    assert len(texts(harness)) == bool(most)
    error = await failed(harness, OutboundMessage(text="Which?", buttons=buttons))
    assert error.failure is SendFailure.REFUSED


async def test_an_answer_names_what_it_answers(harness: Harness) -> None:
    message = OutboundMessage(text="That one", reply_to=harness.message_id)
    await harness.send(message)
    assert texts(harness) == ["That one"]


async def test_at_the_rate_it_tells_the_platform_is_never_in_a_hurry(harness: Harness) -> None:
    pacer = Pacer(harness.clock)
    for number in range(BUSY):
        while True:
            try:
                pacer.ask(harness.address.key, harness.told.rates)
                break
            except PacedError as paced:
                harness.clock.advance(paced.wait_s)
        if harness.told.window is not None:
            await harness.writes_again()
        await harness.send(OutboundMessage(text=f"Message {number}"))
    assert texts(harness) == [f"Message {number}" for number in range(BUSY)]


async def test_a_stranger_is_not_written_to(harness: Harness) -> None:
    with pytest.raises(SendError) as caught:
        await harness.send_to_stranger(HELLO)
    assert not caught.value.retryable


# --- what goes wrong


@pytest.mark.parametrize("case", COMMON)
async def test_a_fault_becomes_what_to_do_about_it(called: Harness, case: str) -> None:
    fault, meant = COMMON[case]
    called.faults.next(called.send_call, fault)
    error = await failed(called)
    assert error.failure is meant
    if meant is SendFailure.RATE_LIMITED:
        assert error.retry_after_s is not None
        asked_s = fault.retry_after or error.retry_after_s
        # Where a platform names the moment in whole seconds, one more is on the safe side.
        assert 0 < asked_s <= error.retry_after_s <= asked_s + 1
    arrived = fault.kind in {"answer_lost", "twist"}
    assert texts(called) == ["Hello"] * arrived
    await called.send(HELLO)
    assert texts(called) == ["Hello"] * (1 + arrived)


async def test_the_platforms_own_refusals_mean_what_they_mean(called: Harness) -> None:
    assert called.refusals
    for name, (fault, meant) in called.refusals.items():
        called.faults.next(called.send_call, fault)
        error = await failed(called)
        assert error.failure is meant, name
    assert texts(called) == []


async def test_no_answer_at_all_leaves_the_outcome_unknown(called: Harness) -> None:
    called.faults.next(called.send_call, Fault(kind="hang"))
    sending = asyncio.create_task(failed(called))
    await called.faults.met(called.send_call)
    called.clock.advance(LATER_S)
    assert (await sending).failure is SendFailure.UNKNOWN


async def test_a_slow_answer_is_an_answer(called: Harness) -> None:
    called.faults.next(called.send_call, Fault(kind="slow", seconds=3.0))
    sending = asyncio.create_task(called.send(HELLO))
    assert await called.clock.skip() == 3.0
    assert (await sending).message_id == called.seen()[-1][0]


async def test_where_nobody_listens_nothing_was_done(called: Harness) -> None:
    await called.go_down()
    error = await failed(called)
    assert (error.failure, error.retryable) == (SendFailure.UNAVAILABLE, True)


# --- where the log is followed, it is the reader's end that breaks


@pytest.mark.parametrize("case", OF_READERS)
async def test_words_are_read_once_and_in_order_whatever_breaks(
    followed: Harness, case: str
) -> None:
    await followed.send(OutboundMessage(text="First"))
    followed.faults.next(followed.send_call, OF_READERS[case])
    sent = [await followed.send(OutboundMessage(text=f"Message {n}")) for n in range(3)]
    await followed.faults.met(followed.send_call)
    followed.clock.advance(LATER_S)
    followed.faults.clear()
    await followed.arrived()
    assert followed.seen()[1:] == tuple((s.message_id, f"Message {n}") for n, s in enumerate(sent))
    await followed.send(HELLO)
    assert texts(followed)[-1] == "Hello"


async def test_what_was_never_committed_was_never_sent(followed: Harness) -> None:
    await followed.adapter.send(followed.address, OutboundMessage(text="and then it died"))
    await followed.send(HELLO)
    assert texts(followed) == ["Hello"]


async def test_who_had_gone_reads_it_when_they_come_again(followed: Harness) -> None:
    await followed.send(HELLO)
    await followed.go_down()
    await followed.send(OutboundMessage(text="While you were away"))
    assert texts(followed) == ["Hello"]
    await followed.arrived()
    assert texts(followed) == ["Hello", "While you were away"]


async def test_a_reader_who_takes_nothing_costs_what_is_held_for_one_and_loses_nothing(
    followed: Harness,
) -> None:
    follower, most = followed.follower, followed.told.max_length
    assert follower is not None
    followed.faults.next(followed.send_call, Fault(kind="hang"))
    count = 2 * follower.holds
    for number in range(count):
        await followed.send(OutboundMessage(text=f"{number:03}" + "🧥" * (most - 3)))
    assert follower.is_full()
    followed.faults.clear()
    await followed.arrived()
    assert [text[:3] for text in texts(followed)] == [f"{number:03}" for number in range(count)]
    assert not follower.is_full()


# --- the reply window


@pytest.mark.parametrize("name", WITH_WINDOW)
async def test_the_window_it_tells_is_the_platforms(name: str) -> None:
    async with HARNESSES[name](HandClock()) as harness:
        window = harness.adapter.capabilities(harness.address.surface).window
        assert window is not None
        harness.clock.advance(window.bot.total_seconds())
        await harness.send(HELLO)
        harness.clock.advance(timedelta(seconds=1).total_seconds())
        error = await failed(harness)
        assert (error.failure, error.retryable) == (SendFailure.WINDOW_CLOSED, False)
        for template in harness.templates:
            message = OutboundMessage(text="not read", template=template, language="de")
            await harness.send(message)
        assert len(texts(harness)) == 1 + len(harness.templates)
        assert "not read" not in texts(harness)
        await harness.writes_again()
        await harness.send(HELLO)


async def test_whoever_has_a_window_is_tried() -> None:
    async def has_one(name: str) -> bool:
        async with HARNESSES[name](HandClock()) as harness:
            return harness.adapter.capabilities(harness.address.surface).window is not None

    assert [name for name in HARNESSES if await has_one(name)] == list(WITH_WINDOW)


@pytest.mark.parametrize("name", ONCE)
async def test_a_private_reply_goes_once_within_a_week(name: str) -> None:
    async with HARNESSES[name](HandClock()) as harness:
        answer = replace(HELLO, reply_to=harness.message_id)
        await harness.send(answer)
        assert (await failed(harness, answer)).failure is SendFailure.REFUSED
        assert harness.prompt is not None
        in_time, late = await harness.prompt(), await harness.prompt()
        harness.clock.advance(timedelta(days=7).total_seconds())
        await harness.send(replace(HELLO, reply_to=in_time))
        harness.clock.advance(1.0)
        error = await failed(harness, replace(HELLO, reply_to=late))
        assert (error.failure, error.retryable) == (SendFailure.REFUSED, False)
        assert texts(harness) == ["Hello"] * 2


async def test_in_public_only_what_was_said_can_be_answered(harness: Harness) -> None:
    if harness.nothing is None:
        assert harness.prompt is None
        return
    with pytest.raises(SendError) as caught:
        await harness.adapter.send(harness.address, replace(HELLO, private=harness.private))
    assert caught.value.failure is SendFailure.REFUSED
    assert texts(harness) == []


@pytest.mark.parametrize("name", ["x mention", "x answer", "x quote"])
async def test_one_answer_a_summons(name: str) -> None:
    async with HARNESSES[name](HandClock()) as harness:
        assert harness.told.replies_per_message == 1
        await harness.send(replace(HELLO, reply_to=harness.message_id))
        more = OutboundMessage(text="And more", reply_to=harness.message_id)
        assert (await failed(harness, more)).failure is SendFailure.REFUSED
        assert texts(harness) == ["Hello"]


# --- who somebody is


NAMELESS = ("messenger", "instagram", "slack", "slack thread")
"""Where messages carry no names."""
OF_LOOKING = COMMON.keys() - {"reset", "the answer is lost"}
"""A question may be asked twice, and aiohttp does so where a connection breaks."""


async def looked_up(harness: Harness, user_id: str | None = None) -> Peer | None:
    directory = directory_of(harness.adapter)
    assert directory is not None
    return await directory.look_up(harness.address, user_id or harness.user_id)


async def test_whoever_carries_no_names_is_tried() -> None:
    async def asks(name: str) -> bool:
        async with HARNESSES[name](HandClock()) as harness:
            return directory_of(harness.adapter) is not None and bool(harness.user_id)

    assert [name for name in HARNESSES if await asks(name)] == list(NAMELESS)


@pytest.mark.parametrize("name", NAMELESS)
async def test_a_customers_name_is_told(name: str) -> None:
    async with HARNESSES[name](HandClock()) as harness:
        found = await looked_up(harness)
        assert found is not None
        assert (found.user_id, found.name) == (harness.user_id, "Ana")


@pytest.mark.parametrize("name", ["messenger comment", "instagram comment"])
async def test_whose_name_stands_under_the_post_is_not_asked_for(name: str) -> None:
    async with HARNESSES[name](HandClock()) as harness:
        assert await looked_up(harness, "77") is None


@pytest.mark.parametrize("name", NAMELESS)
@pytest.mark.parametrize("case", sorted(OF_LOOKING))
async def test_a_name_that_is_not_told_is_an_error_or_none(name: str, case: str) -> None:
    fault, _ = COMMON[case]
    async with HARNESSES[name](HandClock()) as harness:
        harness.faults.next(harness.name_call, fault)
        with contextlib.suppress(SendError):
            assert await looked_up(harness) is None
        assert await looked_up(harness) is not None


@pytest.mark.parametrize("name", NAMELESS)
async def test_nobody_has_no_name(name: str) -> None:
    async with HARNESSES[name](HandClock()) as harness:
        for nobody in ("77", "../me", "77?fields=email"):
            with contextlib.suppress(SendError):
                assert await looked_up(harness, nobody) is None


@pytest.mark.parametrize("name", NAMELESS)
async def test_dead_credentials_learn_no_name(name: str) -> None:
    async with HARNESSES[name](HandClock()) as harness:
        harness.revoke()
        with pytest.raises(SendError) as caught:
            await looked_up(harness)
        assert caught.value.failure is SendFailure.REVOKED
        assert harness.secret not in str(caught.value)


# --- signs that nobody waits for


async def test_that_somebody_writes_is_seen(harness: Harness) -> None:
    if not harness.adapter.capabilities(harness.address.surface).typing:
        await harness.adapter.show_typing(harness.address, message_id=harness.message_id)
        assert harness.typed() == 0
        return
    await harness.adapter.show_typing(harness.address, message_id=harness.message_id)
    await harness.arrived()
    assert harness.typed() == 1


@pytest.mark.parametrize("case", COMMON)
async def test_typing_and_presses_that_fail_are_nobodys_concern(
    harness: Harness, case: str
) -> None:
    fault, _ = COMMON[case]
    harness.faults.until_cleared("*", fault)
    await harness.adapter.show_typing(harness.address, message_id=harness.message_id)
    await harness.adapter.show_typing(harness.stranger)
    await harness.adapter.acknowledge_press("nobody's press")
    harness.faults.clear()
    await harness.send(HELLO)
    assert texts(harness) == ["Hello"]


async def test_signs_to_where_nobody_listens_are_nobodys_concern(harness: Harness) -> None:
    await harness.go_down()
    await harness.adapter.show_typing(harness.address, message_id=harness.message_id)
    await harness.adapter.acknowledge_press("nobody's press")
