"""What each event of the customer's platform means for the state."""

from datetime import datetime

from conversation.events import (
    AnsweredElsewhere,
    Ignored,
    Inbound,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Moved,
    Pressed,
    Rated,
    Reachable,
    Reacted,
    Receipt,
    ReceiptUpTo,
    Referred,
    Undecodable,
    Unsupported,
)
from conversation.model import Author
from conversation.state.changing import changed
from conversation.state.lines import after, kept_files, on_lines, shown
from conversation.state.peers import bounded, known
from conversation.state.values import GONE_KEPT, TEXT_KEPT, ConversationState, Line


def from_customer(state: ConversationState, event: Inbound) -> ConversationState:  # noqa: PLR0911 - one flat table of meanings, read from top to bottom
    """Take what happened on the customer's platform into the state."""
    match event:
        case MessageReceived():
            return _received(state, event)
        case MessageEdited():
            return _edited(state, event)
        case MessageDeleted():
            return _taken_back(state, event.message_id)
        case Pressed():
            peer = bounded(event.sender)
            heard_at = _latest(state, event.occurred_at)
            return changed(state, peer=peer, last_customer_at=heard_at, proposed=())
        case AnsweredElsewhere():
            return _answered(state, event)
        case Reachable():
            return changed(state, reachable=event.reachable)
        case Referred():
            return changed(state, peer=bounded(event.sender))
        case Unsupported():
            return _unsupported(state, event)
        case (
            Reacted() | Receipt() | ReceiptUpTo() | Rated() | Moved() | Ignored() | Undecodable()
        ):  # fmt: skip
            return state


def _taken_back(state: ConversationState, message_id: str) -> ConversationState:
    if any(line.message_id == message_id for line in state.lines):
        return on_lines(state, message_id, text="", deleted=True)
    return changed(state, gone=(*state.gone, message_id)[-GONE_KEPT:])


def _unsupported(state: ConversationState, event: Unsupported) -> ConversationState:
    if event.sender is None:
        return state
    # Whatever it was, they wrote: the platform's reply window opens by it.
    heard = changed(state, last_customer_at=_latest(state, event.occurred_at))
    return changed(heard, peer=known(event.sender, state.peer)) if event.for_person else heard


def _latest(state: ConversationState, at: datetime) -> datetime:
    """Say when the customer wrote last: what comes late, as platforms' retries do, is older."""
    return at if state.last_customer_at is None else max(state.last_customer_at, at)


def _received(state: ConversationState, event: MessageReceived) -> ConversationState:
    line = Line(
        at=event.occurred_at,
        author=Author.CUSTOMER,
        text=shown(event.text, event.attachments)[:TEXT_KEPT],
        message_id=event.message_id,
        files=kept_files(event.attachments),
    )
    return changed(
        state,
        lines=after(state.lines, line),
        peer=known(event.sender, state.peer),
        reachable=True,
        proposed=(),
        last_customer_at=_latest(state, event.occurred_at),
        unanswered_since=state.unanswered_since or event.occurred_at,
    )


def _answered(state: ConversationState, event: AnsweredElsewhere) -> ConversationState:
    if not event.text and not event.attachments:
        return changed(state, draft=None)  # somebody has the thread, and has not answered yet
    line = Line(
        at=event.occurred_at,
        author=Author.ELSEWHERE,
        text=shown(event.text, event.attachments)[:TEXT_KEPT],
        message_id=event.message_id,
    )
    lines = after(state.lines, line)
    return changed(state, lines=lines, unanswered_since=None, draft=None)


def _edited(state: ConversationState, event: MessageEdited) -> ConversationState:
    text = shown(event.text, event.attachments)
    files = kept_files(event.attachments)
    if not any(line.message_id == event.message_id for line in state.lines):
        return changed(state, early=(*state.early, event.message_id)[-GONE_KEPT:])
    return on_lines(state, event.message_id, text=text, files=files, deleted=False)
