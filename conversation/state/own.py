"""What each entry of our own workers means for the state."""

from datetime import datetime

from conversation.events import (
    Acted,
    CameInvited,
    ConfirmationAsked,
    Decided,
    Delivered,
    Drafted,
    HandedOff,
    HeldBack,
    Introduced,
    Invited,
    IssueSeen,
    Lapsed,
    NotDelivered,
    OwnEvent,
    Said,
    SignOffAsked,
    Tended,
    TimerFired,
)
from conversation.ledger import CallState
from conversation.state.cases import close_case, hand_over, open_case
from conversation.state.changing import changed
from conversation.state.lines import after
from conversation.state.peers import bounded
from conversation.state.values import (
    ACTS_KEPT,
    FACTS_KEPT,
    ISSUES_KEPT,
    MOODS_KEPT,
    PROOFS_KEPT,
    RISKS_KEPT,
    TEXT_KEPT,
    WAITING_KEPT,
    Act,
    ConversationState,
    Draft,
    Line,
    Waiting,
)


def from_us(state: ConversationState, at: datetime, event: OwnEvent) -> ConversationState:  # noqa: C901, PLR0911 - one flat table of meanings, read from top to bottom
    """Take what our own workers wrote into the state; ``at`` is our time of it."""
    match event:
        case Decided():
            return _decided(state, event)
        case Acted():
            return _acted(state, at, event)
        case Said():
            return _said(state, at, event)
        case SignOffAsked():
            return _asked(state, at, event)
        case ConfirmationAsked():
            return changed(state, proposed=event.calls[:WAITING_KEPT])
        case Drafted():
            opened = open_case(state, at, case_id=event.case_id, reason="draft", note="")
            return changed(opened, draft=Draft(id=event.draft_id, text=event.text, at=at))
        case HandedOff():
            return hand_over(state, at, event)
        case Lapsed():
            return close_case(state)
        case HeldBack():
            return changed(state, unanswered_since=None)
        case Introduced():
            theirs = state.peer is None or state.peer.user_id == event.peer.user_id
            return changed(state, peer=bounded(event.peer)) if theirs else state
        case CameInvited():
            return changed(state, came=event.outcome)
        case Delivered() | NotDelivered() | TimerFired() | Invited() | Tended():
            return state


def _decided(state: ConversationState, event: Decided) -> ConversationState:
    if event.shadow:
        return state
    return changed(
        state,
        language=event.language,
        stage=event.stage,
        mood=event.mood,
        moods=(*state.moods, event.mood)[-MOODS_KEPT:] if event.urgency else state.moods,
        urgency=max(state.urgency, event.urgency, key=_hurry),
        risks=tuple(dict.fromkeys((*state.risks, *event.risks)))[:RISKS_KEPT],
        earlier_mood=state.mood if event.mood != state.mood else state.earlier_mood,
        issues=_wanted(state.issues, event.issues),
        deadline=event.deadline or state.deadline,
        summary=event.summary or state.summary,
        facts=(*state.facts, *(f for f in event.facts if f not in state.facts))[-FACTS_KEPT:],
        memory=event.memory,
        opted_out=event.opted_out,
        withdrawn=event.withdrawn,
        turns=state.turns + 1,
    )


def _hurry(urgency: str) -> int:
    known = ("", "low", "normal", "high")
    return known.index(urgency) if urgency in known else 0


def _wanted(earlier: tuple[IssueSeen, ...], now: tuple[IssueSeen, ...]) -> tuple[IssueSeen, ...]:
    """Keep what the customer wanted before, said anew where it was said again."""
    again = {issue.topic for issue in now}
    kept = tuple(issue for issue in earlier if issue.topic not in again)
    return (*kept, *now[:ISSUES_KEPT])[-ISSUES_KEPT:]


def _acted(state: ConversationState, at: datetime, event: Acted) -> ConversationState:
    act = Act(
        at=at,
        action=event.action,
        state=event.state,
        summary=event.summary,
        key=event.call_key,
    )
    acts = tuple(old for old in state.acts if event.call_key is None or old.key != event.call_key)
    waiting = state.waiting
    if event.state is not CallState.AWAITING:
        waiting = tuple(w for w in waiting if w.call_key != event.call_key)
    proofs = state.proofs
    if event.proof is not None and event.proof not in proofs:
        proofs = (*proofs, event.proof)[-PROOFS_KEPT:]
    return changed(
        state,
        acts=(*acts, act)[-ACTS_KEPT:],
        proofs=proofs,
        wrong_proofs=state.wrong_proofs + event.wrong_proof,
        waiting=waiting,
    )


def _said(state: ConversationState, at: datetime, event: Said) -> ConversationState:
    line = Line(
        at=at,
        author=event.author,
        name=event.name,
        text=event.text[:TEXT_KEPT],
        message_id=event.outbox_key,
    )
    return changed(
        state,
        lines=after(state.lines, line),
        disclosed_at=at if event.disclosed else state.disclosed_at,
        unanswered_since=None,
        draft=None,
        came=None,
    )


def _asked(state: ConversationState, at: datetime, event: SignOffAsked) -> ConversationState:
    opened = open_case(state, at, case_id=event.case_id, reason="sign_off", note=event.summary)
    waiting = Waiting(
        approval_id=event.approval_id,
        call_key=event.call_key,
        summary=event.summary,
        expires_at=event.expires_at,
    )
    return changed(opened, waiting=(*opened.waiting, waiting)[-WAITING_KEPT:])
