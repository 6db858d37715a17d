"""Every surface of every channel beside its stand-in: what `test_adapters.py` needs of each.

A surface joins with an async context manager that gives a `Harness`, and a line in `HARNESSES`.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final

from socialcare.sandbox.hand_clock import HandClock
from tests.channels.harness import Harness
from tests.channels.harnesses import graph, slack, telegram, webchat, whatsapp, x

HARNESSES: Final[dict[str, Callable[[HandClock], AbstractAsyncContextManager[Harness]]]] = {
    "telegram": telegram.chat,
    "telegram group": telegram.group,
    "whatsapp": whatsapp.chat,
    "messenger": graph.messenger,
    "messenger comment": graph.page_comment,
    "messenger private reply": graph.page_private_reply,
    "messenger post": graph.visitors_post,
    "messenger post, private reply": graph.post_private_reply,
    "instagram": graph.instagram,
    "instagram comment": graph.instagram_comment,
    "instagram private reply": graph.instagram_private_reply,
    "x": x.direct,
    "x mention": x.mention,
    "x answer": x.answer,
    "x quote": x.quote,
    "slack": slack.direct,
    "slack thread": slack.thread,
    "webchat": webchat.chat,
}
