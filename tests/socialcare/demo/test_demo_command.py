"""`socialcare demo` as it is started in a terminal: told, served, ended."""

import asyncio
import os
import re
import signal
import socket
import sys

import aiohttp
import pytest

PATIENCE_S = 100.0
pytestmark = pytest.mark.timeout(120)


async def demo(*words: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "socialcare", "demo", *words),
        env=dict(os.environ),  # noqa: TID251 - as a shell would
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_it_tells_the_stories_and_serves_the_page_until_it_is_ended() -> None:
    process = await demo("--port", "0")
    assert process.stdout is not None
    told = ""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while (found := re.search(r"http://127\.0\.0\.1:\d+/sandbox", told)) is None:
                line = await process.stdout.readline()
                assert line, told
                told += line.decode()
            async with aiohttp.ClientSession() as http, http.get(found[0]) as answer:
                assert answer.status == 200
                assert "socialcare sandbox" in await answer.text()
            process.send_signal(signal.SIGINT)
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert "9 of 9 stories ended as they must." in told
    assert re.search(r"\d\.\d s  Ana ", told)
    assert "\x1b[" not in told


async def test_a_port_that_is_taken_is_told_at_once() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = await demo("--port", str(taken.getsockname()[1]))
        async with asyncio.timeout(PATIENCE_S):
            told, _ = await process.communicate()
    assert process.returncode == 1
    assert b"cannot start" in told
