"""A language model behind an OpenAI-compatible server, through the `openai` client.

Theory of operation. `/chat/completions` is spoken in one of four forms, from the richest to the
plainest: tools; one step as JSON by a schema; the same by a mere JSON object with the schema in
words; one named tool that takes the step. Servers refuse what they do not know (400, 404, 422, 500
for a response format), so a refusal moves on to the next form, and the form that worked stays. So
does a server that takes tools and hands a wish for one back as mere words. A form in which a wish
came back once is known to work: a later request may leave it, the next one begins with it again.
https://platform.openai.com/docs/api-reference/chat/create

The client's own retries and its timeout of ten minutes are off: the turn's deadline rules.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import IntEnum
from typing import Any, Final

import openai
from openai import AsyncOpenAI
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from brain.model import (
    ModelFailure,
    ModelTrouble,
    Reply,
    Said,
    Tool,
    ToolCall,
    estimated_tokens,
)
from brain.prompts import prompt
from conversation.clock import Clock

TOKENS_MAX: Final = 2_000
"""Tokens of one answer: several times the longest message a platform takes."""
ANSWER_MAX: Final = 50_000
"""Characters of one answer that are read."""
CALLS_MAX: Final = 16
"""Wishes of one answer that are read."""
STEP: Final = "next_step"
RETRY_AFTER_MAX_S: Final = 60.0
# What models without a template for tools write instead of a call.
_WISH: Final = re.compile(
    r"\s*(?:```\w*\s*)?(?:<\|?tool_call|\[TOOL_CALLS\]|"
    r"\[?\s*\{\s*\"(?:name|function|tool|tool_calls|calls|type)\"\s*:)"
)
# What models that think aloud leave in their words, where a server does not part the two.
_THOUGHT = re.compile(r"<(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
_THOUGHT_ENDS = re.compile(r"</(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
_FENCE: Final = re.compile(r"```\w*")
_CUT: Final = frozenset({"length", "content_filter"})
"""Ends of an answer of which something is missing."""
_UNFIT: Final = frozenset({400, 413, 422})
_PASSING: Final = frozenset({408, 409, 425})


class Form(IntEnum):
    """How steps are asked for; a higher one asks less of the server."""

    TOOLS = 0
    SCHEMA = 1
    OBJECT = 2
    NAMED = 3


class _Wish(BaseModel):
    model_config = ConfigDict(extra="ignore", defer_build=True)

    name: str = Field(max_length=200)
    arguments: dict[str, Any] = Field(default_factory=dict)


class _Step(BaseModel):
    """A step in one JSON object, for servers without tools."""

    model_config = ConfigDict(extra="ignore", defer_build=True)

    reply: str = ""
    calls: list[_Wish] = Field(default_factory=list, max_length=CALLS_MAX)


class OpenAIModel:
    """`brain.model.LanguageModel` over HTTP."""

    def __init__(self, *, name: str, base_url: str, api_key: str, clock: Clock) -> None:
        """Take a server.

        Args:
            name: The model there.
            base_url: Up to and without `/chat/completions`.
            api_key: Its key; local servers take any.
            clock: Time, for limits.
        """
        self._name = name
        self._clock = clock
        self._form = Form.TOOLS
        self._proved = False
        self._client = AsyncOpenAI(api_key=api_key, base_url=base_url, max_retries=0)

    @property
    def name(self) -> str:
        """The model's name at its server."""
        return self._name

    @property
    def form(self) -> Form:
        """The form that the server takes, as far as is known."""
        return self._form

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.close()

    async def ask(
        self, messages: Sequence[Said], tools: Sequence[Tool], *, timeout_s: float
    ) -> Reply:
        """Take the next step; raises `ModelTrouble`, and nothing else."""
        try:
            async with self._clock.timeout(timeout_s):
                return await self._in_some_form(messages, tools, timeout_s)
        except TimeoutError:
            raise ModelTrouble(ModelFailure.LATE, f"no answer in {timeout_s:.1f} s") from None
        except openai.OpenAIError as error:
            raise _trouble(error) from None
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            # What a server sends instead of JSON surfaces as anything.
            raise ModelTrouble(ModelFailure.MALFORMED, type(error).__name__) from None

    async def _in_some_form(
        self, messages: Sequence[Said], tools: Sequence[Tool], timeout_s: float
    ) -> Reply:
        read, written = 0, 0
        for form in list(Form)[self._form :]:
            try:
                reply = await self._once(form, messages, tools, timeout_s)
            except (openai.BadRequestError, openai.UnprocessableEntityError):
                if form is Form.NAMED:
                    raise
            except (openai.NotFoundError, openai.InternalServerError):
                # Only a response format is worth another try: else the server is down, or the
                # model is not there.
                if form not in {Form.SCHEMA, Form.OBJECT}:
                    raise
            else:
                read, written = read + reply.tokens_in, written + reply.tokens_out
                if form is Form.TOOLS and _wishes_in_words(reply):
                    continue
                self._keep(form, reply)
                return replace(reply, tokens_in=read, tokens_out=written)
        raise ModelTrouble(ModelFailure.REFUSED, "the server takes no form of the request")

    def _keep(self, form: Form, reply: Reply) -> None:
        """Stay with the form that worked; one that has given a wish is left for one request only.

        Single requests fail for what is in them, and anybody can make a model write JSON.
        """
        if form is self._form:
            self._proved = self._proved or bool(reply.calls)
        elif not self._proved:
            self._form, self._proved = form, bool(reply.calls)

    async def _once(
        self, form: Form, messages: Sequence[Said], tools: Sequence[Tool], timeout_s: float
    ) -> Reply:
        told = (
            [_as_sent(one) for one in _joined(messages)]
            if form is Form.TOOLS
            else _plain(messages, tools)
        )
        answer: Any = await self._client.chat.completions.create(
            model=self._name,
            messages=told,  # type: ignore[arg-type]  # the client's unions of typed dicts; ours are checked by what the stand-in accepts
            max_completion_tokens=TOKENS_MAX,
            timeout=timeout_s,
            **_asked_for(form, tools),
        )
        reply = _read(answer, form)
        if reply.tokens_in or reply.tokens_out:
            return reply
        # Some servers do not count; a budget has to hold all the same.
        wishes = (call.arguments for call in reply.calls)
        written = answer.choices[0].message.content
        return replace(
            reply,
            tokens_in=estimated_tokens(json.dumps(told, ensure_ascii=False)),
            tokens_out=estimated_tokens(str(written or reply.text), *wishes),
            estimated=True,
        )


# --- what is sent


def _as_sent(one: Said) -> dict[str, Any]:
    if one.role == "tool":
        return {"role": "tool", "tool_call_id": one.answers, "content": one.text}
    if one.calls:
        calls = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in one.calls
        ]
        return {"role": "assistant", "content": one.text or None, "tool_calls": calls}
    return {"role": one.role, "content": one.text}


def _plain(messages: Sequence[Said], tools: Sequence[Tool]) -> list[dict[str, Any]]:
    """Tell the same without tools: what they would be stands in words."""
    offered = [
        {"name": tool.name, "description": tool.description, "arguments": tool.parameters}
        for tool in tools
    ]
    how = prompt("step").text.format(tools=json.dumps(offered, ensure_ascii=False))
    told = [Said(role="system", text=how)]
    for one in messages:
        if one.role == "tool":
            told.append(Said(role="user", text=f"Result of a call:\n{one.text}"))
        elif one.calls:
            calls = [{"name": c.name, "arguments": c.arguments} for c in one.calls]
            told.append(Said(role="assistant", text=json.dumps({"calls": calls})))
        else:
            told.append(one)
    return [{"role": one.role, "content": one.text} for one in _joined(told)]


def _joined(messages: Sequence[Said]) -> list[Said]:
    """Make one of what the same side says in a row: many servers' templates want turns."""
    told: list[Said] = []
    for one in messages:
        plain = one.role != "tool" and not one.calls
        if plain and told and told[-1].role == one.role and not told[-1].calls:
            told[-1] = replace(told[-1], text=f"{told[-1].text}\n\n{one.text}")
        else:
            told.append(one)
    return told


def _asked_for(form: Form, tools: Sequence[Tool]) -> dict[str, Any]:
    match form:
        case Form.TOOLS:
            if not tools:
                return {}
            return {"tools": [_function(tool) for tool in tools], "tool_choice": "auto"}
        case Form.SCHEMA:
            schema = {"name": STEP, "schema": _Step.model_json_schema()}
            return {"response_format": {"type": "json_schema", "json_schema": schema}}
        case Form.OBJECT:
            return {"response_format": {"type": "json_object"}}
        case Form.NAMED:
            step = Tool(name=STEP, description="", parameters=_Step.model_json_schema())
            chosen = {"type": "function", "function": {"name": STEP}}
            return {"tools": [_function(step)], "tool_choice": chosen}


def _function(tool: Tool) -> dict[str, Any]:
    about = {
        "name": tool.name,
        "description": tool.description,
        "parameters": dict(tool.parameters),
    }
    return {"type": "function", "function": about}


# --- what comes back


def _read(answer: Any, form: Form) -> Reply:
    """Read an answer; servers leave out and misname whatever they like."""
    choices = getattr(answer, "choices", None)
    if not choices:
        raise ModelTrouble(ModelFailure.MALFORMED, "an answer without choices")
    message, finish = choices[0].message, getattr(choices[0], "finish_reason", None)
    if message is None:
        raise ModelTrouble(ModelFailure.MALFORMED, "a choice without a message")
    if finish in _CUT:
        # A call cut short would be half a call, and half a sentence is no answer.
        raise ModelTrouble(ModelFailure.MALFORMED, "the answer was cut short")
    used = getattr(answer, "usage", None)
    tokens_in = _count(getattr(used, "prompt_tokens", 0))
    tokens_out = _count(getattr(used, "completion_tokens", 0))
    text = _spoken(message.content) if isinstance(message.content, str) else ""
    calls = _calls(message.tool_calls)
    if form is not Form.TOOLS:
        text, calls = _step(next((c.arguments for c in calls if c.name == STEP), text))
    in_words = form is Form.TOOLS and _WISH.match(text) is not None
    if not calls and not in_words and _says_nothing(text):
        raise ModelTrouble(ModelFailure.MALFORMED, "an answer without words")
    return Reply(text=text[:ANSWER_MAX], calls=calls, tokens_in=tokens_in, tokens_out=tokens_out)


def _spoken(text: str) -> str:
    """Leave out what a model thinks aloud; thoughts without an end are all that there is."""
    after = _THOUGHT_ENDS.split(text[:ANSWER_MAX])[-1]
    return _THOUGHT.split(after)[0].strip()


def _says_nothing(text: str) -> bool:
    """Say whether nothing is there to be read, or JSON that nobody asked for."""
    if not any(char.isprintable() and not char.isspace() for char in text):
        return True
    try:
        found = json.loads(_FENCE.sub("", text))
    except (ValueError, RecursionError):
        return False
    return found is None or isinstance(found, bool | dict | list)


def _wishes_in_words(reply: Reply) -> bool:
    """Say whether a server took the tools and let the model's wish for one through as words."""
    return not reply.calls and _WISH.match(reply.text) is not None


def _calls(found: Any) -> tuple[ToolCall, ...]:
    calls = []
    for number, one in enumerate((found or ())[:CALLS_MAX]):
        function = getattr(one, "function", None)
        name, arguments = getattr(function, "name", None), getattr(function, "arguments", None)
        if isinstance(name, str):
            given = arguments if isinstance(arguments, str) else json.dumps(arguments or {})
            calls.append(
                ToolCall(
                    id=str(getattr(one, "id", None) or f"call_{number}"),
                    name=name[:200],
                    arguments=given[:ANSWER_MAX],
                )
            )
    return tuple(calls)


def _step(text: str) -> tuple[str, tuple[ToolCall, ...]]:
    begin, end = text.find("{"), text.rfind("}")
    if begin < 0:
        return text, ()  # It would not be told, and spoke.
    try:
        step = _Step.model_validate_json(text[begin : end + 1])
    except ValidationError:
        raise ModelTrouble(ModelFailure.MALFORMED, "the step is no JSON") from None
    calls = tuple(
        ToolCall(id=f"step_{n}", name=wish.name, arguments=json.dumps(wish.arguments))
        for n, wish in enumerate(step.calls)
    )
    return step.reply, calls


def _count(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value < 10**9 else 0


def _trouble(error: openai.OpenAIError) -> ModelTrouble:
    match error:
        case openai.APITimeoutError():
            return ModelTrouble(ModelFailure.LATE, "no answer in time")
        case openai.RateLimitError():
            return ModelTrouble(
                ModelFailure.LIMITED,
                "the server asks for a pause",
                retry_after_s=_retry_after_s(error.response.headers),
            )
        case openai.APIStatusError(status_code=status) if status in _UNFIT:
            return ModelTrouble(ModelFailure.UNFIT, f"the server answers {status}")
        case openai.APIStatusError(status_code=status) if status < 500 and status not in _PASSING:
            return ModelTrouble(ModelFailure.REFUSED, f"the server answers {status}")
        case openai.APIResponseValidationError():
            return ModelTrouble(ModelFailure.MALFORMED, "the answer has another shape")
        case _:
            return ModelTrouble(ModelFailure.DOWN, type(error).__name__)


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    try:
        asked = float(headers.get("retry-after", ""))
    except ValueError:
        return None
    return min(RETRY_AFTER_MAX_S, asked) if asked >= 0 else None
