"""The client against a server that is as strict as the real one, and as unreliable."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from brain.model import ModelFailure, ModelTrouble, Reply, Said, Tool, ToolCall
from brain.openai_model import Form, OpenAIModel
from conversation.clock import SystemClock
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.language_model import Answer, ModelStandIn, says, wants

CLOCK = SystemClock()
HELLO = (Said(role="system", text="Be kind."), Said(role="user", text="hello"))
LOOK = Tool(
    name="look",
    description="Look something up.",
    parameters={"type": "object", "properties": {"id": {"type": "string"}}},
)


@asynccontextmanager
async def a_model(server: ModelStandIn, **more: Any) -> AsyncIterator[OpenAIModel]:
    given = {"name": server.model, "base_url": server.base_url, "api_key": server.key}
    model = OpenAIModel(**(given | more), clock=CLOCK)
    try:
        yield model
    finally:
        await model.close()


async def asked(server: ModelStandIn, *messages: Said, timeout_s: float = 5.0) -> Reply:
    async with a_model(server) as model:
        return await model.ask(messages or HELLO, (LOOK,), timeout_s=timeout_s)


async def test_words_and_wishes_come_back_with_what_they_cost() -> None:
    async with ModelStandIn(says("Good day."), clock=CLOCK) as server:
        reply = await asked(server)
        assert (reply.text, reply.calls) == ("Good day.", ())
        assert reply.tokens_in > 0
        assert reply.tokens_out > 0
        server.script = lambda _: wants(("look", {"id": "A-1"}))
        (call,) = (await asked(server)).calls
        assert (call.name, json.loads(call.arguments)) == ("look", {"id": "A-1"})


async def test_a_history_with_tools_is_one_the_server_accepts() -> None:
    call = ToolCall(id="c1", name="look", arguments="{}")
    async with ModelStandIn(says("It is there."), clock=CLOCK) as server:
        told = (
            *HELLO,
            Said(role="assistant", text="", calls=(call,)),
            Said(role="tool", text='{"found": true}', answers="c1"),
        )
        assert (await asked(server, *told)).text == "It is there."
        sent = server.requests[-1]["messages"]
        assert [one["role"] for one in sent] == ["system", "user", "assistant", "tool"]


def step(**fields: Any) -> Answer:
    return Answer(text=f"Here you are: {json.dumps(fields)}")


@pytest.mark.parametrize(
    ("formats", "named", "form"),
    [
        ({"json_schema", "json_object"}, True, Form.SCHEMA),
        ({"json_object"}, True, Form.OBJECT),
        (set(), True, Form.NAMED),
    ],
)
async def test_a_server_without_tools_is_asked_in_the_next_best_form(
    formats: set[str], *, named: bool, form: Form
) -> None:
    def script(request: dict[str, Any]) -> Answer:
        fields = {"calls": [{"name": "look", "arguments": {"id": "A-1"}}]}
        if any("Result of a call" in str(one["content"]) for one in request["messages"]):
            fields = {"reply": "It is there."}  # type: ignore[dict-item]  # the other shape of a step
        if request.get("tools"):
            return wants(("next_step", fields))
        return step(**fields)

    async with (
        ModelStandIn(
            script, clock=CLOCK, tools=False, formats=frozenset(formats), named=named
        ) as server,
        a_model(server) as model,
    ):
        reply = await model.ask(HELLO, (LOOK,), timeout_s=5)
        assert [(one.name, one.arguments) for one in reply.calls] == [("look", '{"id": "A-1"}')]
        assert model.form is form
        requests = len(server.requests)
        told = (
            *HELLO,
            Said(role="assistant", text="", calls=reply.calls),
            Said(role="tool", text='{"found": true}', answers=reply.calls[0].id),
        )
        assert (await model.ask(told, (LOOK,), timeout_s=5)).text == "It is there."
        assert len(server.requests) == requests + 1, "the form that worked stays"


@pytest.mark.parametrize(
    "words",
    [
        '{"name": "look", "arguments": {"id": "A-1"}}',
        '<tool_call>\n{"name": "look", "arguments": {"id": "A-1"}}\n</tool_call>',
        '```json\n{"tool": "look", "id": "A-1"}\n```',
        '[TOOL_CALLS] [{"name": "look"}]',
    ],
)
async def test_a_wish_that_comes_back_as_mere_words_is_asked_for_in_the_next_form(
    words: str,
) -> None:
    """Servers take tools for models that have no template for them."""

    def script(request: dict[str, Any]) -> Answer:
        if request.get("tools"):
            return Answer(text=words)
        return step(calls=[{"name": "look", "arguments": {"id": "A-1"}}])

    async with ModelStandIn(script, clock=CLOCK) as server, a_model(server) as model:
        reply = await model.ask(HELLO, (LOOK,), timeout_s=5)
        assert [one.name for one in reply.calls] == ["look"]
        assert model.form is Form.SCHEMA
        asked_for = len(json.dumps(server.requests[0]["messages"])) // 4
        assert reply.tokens_in > asked_for, "both requests are paid for"


async def test_tokens_that_a_server_does_not_count_are_reckoned() -> None:
    """A budget holds with servers that say nothing of usage."""
    message = {"role": "assistant", "content": "Good day to you."}
    raw = {"id": "x", "object": "chat.completion", "choices": [{"message": message}]}
    async with ModelStandIn(lambda _: Answer(raw=raw), clock=CLOCK) as server:
        reply = await asked(server)
    assert reply.estimated
    assert reply.tokens_in >= 10
    assert reply.tokens_out >= 5


async def test_what_one_side_says_in_a_row_is_one_message() -> None:
    """Templates of many models refuse two messages of the same role."""
    told = (
        Said(role="system", text="Be kind."),
        Said(role="user", text="hello"),
        Said(role="user", text="an outcome"),
    )
    for tools in (True, False):
        async with ModelStandIn(lambda _: step(reply="Hi."), clock=CLOCK, tools=tools) as server:
            await asked(server, *told)
            roles = [one["role"] for one in server.requests[-1]["messages"]]
            assert roles == ["system", "user"]
            assert "an outcome" in server.requests[-1]["messages"][1]["content"]


async def test_a_server_that_takes_no_form_says_so() -> None:
    async with ModelStandIn(clock=CLOCK, tools=False, formats=frozenset(), named=False) as server:
        with pytest.raises(ModelTrouble) as trouble:
            await asked(server)
        assert trouble.value.failure is ModelFailure.UNFIT


FAULTS = {
    "429 with a hint": (Fault(kind="too_many", retry_after=7), ModelFailure.LIMITED),
    "429 without": (Fault(kind="too_many"), ModelFailure.LIMITED),
    "502 of a proxy": (Fault(kind="status"), ModelFailure.DOWN),
    "reset": (Fault(kind="reset"), ModelFailure.DOWN),
    "200 with HTML": (Fault(kind="status", status=200), ModelFailure.MALFORMED),
    "200 with half a JSON": (
        Fault(kind="status", status=200, body='{"choices": [', content_type="application/json"),
        ModelFailure.MALFORMED,
    ),
    "200 with an error inside": (Fault(kind="error_inside"), ModelFailure.MALFORMED),
    "403": (Fault(kind="status", status=403, body="no"), ModelFailure.REFUSED),
    "408": (Fault(kind="status", status=408, body="slow"), ModelFailure.DOWN),
    "413": (Fault(kind="status", status=413, body="too long"), ModelFailure.UNFIT),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_each_fault_has_its_meaning_and_is_not_retried_behind_our_back(name: str) -> None:
    """F19: 500, 429 with Retry-After, malformed JSON."""
    fault, failure = FAULTS[name]
    async with ModelStandIn(clock=CLOCK) as server:
        server.faults.until_cleared("completions", fault)
        with pytest.raises(ModelTrouble) as trouble:
            await asked(server)
        assert trouble.value.failure is failure
        assert trouble.value.retry_after_s == (7 if name == "429 with a hint" else None)


async def test_f18_a_model_that_hangs_is_left_in_time() -> None:
    async with ModelStandIn(clock=CLOCK) as server:
        server.faults.next("completions", Fault(kind="hang"))
        with pytest.raises(ModelTrouble) as trouble:
            await asked(server, timeout_s=0.05)
        assert trouble.value.failure is ModelFailure.LATE


@pytest.mark.parametrize(
    "message",
    [
        None,
        {},
        {"role": "assistant", "content": None},
        {"role": "assistant", "content": ""},
        {"role": "assistant", "content": ["text"]},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function"}]},
        {"role": "assistant", "content": None, "tool_calls": "look"},
    ],
)
async def test_answers_that_are_none_are_said_so(message: object) -> None:
    raw = {"id": "x", "object": "chat.completion", "choices": [{"message": message}]}
    async with ModelStandIn(lambda _: Answer(raw=raw), clock=CLOCK) as server:
        with pytest.raises(ModelTrouble) as trouble:
            await asked(server)
        assert trouble.value.failure is ModelFailure.MALFORMED


@pytest.mark.parametrize("raw", [{}, {"choices": []}, {"choices": None}, {"choices": [{}]}])
async def test_an_answer_without_a_choice_is_none(raw: dict[str, Any]) -> None:
    async with ModelStandIn(lambda _: Answer(raw={"id": "x", **raw}), clock=CLOCK) as server:
        with pytest.raises(ModelTrouble) as trouble:
            await asked(server)
        assert trouble.value.failure is ModelFailure.MALFORMED


async def test_f20_an_answer_cut_short_runs_nothing() -> None:
    half = Answer(calls=(("look", '{"id": "A'),), finish="length")
    async with ModelStandIn(lambda _: half, clock=CLOCK) as server:
        with pytest.raises(ModelTrouble) as trouble:
            await asked(server)
        assert trouble.value.failure is ModelFailure.MALFORMED


async def test_a_wrong_key_and_a_wrong_name_are_refused() -> None:
    async with ModelStandIn(clock=CLOCK) as server:
        for more in ({"api_key": "other"}, {"name": "other"}):
            async with a_model(server, **more) as model:
                with pytest.raises(ModelTrouble) as trouble:
                    await model.ask(HELLO, (), timeout_s=5)
            assert trouble.value.failure is ModelFailure.REFUSED


async def test_nobody_there_is_down() -> None:
    async with ModelStandIn(clock=CLOCK) as server:
        url = server.base_url
    model = OpenAIModel(name="m", base_url=url, api_key="k", clock=CLOCK)
    with pytest.raises(ModelTrouble) as trouble:
        await model.ask(HELLO, (), timeout_s=5)
    assert trouble.value.failure is ModelFailure.DOWN
    await model.close()


async def test_many_at_once_share_the_connection_pool() -> None:
    async with ModelStandIn(says("hi"), clock=CLOCK) as server, a_model(server) as model:
        replies = await asyncio.gather(*(model.ask(HELLO, (), timeout_s=10) for _ in range(40)))
        assert {reply.text for reply in replies} == {"hi"}


@pytest.mark.parametrize(
    "text",
    [
        "<think>The customer wants money, I must not say so.</think>\n\nGood day.",
        "The customer wants money, I must not say so.\n</think>\nGood day.",
        "<thinking>I must not say so.</thinking>Good day.",
        "  <reasoning>\nI must not say so.</reasoning>\nGood day.",
    ],
)
async def test_what_a_model_thinks_aloud_is_not_what_it_says(text: str) -> None:
    """Servers without a parser for it leave a model's thoughts in its words."""
    async with ModelStandIn(says(text), clock=CLOCK) as server:
        assert (await asked(server)).text == "Good day."


@pytest.mark.parametrize(
    "text",
    [
        "<think>The customer wants money, and so I have to",
        "<think>Nothing more.</think>  \n",
        " \n\t\u200b\n ",
        '{"answer": "Good day."}',
        '```json\n["Good day."]\n```',
        "[]",
        "null",
    ],
)
async def test_what_is_no_words_for_a_customer_is_none(text: str) -> None:
    """Thoughts without an end, blanks, and JSON that nobody asked for."""
    for tools in (True, False):
        async with ModelStandIn(says(text), clock=CLOCK, tools=tools) as server:
            with pytest.raises(ModelTrouble) as trouble:
                await asked(server)
            assert trouble.value.failure is ModelFailure.MALFORMED


@pytest.mark.parametrize("finish", ["length", "content_filter"])
async def test_words_that_the_server_cut_are_none(finish: str) -> None:
    half = Answer(text="We refund everything that", finish=finish)
    async with ModelStandIn(lambda _: half, clock=CLOCK) as server:
        with pytest.raises(ModelTrouble) as trouble:
            await asked(server)
        assert trouble.value.failure is ModelFailure.MALFORMED


@pytest.mark.parametrize("finish", ["eos", "function_call", "", "stop_sequence"])
async def test_an_unknown_end_is_an_end(finish: str) -> None:
    answer = {"role": "assistant", "content": "Good day.", "tool_calls": []}
    raw = {"id": "x", "choices": [{"index": 0, "message": answer, "finish_reason": finish}]}
    async with ModelStandIn(lambda _: Answer(raw=raw), clock=CLOCK) as server:
        assert (await asked(server)).text == "Good day."


async def test_a_refusal_is_no_answer() -> None:
    message = {"role": "assistant", "content": None, "refusal": "I can't help with that."}
    raw = {"id": "x", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    async with ModelStandIn(lambda _: Answer(raw=raw), clock=CLOCK) as server:
        with pytest.raises(ModelTrouble) as trouble:
            await asked(server)
        assert trouble.value.failure is ModelFailure.MALFORMED


async def test_a_request_that_is_not_taken_says_nothing_of_the_next_one() -> None:
    """Servers refuse single requests, by their content or length; others are as good as ever."""
    fault = Fault(kind="status", status=400, body='{"error": {"code": "content_filter"}}')
    async with ModelStandIn(says("Good day."), clock=CLOCK) as server, a_model(server) as model:
        server.faults.until_cleared("completions", fault)
        with pytest.raises(ModelTrouble) as trouble:
            await model.ask(HELLO, (LOOK,), timeout_s=5)
        assert trouble.value.failure is ModelFailure.UNFIT
        server.faults.clear()
        assert (await model.ask(HELLO, (LOOK,), timeout_s=5)).text == "Good day."
        assert model.form is Form.TOOLS


@pytest.mark.parametrize("trouble", ["words", "refused"])
async def test_a_form_that_has_worked_is_not_given_up_for_one_request(trouble: str) -> None:
    """Who makes the model write JSON, or a text it refuses, changes nothing for others."""
    good = wants(("look", {"id": "A-1"}))
    async with ModelStandIn(lambda _: good, clock=CLOCK) as server, a_model(server) as model:
        assert (await model.ask(HELLO, (LOOK,), timeout_s=5)).calls
        if trouble == "refused":
            fault = Fault(kind="status", status=400, body="{}")
            server.faults.next("completions", fault)
        odd = step(reply="Here you are.")
        wish = Answer(text='{"name": "look"}')
        server.script = lambda asked: wish if asked.get("tools") else odd
        assert (await model.ask(HELLO, (LOOK,), timeout_s=5)).text == "Here you are."
        server.script = lambda _: good
        requests = len(server.requests)
        assert (await model.ask(HELLO, (LOOK,), timeout_s=5)).calls
        assert "tools" in server.requests[requests]
