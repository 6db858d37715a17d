"""An OpenAI-compatible server's stand-in: `async with ModelStandIn() as m: m.base_url`.

It speaks `/v1/chat/completions` and holds requests against the published form: roles, every wish
for a tool answered before the next step, tools that are functions with a schema. What it says is a
script's business: a function from the request to an answer. `faults.next("completions", Fault(…))`
spoils a call. https://platform.openai.com/docs/api-reference/chat/create
"""

import json
import re
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web

from conversation.clock import Clock
from socialcare.sandbox.faults import Fault, FaultPlan, answered
from socialcare.sandbox.serving import LocalServer

Json = dict[str, Any]
REQUESTS_KEPT = 1_000
_MARKS = re.compile(r"^<data [^<>]*>|</data>$")
ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the model says: words, wishes, or a raw response."""

    text: str = ""
    calls: tuple[tuple[str, str], ...] = ()
    """Tools with their arguments, as JSON or what a model takes for it."""
    finish: str | None = None
    raw: Json | None = None


Script = Callable[[Json], Answer | Awaitable[Answer]]


def says(text: str) -> Script:
    """Make a model that always says this."""
    return lambda _: Answer(text=text)


def wants(*calls: tuple[str, Json | str]) -> Answer:
    """Make an answer that asks for tools."""
    told = tuple((name, a if isinstance(a, str) else json.dumps(a)) for name, a in calls)
    return Answer(calls=told)


def results(request: Json) -> list[Any]:
    """Give what tools have answered so far, in order; without the marks around it."""
    told = (str(one.get("content") or "") for one in request["messages"] if one["role"] == "tool")
    return [_read(_MARKS.sub("", one)) for one in told]


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return {"error": text}


class ModelStandIn:
    """One server with one model."""

    def __init__(
        self,
        script: Script | None = None,
        *,
        clock: Clock,
        key: str = "stand-in-key",
        model: str = "stand-in-1",
        tools: bool = True,
        formats: frozenset[str] = frozenset({"json_schema", "json_object"}),
        named: bool = True,
        port: int = 0,
    ) -> None:
        """Set a server up.

        Args:
            script: What the model says; it greets where left out.
            clock: Time.
            key: The key it takes.
            model: The model it has.
            tools: Whether it knows tools with a free choice.
            formats: The response formats it knows.
            named: Whether it knows a named tool.
            port: Where it listens; any, when left out.
        """
        self.script = script or says("Hello! How can I help you?")
        self.key = key
        self.model = model
        self.faults = FaultPlan()
        self.requests: deque[Json] = deque(maxlen=REQUESTS_KEPT)
        self._clock = clock
        self._tools, self._formats, self._named = tools, formats, named
        self._server = LocalServer([web.post("/v1/chat/completions", self._complete)], port=port)

    async def __aenter__(self) -> Self:
        await self._server.start()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self.faults.release()
        await self._server.stop()

    @property
    def base_url(self) -> str:
        """What a client is pointed at."""
        return f"{self._server.url}/v1"

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        return await answered(
            request,
            fault=self.faults.take("completions"),
            plan=self.faults,
            clock=self._clock,
            effect=lambda: self._answer(request),
            refusal=_limited,
        )

    async def _answer(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {self.key}":
            return _error(401, "Incorrect API key provided", code="invalid_api_key")
        try:
            asked: Json = await request.json()
        except ValueError:
            return _error(400, "We could not parse the JSON body of your request")
        self.requests.append(asked)
        why = self._faulty(asked)
        if why is not None:
            return _error(*why)
        said = self.script(asked)
        answer = said if isinstance(said, Answer) else await said
        return web.json_response(answer.raw or self._completion(asked, answer))

    def _faulty(self, asked: Json) -> tuple[int, str] | None:
        if asked.get("model") != self.model:
            return 404, f"The model `{asked.get('model')}` does not exist"
        messages = asked.get("messages")
        if not isinstance(messages, list) or not messages:
            return 400, "messages: is too short"
        why = _badly_told(messages)
        if why is not None:
            return 400, why
        kind = (asked.get("response_format") or {}).get("type", "text")
        if kind != "text" and kind not in self._formats:
            return 400, f"response_format.type `{kind}` is not supported"
        choice = asked.get("tool_choice", "auto")
        if asked.get("tools") and not (self._named if isinstance(choice, dict) else self._tools):
            return 400, "tools are not supported by this model"
        for tool in asked.get("tools", []):
            function = tool.get("function", {})
            if (
                tool.get("type") != "function"
                or function.get("parameters", {}).get("type") != "object"
            ):
                return 400, "Invalid schema for function"
        return None

    def _completion(self, asked: Json, answer: Answer) -> Json:
        calls = [
            {"id": f"call_{len(self.requests)}_{n}", "type": "function",
             "function": {"name": name, "arguments": arguments}}
            for n, (name, arguments) in enumerate(answer.calls)
        ]  # fmt: skip
        message: Json = {"role": "assistant", "content": answer.text or None}
        if calls:
            message["tool_calls"] = calls
        finish = answer.finish or ("tool_calls" if calls else "stop")
        tokens_in = sum(len(str(one.get("content") or "")) for one in asked["messages"]) // 4
        tokens_out = (len(answer.text) + sum(len(a) for _, a in answer.calls)) // 4 + 1
        return {
            "id": f"chatcmpl-{len(self.requests)}",
            "object": "chat.completion",
            "created": 0,
            "model": self.model,
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
            "usage": {
                "prompt_tokens": tokens_in,
                "completion_tokens": tokens_out,
                "total_tokens": tokens_in + tokens_out,
            },
        }


def _badly_told(messages: list[Json]) -> str | None:
    """Say what is wrong with a history: unknown roles, wishes that nobody answered."""
    open_calls: set[str] = set()
    for number, one in enumerate(messages):
        role = one.get("role")
        if role not in ROLES:
            return f"messages[{number}].role is invalid"
        if role == "tool":
            if one.get("tool_call_id") not in open_calls:
                return "messages with role 'tool' must be a response to a preceding tool call"
            open_calls.discard(str(one.get("tool_call_id")))
            continue
        if open_calls:
            return "an assistant message with tool_calls must be followed by tool messages"
        open_calls = {call["id"] for call in one.get("tool_calls") or ()}
    return "tool calls without a response" if open_calls else None


def _limited(fault: Fault) -> web.Response:
    if fault.kind == "error_inside":
        return _error(200, fault.error)
    answer = _error(429, "Rate limit reached for requests", code="rate_limit_exceeded")
    if fault.retry_after is not None:
        answer.headers["Retry-After"] = str(fault.retry_after)
    return answer


def _error(status: int, message: str, *, code: str | None = None) -> web.Response:
    body = {"error": {"message": message, "type": "invalid_request_error", "code": code}}
    return web.json_response(body, status=status)
