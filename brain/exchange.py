"""One turn's exchange with a language model: what was said, what backs its words, what it cost."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from actions.action import Outcome
from brain.briefing import Briefing, facts_of, marked, shares_a_run, told, told_of
from brain.found import found_articles
from brain.grounding import Grounds
from brain.knowledge.search import Found
from brain.masking import Masks
from brain.model import ModelTrouble, Reply, Said, ToolCall
from brain.toolbox import Wanted
from conversation.events import ArticleFound, Fact, ModelCall, ModelUse
from conversation.state import Line

CALLS_NOTED = 40
"""Calls of one turn that its trace keeps: rounds of a few attempts to think."""
WISH_MAX = 200


@dataclass(slots=True, kw_only=True)
class Exchange:
    """What passed between us and the model in one turn."""

    name: str
    """The model's."""
    currency: str
    briefing: Briefing
    masks: Masks
    messages: list[Said]
    tools: frozenset[str] = frozenset()
    """Names of what it may be offered, in this turn or another."""
    asked: list[ToolCall] = field(default_factory=list)
    """Calls whose outcomes are awaited, in order."""
    heard: int = 0
    """Outcomes that the model knows of."""
    rounds: int = 0
    retries: int = 0
    calls: list[ModelCall] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    backing: list[str] = field(default_factory=list)
    """What tools have told, for the words to rest on."""
    found: list[Found] = field(default_factory=list)
    """Articles that were given to it, the best of each search first."""
    done: set[tuple[str, str]] = field(default_factory=set)
    """Wishes that were granted, by name and arguments."""
    unbacked: int = 0
    corrected: bool = False
    """It was asked once to say the same in the brand's form of address."""

    # --- noting calls

    def answered(self, reply: Reply, *, began_at: datetime, ms: int, cost: Decimal) -> None:
        """Note a call that gave words or wishes."""
        self._note(
            ModelCall(
                began_at=began_at,
                ms=ms,
                outcome="wishes" if reply.calls else "words",
                wishes=tuple(call.name[:WISH_MAX] for call in reply.calls),
                tokens_in=reply.tokens_in,
                tokens_out=reply.tokens_out,
                estimated=reply.estimated,
                cost=cost,
            )
        )

    def failed(
        self, trouble: ModelTrouble, *, began_at: datetime, ms: int, tokens_in: int, cost: Decimal
    ) -> None:
        """Note a call that gave nothing; what it read may cost all the same."""
        self._note(
            ModelCall(
                began_at=began_at,
                ms=ms,
                outcome=trouble.failure,
                tokens_in=tokens_in,
                estimated=True,
                cost=cost,
            )
        )

    def _note(self, call: ModelCall) -> None:
        self.calls = [*self.calls, call][-CALLS_NOTED:]

    def turned_down(self, errors: Sequence[tuple[ToolCall, str]]) -> None:
        """Note wishes of the last call that were answered as errors."""
        if errors and self.calls:
            why = tuple(
                f"{call.name[:WISH_MAX]}: {json.loads(error)['error']}" for call, error in errors
            )
            self.calls[-1] = replace(self.calls[-1], turned_down=why)

    def use(self, *, fell_back: str = "") -> ModelUse:
        """Say for the trace what the model had to do with the turn."""
        return ModelUse(
            name=self.name,
            prompt=self.briefing.prompt,
            calls=tuple(self.calls),
            currency=self.currency,
            fell_back=fell_back,
            unbacked=self.unbacked,
        )

    def paid(self) -> tuple[ModelCall, ...]:
        """Give its calls without anybody's words: a tool that is not ours is named by the model."""
        return tuple(
            replace(one, wishes=tuple(w for w in one.wishes if w in self.tools), turned_down=())
            for one in self.calls
        )

    # --- what it is told

    def hear(self, outcomes: Sequence[Outcome]) -> None:
        """Tell the model what became of its calls, and keep what its words may rest on."""
        fresh = outcomes[self.heard :]
        earlier = len(fresh) - len(self.asked)
        for outcome in fresh[:earlier]:
            # Of earlier turns: nobody asked for it in this one.
            self.backing.append(told(outcome))
            text = marked("earlier call", self.masks.mask(told(outcome)))
            self.messages.append(Said(role="user", text=text))
        answers = fresh[earlier:] if self.asked else ()
        for call, outcome in zip(self.asked, answers, strict=False):
            text = told(outcome)
            self.backing.append(text)
            self.facts += facts_of(outcome)
            self._tell(call, marked("result", self.masks.mask(text)))
        for call in self.asked[len(answers) :]:
            self._tell(call, '{"error": "not run"}')
        self.asked, self.heard = [], len(outcomes)

    def give(self, call: ToolCall, found: Sequence[Found]) -> None:
        """Answer a search."""
        self.found += found
        self.backing += [told_of(one.article) for one in found]
        text = marked("articles", told(found))  # the brand's own word, hotline and all
        self._tell(call, text or '{"found": "nothing"}')

    def correct(self, words: str, form: str) -> None:
        """Ask for the same words in the brand's form of address: once, it costs a round."""
        self.corrected = True
        rule = f"Say the same again, addressing the customer as “{form}” in every sentence."
        self.messages += [Said(role="assistant", text=words), Said(role="user", text=rule)]

    def take(self, reply: Reply, wanted: Wanted) -> None:
        """Keep a step with its wishes; errors are told at once."""
        self.messages.append(Said(role="assistant", text=reply.text, calls=reply.calls))
        for call, error in wanted.errors:
            self._tell(call, error)
        self.turned_down(wanted.errors)
        self.asked = list(wanted.asked)

    def _tell(self, call: ToolCall, text: str) -> None:
        self.messages.append(Said(role="tool", text=text, answers=call.id))

    # --- what its words rest on

    def grounds(self, lines: Sequence[Line]) -> Grounds:
        """Say what the words may rest on."""
        return Grounds(
            facts=(*self.briefing.grounds, *self.backing),
            said=(self.briefing.text, *(line.text for line in lines)),
            rules=self.briefing.messages[0].text,
        )

    def cited(self, words: str) -> tuple[str, ...]:
        """Name the articles that words use: they share a run of it."""
        using = (one.article for one in self._given() if shares_a_run(words, told_of(one.article)))
        return tuple(dict.fromkeys(article.id for article in using))

    def articles(self) -> tuple[ArticleFound, ...]:
        """Name the articles that the model was given."""
        best: dict[str, Found] = {}
        for one in self._given():
            if one.article.id not in best or best[one.article.id].score < one.score:
                best[one.article.id] = one
        return found_articles(best.values())

    def _given(self) -> tuple[Found, ...]:
        return (*self.briefing.articles, *self.found)
