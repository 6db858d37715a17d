"""The brain's last step put into the turn's result, as far as truth and the stage let it."""

from dataclasses import replace

from actions.consent import exact_call
from brain.composing import title
from brain.confirming import confirmation
from brain.decision import Decision, Handoff, Turn, Understood
from brain.guardrails import cleaned
from brain.promises import promises_person
from brain.risk import gravest, risk_words
from brain.second_thoughts import still_withdrawn
from brain.told_before import public_invitation
from brain.truth import Books, Mended, mended
from brain.wordbook import speech_of
from config.rollout import Rollout
from config.stages import Stage, Surface
from conversation.events import WITHOUT_ANSWER, ConfirmationAsked, Decided
from socialcare.calls import WRONG_PROOFS_MAX
from socialcare.no_dead_end import with_way_out
from socialcare.result import Result

SAID_BY_RULE = frozenset({"self_harm", "safety_issue"})
"""What cannot wait for a colleague to read the words; they are the brand's or ours, no brain's."""
SPENT = (
    "The bot has given the one answer that this post allows, and asked for a direct message: "
    "answer there, or in the platform's own app."
)
STEPS_MAX = 40
"""Calls of a turn that its trace keeps."""
ARTICLES_MAX = 10
"""Found articles that it keeps."""


def settle(
    result: Result, decision: Decision, rollout: Rollout, turn: Turn, *, heard: Understood
) -> None:
    """Put the brain's last step into the result, as far as the stage lets it.

    Args:
        result: The turn's, so far.
        decision: The brain's last step.
        rollout: The stage.
        turn: What the brain was asked.
        heard: What triage made of the messages, whichever brain decided.
    """
    decided_at = result.clock.now()
    decision, untrue = _truthful(result, decision)
    decision = _not_guessed(result, decision)
    decision = _careful(result, decision, heard)
    decision = _discreet(result, decision, turn)
    calls, handoff = result.calls, _handoff(result, decision, rollout)
    # Calls come before what was decided on their outcomes.
    gone = still_withdrawn(heard, turn.state.withdrawn)
    decided = replace(_decided(turn, decision, rollout), withdrawn=tuple(sorted(gone)))
    traced = replace(
        decided,
        began_at=result.began_at,
        understood_at=result.understood_at,
        decided_at=decided_at,
        steps=tuple(calls.steps[:STEPS_MAX]),
        unproved=0 if untrue is None else untrue.claims,
        taken_out=() if untrue is None else untrue.taken,
    )
    result.log += [*calls.log, traced]
    calls.log.clear()
    if rollout.shadow:
        result.outcome = "shadow"
        return
    result.outcome = "answered"
    words, language = decision.words, decision.understood.language
    if handoff is None:
        words = _completed(result, decision, turn=turn, heard=heard)
    if handoff is not None:
        words = with_way_out(result, replace(decision, handoff=handoff), turn.surface, heard)
        if words and _is_left_unanswered(result, handoff, rollout):
            _pass_on(result, handoff, words, language)
            return
        result.hand_off(handoff)
        if rollout.stage is Stage.COPILOT and handoff.reason not in SAID_BY_RULE:
            # Nobody has read the bot's words: the customer only hears that somebody comes.
            words = result.own_words("acknowledged", language)
    elif rollout.stage is Stage.COPILOT and words:
        result.draft(words, language)
        return
    if not words:
        return
    if decision.invites and handoff is None and result.in_private():
        words = result.own_words("private_hello", language)
        result.say(words, language, private=True)
        return
    result.say(words, language)


def _handoff(result: Result, decision: Decision, rollout: Rollout) -> Handoff | None:
    """Say whether a colleague goes on: the brain says so, or what became of its calls and words."""
    if decision.handoff is not None:
        return decision.handoff
    if result.calls.troubled:
        return Handoff(
            reason="action_trouble", note="An action failed or its outcome is not known."
        )
    # A draft that promises a colleague is read by one.
    alone = rollout.stage is not Stage.COPILOT
    if alone and promises_person(decision.words or ""):
        return Handoff(reason="promised", note="The bot has promised a colleague.")
    return None


def _is_left_unanswered(result: Result, handoff: Handoff, rollout: Rollout) -> bool:
    """Say whether a question would meet with silence: one answer is all, and it is kept back.

    For who asks for a person it is kept for that person. A question that the bot cannot answer is
    not: nobody knows that it was read.
    """
    alone = rollout.stage is not Stage.COPILOT
    return alone and handoff.reason in WITHOUT_ANSWER and result.one_answer()


def _pass_on(result: Result, handoff: Handoff, words: str, language: str) -> None:
    """Say that a colleague has it and where to go on, and tell the colleague that it was said."""
    line = result.own_words("public_passed_on", language)
    ours = (result.own_words(key, language) for key in ("no_answer", "handoff_topic"))
    said = next((one for one in ours if one in words), None)
    result.hand_off(replace(handoff, note=f"{handoff.note} {SPENT}".strip()))
    result.say(line if said is None else words.replace(said, line), language, after_all=True)


def _completed(result: Result, decision: Decision, *, turn: Turn, heard: Understood) -> str | None:
    """Add what must not be missing: the way to a person, the question before a change."""
    words = with_way_out(result, decision, turn.surface, heard) or None
    language = decision.understood.language
    return _asking(result, words, language) if result.calls.unconfirmed else words


def _asking(result: Result, words: str | None, language: str) -> str:
    """Ask for the customer's yes to what the ledger would do; no brain words the question."""
    records = result.calls.unconfirmed
    question = confirmation(speech_of(result.settings.brand), language, records)
    asked = "; ".join(record.summary for record in records)
    calls = tuple(exact_call(record) for record in records)
    result.log.append(ConfirmationAsked(calls=calls, summary=asked))
    return f"{words}\n\n{question}" if words else question


def _careful(result: Result, decision: Decision, heard: Understood) -> Decision:
    """Bring every risk to a person, with the words that fit it, whatever the brain made of it."""
    kind = gravest(heard.risks)
    risks = tuple(dict.fromkeys((*heard.risks, *decision.understood.risks)))
    urgency = heard.urgency or decision.understood.urgency
    understood = replace(decision.understood, risks=risks, urgency=urgency)
    decision = replace(decision, understood=understood)
    if kind is None or (decision.handoff is not None and decision.handoff.reason == kind):
        return decision
    note = decision.handoff.note if decision.handoff is not None else ""
    brand = result.settings.brand
    words = risk_words(
        kind,
        understood.language,
        brand=brand.name,
        crisis=brand.crisis,
        speech=speech_of(brand),
    )
    handoff = Handoff(reason=kind, note=note or summed_up(heard))
    return replace(decision, handoff=handoff, words=words, invites=False)


def summed_up(heard: Understood) -> str:
    """Name what the customer wants, for a colleague."""
    return "; ".join(title(issue.topic) for issue in heard.issues)


def _discreet(result: Result, decision: Decision, turn: Turn) -> Decision:
    """Let nothing private out where everybody reads: ask the customer to go on in private."""
    if turn.surface is not Surface.PUBLIC or not decision.words:
        return decision
    found = result.private_in(decision.words, (*turn.state.facts, *decision.facts))
    if not found:
        return decision
    result.figures.private_kept.inc()
    language = decision.understood.language
    words = result.own_words(public_invitation(turn.state), language)
    return replace(decision, words=words, invites=True)


def _truthful(result: Result, decision: Decision) -> tuple[Decision, Mended | None]:
    """Put the truth in the place of words that claim a deed the ledger does not know.

    Where nothing is left that may be said, a colleague answers instead.
    """
    language, brand = decision.understood.language, result.settings.brand
    books = Books(
        outcomes=result.calls.outcomes,
        earlier=result.calls.earlier,
        acts=result.state.acts,
        waiting=result.state.waiting,
        order_ids=result.order_ids(),
        passed_on=decision.handoff is not None or result.calls.troubled,
        written=result.written,
    )
    # Markup may part the letters of a claim; what the customer would read is what counts.
    words = cleaned(decision.words or "", domains=(*brand.links, *result.links))
    found = mended(words, language, books, speaker=(speech_of(brand), brand.name))
    if found is None:
        return decision, None
    result.figures.unproved_claims.inc(found.claims)
    handoff = decision.handoff or found.handoff
    words = found.words
    if not words:
        words = result.own_words("handoff_topic", language)
        note = "The bot claimed what was not done."
        handoff = handoff or Handoff(reason="unproved_claim", note=note)
    return replace(decision, words=words, handoff=handoff), found


def _not_guessed(result: Result, decision: Decision) -> Decision:
    """Bring who has given so many wrong proofs to a person."""
    if not result.calls.guessed_out or decision.handoff is not None:
        return decision
    words = result.own_words("not_proved_again", decision.understood.language)
    note = f"More than {WRONG_PROOFS_MAX} proofs were given that are not the order's."
    return replace(decision, words=words, handoff=Handoff(reason="not_proved", note=note))


def _decided(turn: Turn, decision: Decision, rollout: Rollout) -> Decided:
    understood = decision.understood
    return Decided(
        turn=turn.id,
        stage=rollout.stage,
        shadow=rollout.shadow,
        language=understood.language,
        mood=understood.mood,
        issues=understood.issues,
        deadline=understood.deadline,
        memory=decision.memory,
        summary=decision.summary,
        facts=decision.facts,
        citations=decision.citations,
        opted_out=understood.opted_out,
        brain=decision.brain,
        urgency=understood.urgency,
        risks=understood.risks,
        articles=decision.articles[:ARTICLES_MAX],
        model=decision.model,
    )
