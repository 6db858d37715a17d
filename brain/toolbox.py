"""The tools a model is offered, and its wishes sorted into what may run and what is an error.

Pure. Only actions that may be called at this stage, on this surface, by this customer are tools at
all; everything else (an unknown name, broken or partial arguments, the same call twice) is told to
the model as an error and goes no further. Limits are not known here: the engine judges.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from actions.action import Call
from brain.decision import Handoff
from brain.model import Tool, ToolCall

SEARCH: Final = "search_articles"
HAND_OVER: Final = "hand_over"
CALLS_MAX: Final = 6
"""Calls of one step; who wants more asks again with what it has learnt."""
TEXT_MAX: Final = 500

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
        description="Pass the conversation to a colleague; say in `note` what they need to know.",
        parameters={
            "type": "object",
            "properties": {
                "reason": {"type": "string", "maxLength": 60},
                "note": {"type": "string", "maxLength": 500},
            },
            "required": ["note"],
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
            elif call.name == SEARCH:
                wanted.searches.append((call, str(args.get("query", ""))[:TEXT_MAX]))
            elif call.name == HAND_OVER:
                wanted.handoff = wanted.handoff or _handoff(args)
            else:
                self._judge(call, args, wanted, good, done)
        wanted.calls = tuple(good)
        return wanted

    def _judge(
        self,
        call: ToolCall,
        args: dict[str, Any],
        wanted: Wanted,
        good: list[Call],
        done: set[tuple[str, str]],
    ) -> None:
        offer = self._offers.get(call.name)
        same = (call.name, json.dumps(args, sort_keys=True, default=str))
        if offer is None:
            wanted.errors.append((call, _error("there is no such tool")))
        elif same in done:
            wanted.errors.append((call, _error("this was asked before; its result stands above")))
        elif len(good) >= CALLS_MAX:
            wanted.errors.append((call, _error("too many at once; ask again afterwards")))
        elif (fault := offer.fault(args)) is not None:
            wanted.errors.append((call, _error(fault)))
        else:
            done.add(same)
            good.append(Call(action=call.name, args=args))
            wanted.asked.append(call)


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
    return Handoff(reason="model_asks", note=note or "The model asks for a colleague.")


def _error(why: str) -> str:
    return json.dumps({"error": why})
