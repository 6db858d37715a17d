"""What a model is told at the beginning of a turn; pure.

Rules come first and from us alone. Everything that anybody else has written (the customer, the
shop, an article) stands between marks, with what could end the marks taken out, and masked.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from babel import Locale
from pydantic import BaseModel

from actions.action import (
    AwaitingSignOff,
    Done,
    Failed,
    Known,
    Outcome,
    Refused,
    Unknown,
)
from brain.decision import Turn
from brain.grounding import runs
from brain.knowledge.articles import Article
from brain.knowledge.search import Found
from brain.listening import Heard
from brain.masking import Masks
from brain.model import Said
from brain.prompts import prompt
from brain.remembering import summed_up
from config.money import Money
from config.schema import Settings
from config.stages import Surface
from conversation.events import Fact, IssueSeen
from conversation.model import Author
from conversation.state import Line

LINES_TOLD = 20
"""Lines of the conversation that a model reads; the summary holds what came before."""
LINE_MAX = 1_000
ARTICLE_MAX = 1_500
TEXT_MAX = 4_000
"""Characters of the customer's new messages; more is cut and said to be."""
REPLY_LENGTH = {Surface.PRIVATE: 900, Surface.PUBLIC: 240}
FACT_MAX = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefing:
    """The beginning of an exchange, and what its words may rest on."""

    messages: tuple[Said, ...]
    text: str
    """The customer's new words."""
    grounds: tuple[str, ...]
    articles: tuple[Found, ...]
    prompt: str
    summary: str


def brief(
    turn: Turn,
    heard: Heard,
    *,
    settings: Settings,
    masks: Masks,
    articles: Sequence[Found],
    today: date,
) -> Briefing:
    """Write the beginning of a turn's exchange."""
    facts = [f"{fact.label}: {fact.value}" for fact in turn.state.facts]
    known = told(articles)
    public = turn.surface is Surface.PUBLIC
    care, in_public = prompt("care"), prompt("public")
    rules = care.text.format(
        brand=settings.brand.name,
        voice=settings.brand.voice or "",
        language=_language(heard.understanding.language.code),
        address=_address(settings, heard.understanding.language.code),
        length=REPLY_LENGTH[turn.surface],
        surface=in_public.text if public else "",
        today=f"{today:%A}, {today.isoformat()}",
        tools=", ".join(sorted(turn.offered)) or "no tool of the shop",
    )
    done = [f"{act.action}: {act.state}: {act.summary}" for act in turn.state.acts]
    parts = [
        marked("what came before", masks.mask(_before(turn))),
        marked("conversation so far", masks.mask(transcript(_earlier(turn)))),
        marked("done in this conversation", masks.mask("\n".join(map(_in_one_line, done)))),
        marked("known facts", masks.mask("\n".join(map(_in_one_line, facts)))),
        marked("articles", known),
        marked("new messages of the customer", masks.mask(heard.text[:TEXT_MAX])),
    ]
    told_to = "\n".join(part for part in parts if part)
    return Briefing(
        messages=(Said(role="system", text=rules), Said(role="user", text=told_to)),
        text=heard.text,
        grounds=(known, *facts, *done, settings.brand.name, today.isoformat()),
        articles=tuple(articles),
        prompt=f"{care.id} {in_public.id}" if public else care.id,
        summary=summed_up(turn.state, (IssueSeen(topic=topic, text="") for topic in heard.topics)),
    )


def facts_of(outcome: Outcome) -> list[Fact]:
    """Give what a lookup or an action told, for the desk."""
    source = f"action {outcome.call.action}"
    return [Fact(label=outcome.call.action, value=told(outcome)[:FACT_MAX], source=source)]


def told(what: Outcome | Sequence[Found]) -> str:
    """Put an outcome, or articles, into JSON for the model."""
    if isinstance(what, Sequence):
        found = [
            {"id": o.article.id, "title": o.article.title, "text": told_of(o.article)} for o in what
        ]
        return json.dumps(found, ensure_ascii=False) if found else ""
    return json.dumps(_outcome(what), ensure_ascii=False, default=str)


def told_of(article: Article) -> str:
    """Give what an article says: its answer, then what else stands in it."""
    body = "" if article.body == article.answer else article.body
    return f"{article.answer}\n{body}".strip()[:ARTICLE_MAX]


def _outcome(outcome: Outcome) -> dict[str, object]:
    action = outcome.call.action
    match outcome:
        case Known(result=result):
            return {"action": action, "state": "known", "result": _shown(result)}
        case Done(result=result, amount=amount, repeated=repeated):
            told_of = {"action": action, "state": "done", "result": _shown(result)}
            amounts = {} if amount is None else {"amount": str(amount)}
            return {**told_of, **amounts, "already_before": repeated}
        case Refused(reason=reason, detail=detail):
            return {"action": action, "state": "refused", "reason": str(reason), "detail": detail}
        case AwaitingSignOff(amount=amount):
            return {"action": action, "state": "waiting", "amount": str(amount or "")}
        case Failed():
            return {"action": action, "state": "failed"}
        case Unknown():
            return {"action": action, "state": "unknown"}


def _shown(result: BaseModel) -> object:
    return _with_money(result.model_dump(mode="python"))


def _with_money(value: object) -> object:
    """Write money as people do: 24.90 GBP, never minor units."""
    match value:
        case {"minor": int(minor), "currency": str(currency)}:
            return f"{Money(minor, currency).major:f} {currency}"
        case dict():
            return {str(name): _with_money(one) for name, one in value.items()}
        case list() | tuple():
            return [_with_money(one) for one in value]
        case None | bool() | int() | float() | str():
            return value
        case _:
            return str(value)


def _before(turn: Turn) -> str:
    """Sum up what the transcript has no room for."""
    return turn.state.summary if len(turn.state.lines) > LINES_TOLD else ""


def _earlier(turn: Turn) -> list[Line]:
    new = {getattr(message, "message_id", None) for message in turn.messages}
    return [line for line in turn.state.lines if line.message_id not in new and not line.deleted]


def transcript(lines: Sequence[Line]) -> str:
    """Write the latest lines with who wrote them, one each: nobody may begin another's."""
    who = {Author.CUSTOMER: "customer", Author.BOT: "you"}
    return "\n".join(
        f"{who.get(line.author, 'colleague')}: {_in_one_line(line.text[:LINE_MAX])}"
        for line in lines[-LINES_TOLD:]
    )


def _in_one_line(text: str) -> str:
    return " / ".join(part.strip() for part in text.splitlines() if part.strip())


def marked(source: str, text: str) -> str:
    """Put marks around what others wrote, and take out what could end them."""
    if not text.strip():
        return ""
    inert = text.replace("<", "(").replace(">", ")")
    return f'<data source="{source}">\n{inert}\n</data>'


def _language(code: str) -> str:
    return Locale.parse(code).get_display_name("en") or code


def _address(settings: Settings, language: str) -> str:
    form = settings.brand.formality.get(language)
    return f"addressing the customer as “{form}”, " if form else ""


def shares_a_run(words: str, text: str) -> bool:
    """Say whether words use a text: four words in a row are the same."""
    return not runs(words, 4).isdisjoint(runs(text, 4))
