"""The Web API stand-in, driven by slack_sdk."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from socialcare.sandbox.faults import Fault
from socialcare.sandbox.hand_clock import HandClock
from socialcare.sandbox.slack import SlackStandIn
from socialcare.sandbox.slack_reading import plain

ACTIONS: dict[str, Any] = {
    "type": "actions",
    "elements": [
        {
            "type": "button",
            "action_id": "case.claim",
            "value": "c1",
            "text": {"type": "plain_text", "text": "Claim"},
        }
    ],
}


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def slack(clock: HandClock) -> AsyncIterator[SlackStandIn]:
    async with SlackStandIn(clock=clock) as standin:
        standin.colleague("U0BEN", name="Ben")
        standin.usergroup("S0CARE", members=("U0BEN",))
        yield standin


@pytest.fixture
def web(slack: SlackStandIn) -> AsyncWebClient:
    return AsyncWebClient(slack.bot_token, base_url=slack.base_url, retry_handlers=[])


async def refused(call: Any) -> str:
    with pytest.raises(SlackApiError) as error:
        await call
    assert error.value.response.status_code == 200
    return str(error.value.response["error"])


async def test_posting_changing_deleting(slack: SlackStandIn, web: AsyncWebClient) -> None:
    who = await web.auth_test()
    assert who["bot_id"] == slack.workspace.bot_id
    metadata = {"event_type": "case", "event_payload": {"conversation": "c1"}}
    posted = await web.chat_postMessage(
        channel="C0CARE", text="A case", blocks=[ACTIONS], metadata=metadata
    )
    reply = await web.chat_postMessage(channel="C0CARE", text="more", thread_ts=posted["ts"])
    assert float(reply["ts"]) > float(posted["ts"])
    card = await slack.appears("C0CARE", "[Claim]")
    assert [each.text for each in slack.thread(card.ts)] == ["more"]
    history = await web.conversations_history(channel="C0CARE", include_all_metadata=True)
    (told,) = history["messages"]
    assert told["metadata"] == metadata
    assert told["reply_count"] == 1
    replies = await web.conversations_replies(channel="C0CARE", ts=card.ts, limit=1)
    assert replies["has_more"]
    cursor = replies["response_metadata"]["next_cursor"]
    rest = await web.conversations_replies(channel="C0CARE", ts=card.ts, cursor=cursor)
    assert [each["text"] for each in rest["messages"]] == ["more"]
    await web.chat_update(channel="C0CARE", ts=card.ts, text="Claimed by Ben")
    assert plain(slack.current(card)) == "Claimed by Ben"
    assert slack.current(card).edited is not None
    await web.chat_delete(channel="C0CARE", ts=reply["ts"])
    assert slack.thread(card.ts) == ()
    await web.chat_postEphemeral(channel="C0CARE", user="U0BEN", text="not you")
    assert len(slack.messages("C0CARE")) == 1


async def test_reading(web: AsyncWebClient) -> None:
    assert (await web.api_test())["ok"]
    assert (await web.users_info(user="U0BEN"))["user"]["real_name"] == "Ben"
    assert (await web.usergroups_users_list(usergroup="S0CARE"))["users"] == ["U0BEN"]
    assert (await web.conversations_info(channel="C0CARE"))["channel"]["name"] == "care"
    assert (await web.team_info())["team"]["domain"] == "northwind"
    assert await refused(web.users_info(user="U0")) == "user_not_found"
    assert await refused(web.usergroups_users_list(usergroup="S0")) == "no_such_subteam"
    assert await refused(web.api_call("chat.shout")) == "unknown_method"


async def test_refusals(slack: SlackStandIn, web: AsyncWebClient) -> None:
    ben = slack.workspace.written("C0CARE", "U0BEN", "mine")
    care: dict[str, Any] = {"channel": "C0CARE"}
    assert await refused(web.chat_postMessage(channel="C0", text="x")) == "channel_not_found"
    assert await refused(web.api_call("chat.postMessage", json=care)) == "no_text"
    long = "x" * 40_001
    assert await refused(web.chat_postMessage(**care, text=long)) == "msg_too_long"
    lost = web.chat_postMessage(**care, text="x", thread_ts="1.0")
    assert await refused(lost) == "thread_not_found"
    assert await refused(web.chat_update(**care, ts="1.0", text="x")) == "message_not_found"
    assert await refused(web.chat_update(**care, ts=ben.ts, text="x")) == "cant_update_message"
    assert await refused(web.conversations_replies(**care, ts="1.0")) == "thread_not_found"
    bad = [{"type": "actions", "elements": []}]
    assert await refused(web.chat_postMessage(**care, text="x", blocks=bad)) == "invalid_blocks"
    many: Any = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}] * 5
    told = await refused(web.chat_postMessage(**care, text="x", blocks=many))
    assert told == "msg_blocks_too_long"
    stranger = web.chat_postEphemeral(**care, user="U0", text="x")
    assert await refused(stranger) == "user_not_in_channel"
    wrong = web.chat_postMessage(**care, text="x", metadata={"event_type": "case"})
    assert await refused(wrong) == "invalid_metadata_schema"
    assert await refused(web.views_open(trigger_id="x", view={})) == "invalid_arguments"


async def test_tokens(slack: SlackStandIn, web: AsyncWebClient) -> None:
    other = AsyncWebClient("xoxb-wrong", base_url=slack.base_url)
    assert await refused(other.auth_test()) == "invalid_auth"
    assert await refused(AsyncWebClient(base_url=slack.base_url).auth_test()) == "not_authed"
    slack.revoke_token()
    assert await refused(web.auth_test()) == "token_revoked"
    slack.restore_token()
    assert (await web.auth_test())["ok"]


async def test_a_form_does_as_well(slack: SlackStandIn) -> None:
    async with aiohttp.ClientSession() as client:
        form = {
            "token": slack.bot_token,
            "channel": "C0CARE",
            "text": "x",
            "blocks": '[{"type":"divider"}]',
        }
        async with client.post(f"{slack.base_url}chat.postMessage", data=form) as got:
            assert (await got.json())["ok"]
        async with client.post(
            f"{slack.base_url}chat.postMessage", data=form | {"blocks": "[{"}
        ) as got:
            assert (await got.json())["error"] == "invalid_blocks_format"


async def test_one_message_a_second_after_a_burst(
    slack: SlackStandIn, web: AsyncWebClient, clock: HandClock
) -> None:
    for number in range(10):
        await web.chat_postMessage(channel="C0CARE", text=f"{number}")
    with pytest.raises(SlackApiError) as limited:
        await web.chat_postMessage(channel="C0CARE", text="10")
    assert limited.value.response.status_code == 429
    assert limited.value.response.headers["Retry-After"] == "1"
    clock.advance(1)
    await web.chat_postMessage(channel="C0CARE", text="10")
    slack.workspace.enforce_rates = False
    await web.chat_postMessage(channel="C0CARE", text="11")
    stamps = [message.ts for message in slack.messages("C0CARE")]
    assert stamps == sorted(set(stamps), key=float)


async def test_an_answer_is_lost(slack: SlackStandIn, web: AsyncWebClient) -> None:
    slack.faults.next("chat.postMessage", Fault(kind="answer_lost"))
    with pytest.raises(aiohttp.ClientError):
        await web.chat_postMessage(channel="C0CARE", text="hello")
    assert [message.text for message in slack.messages("C0CARE")] == ["hello"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(kind="status", status=503), SlackApiError),
        (Fault(kind="too_many", retry_after=7), SlackApiError),
        (Fault(kind="too_many"), SlackApiError),
        (Fault(kind="error_inside", error="fatal_error"), SlackApiError),
        (Fault(kind="reset"), aiohttp.ClientError),
    ],
)
async def test_spoiled_before_the_effect(
    slack: SlackStandIn, web: AsyncWebClient, fault: Fault, error: type[Exception]
) -> None:
    slack.faults.next("*", fault)
    with pytest.raises(error):
        await web.chat_postMessage(channel="C0CARE", text="hello")
    assert slack.messages("C0CARE") == ()


async def test_hanging_until_released(slack: SlackStandIn, web: AsyncWebClient) -> None:
    slack.faults.next("chat.postMessage", Fault(kind="hang"))
    posting = asyncio.create_task(web.chat_postMessage(channel="C0CARE", text="hello"))
    await slack.faults.met("chat.postMessage")
    assert slack.messages("C0CARE") == ()
    slack.faults.clear()
    assert (await posting)["ok"]


async def test_slowly(slack: SlackStandIn, web: AsyncWebClient, clock: HandClock) -> None:
    slack.faults.until_cleared("chat.postMessage", Fault(kind="slow", seconds=20))
    posting = asyncio.create_task(web.chat_postMessage(channel="C0CARE", text="hello"))
    assert await clock.skip() == 20
    assert (await posting)["ok"]


async def test_down_and_back(slack: SlackStandIn, web: AsyncWebClient) -> None:
    await slack.go_down()
    with pytest.raises(aiohttp.ClientConnectorError):
        await web.auth_test()
    await slack.come_back()
    assert (await web.auth_test())["ok"]
