"""The case at the desk: how it opens, who has it, how it ends."""

from dataclasses import replace
from datetime import datetime

from conversation.events import Claimed, HandedOff
from conversation.state.changing import changed
from conversation.state.values import Case, CaseStatus, ConversationState


def open_case(
    state: ConversationState, at: datetime, *, case_id: str, reason: str, note: str
) -> ConversationState:
    """Open a case unless one is open."""
    if state.case is not None and state.case.status is not CaseStatus.RESOLVED:
        return state
    case = Case(id=case_id, status=CaseStatus.OPEN, reason=reason, note=note, opened_at=at)
    return changed(state, case=case)


def hand_over(state: ConversationState, at: datetime, event: HandedOff) -> ConversationState:
    """Tell the open case, opened here if need be, why it is the desk's now."""
    opened = open_case(state, at, case_id=event.case_id, reason=event.reason, note=event.note)
    if opened.case is None:
        return opened
    told = replace(opened.case, reason=event.reason, note=event.note, suggestion=event.suggestion)
    return changed(opened, case=told)


def claim_case(state: ConversationState, event: Claimed) -> ConversationState:
    """Note who has the case; without one there is nothing to note."""
    if state.case is None:
        return state
    claimed = replace(
        state.case,
        status=CaseStatus.CLAIMED,
        claimed_by=event.by.user_id,
        claimed_name=event.by.name,
    )
    return changed(state, case=claimed)


def close_case(state: ConversationState) -> ConversationState:
    """End the case; the bot must introduce itself again when it speaks next."""
    case = None if state.case is None else replace(state.case, status=CaseStatus.RESOLVED)
    return changed(
        state,
        case=case,
        proposed=(),
        wrong_proofs=0,
        disclosed_at=None,
        draft=None,
        issues=(),
        deadline=None,
        moods=(),
        urgency="",
        risks=(),
    )
