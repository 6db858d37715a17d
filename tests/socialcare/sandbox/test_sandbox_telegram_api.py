"""The Bot API stand-in, driven by python-telegram-bot."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
)

from socialcare.sandbox.faults import Fault
from socialcare.sandbox.hand_clock import HandClock
from socialcare.sandbox.listener import Listener
from socialcare.sandbox.telegram import TelegramStandIn

SECRET = "s3cret"  # noqa: S105 - of a stand-in


@pytest.fixture(autouse=True)
def durations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let python-telegram-bot give durations as such; it warns otherwise."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def app() -> AsyncIterator[Listener]:
    async with Listener() as app:
        yield app


@pytest.fixture
async def tg(clock: HandClock) -> AsyncIterator[TelegramStandIn]:
    async with TelegramStandIn(clock=clock) as standin:
        yield standin


@pytest.fixture
async def bot(tg: TelegramStandIn) -> AsyncIterator[Bot]:
    async with Bot(tg.token, base_url=f"{tg.base_url}/bot") as bot:
        yield bot


async def test_a_conversation(tg: TelegramStandIn, bot: Bot) -> None:
    ana = tg.customer(first_name="Ana")
    asked = await ana.write("Where is <my> order?")
    update: Any = (await bot.get_updates())[0]
    assert update.message.text == "Where is <my> order?"
    assert update.message.from_user.language_code == "en"
    assert update.message.date == tg.now()
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="y:1")]])
    sent = await bot.send_message(
        ana.user_id,
        "<b>A-10611</b> is on its way",
        parse_mode="HTML",
        reply_markup=keyboard,
        reply_parameters=ReplyParameters(asked.message_id),
    )
    assert sent.text == "A-10611 is on its way"
    seen = await ana.sees("on its way")
    assert seen.html == "<b>A-10611</b> is on its way"
    assert seen.reply_to == asked.message_id
    await ana.press(seen.buttons[0])
    (press,) = await bot.get_updates(offset=update.update_id + 1)
    assert press.callback_query is not None
    assert press.callback_query.data == "y:1"
    await bot.answer_callback_query(press.callback_query.id, text="Noted")
    assert list(ana.alerts) == ["Noted"]
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query(press.callback_query.id)
    await bot.edit_message_text("Done", ana.user_id, sent.message_id)
    assert (await ana.sees("Done")).edited
    with pytest.raises(LookupError):
        await ana.press("Yes")
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_text("Done", ana.user_id, sent.message_id)
    await bot.send_chat_action(ana.user_id, "typing")
    assert list(ana.private.actions) == ["typing"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "Message text is empty"),
        ("   ", "Message text is empty"),
        ("a < b", "Can't parse entities"),
        ("x" * 4097, "Message is too long"),
        ("👍" * 2049, "Message is too long"),
    ],
)
async def test_texts_that_are_refused(
    tg: TelegramStandIn, bot: Bot, text: str, complaint: str
) -> None:
    ana = tg.customer()
    await ana.write("hi")
    with pytest.raises(BadRequest, match=complaint):
        await bot.send_message(ana.user_id, text, parse_mode="HTML")
    await bot.send_message(ana.user_id, f"<b>{'x' * 4096}</b>", parse_mode="HTML")


async def test_whom_the_bot_may_write_to(tg: TelegramStandIn, bot: Bot) -> None:
    ana = tg.customer()
    with pytest.raises(Forbidden, match="can't initiate"):
        await bot.send_message(ana.user_id, "hello")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(99, "hello")
    await ana.write("hi")
    await ana.block()
    with pytest.raises(Forbidden, match="blocked by the user"):
        await bot.send_message(ana.user_id, "hello")
    await ana.unblock()
    await bot.send_message(ana.user_id, "hello")
    group = tg.group()
    await ana.write_in_group(group, "all well?")
    await bot.send_message(group.chat.chat_id, "yes")
    assert group.messages[-1].text == "yes"
    group.migrate(-1001)
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(group.chat.chat_id, "hello")
    assert moved.value.new_chat_id == -1001


async def test_buttons_have_limits(tg: TelegramStandIn, bot: Bot) -> None:
    ana = tg.customer()
    await ana.write("hi")
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Ja", callback_data="ü" * 33)]])
    with pytest.raises(BadRequest, match="Button_data_invalid"):
        await bot.send_message(ana.user_id, "?", reply_markup=keyboard)


async def test_one_message_a_second_after_a_burst(
    tg: TelegramStandIn, bot: Bot, clock: HandClock
) -> None:
    ana = tg.customer()
    await ana.write("hi")
    for number in range(5):
        await bot.send_message(ana.user_id, f"{number}")
    with pytest.raises(RetryAfter) as held:
        await bot.send_message(ana.user_id, "5")
    assert held.value.retry_after == timedelta(seconds=1)
    clock.advance(1)
    await bot.send_message(ana.user_id, "5")
    tg.enforce_rates = False
    await bot.send_message(ana.user_id, "6")
    assert [message.text for message in ana.chat] == [str(number) for number in range(7)]


async def test_webhook_and_polling_exclude_each_other(
    tg: TelegramStandIn, bot: Bot, app: Listener
) -> None:
    await bot.set_webhook(app.url, secret_token=SECRET)
    with pytest.raises(Conflict):
        await bot.get_updates()
    assert (await bot.get_webhook_info()).url == app.url
    await bot.delete_webhook()
    assert await bot.get_updates() == ()
    with pytest.raises(BadRequest, match="https url"):
        await bot.set_webhook("http://care.northwind.example/hook")
    with pytest.raises(BadRequest, match="unallowed characters"):
        await bot.set_webhook(app.url, secret_token=f"{SECRET} !")


async def test_a_long_poll_wakes_and_ends(tg: TelegramStandIn, bot: Bot, clock: HandClock) -> None:
    ana = tg.customer()
    await ana.write("one")
    await ana.write("two")
    first, second = await bot.get_updates()
    assert (await bot.get_updates(offset=second.update_id)) == (second,)
    assert first.update_id + 1 == second.update_id
    assert await bot.get_updates(offset=-1) == (second,)
    url = f"{tg.base_url}/bot{tg.token}/getUpdates"
    async with aiohttp.ClientSession() as client:
        async with client.post(url, json={"offset": second.update_id + 1, "timeout": 0}) as got:
            assert (await got.json())["result"] == []
        await ana.delivered()
        body = {"offset": second.update_id + 1, "timeout": 30}

        async def poll() -> tuple[int, Any]:
            async with client.post(url, json=body) as got:
                return got.status, (await got.json()).get("result")

        waiting = asyncio.create_task(poll())
        await clock.waits()
        third = await ana.write("three")
        status, updates = await waiting
        assert (status, [each["update_id"] for each in updates]) == (200, [third.update_id])
        body["offset"] += 1
        outcomes: list[tuple[int, Any]] = [(200, []), (409, None)]
        for outcome in outcomes:
            waiting = asyncio.create_task(poll())
            await clock.waits()
            if outcome[0] == 200:
                clock.advance(30)
            else:
                await bot.get_updates(offset=body["offset"])
            assert await waiting == outcome


async def test_wrong_token_and_method(tg: TelegramStandIn) -> None:
    with pytest.raises(InvalidToken):
        async with Bot("4200:wrong", base_url=f"{tg.base_url}/bot"):
            pass
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"{tg.base_url}/bot{tg.token}/sendDice") as got,
    ):
        assert got.status == 404


async def test_every_way_to_send_parameters(tg: TelegramStandIn) -> None:
    ana = tg.customer()
    await ana.write("hi")
    url = f"{tg.base_url}/bot{tg.token}/sendMessage"
    keyboard = {"inline_keyboard": [[{"text": "Go", "url": "https://northwind.example"}]]}
    multipart = aiohttp.FormData({"chat_id": str(ana.user_id), "text": "two"})
    multipart.add_field("x", b"x", filename="x.txt")
    three = {"chat_id": ana.user_id, "text": "three", "reply_markup": keyboard}
    async with (
        aiohttp.ClientSession() as client,
        client.post(url, data={"chat_id": str(ana.user_id), "text": "one"}),
        client.post(url, data=multipart),
        client.post(url, json=three),
        client.get(url, params={"chat_id": ana.user_id, "text": "four"}),
    ):
        pass
    assert [message.text for message in ana.chat] == ["one", "two", "three", "four"]
    assert ana.chat[2].buttons[0].url == "https://northwind.example"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(kind="status", status=502), NetworkError),
        (Fault(kind="too_many", retry_after=3), RetryAfter),
        (Fault(kind="too_many"), NetworkError),
        (Fault(kind="error_inside"), KeyError),
        (Fault(kind="reset"), NetworkError),
    ],
)
async def test_spoiled_before_the_effect(
    tg: TelegramStandIn, bot: Bot, fault: Fault, error: type[Exception]
) -> None:
    ana = tg.customer()
    await ana.write("hi")
    tg.faults.next("sendMessage", fault)
    with pytest.raises(error):
        await bot.send_message(ana.user_id, "hello")
    assert ana.chat == ()
    await bot.send_message(ana.user_id, "hello")
    assert len(ana.chat) == 1


async def test_the_answer_is_lost(tg: TelegramStandIn, bot: Bot) -> None:
    ana = tg.customer()
    await ana.write("hi")
    tg.faults.next("sendMessage", Fault(kind="answer_lost"))
    with pytest.raises(NetworkError):
        await bot.send_message(ana.user_id, "hello")
    assert [message.text for message in ana.chat] == ["hello"]


async def test_hanging_until_the_client_gives_up(tg: TelegramStandIn, bot: Bot) -> None:
    ana = tg.customer()
    await ana.write("hi")
    tg.faults.next("sendMessage", Fault(kind="hang"))
    sending = asyncio.create_task(bot.send_message(ana.user_id, "hello"))
    await tg.faults.met("sendMessage")
    sending.cancel()
    assert (await bot.get_me()).id == 4200
    tg.faults.release()
    assert ana.chat == ()


async def test_down_and_back(tg: TelegramStandIn, bot: Bot) -> None:
    await tg.go_down()
    with pytest.raises(NetworkError):
        await bot.get_me()
    await tg.come_back()
    assert (await bot.get_me()).username == tg.bot["username"]
