"""What is asked of a language model, whoever serves it, and what it may answer; pure.

A model speaks one step at a time: words for the customer, or wishes for tools. Nothing of it is
believed here or anywhere; it is read into these values and judged by others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, Protocol


class ModelFailure(StrEnum):
    """Why a model gave no answer that can be used."""

    LATE = "late"
    """No answer within the time."""
    DOWN = "down"
    """Unreachable, or an error of the server's."""
    LIMITED = "limited"
    """The server asks for a pause."""
    REFUSED = "refused"
    """The server does not want us: key or model."""
    UNFIT = "unfit"
    """The server does not take this request, in no form of it; the next one it may."""
    MALFORMED = "malformed"
    """An answer that is none."""
    BUDGET = "budget"
    """More would cost more than the brand allows."""
    WRONG = "wrong"
    """Words that may not be said: nothing in them is backed, or in another language."""
    ENDLESS = "endless"
    """It asked for more steps than a turn has."""


class ModelTrouble(Exception):
    """The model cannot help with this turn.

    Attributes:
        failure: why.
        retry_after_s: seconds the server asked us to wait, if it did.
    """

    def __init__(
        self, failure: ModelFailure, message: str, *, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.failure = failure
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A wish for a tool, as the model wrote it."""

    id: str
    name: str
    arguments: str
    """JSON, or what the model takes for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """Something the model may ask for."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    """JSON schema of an object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One entry of what the model is shown."""

    role: Literal["system", "user", "assistant", "tool"]
    text: str
    calls: tuple[ToolCall, ...] = ()
    """Of the assistant."""
    answers: str = ""
    """Of a tool: the id of the call that it answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One step of the model."""

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    tokens_in: int = 0
    tokens_out: int = 0
    estimated: bool = False
    """The server did not count: the tokens are reckoned from the length of the text."""


def estimated_tokens(*texts: str) -> int:
    """Reckon tokens where nobody counts them: three bytes each, which is more than most take."""
    return sum(len(text.encode("utf-8", "replace")) for text in texts) // 3 + 1


class LanguageModel(Protocol):
    """Anything that continues a conversation."""

    @property
    def name(self) -> str:
        """What it calls itself, for the trace."""
        ...

    async def ask(
        self, messages: Sequence[Said], tools: Sequence[Tool], *, timeout_s: float
    ) -> Reply:
        """Take the next step; raises `ModelTrouble`, and nothing else."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
