"""Updates by webhook: in order, again until taken, with the right secret."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update

from socialcare.sandbox.faults import Fault
from socialcare.sandbox.hand_clock import HandClock
from socialcare.sandbox.listener import Listener
from socialcare.sandbox.telegram import TelegramStandIn
from socialcare.sandbox.watching import NotSeenError

SECRET = "s3cret"  # noqa: S105 - of a stand-in
HEADER = "X-Telegram-Bot-Api-Secret-Token"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def app() -> AsyncIterator[Listener]:
    async with Listener() as app:
        yield app


@pytest.fixture
async def tg(clock: HandClock, app: Listener) -> AsyncIterator[TelegramStandIn]:
    async with TelegramStandIn(clock=clock) as standin:
        async with Bot(standin.token, base_url=f"{standin.base_url}/bot") as bot:
            await bot.set_webhook(
                app.url,
                secret_token=SECRET,
                allowed_updates=["message", "edited_message", "callback_query", "my_chat_member"],
            )
        yield standin


def texts(app: Listener) -> list[str]:
    bodies = [json.loads(got.body) for got in app.got]
    return [(body.get("message") or body["edited_message"]).get("text", "") for body in bodies]


async def test_every_kind_is_a_bot_api_update(tg: TelegramStandIn, app: Listener) -> None:
    ana = tg.customer()
    first = await ana.write("/start ref42")
    await ana.write("again", reply_to=first)
    await ana.edit(first, "changed")
    await ana.photo("look")
    await ana.sticker()
    await ana.block()
    await ana.delivered()
    updates: list[Any] = [Update.de_json(json.loads(got.body)) for got in app.got]
    assert [update.update_id for update in updates] == sorted(each.update_id for each in updates)
    assert updates[0].message.entities[0].type == "bot_command"
    assert updates[1].message.reply_to_message.message_id == first.message_id
    assert updates[2].edited_message.edit_date is not None
    assert updates[3].message.caption == "look"
    assert updates[4].message.sticker.emoji == "👍"
    assert updates[5].my_chat_member.new_chat_member.status == "kicked"
    assert all(got.headers[HEADER] == SECRET for got in app.got)


async def test_what_was_not_asked_for_is_not_sent(tg: TelegramStandIn, app: Listener) -> None:
    ana = tg.customer()
    await ana.write("hi")
    await ana.delivered()
    async with Bot(tg.token, base_url=f"{tg.base_url}/bot") as bot:
        await bot.send_message(ana.user_id, "hello")
        seen = await ana.sees("hello")
        assert await ana.react() is None
        await bot.set_webhook(app.url, allowed_updates=["message_reaction"])
    assert await ana.react(seen, "🎉") is not None
    await ana.delivered()
    (reacted,) = [json.loads(got.body) for got in app.got if b"message_reaction" in got.body]
    assert reacted["message_reaction"]["new_reaction"] == [{"type": "emoji", "emoji": "🎉"}]
    assert reacted["message_reaction"]["old_reaction"] == [{"type": "emoji", "emoji": "👍"}]


async def test_the_head_blocks_its_chat_and_no_other(
    tg: TelegramStandIn, app: Listener, clock: HandClock
) -> None:
    ana, ben = tg.customer(), tg.customer(first_name="Ben")
    app.answers.extend([web.Response(status=500), web.Response(status=500)])
    await ana.write("one")
    await ana.write("two")
    await app.receives(1)
    assert await clock.skip() == 1
    await app.receives(2)
    await ben.write("hello")
    await ben.delivered()
    assert await clock.skip() == 2
    await ana.delivered()
    assert texts(app) == ["one", "one", "hello", "one", "two"]


async def test_retry_after_is_honoured(
    tg: TelegramStandIn, app: Listener, clock: HandClock
) -> None:
    app.answers.append(web.Response(status=503, headers={"Retry-After": "30"}))
    ana = tg.customer()
    await ana.write("one")
    assert await clock.skip() == 30
    await ana.delivered()


async def test_the_bot_comes_back(tg: TelegramStandIn, app: Listener, clock: HandClock) -> None:
    await app.go_down()
    ana = tg.customer()
    await ana.write("anybody there?")
    waits = [await clock.skip() for _ in range(9)]
    assert waits[:6] == [1, 2, 4, 8, 16, 32]
    assert all(60 <= wait <= 120 for wait in waits[7:])
    await app.come_back()
    await clock.skip()
    await ana.delivered()
    assert texts(app) == ["anybody there?"]


async def test_given_up_after_a_day(tg: TelegramStandIn, app: Listener, clock: HandClock) -> None:
    app.answers.append(web.Response(status=500))
    ana = tg.customer()
    await ana.write("one")
    await app.receives(1)
    app.answers.append(web.Response(status=500))
    clock.advance(86_400)
    await ana.delivered()
    assert len(tg.deliveries.dropped) == 1


async def test_a_press_overtakes_a_blocked_message(
    tg: TelegramStandIn, app: Listener, clock: HandClock
) -> None:
    ana = tg.customer()
    await ana.write("hi")
    await ana.delivered()
    async with Bot(tg.token, base_url=f"{tg.base_url}/bot") as bot:
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="y")]])
        await bot.send_message(ana.user_id, "Sure?", reply_markup=keyboard)
    app.answers.append(web.Response(status=500))
    await ana.write("wait")
    await app.receives(2)
    await ana.press("Yes")
    await app.receives(3)
    assert "callback_query" in json.loads(app.got[2].body)
    await clock.skip()
    await ana.delivered()


async def test_duplicate_reorder_wrong_secret_and_dropped_retry(
    tg: TelegramStandIn, app: Listener
) -> None:
    ana = tg.customer()
    tg.faults.next("webhook", Fault(kind="duplicate"))
    await ana.write("twice")
    await ana.delivered()
    assert app.got[0].body == app.got[1].body
    tg.faults.next("webhook", Fault(kind="reorder"))
    await ana.write("three")
    await ana.write("four")
    await ana.delivered()
    assert texts(app)[2:] == ["four", "three"]
    tg.faults.next("webhook", Fault(kind="wrong_secret"))
    await ana.write("five")
    await ana.delivered()
    assert app.got[4].headers[HEADER] != SECRET
    tg.faults.next("webhook", Fault(kind="drop_retry"))
    app.answers.append(web.Response(status=500))
    await ana.write("lost")
    await ana.delivered()
    assert texts(app).count("lost") == 1


async def test_any_bytes(tg: TelegramStandIn, app: Listener) -> None:
    app.answers.append(web.Response(status=401))
    answer = await tg.post_raw(b"\xff", {})
    assert (answer.status, app.got[0].body) == (401, b"\xff")
    assert (await tg.post_raw(b"[]")).ok


async def test_what_never_comes_is_said(tg: TelegramStandIn) -> None:
    ana = tg.customer()
    with pytest.raises(NotSeenError, match="refund"):
        await ana.sees("refund", timeout=0.01)
