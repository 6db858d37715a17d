"""What a press, a modal or a line in a thread means, judged on the conversation as it stands.

Pure: given who pressed what, and the conversation's row and state, the ruling is what to keep
(`Keep`), what to tell that person alone (`Tell`), or which modal to open. The row, not the case on
the card, says who has the conversation: a claim changes it before any turn has run.

Two presses that exclude each other (send or discard one draft, send or keep one line) share one
event id, so the store itself lets only the first one in.
"""

# Longer than 400 lines: every press and what it means, in one place.

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Literal

from brain.doubts import NO_BACKING, Backing, doubts_in
from config.stages import Surface
from conversation.events import (
    Claimed,
    Colleague,
    ColleagueNoted,
    ColleagueReplied,
    DeskEvent,
    Doubt,
    DraftDiscarded,
    Released,
    Resolved,
    SignOffBegun,
    SignOffDecided,
    ThreadWritten,
    encode,
)
from conversation.ledger import Approval, ApprovalState, CallRecord
from conversation.model import Arrival, Owner
from conversation.state import CaseStatus, ConversationState
from conversation.store import Acceptance, ApprovalDecision, ConversationRow, OwnerChange
from handoff.elements import INPUT_MAX, Block
from handoff.handles import Handle
from handoff.modals import REPLY_INPUT, ModalErrors, modal_error, reply_modal
from handoff.presses import ButtonPress, ModalSubmitted, ThreadMessage
from handoff.warning import anyway_modal, unwarned

DESK_CHANNEL: Final = "desk"
"""The channel's name that the desk's arrivals carry; reserved in the configuration."""

_HELD: Final = frozenset({Owner.DESK, Owner.COLLEAGUE, Owner.ELSEWHERE})
_CLAIMABLE: Final = frozenset({Owner.BOT, Owner.DESK, Owner.ELSEWHERE})
_STAMP: Final = re.compile(r"\d{1,10}(?:\.\d{1,6})?", re.ASCII)

CLOSED: Final = "This case is closed."
TAKEN: Final = "Another colleague has this conversation."
DECIDED: Final = "This was already decided."
SECOND: Final = "You have approved this already; a second person must approve it, too."
AGAIN: Final = "Somebody was quicker to approve; a second person is still needed: press again."
SENT: Final = "This reply was already sent; close this window."
CHANGED: Final = "This changed meanwhile; please look at the card again."
NEWER_DRAFT: Final = "A newer draft exists; please look at that one."
NO_DRAFT: Final = "This draft is no longer waiting."


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """Keep this; ``late`` is said when somebody was quicker."""

    acceptance: Acceptance
    late: str
    claim: Acceptance | None = None
    """Kept next, once the first holds: the mark on the case that its words claimed it.

    Not together with them: of two arrivals each is new or not by itself, and the owner may only
    change with the words.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """Nothing changes; this person alone is told why."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenModal:
    """Show this modal to the person who pressed, or in place of the one they sent off."""

    view: Block


Ruling = Keep | Tell | OpenModal


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Who acts, on which conversation, when."""

    by: Colleague
    row: ConversationRow
    state: ConversationState
    account: str
    """Slack's workspace."""
    now: datetime
    backing: Backing = NO_BACKING
    """What the brand has written, which words may rest on."""

    @property
    def taken(self) -> bool:
        """True while somebody else has the conversation."""
        claimed_by = self.row.claimed_by
        held = self.row.owner is Owner.COLLEAGUE and claimed_by is not None
        return held and claimed_by != self.by.user_id

    def doubts(self, text: str, *, claims: bool) -> tuple[Doubt, ...]:
        """Find what is doubtful in words; ``claims``: who sends them has the conversation then."""
        with_person = claims or self.row.owner in _HELD
        return doubts_in(
            text,
            state=self.state,
            backing=self.backing,
            with_person=with_person,
            public=self.row.address.surface is Surface.PUBLIC,
        )

    def closed(self, case_id: str) -> bool:
        """Say whether that case is over, or not the conversation's current one."""
        case = self.state.case
        return case is None or case.id != case_id or case.status is CaseStatus.RESOLVED


def moment(stamp: str) -> datetime | None:
    """Read Slack's time, seconds with a fraction; None for anything else."""
    if _STAMP.fullmatch(stamp) is None:
        return None
    return datetime.fromtimestamp(float(stamp), UTC)


def _arrival(scene: Scene, event: DeskEvent, *, event_id: str, at: datetime | None) -> Arrival:
    return Arrival(
        channel=DESK_CHANNEL,
        account=scene.account or DESK_CHANNEL,
        event_id=event_id,
        address=None,
        kind=event.kind,
        occurred_at=at,
        body=encode(event).encode(),
        to=scene.row.id,
    )


def _press_id(press: ButtonPress) -> str:
    named = f"{press.action_id}\x1f{press.value}\x1f{press.user_id}\x1f{press.action_ts}"
    return f"{press.action_id}:{hashlib.sha256(named.encode()).hexdigest()[:32]}"


def _keep(
    scene: Scene,
    event: DeskEvent,
    *,
    event_id: str,
    stamp: str,
    late: str,
    owner: OwnerChange | None = None,
    approval: ApprovalDecision | None = None,
) -> Keep:
    arrival = _arrival(scene, event, event_id=event_id, at=moment(stamp))
    acceptance = Acceptance(
        arrivals=(arrival,), received_at=scene.now, owner=owner, approval=approval
    )
    claim = None
    if owner is not None and not isinstance(event, Claimed) and owner.to is Owner.COLLEAGUE:
        claimed = replace(
            arrival,
            event_id=f"{event_id}:claim",
            kind="claimed",
            body=encode(Claimed(by=scene.by)).encode(),
        )
        claim = Acceptance(arrivals=(claimed,), received_at=scene.now)
    return Keep(acceptance=acceptance, late=late, claim=claim)


def _to_colleague(scene: Scene) -> OwnerChange | None:
    """Give the conversation to who acts, unless it is theirs already."""
    if scene.row.owner is Owner.COLLEAGUE and scene.row.claimed_by == scene.by.user_id:
        return None
    return OwnerChange(
        conversation=scene.row.id,
        to=Owner.COLLEAGUE,
        only_from=_CLAIMABLE,
        claimed_by=scene.by.user_id,
        told=Claimed(by=scene.by),
    )


# --- buttons of a case


def rule_case(scene: Scene, press: ButtonPress, handle: Handle) -> Ruling:
    """Judge a press of a `case.…` or `draft.…` button."""
    if scene.closed(handle.case_id):
        return Tell(text=CLOSED)
    match press.action_id:
        case "case.claim":
            return _claim(scene, press)
        case "case.release":
            return _release(scene, press)
        case "case.resolve":
            return _resolve(scene, press, handle)
        case "case.reply":
            return Tell(text=TAKEN) if scene.taken else OpenModal(view=_modal(scene, handle))
        case "draft.send" | "draft.edit" | "draft.discard":
            return _draft(scene, press, handle)
        case _:
            return Tell(text="This button is not built yet.")


def _claim(scene: Scene, press: ButtonPress) -> Ruling:
    return _keep(
        scene,
        Claimed(by=scene.by),
        event_id=_press_id(press),
        stamp=press.action_ts,
        late=TAKEN,
        owner=OwnerChange(
            conversation=scene.row.id,
            to=Owner.COLLEAGUE,
            only_from=_CLAIMABLE,
            claimed_by=scene.by.user_id,
            told=Claimed(by=scene.by),
        ),
    )


def _to_bot(scene: Scene, told: Released | Resolved) -> OwnerChange:
    return OwnerChange(conversation=scene.row.id, to=Owner.BOT, only_from=_HELD, told=told)


def _release(scene: Scene, press: ButtonPress) -> Ruling:
    return _keep(
        scene,
        Released(by=scene.by),
        event_id=_press_id(press),
        stamp=press.action_ts,
        late="The bot has this conversation already.",
        owner=_to_bot(scene, Released(by=scene.by)),
    )


def _resolve(scene: Scene, press: ButtonPress, handle: Handle) -> Ruling:
    # A case may be open while the bot still answers (a draft, a sign-off): nobody to take it from.
    held = scene.row.owner in _HELD
    return _keep(
        scene,
        Resolved(by=scene.by),
        event_id=_press_id(press) if held else f"resolve:{scene.row.id}:{handle.case_id}",
        stamp=press.action_ts,
        late=CHANGED,
        owner=_to_bot(scene, Resolved(by=scene.by)) if held else None,
    )


def _modal(
    scene: Scene, handle: Handle, initial: str = "", doubts: tuple[Doubt, ...] = ()
) -> Block:
    address = scene.row.address
    public = address.surface is Surface.PUBLIC
    return reply_modal(
        handle, channel=address.channel, public=public, initial=initial, doubts=doubts
    )


# --- drafts


def _draft_event(scene: Scene, draft_id: str) -> str:
    """Name the one decision there is about a draft."""
    return f"draft:{scene.row.id}:{draft_id}"


def _stale_draft(scene: Scene, draft_id: str) -> str | None:
    draft = scene.state.draft
    if draft is None:
        return NO_DRAFT
    return None if draft.id == draft_id else NEWER_DRAFT


def _draft(scene: Scene, press: ButtonPress, handle: Handle) -> Ruling:
    draft = scene.state.draft
    if scene.taken:
        return Tell(text=TAKEN)
    if draft is None or draft.id != handle.about:
        return Tell(text=_stale_draft(scene, handle.about) or NO_DRAFT)
    event: DeskEvent
    match press.action_id:
        case "draft.edit":
            if len(draft.text) > INPUT_MAX:
                return Tell(text=f"Slack cannot edit more than {INPUT_MAX} characters.")
            return OpenModal(view=_modal(scene, handle, draft.text))
        case "draft.send":
            doubts = scene.doubts(draft.text, claims=False)
            if unwarned(doubts, handle):
                return OpenModal(view=anyway_modal("draft.send", handle, draft.text, doubts))
            event = ColleagueReplied(
                reply_id=f"draft:{draft.id}",
                by=scene.by,
                text=draft.text,
                draft_id=draft.id,
                overrode=doubts,
            )
        case _:
            event = DraftDiscarded(draft_id=draft.id, by=scene.by)
    event_id = _draft_event(scene, draft.id)
    return _keep(scene, event, event_id=event_id, stamp=press.action_ts, late=DECIDED)


# --- the reply modal


def rule_reply(
    scene: Scene, submitted: ModalSubmitted, handle: Handle
) -> Keep | OpenModal | ModalErrors:
    """Judge a submitted reply; it claims the conversation, unless it is an edited draft.

    Words with something doubtful stay in the window, which names it, until they are sent anyway.
    """
    text = submitted.values.get(REPLY_INPUT, "").strip()
    if not text:
        return modal_error("Please write something.")
    if scene.closed(handle.case_id):
        return modal_error(CLOSED)
    if scene.taken:
        return modal_error(TAKEN)
    if handle.about and (stale := _stale_draft(scene, handle.about)):
        return modal_error(stale)
    draft_id = handle.about or None
    doubts = scene.doubts(text, claims=draft_id is None)
    if unwarned(doubts, handle):
        return OpenModal(view=_modal(scene, handle, text, doubts))
    reply = ColleagueReplied(
        reply_id=f"modal:{submitted.view_id}",
        by=scene.by,
        text=text,
        draft_id=draft_id,
        overrode=doubts,
    )
    return _keep(
        scene,
        reply,
        event_id=_draft_event(scene, draft_id) if draft_id else f"modal:{submitted.view_id}",
        stamp="",
        # A modal is one reply: pressed again, its first press was kept and the answer got lost.
        late=DECIDED if draft_id else SENT,
        owner=None if draft_id else _to_colleague(scene),
    )


# --- sign-offs


def rule_sign_off(
    scene: Scene,
    press: ButtonPress,
    found: tuple[Approval, CallRecord],
    refusal: str | None,
    *,
    two: bool,
) -> Ruling:
    """Judge a yes or no to one exact call.

    Args:
        scene: Who acts.
        press: What they pressed.
        found: The sign-off and its call.
        refusal: Why this person may not decide it, if so.
        two: Whether two people must say yes.
    """
    approval, call = found
    if refusal is not None:
        return Tell(text=refusal)
    if approval.digest != call.digest or approval.conversation != scene.row.id:
        return Tell(text="This sign-off does not fit its action any more; nothing was done.")
    if approval.state is ApprovalState.EXPIRED or (
        approval.state is ApprovalState.WAITING and scene.now >= approval.expires_at
    ):
        return Tell(text="This sign-off has expired.")
    if approval.state is not ApprovalState.WAITING:
        return Tell(text=DECIDED)
    approved = press.action_id == "signoff.approve"
    if approved and two and approval.first_by == scene.by.user_id:
        return Tell(text=SECOND)
    first = approved and two and approval.first_by is None
    said: DeskEvent = SignOffDecided(approval_id=approval.id, approved=approved, by=scene.by)
    return _keep(
        scene,
        SignOffBegun(approval_id=approval.id, by=scene.by) if first else said,
        event_id=f"signoff:{approval.id}:first" if first else f"signoff:{approval.id}",
        stamp=press.action_ts,
        late=AGAIN if first else DECIDED,
        approval=ApprovalDecision(
            approval_id=approval.id,
            state=ApprovalState.APPROVED if approved else ApprovalState.REJECTED,
            by=scene.by.user_id,
            at=scene.now,
            two=two,
        ),
    )


# --- threads


def rule_thread(
    scene: Scene,
    message: ThreadMessage,
    case_id: str | None,
    mode: Literal["confirm", "internal", "send_when_claimed"],
) -> Keep:
    """Judge a line in a thread; without ``case_id`` it stands under something else than a card.

    What is doubtful is named with the question whether to send it; such a line is asked about even
    where lines are sent at once.
    """
    note_id = f"{message.channel}:{message.ts}"
    mine = scene.row.owner is Owner.COLLEAGUE and scene.row.claimed_by == scene.by.user_id
    event: DeskEvent
    if mode == "internal" or case_id is None or scene.closed(case_id):
        event = ColleagueNoted(note_id=note_id, by=scene.by, text=message.text)
    else:
        doubts = scene.doubts(message.text, claims=True)
        if mode == "send_when_claimed" and mine and not doubts:
            event = ColleagueReplied(reply_id=note_id, by=scene.by, text=message.text)
        else:
            event = ThreadWritten(note_id=note_id, by=scene.by, text=message.text, doubts=doubts)
    return _keep(scene, event, event_id=message.event_id, stamp=message.ts, late="")


def rule_prompt(
    scene: Scene, press: ButtonPress, handle: Handle, note: ThreadWritten | None
) -> Ruling:
    """Judge what a colleague chose about their own line: send it, or keep it."""
    if note is None:
        return Tell(text="These words are no longer there.")
    if note.by.user_id != scene.by.user_id:
        return Tell(text=f"Only {note.by.name} can decide about these words.")
    event_id = f"thread:{note.note_id}"
    if press.action_id == "thread.keep":
        kept = ColleagueNoted(note_id=note.note_id, by=scene.by, text=note.text)
        return _keep(scene, kept, event_id=event_id, stamp=press.action_ts, late=DECIDED)
    if scene.closed(handle.case_id):
        return Tell(text=CLOSED)
    if scene.taken:
        return Tell(text=TAKEN)
    doubts = scene.doubts(note.text, claims=True)
    if unwarned(doubts, handle, note.doubts):
        return OpenModal(view=anyway_modal("thread.send", handle, note.text, doubts))
    return _keep(
        scene,
        ColleagueReplied(reply_id=note.note_id, by=scene.by, text=note.text, overrode=doubts),
        event_id=event_id,
        stamp=press.action_ts,
        late=DECIDED,
        owner=_to_colleague(scene),
    )
