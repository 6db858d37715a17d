"""A measured peer: python-telegram-bot's own Application, by its documented custom webhook.

Run by `bench/peers.py` in an environment of its own; it prints its port and ends with its standard
input. https://docs.python-telegram-bot.org/en/stable/examples.customwebhookbot.html
"""

import asyncio
import hmac
import json
import os
import sys
from typing import Any

from aiohttp import web
from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

LIFE_S = 600.0
WORDS = "We are open on Saturdays from 9:00 to 18:00."


async def answer(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    """Reply to a message."""
    if update.effective_message is not None:
        await update.effective_message.reply_text(WORDS)


def built(sink: str, token: str) -> "Application[Any, Any, Any, Any, Any, Any]":
    """Make the bot: updates side by side, and as many connections as customers."""
    builder = Application.builder().token(token).updater(None).base_url(f"{sink}/bot")
    bot = builder.concurrent_updates(True).connection_pool_size(64).build()  # noqa: FBT003, RUF100 - the library's own way
    bot.add_handler(MessageHandler(filters.TEXT, answer))
    return bot


async def main(sink: str, core: int, token: str, header: str, secret: str) -> None:
    """Serve until standard input is closed."""
    os.sched_setaffinity(0, {core})
    bot = built(sink, token)

    async def webhook(request: web.Request) -> web.Response:
        if not hmac.compare_digest(request.headers.get(header, ""), secret):
            return web.Response(status=401)
        await bot.update_queue.put(Update.de_json(await request.json(), bot.bot))
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_post("/webhooks/telegram", webhook)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with bot:
        await bot.start()
        print(json.dumps({"port": runner.addresses[0][1]}), flush=True)
        async with asyncio.timeout(LIFE_S):
            await asyncio.to_thread(sys.stdin.read)
        await bot.stop()
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:6]))
