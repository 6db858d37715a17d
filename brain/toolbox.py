"""The tools a model is offered, and its wishes sorted into what may run and what is an error.

Pure. Only actions that may be called at this stage, on this surface, by this customer are tools at
all; everything else (an unknown name, broken or partial arguments, the same call twice) is told to
the model as an error and goes no further. Limits are not known here: the engine judges.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from actions.action import Call
from brain.decision import Handoff
from brain.model import Tool, ToolCall

SEARCH: Final = "search_articles"
HAND_OVER: Final = "hand_over"
CALLS_MAX: Final = 6
"""Calls of one step; who wants more asks again with what it has learnt."""
CALLS_OF_A_TURN: Final = 20
"""Wishes of one turn that are granted, searches among them; who needs more needs a person."""
TEXT_MAX: Final = 500
REASONS: Final = {
    "no_answer": "neither an article nor a tool answers it",
    "not_understood": "you asked, and still do not understand what is wanted",
    "missing": "the customer cannot give what is needed",
    "not_proved": "it is not clear whose order it is",
    "refused": "what is needed was refused",
    "human_request": "the customer asks for a person",
    "angry": "the customer is angry",
    "staff_complaint": "it is a complaint about somebody",
    "not_received": "the books say delivered, the customer says it is not there",
    "legal_threat": "the customer speaks of the law",
    "safety_issue": "somebody may be in danger",
}
"""Why a model may hand over, as the desk and the figures name it."""
MODEL_ASKS: Final = "model_asks"
"""The reason where a model gives none of them."""

_OWN: Final = (
    Tool(
        name=SEARCH,
        description="Find what the brand's articles say about a question.",
        parameters={
            "type": "object",
            "properties": {"query": {"type": "string", "maxLength": 300}},
            "required": ["query"],
            "additionalProperties": False,
        },
    ),
    Tool(
        name=HAND_OVER,
        description=(
            "Pass the conversation to a colleague; say in `note` what they need to know. "
            "The words you give beside this call are said to the customer. Reasons: "
            + "; ".join(f"`{name}`: {why}" for name, why in REASONS.items())
        ),
        parameters={
            "type": "object",
            "properties": {
                "reason": {"type": "string", "enum": list(REASONS)},
                "note": {"type": "string", "maxLength": 500},
            },
            "required": ["reason", "note"],
            "additionalProperties": False,
        },
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An action as a model may be shown it (`socialcare.offers` knows them)."""

    description: str
    parameters: Mapping[str, Any]
    """JSON schema of its arguments."""
    fault: Callable[[Mapping[str, Any]], str | None]
    """Says what is wrong with arguments; None: their form is right."""


@dataclass(slots=True, kw_only=True)
class Wanted:
    """A step's wishes, sorted."""

    calls: tuple[Call, ...] = ()
    asked: list[ToolCall] = field(default_factory=list)
    """The wishes behind ``calls``, in the same order."""
    searches: list[tuple[ToolCall, str]] = field(default_factory=list)
    errors: list[tuple[ToolCall, str]] = field(default_factory=list)
    handoff: Handoff | None = None


class Toolbox:
    """What one turn's model may ask for."""

    def __init__(self, offered: frozenset[str], offers: Mapping[str, Offer]) -> None:
        """Offer what may be called, and what every turn has.

        Args:
            offered: Actions that may be called in this turn.
            offers: What is known of actions, by name.
        """
        self._offers = {name: offers[name] for name in sorted(offered) if name in offers}
        self.tools: tuple[Tool, ...] = (
            *_OWN,
            *(
                Tool(name=name, description=one.description, parameters=one.parameters)
                for name, one in self._offers.items()
            ),
        )

    def sort(
        self,
        calls: Sequence[ToolCall],
        *,
        done: set[tuple[str, str]],
        restore: Callable[[str], str],
    ) -> Wanted:
        """Sort the wishes of one step.

        Args:
            calls: What the model wrote.
            done: Calls made earlier in this turn, by name and arguments; new ones are added.
            restore: Puts values back in the place of what stands for them.
        """
        wanted = Wanted()
        good: list[Call] = []
        for call in calls:
            args = _arguments(call.arguments, restore)
            if args is None:
                wanted.errors.append((call, _error("the arguments are no JSON object")))
            elif call.name == HAND_OVER:
                wanted.handoff = wanted.handoff or _handoff(args)
            elif (why := self._why_not(call.name, args, good, done)) is not None:
                wanted.errors.append((call, _error(why)))
            else:
                done.add(_same(call.name, args))
                if call.name == SEARCH:
                    wanted.searches.append((call, str(args.get("query", ""))[:TEXT_MAX]))
                else:
                    good.append(Call(action=call.name, args=args))
                    wanted.asked.append(call)
        wanted.calls = tuple(good)
        return wanted

    def _why_not(
        self,
        name: str,
        args: dict[str, Any],
        good: Sequence[Call],
        done: set[tuple[str, str]],
    ) -> str | None:
        """Say why a wish is not granted; None: it is."""
        offer = self._offers.get(name)
        if name != SEARCH and offer is None:
            return "there is no such tool"
        if _same(name, args) in done:
            return "this was asked before; its result stands above"
        if len(done) >= CALLS_OF_A_TURN:
            return "nothing more can be asked for in this turn; answer, or hand over"
        if len(good) >= CALLS_MAX:
            return "too many at once; ask again afterwards"
        return None if offer is None else offer.fault(args)


def each_with_its_id(calls: Sequence[ToolCall], step: int) -> tuple[ToolCall, ...]:
    """Give wishes ids that differ: an answer must find its wish, and not all servers see to it."""
    ids = [call.id for call in calls]
    return tuple(
        call if call.id and ids.count(call.id) == 1 else replace(call, id=f"call_{step}_{n}")
        for n, call in enumerate(calls)
    )


def _same(name: str, args: Mapping[str, Any]) -> tuple[str, str]:
    return name, json.dumps(args, sort_keys=True, default=str)


def _arguments(text: str, restore: Callable[[str], str]) -> dict[str, Any] | None:
    try:
        found = json.loads(text or "{}", parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    return {name: restore(one) if isinstance(one, str) else one for name, one in found.items()}


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _handoff(args: dict[str, Any]) -> Handoff:
    note = " ".join(str(args.get("note", "")).split())[:TEXT_MAX]
    reason = args.get("reason")
    named = reason if isinstance(reason, str) and reason in REASONS else MODEL_ASKS
    return Handoff(reason=named, note=note or "The model asks for a colleague.")


def _error(why: str) -> str:
    return json.dumps({"error": why})
