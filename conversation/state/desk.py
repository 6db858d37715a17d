"""What each act of a colleague means for the state."""

from conversation.events import (
    Claimed,
    ColleagueNoted,
    ColleagueReplied,
    DeskEvent,
    DraftDiscarded,
    Released,
    Resolved,
    SignOffBegun,
    SignOffDecided,
    ThreadWritten,
)
from conversation.state.cases import claim_case, close_case
from conversation.state.changing import changed
from conversation.state.values import ConversationState


def from_desk(state: ConversationState, event: DeskEvent) -> ConversationState:
    """Take what a colleague did into the state."""
    match event:
        case Claimed():
            return claim_case(state, event)
        case Released():
            return close_case(state)
        case Resolved():
            return changed(close_case(state), unanswered_since=None)
        case ColleagueReplied() | DraftDiscarded():
            gone = state.draft is not None and state.draft.id == event.draft_id
            return changed(state, draft=None) if gone else state
        case SignOffDecided():
            left = tuple(w for w in state.waiting if w.approval_id != event.approval_id)
            return changed(state, waiting=left)
        case ColleagueNoted() | ThreadWritten() | SignOffBegun():
            return state
