"""Serving X's calls: who may call, how often, and what goes wrong on request."""

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aiohttp import web

from conversation.clock import Clock
from socialcare.sandbox.faults import FaultPlan, answered
from socialcare.sandbox.watching import Changes
from socialcare.sandbox.x_delivery import spoiled
from socialcare.sandbox.x_gate import Gate
from socialcare.sandbox.x_rules import Allowance, Json, XRefusalError

Effect = Callable[[web.Request], Awaitable[web.StreamResponse | Json]]
CALLS_MAX: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of the app, and what it was told."""

    name: str
    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    status: int
    at: datetime


class Serving:
    """What every call goes through."""

    def __init__(self, *, gate: Gate, faults: FaultPlan, changes: Changes, clock: Clock) -> None:
        self.calls: deque[Call] = deque(maxlen=CALLS_MAX)
        self.enforce_rates = True
        self._gate = gate
        self._faults = faults
        self._changes = changes
        self._clock = clock
        self._allowance = Allowance(clock)

    def served(
        self, name: str, effect: Effect
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Put a call's work behind the gate, the rates and the faults."""

        async def serve(request: web.Request) -> web.StreamResponse:
            if name == "stream":
                return await self._refusable(name, request, effect)

            async def whole() -> web.Response:
                response = await self._refusable(name, request, effect)
                if not isinstance(response, web.Response):
                    raise TypeError(name)
                return response

            return await answered(
                request,
                fault=self._faults.take(name),
                plan=self._faults,
                clock=self._clock,
                effect=whole,
                refusal=lambda fault: spoiled(fault, now=self._clock.now()),
            )

        return serve

    async def _refusable(
        self, name: str, request: web.Request, effect: Effect
    ) -> web.StreamResponse:
        try:
            self._gate.check(name, request)
            if self.enforce_rates:
                self._allowance.spend(name)
            result = await effect(request)
        except XRefusalError as refusal:
            await self._note(name, request, refusal.status)
            return web.json_response(
                refusal.body, status=refusal.status, headers=self._allowance.headers(name)
            )
        status = 201 if name in {"tweets", "dm"} else 200
        await self._note(name, request, status)
        if isinstance(result, web.StreamResponse):
            return result
        return web.json_response(result, status=status, headers=self._allowance.headers(name))

    async def _note(self, name: str, request: web.Request, status: int) -> None:
        body = await request.json() if request.content_type == "application/json" else None
        self.calls.append(
            Call(
                name=name,
                method=request.method,
                path=request.path,
                query=dict(request.query),
                body=body,
                status=status,
                at=self._clock.now(),
            )
        )
        self._changes.tell()
