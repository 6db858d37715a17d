"""The Slack adapter against its stand-in: what is sent, and what each fault means."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from channels.contract import Adapter, OutboundMessage, Sent
from channels.errors import SendError, SendFailure
from channels.registry import build_adapter, source_of, transport_of
from channels.slack.adapter import SlackAdapter
from channels.slack.sending import RETRY_AFTER_DEFAULT_S
from config.channels import SlackChannel
from config.stages import Surface
from conversation.model import Address, Button
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.hand_clock import HandClock
from socialcare.sandbox.slack import SlackStandIn
from socialcare.sandbox.slack_reading import pings, plain

DM = "D0ANA"
HELLO = OutboundMessage(text="Hello")


def at(key: str = DM, surface: Surface = Surface.PRIVATE) -> Address:
    return Address(channel="slack", account="T0NORTHW", key=key, surface=surface)


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    async with SlackStandIn(clock=HandClock(), enforce_rates=False) as slack:
        slack.channel(DM, name="directmessage")
        slack.colleague("U0ANA", name="Ana")
        yield slack


def settings(slack: SlackStandIn) -> SlackChannel:
    return SlackChannel.model_validate(
        {
            "platform": "slack",
            "bot_token": slack.bot_token,
            "signing_secret": slack.signing_secret,
            "api_base": slack.base_url,
        }
    )


@pytest.fixture
async def adapter(slack: SlackStandIn) -> AsyncIterator[SlackAdapter]:
    async with aiohttp.ClientSession() as session:
        built: Adapter = build_adapter("slack", settings(slack), session=session, clock=HandClock())
        assert isinstance(built, SlackAdapter)
        await built.open()
        yield built
        await built.close()


async def refused(adapter: SlackAdapter, address: Address | None = None) -> SendError:
    with pytest.raises(SendError) as caught:
        await adapter.send(address or at(), HELLO)
    return caught.value


async def test_a_message_is_sent_as_it_is_written(
    adapter: SlackAdapter, slack: SlackStandIn
) -> None:
    words = "<!channel> *bold* & <@U0ANA> :tada: https://northwind.example"
    sent = await adapter.send(at(), OutboundMessage(text=words))
    (message,) = slack.messages(DM)
    assert sent == Sent(message_id=message.ts)
    assert plain(message) == words
    assert not pings(message)
    params = slack.calls[-1].params
    assert (params["mrkdwn"], params["link_names"], params["unfurl_links"]) == (False,) * 3


async def test_in_a_channel_it_stands_in_the_thread(
    adapter: SlackAdapter, slack: SlackStandIn
) -> None:
    asked = await slack.colleague("U0ANA", name="Ana").write("C0CARE", "hello?")
    address = at(f"C0CARE:{asked.ts}", Surface.PUBLIC)
    await adapter.send(address, OutboundMessage(text="Hello", reply_to=asked.ts))
    assert [one.text for one in slack.thread(asked.ts)] == ["Hello"]


async def test_buttons_carry_their_payloads_and_plain_words(
    adapter: SlackAdapter, slack: SlackStandIn
) -> None:
    words = "*Was* this <!here> helpful? " * 150
    buttons = (Button(label="Yes", payload="survey:yes"), Button(label="No", payload="survey:no"))
    await adapter.send(at(), OutboundMessage(text=words.strip(), buttons=buttons))
    (message,) = slack.messages(DM)
    assert [one["value"] for one in message.buttons] == ["survey:yes", "survey:no"]
    assert {block["text"]["type"] for block in message.blocks[:-1]} == {"plain_text"}
    assert not pings(message)


@pytest.mark.parametrize(
    "buttons",
    [
        tuple(Button(label="x", payload=str(number)) for number in range(6)),
        (Button(label="x", payload=""),),
        (Button(label="x", payload="y" * 2_001),),
    ],
    ids=["too many", "empty", "too long"],
)
async def test_buttons_that_slack_could_never_take(
    adapter: SlackAdapter, buttons: tuple[Button, ...]
) -> None:
    with pytest.raises(SendError) as caught:
        await adapter.send(at(), OutboundMessage(text="x", buttons=buttons))
    assert caught.value.failure is SendFailure.REFUSED


@pytest.mark.parametrize(
    ("fault", "failure", "wait_s"),
    [
        (Fault(kind="too_many", retry_after=7), SendFailure.RATE_LIMITED, 7.0),
        (Fault(kind="too_many"), SendFailure.RATE_LIMITED, RETRY_AFTER_DEFAULT_S),
        (
            Fault(kind="error_inside", error="ratelimited"),
            SendFailure.RATE_LIMITED,
            RETRY_AFTER_DEFAULT_S,
        ),
        (Fault(kind="error_inside", error="is_archived"), SendFailure.BLOCKED, None),
        (Fault(kind="error_inside", error="not_in_channel"), SendFailure.BLOCKED, None),
        (Fault(kind="error_inside", error="msg_too_long"), SendFailure.REFUSED, None),
        (Fault(kind="error_inside", error="token_revoked"), SendFailure.REVOKED, None),
        (Fault(kind="error_inside", error="internal_error"), SendFailure.UNKNOWN, None),
        (Fault(kind="status", status=502), SendFailure.UNAVAILABLE, None),
        (Fault(kind="reset"), SendFailure.UNKNOWN, None),
        (Fault(kind="answer_lost"), SendFailure.UNKNOWN, None),
        (Fault(kind="twist", twist=lambda told: {"ok": True}), SendFailure.UNKNOWN, None),
    ],
    ids=lambda value: f"{value.kind} {value.error}" if isinstance(value, Fault) else str(value),
)
async def test_each_fault_says_what_to_do(
    adapter: SlackAdapter,
    slack: SlackStandIn,
    fault: Fault,
    failure: SendFailure,
    wait_s: float | None,
) -> None:
    slack.faults.next("chat.postMessage", fault)
    error = await refused(adapter)
    assert (error.failure, error.retry_after_s) == (failure, wait_s)
    # The library would have called twice after a reset.
    assert len(slack.messages(DM)) == (1 if fault.kind in {"answer_lost", "twist"} else 0)


async def test_a_channel_that_is_not_there_is_shut(adapter: SlackAdapter) -> None:
    assert (await refused(adapter, at("D0GONE"))).failure is SendFailure.BLOCKED


async def test_slack_away_is_surely_unsent(adapter: SlackAdapter, slack: SlackStandIn) -> None:
    await slack.go_down()
    await adapter.close()  # a connection that was kept open may have taken it
    assert (await refused(adapter)).failure is SendFailure.UNAVAILABLE


async def test_who_we_are_is_learned_when_it_opens(
    adapter: SlackAdapter, slack: SlackStandIn
) -> None:
    slack.faults.next("auth.test", Fault(kind="twist", twist=lambda told: {"ok": True}))
    with pytest.raises(SendError) as caught:
        await adapter.open()
    assert caught.value.failure is SendFailure.UNAVAILABLE
    slack.faults.next("auth.test", Fault(kind="error_inside", error="invalid_auth"))
    with pytest.raises(SendError) as caught:
        await adapter.open()
    assert caught.value.failure is SendFailure.REVOKED


async def test_what_slack_does_not_have_is_not_tried(
    adapter: SlackAdapter, slack: SlackStandIn
) -> None:
    before = len(slack.calls)
    await adapter.subscribe("https://care.northwind.example/webhooks/slack")
    await adapter.show_typing(at())
    await adapter.acknowledge_press("")
    assert adapter.handshake({"hub.challenge": "1"}) is None
    assert len(slack.calls) == before
    assert source_of(adapter, settings(slack)) is None
    assert transport_of(adapter) is adapter.transport


async def test_only_what_slack_signed_is_believed(
    adapter: SlackAdapter, slack: SlackStandIn
) -> None:
    body = b'{"type": "url_verification", "challenge": "c"}'
    right = slack.delivery.headers(body, content_type="application/json")
    # The stand-in's and the adapter's clock are two hand-moved ones that stand at the same time.
    assert adapter.authentic(right, body)
    assert not adapter.authentic(right, body + b" ")
    old = slack.delivery.headers(body, content_type="application/json", kind="old_signature")
    assert not adapter.authentic(old, body)
    answer = adapter.reply_to_post(body)
    assert answer is not None
    assert (answer.status, answer.body) == (200, "c")
    assert adapter.reply_to_post(b'{"type": "event_callback"}') is None
