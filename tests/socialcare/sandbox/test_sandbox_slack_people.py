"""Colleagues press, fill in and write; the app hears of it, signed."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from socialcare.sandbox.faults import Fault
from socialcare.sandbox.hand_clock import HandClock
from socialcare.sandbox.listener import Got, Listener
from socialcare.sandbox.serving import LocalServer
from socialcare.sandbox.slack import SlackStandIn
from socialcare.sandbox.slack_people import Colleague
from socialcare.sandbox.slack_reading import Message

BUTTON: dict[str, Any] = {
    "type": "button",
    "action_id": "case.claim",
    "value": "c1",
    "text": {"type": "plain_text", "text": "Claim"},
}
CARD: list[dict[str, Any]] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*Ana*"}},
    {"type": "actions", "block_id": "case", "elements": [BUTTON]},
]
MODAL: dict[str, Any] = {
    "type": "modal",
    "callback_id": "reply",
    "title": {"type": "plain_text", "text": "Reply"},
    "submit": {"type": "plain_text", "text": "Send"},
    "private_metadata": "c1",
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "words",
            "label": {"type": "plain_text", "text": "Words"},
            "element": {"type": "plain_text_input", "action_id": "text"},
        },
        {
            "type": "input",
            "block_id": "tone",
            "optional": True,
            "label": {"type": "plain_text", "text": "Tone"},
            "element": {
                "type": "static_select",
                "action_id": "pick",
                "options": [{"text": {"type": "plain_text", "text": "Warm"}, "value": "warm"}],
            },
        },
    ],
}


class AtTime:
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def now(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def app() -> AsyncIterator[Listener]:
    async with Listener() as app:
        yield app


@pytest.fixture
async def slack(clock: HandClock, app: Listener) -> AsyncIterator[SlackStandIn]:
    async with SlackStandIn(clock=clock) as standin:
        standin.connect(app.url)
        yield standin


@pytest.fixture
def client(slack: SlackStandIn) -> AsyncWebClient:
    return AsyncWebClient(slack.bot_token, base_url=slack.base_url, retry_handlers=[])


@pytest.fixture
def ben(slack: SlackStandIn) -> Colleague:
    return slack.colleague("U0BEN", name="Ben")


@pytest.fixture
async def card(slack: SlackStandIn, client: AsyncWebClient) -> Message:
    metadata = {"event_type": "case", "event_payload": {"id": "c1"}}
    await client.chat_postMessage(channel="C0CARE", text="Ana", blocks=CARD, metadata=metadata)
    await slack.delivered()
    return await slack.appears("C0CARE", "[Claim]")


def payload(got: Got) -> dict[str, Any]:
    told = json.loads(parse_qs(got.body.decode())["payload"][0])
    assert isinstance(told, dict)
    return told


def verified(slack: SlackStandIn, clock: HandClock, got: Got) -> bool:
    now: Any = AtTime(clock.now().timestamp())
    verifier = SignatureVerifier(slack.signing_secret, now)
    return verifier.is_valid_request(got.body, dict(got.headers))


async def test_the_apps_own_message_comes_back(
    slack: SlackStandIn, card: Message, app: Listener, clock: HandClock
) -> None:
    (got,) = app.got
    assert verified(slack, clock, got)
    envelope = json.loads(got.body)
    assert envelope["type"] == "event_callback"
    assert envelope["event"]["bot_id"] == slack.workspace.bot_id
    assert envelope["event"]["ts"] == card.ts
    assert envelope["authorizations"][0]["user_id"] == slack.workspace.bot_user


async def test_a_press(
    slack: SlackStandIn, card: Message, app: Listener, ben: Colleague, clock: HandClock
) -> None:
    answer = await ben.press(card, "case.claim")
    assert answer.ok
    assert verified(slack, clock, app.got[-1])
    told = payload(app.got[-1])
    assert told["type"] == "block_actions"
    assert told["user"]["id"] == "U0BEN"
    assert told["message"]["metadata"]["event_payload"] == {"id": "c1"}
    assert told["container"]["message_ts"] == card.ts
    (action,) = told["actions"]
    assert (action["action_id"], action["block_id"], action["value"]) == (
        "case.claim",
        "case",
        "c1",
    )


async def test_only_what_is_there_can_be_pressed(
    slack: SlackStandIn, card: Message, client: AsyncWebClient, ben: Colleague
) -> None:
    with pytest.raises(LookupError, match=r"case\.claim"):
        await ben.press(card, "case.reply")
    await client.chat_update(channel="C0CARE", ts=card.ts, text="Claimed")
    with pytest.raises(LookupError):
        await ben.press(card, "case.claim")
    await client.chat_delete(channel="C0CARE", ts=card.ts)
    with pytest.raises(LookupError, match="gone"):
        await ben.press(card, "case.claim")


async def test_a_slow_app_fails_the_press(
    card: Message, app: Listener, ben: Colleague, clock: HandClock
) -> None:
    app.answers.append(None)
    task = asyncio.create_task(ben.press(card, "case.claim"))
    await app.receives(2)
    clock.advance(3)
    answer = await task
    assert (answer.status, answer.why) == (None, "http_timeout")


def modal_of(ben: Colleague) -> bool:
    return ben.view is not None


async def open_modal(
    card: Message,
    app: Listener,
    client: AsyncWebClient,
    ben: Colleague,
    view: dict[str, Any] = MODAL,
) -> None:
    await ben.press(card, "case.claim")
    await client.views_open(trigger_id=payload(app.got[-1])["trigger_id"], view=view)


async def test_a_modal(
    slack: SlackStandIn, card: Message, app: Listener, client: AsyncWebClient, ben: Colleague
) -> None:
    await open_modal(card, app, client, ben)
    view = await ben.gets_view()
    assert (view.title, view.body["private_metadata"]) == ("Reply", "c1")
    with pytest.raises(ValueError, match="words/text must be filled in"):
        await ben.submit(view)
    with pytest.raises(LookupError, match="no inputs"):
        await ben.submit(view, {"text": "Hi", "nothing": "x"})
    with pytest.raises(LookupError, match="no option"):
        await ben.submit(view, {"text": "Hi", "tone/pick": "cold"})
    errors = {"response_action": "errors", "errors": {"words": "Too short"}}
    app.answers.append(web.json_response(errors))
    await ben.submit(view, {"words/text": "Hi"})
    assert ben.errors == {"words": "Too short"}
    assert ben.view == view
    app.answers.append(web.json_response({"response_action": "update", "view": MODAL}))
    await ben.submit(view, {"words/text": "Hello"})
    assert (ben.errors, ben.view.id) == ({}, view.id)
    await ben.submit(ben.view, {"words/text": "Hello Ana", "pick": "Warm"})
    assert not modal_of(ben)
    told = payload(app.got[-1])
    assert told["type"] == "view_submission"
    values = told["view"]["state"]["values"]
    assert values["words"]["text"] == {"type": "plain_text_input", "value": "Hello Ana"}
    assert values["tone"]["pick"]["selected_option"]["value"] == "warm"


async def test_a_failed_submission_keeps_the_modal(
    card: Message, app: Listener, client: AsyncWebClient, ben: Colleague
) -> None:
    await open_modal(card, app, client, ben)
    app.answers.append(web.Response(status=500))
    answer = await ben.submit(None, {"text": "Hello"})
    assert not answer.ok
    assert modal_of(ben)
    await ben.close()
    assert not modal_of(ben)
    assert payload(app.got[-1])["type"] == "view_closed"


async def test_triggers_are_short_lived_and_single_use(
    card: Message, app: Listener, client: AsyncWebClient, ben: Colleague, clock: HandClock
) -> None:
    await open_modal(card, app, client, ben)
    used = payload(app.got[-1])["trigger_id"]
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await client.views_open(trigger_id=used, view=MODAL)
    await ben.press(card, "case.claim")
    late = payload(app.got[-1])["trigger_id"]
    clock.advance(3.1)
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        await client.views_open(trigger_id=late, view=MODAL)
    with pytest.raises(SlackApiError, match="invalid_trigger_id"):
        await client.views_open(trigger_id="1.2.3", view=MODAL)
    view = await ben.gets_view()
    await client.views_update(view_id=view.id, hash=view.body["hash"], view=MODAL)
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await client.views_update(view_id=view.id, hash=view.body["hash"], view=MODAL)


async def test_response_urls(
    slack: SlackStandIn, card: Message, app: Listener, ben: Colleague, clock: HandClock
) -> None:
    await ben.press(card, "case.claim")
    url = payload(app.got[-1])["response_url"]
    async with aiohttp.ClientSession() as session:

        async def answer(**body: Any) -> tuple[int, str]:
            async with session.post(url, json=body) as got:
                return got.status, await got.text()

        assert await answer(text="only you") == (200, "ok")
        assert (await ben.sees("only you")).ephemeral_to == "U0BEN"
        await answer(text="all of you", response_type="in_channel")
        await slack.appears("C0CARE", "all of you")
        await answer(text="Claimed", replace_original=True)
        assert slack.current(card).text == "Claimed"
        assert (await answer())[1] == "no_text"
        await answer(delete_original=True)
        assert card.ts not in {message.ts for message in slack.messages("C0CARE")}
        assert await answer(text="once more") == (404, "used_url")


async def test_an_ephemeral_button(
    slack: SlackStandIn, client: AsyncWebClient, app: Listener, ben: Colleague
) -> None:
    await client.chat_postEphemeral(channel="C0CARE", user="U0BEN", text="Sure?", blocks=CARD)
    await ben.press(await ben.sees("Ana"), "case.claim")
    told = payload(app.got[-1])
    assert told["container"]["is_ephemeral"]
    assert "message" not in told


async def test_writing_and_editing(
    slack: SlackStandIn, card: Message, app: Listener, ben: Colleague, clock: HandClock
) -> None:
    written = await ben.write_in_thread(card, "Dear <Ana> & co")
    await slack.delivered()
    event = json.loads(app.got[-1].body)["event"]
    assert event["thread_ts"] == card.ts
    assert event["parent_user_id"] == slack.workspace.bot_user
    assert event["text"] == "Dear &lt;Ana&gt; &amp; co"
    assert event["client_msg_id"]
    await ben.edit(written, "Dear Ana")
    await slack.delivered()
    event = json.loads(app.got[-1].body)["event"]
    assert (event["subtype"], event["message"]["text"]) == ("message_changed", "Dear Ana")


async def test_a_slash_command(
    slack: SlackStandIn, app: Listener, ben: Colleague, clock: HandClock
) -> None:
    app.answers.append(web.json_response({"response_type": "ephemeral", "text": "Paused"}))
    await ben.command("C0CARE", "/care", "pause")
    form = parse_qs(app.got[-1].body.decode())
    assert (form["command"], form["text"]) == (["/care"], ["pause"])
    assert verified(slack, clock, app.got[-1])
    await ben.sees("Paused")


async def test_events_come_again(
    slack: SlackStandIn, app: Listener, ben: Colleague, clock: HandClock
) -> None:
    app.answers.extend([web.Response(status=500), web.Response(status=404), None])
    await ben.write("C0CARE", "hello")
    await app.receives(2)
    assert await clock.skip() == 60
    await app.receives(3)
    clock.advance(3)
    assert await clock.skip() == 300
    await slack.delivered()
    told = [
        (got.headers.get("X-Slack-Retry-Num"), got.headers.get("X-Slack-Retry-Reason"))
        for got in app.got
    ]
    assert told == [
        (None, None),
        ("1", "http_error"),
        ("2", "http_error"),
        ("3", "http_timeout"),
    ]
    assert len({got.body for got in app.got}) == 1
    assert all(verified(slack, clock, got) for got in app.got[-1:])


async def test_retries_end(
    slack: SlackStandIn, app: Listener, ben: Colleague, clock: HandClock
) -> None:
    app.answers.append(web.Response(status=500, headers={"X-Slack-No-Retry": "1"}))
    await ben.write("C0CARE", "hello")
    await slack.delivered()
    assert len(app.got) == 1
    await app.go_down()
    await ben.write("C0CARE", "anybody?")
    for _ in range(2):
        await clock.skip()
    await slack.delivered()
    tries = [each.status for each in slack.delivery.tries]
    assert tries == [500, None, None, None, None]


async def test_spoiled_deliveries(
    slack: SlackStandIn, app: Listener, ben: Colleague, clock: HandClock
) -> None:
    for kind in ("duplicate", "only_retry", "bad_signature", "old_signature"):
        slack.faults.next("event", Fault(kind=kind))
        app.got.clear()
        app.answers.clear()
        if kind.endswith("signature"):
            app.answers.append(web.Response(status=401, headers={"X-Slack-No-Retry": "1"}))
        await ben.write("C0CARE", kind)
        await slack.delivered()
        assert len(app.got) == (2 if kind == "duplicate" else 1)
        assert verified(slack, clock, app.got[0]) != kind.endswith("signature")
        assert ("X-Slack-Retry-Num" in app.got[0].headers) == (kind == "only_retry")


async def test_the_handshake_and_any_bytes(slack: SlackStandIn, app: Listener) -> None:
    app.answers.append(web.Response(text="nothing"))
    assert not await slack.verify_url()
    app.answers.append(web.Response(status=401))
    answer = await slack.post_raw(b"payload=1", form=True)
    assert answer.status == 401


async def test_bolt_understands_what_is_sent(
    slack: SlackStandIn, client: AsyncWebClient, app: Listener, ben: Colleague
) -> None:
    # Bolt asks the machine for the time; the signature is proved elsewhere.
    bolt = AsyncApp(
        client=client, signing_secret=slack.signing_secret, request_verification_enabled=False
    )
    heard: list[str] = []

    @bolt.event("message")
    async def _message(event: dict[str, Any]) -> None:
        heard.append(event["text"])

    @bolt.action("case.claim")
    async def _claim(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    @bolt.view("reply")
    async def _reply(ack: Any) -> None:
        await ack(response_action="errors", errors={"words": "Too short"})

    @bolt.command("/care")
    async def _care(ack: Any) -> None:
        await ack("Paused")

    async def hook(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await bolt.async_dispatch(await to_bolt_request(request)))

    server = LocalServer([web.post("/bolt", hook)])
    await server.start()
    slack.connect(f"{server.url}/bolt")
    assert await slack.verify_url()
    await ben.write("C0CARE", "hello")
    await slack.delivered()
    assert heard == ["hello"]
    await client.chat_postMessage(channel="C0CARE", text="Ana", blocks=CARD)
    await ben.press(await slack.appears("C0CARE", "[Claim]"), "case.claim")
    await ben.submit(await ben.gets_view(), {"text": "Hi"})
    assert ben.errors == {"words": "Too short"}
    await ben.command("C0CARE", "/care", "pause")
    await ben.sees("Paused")
    await slack.delivered()
    await server.stop()


def an_input(kind: str, **more: Any) -> dict[str, Any]:
    label = {"type": "plain_text", "text": kind}
    element = {"type": kind, "action_id": kind, **more}
    return {"type": "input", "block_id": f"b-{kind}", "label": label, "element": element}


async def test_every_kind_of_input(
    card: Message, app: Listener, client: AsyncWebClient, ben: Colleague
) -> None:
    warm = {"text": {"type": "plain_text", "text": "Warm"}, "value": "warm"}
    brief = {"text": {"type": "plain_text", "text": "Brief"}, "value": "brief"}
    choice = {"options": [warm, brief]}
    inputs = [
        an_input("plain_text_input", initial_value="Dear Ana"),
        an_input("number_input", is_decimal_allowed=True),
        an_input("radio_buttons", initial_option=warm, **choice),
        an_input("checkboxes", initial_options=[warm], **choice),
        an_input("multi_static_select", **choice),
        an_input("datepicker", initial_date="2026-11-21"),
        an_input("timepicker"),
        an_input("users_select"),
        an_input("multi_users_select", initial_users=["U0BEN"]),
    ]
    await open_modal(card, app, client, ben, MODAL | {"blocks": inputs})
    filled = {
        "number_input": "24.90",
        "b-multi_static_select/multi_static_select": ["warm", "Brief"],
        "timepicker": "09:30",
        "users_select": "U0BEN",
    }
    await ben.submit(await ben.gets_view(), filled)
    values = payload(app.got[-1])["view"]["state"]["values"]
    told = {kind: state for block in values.values() for kind, state in block.items()}
    assert told["plain_text_input"]["value"] == "Dear Ana"
    assert told["number_input"]["value"] == "24.90"
    assert told["radio_buttons"]["selected_option"] == warm
    assert told["checkboxes"]["selected_options"] == [warm]
    assert told["multi_static_select"]["selected_options"] == [warm, brief]
    assert told["datepicker"]["selected_date"] == "2026-11-21"
    assert told["timepicker"]["selected_time"] == "09:30"
    assert told["users_select"]["selected_user"] == "U0BEN"
    assert told["multi_users_select"]["selected_users"] == ["U0BEN"]
