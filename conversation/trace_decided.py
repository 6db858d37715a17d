"""How a turn's decision is told: understood, found, proposed, judged, done and checked."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from conversation.events import CallStep, Decided, IssueSeen, ModelCall, ModelUse
from conversation.trace_lines import Stop, Tone, TraceLine, plain, shortened

ARTICLES_MAX = 6
"""Articles that were found, whether used or not, that a trace names."""
NO_ARTICLE = "No article answers it"
_USUAL = frozenset({"", "normal"})


def decided_lines(one: Decided, at: datetime) -> list[TraceLine]:
    """Tell a decision, each line at the stop where it belongs; ``at`` is its commit."""
    told = [TraceLine(stop=Stop.UNDERSTOOD, text=_understanding(one), at=one.understood_at)]
    told += [TraceLine(stop=Stop.UNDERSTOOD, text=_issue(issue)) for issue in one.issues]
    told += _looked_up(one.steps)
    told += [
        TraceLine(
            stop=Stop.FOUND,
            text=f"{fact.label}: {shortened(fact.value, 200)} · {fact.source}",
        )
        for fact in one.facts
    ]
    told += _articles(one)
    if one.model is not None:
        told += _model_lines(one.model)
    for step in one.steps:
        if step.outcome != "known":
            told += _stepped(step)
    told += _checked(one, at)
    return told


def _issue(issue: IssueSeen) -> str:
    sure = "" if issue.p is None else f" ({issue.p:.0%} sure)"
    return f"{plain(issue.topic)}{sure}: “{shortened(issue.text, 160)}”"


def _articles(one: Decided) -> Iterator[TraceLine]:
    fits = {found.id: f" · fits {found.score:.2f}" for found in one.articles}
    for citation in one.citations:
        text = f"Article “{citation}”{fits.get(citation, '')}"
        yield TraceLine(stop=Stop.FOUND, text=text, tone=Tone.GOOD)
    for found in one.articles[:ARTICLES_MAX]:
        if found.id not in one.citations:
            text = f"Article “{found.id}”{fits[found.id]} · not used"
            yield TraceLine(stop=Stop.FOUND, text=text)


def _understanding(one: Decided) -> str:
    wishes = f"{len(one.issues)} wish{'es' if len(one.issues) != 1 else ''}"
    parts = [wishes, one.language or "language unknown", f"mood {one.mood}"]
    if one.urgency not in _USUAL:
        parts.append(f"urgency {one.urgency}")
    if one.risks:
        parts.append(f"risk: {', '.join(map(plain, one.risks))}")
    if one.deadline:
        parts.append(f"needed by {one.deadline}")
    parts.append(f"stage {one.stage}{', shadow' if one.shadow else ''}")
    if one.brain:
        parts.append(f"{one.brain} brain")
    return " · ".join(parts)


def _looked_up(steps: Iterable[CallStep]) -> list[TraceLine]:
    known = [step for step in steps if step.outcome == "known"]
    if not known:
        return []
    names = ", ".join(dict.fromkeys(plain(step.action) for step in known))
    at = known[-1].settled_at
    return [TraceLine(stop=Stop.FOUND, text=f"Looked up: {names}", at=at, tone=Tone.GOOD)]


def _stepped(step: CallStep) -> list[TraceLine]:
    wished = plain(step.action) + (f" {step.amount}" if step.amount else "")
    told = [TraceLine(stop=Stop.PROPOSED, text=f"The brain proposes: {wished}", at=step.wished_at)]
    tone = _OUTCOMES.get(step.outcome, Tone.PLAIN)
    told.append(TraceLine(stop=Stop.JUDGED, text=judgement(step), at=step.judged_at, tone=tone))
    if step.outcome in {"done", "failed", "unknown"}:
        text = f"{step.detail or plain(step.action)}: {step.outcome}"
        told.append(TraceLine(stop=Stop.DONE, text=text, at=step.settled_at, tone=tone))
    return told


_OUTCOMES = {
    "done": Tone.GOOD,
    "awaiting": Tone.WAITS,
    "refused": Tone.STOPPED,
    "failed": Tone.STOPPED,
    "unknown": Tone.WAITS,
}


def judgement(step: CallStep) -> str:
    """Say in a line how a call was judged: ``refund: 42.00 GBP ≤ 50.00 GBP alone → done``."""
    amount, alone, signed = step.amount, step.alone_up_to, step.sign_off_up_to
    what = plain(step.action)
    match step.judged:
        case "within" if amount and alone:
            return f"{what}: {amount} ≤ {alone} alone → {step.outcome}"
        case "within":
            return f"{what}: within its limits → {step.outcome}"
        case "needs_sign_off" if amount and alone and signed:
            return f"{what}: {amount} > {alone} alone, ≤ {signed} signed → a colleague is asked"
        case "needs_sign_off" | "used_up":
            why = step.detail if step.judged == "used_up" else "not for the bot alone"
            return f"{what}{f' {amount}' if amount else ''}: {why} → a colleague is asked"
        case "signed":
            return f"{what}{f' {amount}' if amount else ''}: signed by a colleague → {step.outcome}"
        case "above_limit" if signed:
            return f"{step.detail or what} > {signed} signed → not done, a case for people"
        case "":
            return f"{what}: in the ledger already → not begun a second time"
        case _:
            why = f" ({step.detail})" if step.detail else ""
            return f"{what}: {plain(step.judged)}{why} → not done"


def _checked(one: Decided, at: datetime) -> Iterator[TraceLine]:
    when = one.decided_at or at
    if one.model is not None and one.model.unbacked:
        text = f"Taken out, as no fact and no article backs it: {_sentences(one.model.unbacked)}"
        yield TraceLine(stop=Stop.CHECKED, text=text, at=when, tone=Tone.STOPPED)
    for gone in one.taken_out:
        claimed = f"{plain(gone.claimed)}: " if gone.claimed else ""
        text = f"Not said: “{shortened(gone.words, 200)}” ({claimed}{shortened(gone.why, 200)})"
        yield TraceLine(stop=Stop.CHECKED, text=text, at=when, tone=Tone.STOPPED)
    if one.taken_out:
        text = f"{_sentences(one.unproved).capitalize()} claimed what was not done → not said"
        yield TraceLine(stop=Stop.CHECKED, text=text, at=when, tone=Tone.STOPPED)
        return
    if one.unproved:
        text = f"{one.unproved} sentences claimed what was not done → a colleague answers instead"
        yield TraceLine(stop=Stop.CHECKED, text=text, at=when, tone=Tone.STOPPED)
        return
    text = "Nothing is claimed that the ledger does not hold; links are the brand's"
    yield TraceLine(stop=Stop.CHECKED, text=text, at=when, tone=Tone.GOOD)


def _sentences(count: int) -> str:
    return "one sentence" if count == 1 else f"{count} sentences"


# --- what a language model had to do with it


def _model_lines(use: ModelUse) -> Iterator[TraceLine]:
    for call in use.calls:
        usable = call.outcome in {"words", "wishes"}
        yield TraceLine(
            stop=Stop.PROPOSED,
            text=_call(use, call),
            at=None if call.began_at is None else call.began_at + timedelta(milliseconds=call.ms),
            tone=Tone.PLAIN if usable else Tone.STOPPED,
        )
        for wish in call.turned_down:
            text = f"Asked for and never run: {shortened(wish, 160)}"
            yield TraceLine(stop=Stop.JUDGED, text=text, tone=Tone.STOPPED)
    if use.fell_back:
        text = f"Goes on without {use.name}: {plain(use.fell_back)}"
        yield TraceLine(stop=Stop.PROPOSED, text=text, tone=Tone.WAITS)


def _call(use: ModelUse, call: ModelCall) -> str:
    match call.outcome:
        case "words":
            what = "proposes words"
        case "wishes":
            what = f"asks for {', '.join(map(plain, dict.fromkeys(call.wishes)))}"
        case why:
            what = f"gives nothing that can be used ({plain(why)})"
    parts = [f"{use.name}, prompt {use.prompt}, {what}", f"{call.ms:,} ms"]
    parts += _price(call.tokens_in, call.tokens_out, call.cost, use.currency)
    return " · ".join(parts)


def use_in_a_line(use: ModelUse) -> str:
    """Say which model and prompt a turn used, how often, for how many tokens and how much."""
    calls = "no call" if not use.calls else "1 call" if len(use.calls) == 1 else ""
    parts = [f"{use.name}, prompt {use.prompt}", calls or f"{len(use.calls)} calls"]
    read, written = use.tokens
    parts += _price(read, written, use.cost, use.currency)
    if use.fell_back:
        parts.append(f"not used: {plain(use.fell_back)}")
    return " · ".join(parts)


def _price(read: int, written: int, cost: Decimal, currency: str) -> Iterator[str]:
    if read or written:
        yield f"{read:,} + {written:,} tokens"
    if currency:
        yield money_in_words(cost, currency)


def money_in_words(cost: Decimal, currency: str) -> str:
    """Write a price that may be far below a cent: ``0.000315 USD``."""
    digits = f"{cost:.6f}".rstrip("0")
    whole, _, part = digits.partition(".")
    return f"{whole}.{part.ljust(2, '0')} {currency}"
