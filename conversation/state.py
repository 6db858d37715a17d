"""The conversation's state: its log folded, entry by entry.

Theory of operation. The log is the truth; the state is what one needs of it to go on: who writes,
what was said, what is proved, what waits. `fold` is pure and total: every entry has its meaning
here and nowhere else, and folding a stored snapshot with the entries after it equals folding the
whole log (a property test holds that). Lists are bounded: a conversation of a year costs
no more than one of a day.

The owner and its epoch are NOT folded: they live in the conversation's row, where changing them
and fencing a turn is one statement. `OWNER_MOVES` is that machine's table.
"""

# Longer than 400 lines: the state's values and the one table that gives every entry its meaning.

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from pydantic import TypeAdapter

from conversation.events import (
    Acted,
    AnsweredElsewhere,
    CameInvited,
    Claimed,
    ColleagueNoted,
    ColleagueReplied,
    ConfirmationAsked,
    Decided,
    Delivered,
    DraftDiscarded,
    Drafted,
    Erased,
    Event,
    Fact,
    HandedOff,
    HeldBack,
    Ignored,
    Introduced,
    Invited,
    IssueSeen,
    Lapsed,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Moved,
    NotDelivered,
    Pressed,
    Proof,
    Rated,
    Reachable,
    Reacted,
    Receipt,
    ReceiptUpTo,
    Referred,
    Released,
    Resolved,
    Said,
    SignOffAsked,
    SignOffBegun,
    SignOffDecided,
    Tended,
    ThreadWritten,
    TimerFired,
    Undecodable,
    Unsupported,
)
from conversation.invitations import Redeemed
from conversation.ledger import CallState
from conversation.model import NAME_LIMIT, Attachment, Author, Owner, Peer

LINES_KEPT = 40
"""Lines of the transcript in the state; the log keeps all."""
ISSUES_KEPT = 12
MOODS_KEPT = 6
RISKS_KEPT = 8
ACTS_KEPT = 20
FACTS_KEPT = 12
PROOFS_KEPT = 10
WAITING_KEPT = 10
FILES_KEPT = 10
"""Files of one line."""
TEXT_KEPT = 4_096
"""Characters of one line; longer ones are cut in the state, whole in the log."""

OWNER_MOVES: Mapping[Owner, frozenset[Owner]] = {
    Owner.BOT: frozenset({Owner.DESK, Owner.COLLEAGUE, Owner.ELSEWHERE}),
    Owner.DESK: frozenset({Owner.COLLEAGUE, Owner.BOT, Owner.ELSEWHERE}),
    Owner.COLLEAGUE: frozenset({Owner.BOT, Owner.COLLEAGUE, Owner.ELSEWHERE}),
    Owner.ELSEWHERE: frozenset({Owner.BOT, Owner.DESK, Owner.COLLEAGUE}),
}
"""From → to. Every change raises the epoch; words of an older epoch are never sent."""


class CaseStatus(StrEnum):
    """Where a case at the desk stands."""

    OPEN = "open"
    CLAIMED = "claimed"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the transcript, as a colleague would read it."""

    at: datetime
    author: Author
    text: str
    name: str | None = None
    message_id: str | None = None
    files: tuple[Attachment, ...] = ()
    """What came with it and is kept by us."""
    edited: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One action call, in a line."""

    at: datetime
    action: str
    state: str
    summary: str
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The conversation at the desk: one card in Slack, its details in the card's thread."""

    id: str
    status: CaseStatus
    reason: str
    note: str
    opened_at: datetime
    suggestion: str = ""
    """Words a colleague may begin with."""
    claimed_by: str | None = None
    """The colleague's id (Slack's U…)."""
    claimed_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Words waiting for a colleague."""

    id: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A sign-off that nobody has decided yet."""

    approval_id: str
    call_key: str
    summary: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationState:
    """All that one needs to know to go on with a conversation."""

    peer: Peer | None = None
    language: str | None = None
    stage: str | None = None
    """The stage of the last turn."""
    mood: str = "neutral"
    earlier_mood: str | None = None
    moods: tuple[str, ...] = ()
    """Of each turn in which something was said, since the bot has it; the latest last."""
    urgency: str = ""
    """The greatest since the bot has it: ``low``, ``normal`` or ``high``."""
    risks: tuple[str, ...] = ()
    """Kinds of risk seen since the bot has it."""
    issues: tuple[IssueSeen, ...] = ()
    """What the customer wants, of the last turn that understood something."""
    deadline: str | None = None
    summary: str = ""
    lines: tuple[Line, ...] = ()
    acts: tuple[Act, ...] = ()
    facts: tuple[Fact, ...] = ()
    proofs: tuple[Proof, ...] = ()
    memory: str = "{}"
    case: Case | None = None
    draft: Draft | None = None
    waiting: tuple[Waiting, ...] = ()
    proposed: tuple[str, ...] = ()
    """Exact calls that the customer was asked to confirm, until they write again."""
    withdrawn: tuple[str, ...] = ()
    """Actions that the customer took back and has not asked for anew."""
    opted_out: bool = False
    reachable: bool = True
    disclosed_at: datetime | None = None
    last_customer_at: datetime | None = None
    unanswered_since: datetime | None = None
    """The platform's time of the first customer message nobody has answered yet."""
    turns: int = 0
    came: Redeemed | None = None
    """What came of an invitation that they brought, until they were told."""

    @property
    def last_message_id(self) -> str | None:
        """The customer's latest message, as the platform names it."""
        said = (line for line in reversed(self.lines) if line.author is Author.CUSTOMER)
        return next((line.message_id for line in said if not line.deleted), None)


_STATE: TypeAdapter[ConversationState] = TypeAdapter(ConversationState)


def encode_state(state: ConversationState) -> str:
    """Give the snapshot's JSON form."""
    return _STATE.dump_json(state).decode()


def decode_state(text: str) -> ConversationState:
    """Read a snapshot back."""
    return _STATE.validate_json(text)


def fold(
    state: ConversationState, entries: Iterable[tuple[datetime, Event | Erased]]
) -> ConversationState:
    """Take entries, each with our own time of it, into the state, in the log's order."""
    for at, event in entries:
        state = _step(state, at, event)
    return state


def _step(state: ConversationState, at: datetime, event: Event | Erased) -> ConversationState:  # noqa: C901, PLR0911, PLR0912 - one flat table of meanings, read from top to bottom
    match event:
        case MessageReceived():
            return _received(state, event)
        case MessageEdited():
            return _edited(state, event)
        case MessageDeleted():
            return _on_lines(state, event.message_id, text="", deleted=True)
        case Pressed():
            return replace(
                state,
                peer=_peer(event.sender),
                last_customer_at=event.occurred_at,
                proposed=(),
            )
        case AnsweredElsewhere():
            return _answered(state, event)
        case Reachable():
            return replace(state, reachable=event.reachable)
        case Decided():
            return _decided(state, event)
        case Acted():
            return _acted(state, at, event)
        case Said():
            return _said(state, at, event)
        case SignOffAsked():
            return _asked(state, at, event)
        case ConfirmationAsked():
            return replace(state, proposed=event.calls[:WAITING_KEPT])
        case Drafted():
            opened = _opened(state, at, case_id=event.case_id, reason="draft", note="")
            return replace(opened, draft=Draft(id=event.draft_id, text=event.text, at=at))
        case DraftDiscarded():
            gone = state.draft is not None and state.draft.id == event.draft_id
            return replace(state, draft=None) if gone else state
        case HandedOff():
            return _handed_off(state, at, event)
        case Claimed():
            return _claimed(state, event)
        case Released() | Lapsed():
            return _closed(state)
        case Resolved():
            return replace(_closed(state), unanswered_since=None)
        case HeldBack():
            return replace(state, unanswered_since=None)
        case Introduced():
            theirs = state.peer is None or state.peer.user_id == event.peer.user_id
            return replace(state, peer=_peer(event.peer)) if theirs else state
        case ColleagueReplied():
            gone = state.draft is not None and state.draft.id == event.draft_id
            return replace(state, draft=None) if gone else state
        case SignOffDecided():
            left = tuple(w for w in state.waiting if w.approval_id != event.approval_id)
            return replace(state, waiting=left)
        case Referred():
            return replace(state, peer=_peer(event.sender))
        case CameInvited():
            return replace(state, came=event.outcome)
        case Unsupported(for_person=True):
            known = state.peer if event.sender is None else _known(event.sender, state.peer)
            return replace(state, peer=known)
        case (
            Reacted() | Receipt() | ReceiptUpTo() | Rated() | Moved() | Unsupported() | Ignored()
            | Undecodable() | ColleagueNoted() | ThreadWritten() | Delivered() | NotDelivered()
            | TimerFired() | Invited() | SignOffBegun() | Tended() | Erased()
        ):  # fmt: skip
            return state


def _peer(sender: Peer) -> Peer:
    if sender.name is None or 0 < len(sender.name) <= NAME_LIMIT:
        return sender
    return replace(sender, name=sender.name[:NAME_LIMIT] or None)


def _known(sender: Peer, before: Peer | None) -> Peer:
    """Keep a name that was learned of somebody whose messages carry none."""
    nameless = sender.name is None and sender.username is None
    if before is None or before.user_id != sender.user_id or not nameless:
        return _peer(sender)
    return replace(before, language=sender.language or before.language)


def _after(lines: tuple[Line, ...], line: Line) -> tuple[Line, ...]:
    return (*lines, line)[-LINES_KEPT:]


def shown(text: str, attachments: Collection[object]) -> str:
    """Put a message into one text, with what was attached named in brackets."""
    if not attachments:
        return text
    named = " ".join(f"[{getattr(item, 'kind', 'attachment')}]" for item in attachments)
    return " ".join(part for part in (text, named) if part)


def _files(attachments: Iterable[Attachment]) -> tuple[Attachment, ...]:
    return tuple(one for one in attachments if one.kept)[:FILES_KEPT]


def _received(state: ConversationState, event: MessageReceived) -> ConversationState:
    line = Line(
        at=event.occurred_at,
        author=Author.CUSTOMER,
        text=shown(event.text, event.attachments)[:TEXT_KEPT],
        message_id=event.message_id,
        files=_files(event.attachments),
    )
    return replace(
        state,
        lines=_after(state.lines, line),
        peer=_known(event.sender, state.peer),
        reachable=True,
        proposed=(),
        last_customer_at=event.occurred_at,
        unanswered_since=state.unanswered_since or event.occurred_at,
    )


def _answered(state: ConversationState, event: AnsweredElsewhere) -> ConversationState:
    if not event.text and not event.attachments:
        return replace(state, draft=None)  # somebody has the thread, and has not answered yet
    line = Line(
        at=event.occurred_at,
        author=Author.ELSEWHERE,
        text=shown(event.text, event.attachments)[:TEXT_KEPT],
        message_id=event.message_id,
    )
    lines = _after(state.lines, line)
    return replace(state, lines=lines, unanswered_since=None, draft=None)


def _edited(state: ConversationState, event: MessageEdited) -> ConversationState:
    text = shown(event.text, event.attachments)
    files = _files(event.attachments)
    return _on_lines(state, event.message_id, text=text, files=files, deleted=False)


def _on_lines(
    state: ConversationState,
    message_id: str,
    *,
    text: str,
    files: tuple[Attachment, ...] = (),
    deleted: bool,
) -> ConversationState:
    lines = tuple(
        replace(line, text=text[:TEXT_KEPT], files=files, edited=not deleted, deleted=deleted)
        if line.message_id == message_id
        else line
        for line in state.lines
    )
    return replace(state, lines=lines)


def _decided(state: ConversationState, event: Decided) -> ConversationState:
    if event.shadow:
        return state
    return replace(
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
    return replace(state, acts=(*acts, act)[-ACTS_KEPT:], proofs=proofs, waiting=waiting)


def _said(state: ConversationState, at: datetime, event: Said) -> ConversationState:
    line = Line(
        at=at,
        author=event.author,
        name=event.name,
        text=event.text[:TEXT_KEPT],
        message_id=event.outbox_key,
    )
    return replace(
        state,
        lines=_after(state.lines, line),
        disclosed_at=at if event.disclosed else state.disclosed_at,
        unanswered_since=None,
        draft=None,
        came=None,
    )


def _opened(
    state: ConversationState, at: datetime, *, case_id: str, reason: str, note: str
) -> ConversationState:
    """Open a case unless one is open."""
    if state.case is not None and state.case.status is not CaseStatus.RESOLVED:
        return state
    case = Case(id=case_id, status=CaseStatus.OPEN, reason=reason, note=note, opened_at=at)
    return replace(state, case=case)


def _asked(state: ConversationState, at: datetime, event: SignOffAsked) -> ConversationState:
    opened = _opened(state, at, case_id=event.case_id, reason="sign_off", note=event.summary)
    waiting = Waiting(
        approval_id=event.approval_id,
        call_key=event.call_key,
        summary=event.summary,
        expires_at=event.expires_at,
    )
    return replace(opened, waiting=(*opened.waiting, waiting)[-WAITING_KEPT:])


def _handed_off(state: ConversationState, at: datetime, event: HandedOff) -> ConversationState:
    opened = _opened(state, at, case_id=event.case_id, reason=event.reason, note=event.note)
    if opened.case is None:
        return opened
    told = replace(opened.case, reason=event.reason, note=event.note, suggestion=event.suggestion)
    return replace(opened, case=told)


def _claimed(state: ConversationState, event: Claimed) -> ConversationState:
    if state.case is None:
        return state
    claimed = replace(
        state.case,
        status=CaseStatus.CLAIMED,
        claimed_by=event.by.user_id,
        claimed_name=event.by.name,
    )
    return replace(state, case=claimed)


def _closed(state: ConversationState) -> ConversationState:
    """End the case; the bot must introduce itself again when it speaks next."""
    case = None if state.case is None else replace(state.case, status=CaseStatus.RESOLVED)
    return replace(
        state,
        case=case,
        proposed=(),
        disclosed_at=None,
        draft=None,
        issues=(),
        deadline=None,
        moods=(),
        urgency="",
        risks=(),
    )
