"""Somebody who only listens: a webhook of the brand that keeps what it gets."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from aiohttp import web

from socialcare.sandbox.serving import LocalServer
from socialcare.sandbox.watching import Changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """One request, as it came."""

    body: bytes
    headers: Mapping[str, str]


class Listener:
    """A server that answers 200 unless `answers` holds something else; None never answers."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.answers: deque[web.Response | None] = deque()
        self._changes = Changes()
        self._server = LocalServer([web.post("/hook", self._take)])

    async def __aenter__(self) -> Self:
        await self._server.start()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self._server.stop()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self._server.url}/hook"

    async def go_down(self) -> None:
        """Refuse connections."""
        await self._server.stop()

    async def come_back(self) -> None:
        """Listen again, under the same address."""
        await self._server.start()

    async def receives(self, count: int, *, patience_s: float = 5.0) -> list[Got]:
        """Wait until that many requests came."""
        return await self._changes.until(
            lambda: self.got if len(self.got) >= count else None,
            patience_s=patience_s,
            expected=lambda: f"{count} requests, got {len(self.got)}",
        )

    async def _take(self, request: web.Request) -> web.Response:
        self.got.append(Got(body=await request.read(), headers=request.headers))
        self._changes.tell()
        answer = self.answers.popleft() if self.answers else web.Response()
        if answer is None:
            await asyncio.Event().wait()
        return answer or web.Response()
