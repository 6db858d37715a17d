"""A measured peer: opsdroid with its own Telegram connector and its own aiohttp server.

Run by `bench/peers.py` in an environment of its own; it prints its port and ends with its standard
input. Telegram's address stands in the connector's code: it is replaced here, and so is the secret
in the path by the header that the others check.
"""

import asyncio
import gettext
import hmac
import json
import logging
import os
import sys
from typing import Any

from aiohttp import web
from opsdroid.connector.telegram import ConnectorTelegram
from opsdroid.core import OpsDroid
from opsdroid.events import Message
from opsdroid.matchers import match_always
from opsdroid.web import Web
from typing_extensions import override

LIFE_S = 600.0
WORDS = "We are open on Saturdays from 9:00 to 18:00."


class Connector(ConnectorTelegram):  # type: ignore[misc]  # it is not installed here
    """The connector, with its Telegram elsewhere."""

    def __init__(self, config: dict[str, Any], bot: OpsDroid, *, sink: str) -> None:
        super().__init__(config, bot)
        self._sink = sink
        self.webhook_endpoint = "/webhooks/telegram"

    @override
    def build_url(self, method: str) -> str:
        """Name the sink's address of a method."""
        return f"{self._sink}/bot{self.token}/{method}"

    @override
    async def telegram_webhook_handler(self, request: web.Request) -> web.Response:
        """Check the secret, then take the update as the connector does."""
        if not hmac.compare_digest(
            request.headers.get(self.config["header"], ""), self.config["secret"]
        ):
            return web.Response(status=401)
        answer: web.Response = await super().telegram_webhook_handler(request)
        return answer


async def answer(bot: OpsDroid, _config: dict[str, Any], message: Message) -> None:
    """Reply to a message."""
    del bot
    if isinstance(message, Message):
        await message.respond(WORDS)


async def main(sink: str, core: int, token: str, header: str, secret: str) -> None:
    """Serve until standard input is closed."""
    os.sched_setaffinity(0, {core})
    gettext.install("opsdroid")  # its modules expect the name that this puts among the builtins
    logging.getLogger("opsdroid").setLevel(logging.ERROR)
    config = {"web": {"host": "127.0.0.1", "port": 0}}
    with OpsDroid(config=config, loopless=True) as bot:
        bot.eventloop = asyncio.get_running_loop()
        bot.web_server = Web(bot)
        telegram = {"name": "telegram", "token": token, "header": header, "secret": secret}
        bot.connectors = [Connector(telegram, bot, sink=sink)]
        bot.register_skill(match_always(answer), {"name": "answer"})
        await bot.start_connectors()
        await bot.web_server.start()
        print(json.dumps({"port": bot.web_server.runner.addresses[0][1]}), flush=True)
        async with asyncio.timeout(LIFE_S):
            await asyncio.to_thread(sys.stdin.read)
        await bot.stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:6]))
