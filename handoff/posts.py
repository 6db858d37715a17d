"""What the desk must be told after a turn: rows of the outbox, rendered only when they are sent.

A post names what is to be shown, not how it looks: the card is rendered at the moment it is sent,
so the latest state wins, however many turns passed meanwhile. `posts_for` is pure; a turn that is
run again makes the same rows under the same keys.
"""

import operator
from collections.abc import Collection, Iterator, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from conversation.events import (
    AnsweredElsewhere,
    CameInvited,
    Claimed,
    ColleagueNoted,
    ColleagueReplied,
    Doubt,
    DraftDiscarded,
    Event,
    HandedOff,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    NotDelivered,
    Receipt,
    ReceiptStatus,
    SignOffAsked,
    SignOffBegun,
    SignOffDecided,
    Tended,
    ThreadWritten,
    Unsupported,
)
from conversation.invitations import Redeemed, hidden_tokens
from conversation.model import Attachment, Owner
from conversation.state import Case, ConversationState, shown
from conversation.store import ConversationRow, OutboxKind, OutboxWrite
from handoff.cleaning import cut
from handoff.context import files_of, reason_title, unshown
from handoff.warning import overridden, sent_by

HELD = "held:"
"""Begins the name of a line that stands in the case of somebody else's conversation."""
LINE = "line:"
"""Begins the name of a line of the customer's in the case's thread."""
NOT_SENT = "Not sent: a line below says why"
POST_TEXT_MAX = 8_000
"""Characters of somebody's words in one post; drafts are looked up whole."""


class _Post(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    case_id: str


class CardPost(_Post):
    """The case's card, made or brought up to date."""

    kind: Literal["card"] = "card"


class DetailsPost(_Post):
    """What led here, in the card's thread."""

    kind: Literal["details"] = "details"


class CustomerLinePost(_Post):
    """What the customer wrote while colleagues answer."""

    kind: Literal["customer_line"] = "customer_line"
    text: str
    """Empty once they took it back."""
    name: str
    files: tuple[Attachment, ...] = ()
    message_id: str = ""
    edited: bool = False
    """New words for a line that stands already."""
    taken_back: bool = False
    """Say so where the line stands; nothing where it was never posted."""


class HeldLinePost(_Post):
    """What a customer of another conversation wrote while the bot is silent in public."""

    kind: Literal["held_line"] = "held_line"
    line_id: str
    text: str
    name: str


class NotePost(_Post):
    """A line of ours in the thread."""

    kind: Literal["note"] = "note"
    text: str


class PromptPost(_Post):
    """Ask whether a line of the thread is meant for the customer, or show the answer."""

    kind: Literal["prompt"] = "prompt"
    note_id: str
    text: str
    by: str
    outcome: str = ""
    """Empty while it is being asked."""
    doubts: tuple[Doubt, ...] = Field(default=(), exclude_if=operator.not_)
    """Named with the question; left out where none are: an older version may send the row."""


class SignOffPost(_Post):
    """A sign-off, asked or decided."""

    kind: Literal["signoff"] = "signoff"
    approval_id: str


class DraftPost(_Post):
    """The bot's draft, with its buttons while it is the current one."""

    kind: Literal["draft"] = "draft"
    draft_id: str
    text: str
    outcome: str = ""
    """What became of it, once it waits no more."""


DeskPost = (
    CardPost
    | DetailsPost
    | CustomerLinePost
    | HeldLinePost
    | NotePost
    | PromptPost
    | SignOffPost
    | DraftPost
)

_POST: TypeAdapter[DeskPost] = TypeAdapter(Annotated[DeskPost, Field(discriminator="kind")])


def encode_post(post: DeskPost) -> str:
    """Give the outbox row's payload."""
    return _POST.dump_json(post).decode()


def decode_post(payload: str) -> DeskPost:
    """Read it back; raises `pydantic.ValidationError` on what `encode_post` never wrote."""
    return _POST.validate_json(payload)


def desk_write(post: DeskPost, *, key: str) -> OutboxWrite:
    """Make the outbox row of a post; rows of one case are sent in order, whoever owns it."""
    return OutboxWrite(
        key=key,
        destination=f"case:{post.case_id}",
        kind=OutboxKind.DESK,
        payload=encode_post(post),
        fenced=False,
    )


def reply_key(conversation: str, reply: ColleagueReplied) -> str:
    """Name a colleague's words in the outbox."""
    return f"reply:{conversation}:{reply.reply_id}"


def posts_for(
    row: ConversationRow,
    before: ConversationState,
    after: ConversationState,
    events: Sequence[Event],
    turn: str,
) -> tuple[OutboxWrite, ...]:
    """Say what the desk must be told once a turn's commit holds.

    Args:
        row: The conversation with the owner it has after the turn.
        before: The state the turn began with.
        after: That state with ``events`` folded in.
        events: What the turn writes to the log.
        turn: Its id; part of the rows' keys.
    """
    case = after.case
    if case is None:
        return ()
    posts = _posts(row, case, before, after, events)
    return tuple(desk_write(post, key=f"{turn}:desk:{n}") for n, post in enumerate(posts))


def _posts(
    row: ConversationRow,
    case: Case,
    before: ConversationState,
    after: ConversationState,
    events: Sequence[Event],
) -> Iterator[DeskPost]:
    opened = before.case is None or before.case.id != case.id
    if opened:
        yield CardPost(case_id=case.id)
        yield DetailsPost(case_id=case.id)
    elif _on_card(before) != _on_card(after) or any(map(_kin, events)):
        yield CardPost(case_id=case.id)
    quoting = not opened and row.owner is not Owner.BOT
    gone = [event.message_id for event in events if isinstance(event, MessageDeleted)]
    if gone and not opened:
        yield from _taken_back(gone, case, before, after)
    lost = {event.outbox_key for event in events if isinstance(event, NotDelivered)}
    replies = (event for event in events if isinstance(event, ColleagueReplied))
    kept = {reply.reply_id for reply in replies if reply_key(row.id, reply) in lost}
    for event in events:
        if isinstance(event, ColleagueReplied):
            yield from _replied(event, case, sent=event.reply_id not in kept)
        elif not (isinstance(event, MessageReceived | MessageEdited) and event.message_id in gone):
            yield from _of_event(event, case, after, opened=opened, quoting=quoting)
    if not opened:
        yield from _handed_on(before, case, events)
    yield from _drafts(case, before, after, events, kept)
    yield from _sign_offs(case, before, after, events)


def _kin(event: Event) -> str:
    """Say whether it tells who else the customer is, or may be, which the card shows."""
    if isinstance(event, CameInvited) and event.outcome is Redeemed.JOINED:
        return "came"
    return event.what if isinstance(event, Tended) and event.what in _KIN else ""


_KIN = {
    "came": "The customer came by our invitation from another conversation: one person.",
    "joined": "One person with who writes elsewhere (see the card): one owner for all open cases.",
    "parted": "Parted from who they were taken for: another person.",
    "likely": "",  # It stands on the card, and is no news for the thread.
}


def _handed_on(
    before: ConversationState, case: Case, events: Sequence[Event]
) -> Iterator[DeskPost]:
    """Tell who had a case that somebody else has it now, without a press of theirs."""
    had = None if before.case is None else before.case.claimed_name
    for event in events:
        if not isinstance(event, Claimed):
            continue
        if event.joined:
            words = f"One person with the customer of another case, which {event.by.name} has"
            before_that = f" (it was {had}'s)" if had and had != event.by.name else ""
            yield NotePost(case_id=case.id, text=f"{words}: this one is theirs too{before_that}.")
        had = event.by.name


def _on_card(state: ConversationState) -> tuple[object, ...]:
    """Pick what the card shows of a state: other changes are no reason to touch it."""
    draft = state.draft.id if state.draft else None
    return (
        *(state.case, state.mood, state.earlier_mood, state.deadline, state.issues, draft),
        *(state.risks, state.urgency, state.moods),
        *(state.waiting, state.peer, state.language, state.stage),
        *(state.opted_out, state.reachable),
        *files_of(state),
        *state.proofs,  # Who proves an order may be known elsewhere from then on.
    )


def _of_event(
    event: Event, case: Case, after: ConversationState, *, opened: bool, quoting: bool
) -> Iterator[DeskPost]:
    match event:
        case MessageReceived() | MessageEdited() if quoting:
            yield _line(event, case, after)
        case AnsweredElsewhere() if not opened:
            words = f"Answered in the platform's app: {shown(event.text, event.attachments)}"
            yield NotePost(case_id=case.id, text=cut(words, POST_TEXT_MAX))
        case Unsupported() if words := unshown(event, opened=opened):
            yield NotePost(case_id=case.id, text=cut(words, 1_000))
        case HandedOff() if not opened:
            # The bot went on while colleagues had the case before them: show what was said.
            yield DetailsPost(case_id=case.id)
            words = f"Handed off again: {reason_title(event.reason)}. {event.note}".rstrip()
            yield NotePost(case_id=case.id, text=cut(words, 1_000))
        case NotDelivered():
            yield NotePost(case_id=case.id, text=cut(f"Could not be delivered: {event.why}", 1_000))
        case Receipt(status=ReceiptStatus.FAILED) if not opened:
            words = f"Accepted, but not delivered: {event.why or 'no reason given'}"
            yield NotePost(case_id=case.id, text=cut(words, 1_000))
        case ThreadWritten():
            yield PromptPost(
                case_id=case.id,
                note_id=event.note_id,
                text=cut(event.text, POST_TEXT_MAX),
                by=event.by.name,
                doubts=event.doubts,
            )
        case CameInvited() | Tended() if not opened and (told := _KIN.get(_kin(event))):
            yield NotePost(case_id=case.id, text=told)
        case ColleagueNoted():
            yield _answered(case, event.note_id, event.text, event.by.name, "Kept internal")
        case _:
            return


def _line(
    event: MessageReceived | MessageEdited, case: Case, after: ConversationState
) -> CustomerLinePost:
    return CustomerLinePost(
        case_id=case.id,
        text=cut(hidden_tokens(shown(event.text, event.attachments)), POST_TEXT_MAX),
        name=(after.peer.name if after.peer else None) or "",
        files=tuple(one for one in event.attachments if one.kept),
        message_id=event.message_id,
        edited=isinstance(event, MessageEdited),
    )


def _taken_back(
    gone: Sequence[str], case: Case, before: ConversationState, after: ConversationState
) -> Iterator[DeskPost]:
    """Empty the lines of messages that were taken back, and show the rest as it stands."""
    for message_id in gone:
        for edited in (False, True):
            yield CustomerLinePost(
                case_id=case.id,
                text="",
                name="",
                message_id=message_id,
                edited=edited,
                taken_back=True,
            )
    yield CardPost(case_id=case.id)
    yield DetailsPost(case_id=case.id)
    if after.draft is not None and after.draft == before.draft:
        # It shows what it answers.
        text = cut(after.draft.text, POST_TEXT_MAX)
        yield DraftPost(case_id=case.id, draft_id=after.draft.id, text=text)


def _replied(event: ColleagueReplied, case: Case, *, sent: bool) -> Iterator[DeskPost]:
    if sent:
        words = f"{event.by.name} → customer{overridden(event.overrode)}: {event.text}"
        yield NotePost(case_id=case.id, text=cut(words, POST_TEXT_MAX))
    if event.draft_id is None:
        outcome = sent_by(event) if sent else NOT_SENT
        yield _answered(case, event.reply_id, event.text, event.by.name, outcome)


def _answered(case: Case, note_id: str, text: str, by: str, outcome: str) -> PromptPost:
    """Take the buttons off a prompt; nothing is shown where none was asked."""
    text = cut(text, POST_TEXT_MAX)
    return PromptPost(case_id=case.id, note_id=note_id, text=text, by=by, outcome=outcome)


def _drafts(
    case: Case,
    before: ConversationState,
    after: ConversationState,
    events: Sequence[Event],
    kept: Collection[str],
) -> Iterator[DeskPost]:
    old, new = before.draft, after.draft
    if old is not None and (new is None or new.id != old.id):
        yield DraftPost(
            case_id=before.case.id if before.case else case.id,
            draft_id=old.id,
            text=cut(old.text, POST_TEXT_MAX),
            outcome=_outcome(old.id, events, kept, replaced=new is not None),
        )
    if new is not None and (old is None or new.id != old.id):
        yield DraftPost(case_id=case.id, draft_id=new.id, text=cut(new.text, POST_TEXT_MAX))


def _outcome(
    draft_id: str, events: Sequence[Event], kept: Collection[str], *, replaced: bool
) -> str:
    for event in events:
        match event:
            case ColleagueReplied(draft_id=said) if said == draft_id:
                return NOT_SENT if event.reply_id in kept else sent_by(event)
            case DraftDiscarded(draft_id=gone) if gone == draft_id:
                return f"Discarded by {event.by.name}"
            case _:
                continue
    return "Replaced by a newer draft" if replaced else "No longer needed"


def _sign_offs(
    case: Case, before: ConversationState, after: ConversationState, events: Sequence[Event]
) -> Iterator[DeskPost]:
    told: dict[str, None] = {}
    for event in events:
        if isinstance(event, SignOffAsked | SignOffBegun | SignOffDecided):
            told[event.approval_id] = None
    still = {waiting.approval_id for waiting in after.waiting}
    for waiting in before.waiting:
        if waiting.approval_id not in still:
            told[waiting.approval_id] = None
    for approval_id in told:
        yield SignOffPost(case_id=case.id, approval_id=approval_id)
