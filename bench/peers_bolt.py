"""A measured peer: slack-bolt's AsyncApp on its own aiohttp server.

Run by `bench/peers.py` in an environment of its own; it prints its port and ends with its standard
input. With `session` as last word its client keeps one aiohttp session; by default it opens a new
one for each call.
"""

import asyncio
import json
import os
import sys
from typing import Any

import aiohttp
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

LIFE_S = 600.0
WORDS = "We are open on Saturdays from 9:00 to 18:00."


async def main(sink: str, core: int, secret: str, kept: str) -> None:
    """Serve until standard input is closed."""
    os.sched_setaffinity(0, {core})
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(
            token="xoxb-none",  # noqa: S106 - a made-up one
            base_url=f"{sink}/api/",
            session=session if kept == "session" else None,
        )
        app = AsyncApp(client=client, signing_secret=secret)

        @app.event("message")
        async def answer(say: Any) -> None:
            await say(WORDS)

        runner = web.AppRunner(app.server(0).web_app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        print(json.dumps({"port": runner.addresses[0][1]}), flush=True)
        async with asyncio.timeout(LIFE_S):
            await asyncio.to_thread(sys.stdin.read)
        await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]))
