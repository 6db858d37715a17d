"""What goes wrong on request, the same way for every stand-in.

`plan.next("sendMessage", Fault(kind="reset"))` spoils the next call of that name, once;
`"*"` stands for any call. A fault strikes before the effect unless `after_effect` says otherwise.
"""

import asyncio
import json
import socket
import struct
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

from conversation.clock import Clock
from socialcare.sandbox.watching import Changes

Json = dict[str, Any]

Kind = Literal[
    "status",  # an HTTP status with a body, by default a proxy's HTML page
    "too_many",  # 429 in the platform's own words, with or without a hint
    "error_inside",  # HTTP 200 that carries an error
    "hang",  # no answer until `release()` or until the client gives up
    "reset",  # the connection is reset
    "answer_lost",  # the effect happens, then the connection is reset
    "slow",  # so many seconds on the clock first
    "twist",  # the right answer, bent by `twist`
    "duplicate",  # deliveries only, from here on
    "reorder",
    "drop_retry",
    "only_retry",
    "wrong_secret",
    "bad_signature",
    "old_signature",
]

HTML_502 = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong."""

    kind: Kind
    status: int = 502
    """Of kind `status`."""
    body: str = HTML_502
    content_type: str = "text/html"
    headers: Mapping[str, str] = field(default_factory=dict)
    retry_after: int | None = None
    """Of kind `too_many`: seconds; None gives no hint at all."""
    error: str = "internal_error"
    """Of kind `error_inside`: the platform's word for it."""
    seconds: float = 0.0
    """Of kind `slow`."""
    after_effect: bool = False
    """The call does its work first."""
    twist: Callable[[Json], Json] | None = None
    """Of kind `twist`: what the answer's JSON becomes."""


class FaultPlan:
    """The faults that wait for their call, in order, per name of call."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._standing: dict[str, Fault] = {}
        self._released = asyncio.Event()
        self._met: Counter[str] = Counter()
        self._changes = Changes()

    def next(self, where: str, fault: Fault, *, times: int = 1) -> None:
        """Spoil the next `times` calls of that name (`*`: of any name)."""
        self._waiting[where].extend([fault] * times)

    def until_cleared(self, where: str, fault: Fault) -> None:
        """Spoil every call of that name until `clear`."""
        self._standing[where] = fault

    def clear(self) -> None:
        """Let everything go well again, and let what hangs go on."""
        self._waiting.clear()
        self._standing.clear()
        self.release()

    def release(self) -> None:
        """Let the calls that hang now go on."""
        self._released.set()
        self._released = asyncio.Event()

    def take(self, where: str, *, any_call: bool = True) -> Fault | None:
        """Give the fault this call meets, and count it as met.

        Args:
            where: the call's name.
            any_call: whether `*` means this one too; deliveries to the bot are no calls.
        """
        for name in (where, "*") if any_call else (where,):
            fault = self._waiting[name].popleft() if self._waiting[name] else None
            fault = fault or self._standing.get(name)
            if fault is not None:
                self._met[where] += 1
                self._changes.tell()
                return fault
        return None

    def spoiled(self, where: str) -> int:
        """Count the calls of a name that were spoiled so far."""
        return self._met[where]

    async def met(self, where: str, *, times: int = 1, patience_s: float = 10.0) -> None:
        """Wait until calls of that name met faults so many times in all."""
        await self._changes.until(
            lambda: self._met[where] >= times or None,
            patience_s=patience_s,
            expected=lambda: f"{times} faults met by {where}, so far {self._met[where]}",
        )

    async def held(self) -> None:
        """Wait for the next `release`."""
        await self._released.wait()


def cut(request: web.Request) -> web.Response:
    """Reset the connection under the request; the response given back reaches nobody."""
    transport = request.transport
    if transport is not None:
        raw = transport.get_extra_info("socket")
        if raw is not None:
            # Linger 0 makes the kernel send RST instead of an orderly end.
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()


def _bent(answer: web.Response, fault: Fault) -> web.Response:
    if fault.twist is None:
        return answer
    return web.json_response(fault.twist(json.loads(answer.text or "{}")), status=answer.status)


def _plain(fault: Fault) -> web.Response:
    return web.Response(
        status=fault.status,
        text=fault.body,
        content_type=fault.content_type,
        headers=fault.headers,
    )


async def answered(
    request: web.Request,
    *,
    fault: Fault | None,
    plan: FaultPlan,
    clock: Clock,
    effect: Callable[[], Awaitable[web.Response]],
    refusal: Callable[[Fault], web.Response],
) -> web.Response:
    """Answer a call the way its fault says.

    Args:
        request: the call.
        fault: what `plan.take` gave for it.
        plan: where a hanging call waits for its release.
        clock: what a slow call waits on.
        effect: does the work and says the right answer.
        refusal: puts `too_many` and `error_inside` into the platform's words.
    """
    if fault is None:
        return await effect()
    if fault.kind == "slow":
        await clock.sleep(fault.seconds)
    lasting = fault.after_effect or fault.kind in {"answer_lost", "twist", "slow"}
    answer = await effect() if lasting else None
    match fault.kind:
        case "status":
            return _plain(fault)
        case "too_many" | "error_inside":
            return refusal(fault)
        case "hang":
            await plan.held()
            return answer or await effect()
        case "reset" | "answer_lost":
            return cut(request)
        case "twist" if answer is not None:
            return _bent(answer, fault)
        case _:
            return answer or await effect()
