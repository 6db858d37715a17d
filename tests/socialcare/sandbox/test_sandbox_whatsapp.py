"""The Cloud API's stand-in refuses what Meta refuses, and sends what Meta sends."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from socialcare.sandbox.faults import Fault
from socialcare.sandbox.hand_clock import HandClock
from socialcare.sandbox.listener import Listener
from socialcare.sandbox.whatsapp import WhatsappStandIn
from socialcare.sandbox.whatsapp_markup import shown
from socialcare.sandbox.whatsapp_people import Customer

DAY_S = 24 * 3600.0


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def app() -> AsyncIterator[Listener]:
    async with Listener() as app:
        yield app


@pytest.fixture
async def wa(clock: HandClock, app: Listener) -> AsyncIterator[WhatsappStandIn]:
    async with WhatsappStandIn(clock=clock) as standin:
        standin.deliveries.url = app.url
        yield standin


async def call(
    wa: WhatsappStandIn, body: Any, *, token: str | None = None, number: str | None = None
) -> tuple[int, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {wa.token if token is None else token}"}
    url = f"{wa.base_url}/v26.0/{number or wa.phone_id}/messages"
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, json=body, headers=headers) as answer,
    ):
        return answer.status, await answer.json()


def text(to: Customer | str, words: str = "Hi") -> dict[str, Any]:
    key = to if isinstance(to, str) else to.user_id
    who = "to" if key.isdecimal() else "recipient"
    return {"messaging_product": "whatsapp", who: key, "type": "text", "text": {"body": words}}


async def code(wa: WhatsappStandIn, body: Any, **more: Any) -> int | None:
    _, answer = await call(wa, body, **more)
    told = answer.get("error", {}).get("code")
    return None if told is None else int(told)


def values(app: Listener) -> list[dict[str, Any]]:
    return [
        change["value"]
        for got in app.got
        for entry in json.loads(got.body)["entry"]
        for change in entry["changes"]
    ]


def statuses(app: Listener) -> list[tuple[str, str]]:
    return [(each["id"], each["status"]) for one in values(app) for each in one.get("statuses", ())]


# --- what it refuses


async def test_credentials_and_number_are_checked(wa: WhatsappStandIn) -> None:
    ana = wa.customer()
    await ana.write("hello")
    assert await code(wa, text(ana), token=wa.token + "x") == 190
    assert await code(wa, text(ana), number="999") == 33
    wa.locked = True
    assert await code(wa, text(ana)) == 131031


async def test_nobody_is_written_to_before_they_wrote_nor_a_day_after(
    wa: WhatsappStandIn, clock: HandClock
) -> None:
    ana = wa.customer()
    assert await code(wa, text(ana)) == 131047
    await ana.write("hello")
    clock.advance(DAY_S)
    assert await code(wa, text(ana)) is None
    await ana.react(ana.chat[-1])
    clock.advance(1)
    assert await code(wa, text(ana)) == 131047
    await ana.write("again")
    assert await code(wa, text(ana.private.number)) is None
    assert await code(wa, text("447700999999")) == 131026


async def test_templates_go_at_any_time_in_their_languages(wa: WhatsappStandIn) -> None:
    ana = wa.customer()

    def template(name: str, language: str, **more: Any) -> dict[str, Any]:
        wanted = {"name": name, "language": {"code": language}, **more}
        return {**text(ana), "type": "template", "template": wanted}

    assert await code(wa, template("care_reopen", "de")) is None
    assert await code(wa, template("care_reopen", "fr")) == 132001
    assert await code(wa, template("unknown", "en")) == 132001
    assert await code(wa, template("care_reopen", "en", components=[{"type": "body"}])) == 132000
    assert [(each.template, each.language) for each in ana.chat] == [("care_reopen", "de")]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, None),
        ({"text": {"body": "x" * 4096}}, None),
        ({"text": {"body": "x" * 4097}}, 100),
        ({"text": {"body": " "}}, 131008),
        ({"text": "Hi"}, 131008),
        ({"messaging_product": "sms"}, 100),
        ({"type": "hologram"}, 131051),
        ({"recipient": "nobody"}, 100),
        ({"to": "Ana"}, 131009),
    ],
)
async def test_messages_are_checked(
    wa: WhatsappStandIn, change: dict[str, Any], expected: int | None
) -> None:
    ana = wa.customer()
    await ana.write("hello")
    assert await code(wa, text(ana) | change) == expected


@pytest.mark.parametrize(
    ("buttons", "body", "expected"),
    [
        ([("a", "A")], "Which?", None),
        ([("a", "A"), ("b", "B"), ("c", "C")], "x" * 1024, None),
        ([("a", "A")], "x" * 1025, 100),
        ([(str(n), str(n)) for n in range(4)], "Which?", 131009),
        ([], "Which?", 131009),
        ([("a", "x" * 21)], "Which?", 100),
        ([("x" * 257, "A")], "Which?", 100),
        ([("a", "A"), ("a", "B")], "Which?", 131009),
        ([("a", "A"), ("b", "A")], "Which?", 131009),
    ],
)
async def test_buttons_are_checked(
    wa: WhatsappStandIn, buttons: list[tuple[str, str]], body: str, expected: int | None
) -> None:
    ana = wa.customer()
    await ana.write("hello")
    listed = [{"type": "reply", "reply": {"id": key, "title": title}} for key, title in buttons]
    interactive = {"type": "button", "body": {"text": body}, "action": {"buttons": listed}}
    message = {**text(ana), "type": "interactive", "interactive": interactive}
    assert await code(wa, message) == expected


async def test_one_customer_is_not_flooded(wa: WhatsappStandIn, clock: HandClock) -> None:
    """A burst of 45, then one in six seconds; others are written to meanwhile."""
    ana, ben = wa.customer(), wa.customer()
    await ana.write("hello")
    await ben.write("hello")
    assert [await code(wa, text(ana)) for _ in range(45)] == [None] * 45
    assert await code(wa, text(ana)) == 131056
    assert await code(wa, text(ben)) is None
    clock.advance(6)
    assert await code(wa, text(ana)) is None


async def test_reading_and_writing_are_shown_under_a_message_that_exists(
    wa: WhatsappStandIn,
) -> None:
    ana = wa.customer()
    sent = await ana.write("hello")
    read = {"messaging_product": "whatsapp", "status": "read", "message_id": sent.message_id}
    assert await code(wa, read) is None
    assert (ana.private.read, list(ana.private.typing)) == ([sent.message_id], [])
    assert await code(wa, read | {"typing_indicator": {"type": "text"}}) is None
    assert list(ana.private.typing) == [sent.message_id]
    assert await code(wa, read | {"message_id": "wamid.unknown"}) == 131009


# --- what it sends


async def test_webhooks_are_signed_as_they_are_written(wa: WhatsappStandIn, app: Listener) -> None:
    """Letters beyond ASCII and slashes are escaped, and the signature is over that."""
    await wa.customer().write("Größe 40/42 😀")
    (got,) = await app.receives(1)
    assert rb"Gr\u00f6\u00dfe 40\/42 \ud83d\ude00" in got.body
    digest = hmac.new(wa.app_secret.encode(), got.body, hashlib.sha256).hexdigest()
    assert got.headers["X-Hub-Signature-256"] == f"sha256={digest}"


async def test_accepted_becomes_sent_and_delivered_or_failed(
    wa: WhatsappStandIn, app: Listener
) -> None:
    ana = wa.customer()
    await ana.write("hello")
    _, answer = await call(wa, text(ana))
    first = answer["messages"][0]["id"]
    ana.fail_next(131026)
    _, answer = await call(wa, text(ana))
    second = answer["messages"][0]["id"]
    await ana.read()
    ana.block()
    _, answer = await call(wa, text(ana))
    third = answer["messages"][0]["id"]
    await wa.delivered()
    assert statuses(app) == [
        (first, "sent"),
        (first, "delivered"),
        (second, "sent"),
        (second, "failed"),
        (first, "read"),
        (third, "sent"),
        (third, "failed"),
    ]
    assert [each.message_id for each in ana.chat] == [first]


async def test_a_hidden_number_is_in_no_payload(wa: WhatsappStandIn, app: Listener) -> None:
    ana = wa.customer()
    ana.hide_number("ana.w")
    await ana.write("hello")
    await call(wa, text(ana))
    await wa.answer_in_app(ana, "me")
    await wa.delivered()
    assert len(app.got) == 4
    assert not any(ana.private.number.encode() in got.body for got in app.got)
    assert all(ana.user_id.encode() in got.body for got in app.got)


async def test_a_changed_number_is_told_with_both_ids(wa: WhatsappStandIn, app: Listener) -> None:
    ana = wa.customer()
    old = ana.user_id
    ana.change_number("447700900777", "GB.9")
    await ana.write("hello")
    await wa.delivered()
    update, message = values(app)
    assert update["user_id_update"][0]["user_id"] == {"previous": old, "current": "GB.9"}
    assert message["messages"][0]["from"] == "447700900777"
    assert await code(wa, text("GB.9")) is None
    assert await code(wa, text(old)) == 131026


async def test_what_happens_together_travels_together(wa: WhatsappStandIn, app: Listener) -> None:
    ana, ben = wa.customer(), wa.customer()
    async with wa.together():
        await ana.write("one")
        await ben.write("two")
        await wa.answer_in_app(ben, "three")
    (got,) = app.got
    fields = [entry["changes"][0]["field"] for entry in json.loads(got.body)["entry"]]
    assert fields == ["messages", "messages", "smb_message_echoes"]


async def test_what_is_not_taken_comes_again(
    wa: WhatsappStandIn, app: Listener, clock: HandClock
) -> None:
    app.answers.extend([web.Response(status=503), web.Response(status=500)])
    ana = wa.customer()
    await ana.write("hello")
    assert await clock.skip() == 1.0
    assert await clock.skip() == 2.0
    await wa.delivered()
    assert [got.body for got in app.got] == [app.got[0].body] * 3


async def test_deliveries_go_wrong_on_request(
    wa: WhatsappStandIn, app: Listener, clock: HandClock
) -> None:
    ana = wa.customer()
    wa.faults.next("webhook", Fault(kind="duplicate"))
    await ana.write("twice")
    await wa.delivered()
    assert len(app.got) == 2
    assert app.got[0].body == app.got[1].body
    wa.faults.next("webhook", Fault(kind="reorder"))
    await ana.write("first")
    await ana.write("second")
    await wa.delivered()
    said = [value["messages"][0]["text"]["body"] for value in values(app)[2:]]
    assert said == ["second", "first"]
    app.answers.append(web.Response(status=401))
    wa.faults.next("webhook", Fault(kind="bad_signature"))
    await ana.write("forged")
    await clock.skip()
    await wa.delivered()
    forged, right = app.got[-2:]
    assert forged.headers["X-Hub-Signature-256"] == "sha256=" + "0" * 64
    assert right.headers["X-Hub-Signature-256"] != forged.headers["X-Hub-Signature-256"]
    app.answers.append(web.Response(status=500))
    wa.faults.next("webhook", Fault(kind="drop_retry"))
    await ana.write("lost")
    await wa.delivered()
    assert len(wa.deliveries.dropped) == 1


# --- what the customer reads


@pytest.mark.parametrize(
    ("text", "read", "formatted"),
    [
        ("a *bold* word", "a bold word", ("bold",)),
        ("_i_ ~s~ `c` ```m\nm```", "i s c m\nm", ("i", "s", "c", "m\nm")),
        ("> quoted", "quoted", ("quote",)),
        ("snake_case_word 2*3*4 * * a* b*", "snake_case_word 2*3*4 * * a* b*", ()),
        ("* a*", "* a*", ()),
    ],
)
def test_marks_are_read_as_whatsapp_reads_them(
    text: str, read: str, formatted: tuple[str, ...]
) -> None:
    assert shown(text).text == read
    assert shown(text).formatted == formatted
