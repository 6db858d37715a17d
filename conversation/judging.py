"""Which commits and changes hold: pure, so that every store judges alike.

A store reads the rows that a batch touches, asks for each item in turn, and writes what holds.
`Books` (for commits) and `Changes` (for the desk's) carry the rows and take each item that holds
into account for the next one of the same batch, so a batch ends as one by one would have.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from conversation.ceilings import Ceiling, Used, and_one, fits
from conversation.chain import LogRow, link
from conversation.events import Event, Lapsed, Released, Resolved, encode
from conversation.ledger import ApprovalState, CallRecord, CallState, may_move
from conversation.model import Arrival, Owner
from conversation.state import OWNER_MOVES, ConversationState
from conversation.store import (
    Acceptance,
    ApprovalDecision,
    Commit,
    CommitResult,
    OwnerChange,
    Shared,
)
from conversation.storms import StormStep

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Key = tuple[str, str, str]
"""What makes an arrival unique: channel, account, event id."""
NUL_SHOWN = "\N{SYMBOL FOR NULL}"
"""Stands for a NUL, which no engine keeps in a text."""


@dataclass(slots=True)
class RowState:
    """The parts of a conversation's row that commits read and change."""

    owner: Owner
    epoch: int
    claimed_by: str | None
    accepted: int
    token: int
    lease: int | None
    wake: int | None
    position: int
    chain: str
    linked: str | None = None
    """The conversation whose owner this one shares."""
    snapshot: ConversationState | None = None
    snapshot_position: int | None = None


@dataclass(slots=True)
class Books:
    """Rows of one batch, as they stand after the commits judged so far."""

    rows: dict[str, RowState]
    calls: dict[str, CallState] = field(default_factory=dict)
    storms: set[str] = field(default_factory=set)
    """Channels that have a storm, as far as a commit wants to begin one."""
    used: dict[tuple[str, Ceiling], Used] = field(default_factory=dict)
    """What was had below the ceilings of each call, by its key, before this batch."""
    begun: dict[str, list[CallRecord]] = field(default_factory=dict)
    """Calls that this batch begins, by the scopes of their ceilings."""


def judge(commit: Commit, books: Books) -> CommitResult:
    """Say whether a commit holds; a holding one's ledger moves are noted in the books."""
    row = books.rows.get(commit.conversation)
    if row is None or row.lease is None or row.token != commit.token:
        return CommitResult.LOST
    if commit.epoch is not None and row.epoch != commit.epoch:
        return CommitResult.OVERTAKEN
    if commit.owner not in {None, row.owner, *OWNER_MOVES[row.owner]}:
        return CommitResult.OVERTAKEN
    if commit.fresh and row.accepted != commit.seen:
        return CommitResult.STALE
    if commit.shares is not None and not _is_so(commit.shares, books):
        return CommitResult.STALE
    begun = _begun(commit)
    if begun in books.storms or not _calls_hold(commit, books):
        return CommitResult.CONFLICT
    if begun is not None:
        books.storms.add(begun)
    return CommitResult.COMMITTED


def _begun(commit: Commit) -> str | None:
    """Name the channel where a commit begins a storm."""
    storm = commit.storm
    return storm.channel if storm is not None and storm.step is StormStep.BEGIN else None


def _calls_hold(commit: Commit, books: Books) -> bool:
    """Say whether every row of the ledger may be written as the commit wants; notes it if so."""
    for write in commit.calls:
        old = books.calls.get(write.record.key)
        same = old is write.record.state
        if old is not write.expected or not (same or may_move(old, write.record.state)):
            return False
        if not all(_stays_below(one, write.record, books) for one in write.ceilings):
            return False
    for write in commit.calls:
        for one in write.ceilings:
            books.begun.setdefault(one.scope, []).append(write.record)
        books.calls[write.record.key] = write.record.state
    return True


def _stays_below(ceiling: Ceiling, record: CallRecord, books: Books) -> bool:
    used = books.used[record.key, ceiling]
    for other in books.begun.get(ceiling.scope, ()):
        if other.key != record.key:
            used = and_one(ceiling, used, other.amount)
    return fits(ceiling, used, record.amount)


def _is_so(shared: Shared, books: Books) -> bool:
    other = books.rows.get(shared.conversation)
    if other is None or other.owner is Owner.BOT:
        return False
    return (other.owner, other.claimed_by) == (shared.owner, shared.claimed_by)


def take_into(commit: Commit, books: Books) -> list[LogRow]:
    """Put what a holding commit says of its conversation into its row; gives its log rows."""
    row, at_us = books.rows[commit.conversation], microseconds(commit.at)
    _keep_snapshot(commit, row)
    if commit.owner is not None and commit.owner is not row.owner:
        row.owner = commit.owner
        row.epoch += 1
        row.claimed_by = None
        row.linked = None if commit.owner is Owner.BOT else row.linked
    if row.linked is not None and row.owner is Owner.BOT:
        ended = any(isinstance(one, ENDS) for one in commit.log)
        row.linked = None if ended else row.linked
    if commit.shares is not None:
        shared = commit.shares
        row.linked = books.rows[shared.conversation].linked or shared.conversation
        row.claimed_by = shared.claimed_by if row.owner is Owner.COLLEAGUE else None
    if commit.release:
        row.lease = None
        wake_us = None if commit.wake_at is None else microseconds(commit.wake_at)
        row.wake = wake_us if row.accepted == commit.seen else at_us
    return write_log(commit.conversation, row, commit.log, at_us=at_us, turn=commit.turn)


def _keep_snapshot(commit: Commit, row: RowState) -> None:
    if commit.snapshot is None or commit.snapshot[0] > row.position:
        return
    row.snapshot_position, row.snapshot = commit.snapshot
    if commit.after is not None and row.snapshot_position == row.position:
        row.snapshot_position, row.snapshot = row.position + len(commit.log), commit.after


ENDS = Released | Resolved | Lapsed
"""What ends a case: the next one is linked to none."""
FOLLOWING = frozenset({Owner.DESK, Owner.COLLEAGUE})
"""Owners of a conversation that can follow another one's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A conversation that shares its owner with one that changes hands."""

    id: str
    of: str
    """The one that changes hands."""
    owner: Owner
    claimed_by: str | None
    linked: bool = True
    """By itself, not only as the one that another is linked to."""


@dataclass(slots=True)
class Changes:
    """Owners and sign-offs of one batch of acceptances, as they stand after those judged so far."""

    owners: dict[str, tuple[Owner, str | None]]
    waiting: dict[str, int]
    """Sign-offs that wait, and when they expire in microseconds."""
    seen: set[Key]
    """Arrivals kept before."""
    raised: dict[str, int] = field(default_factory=dict)
    """Conversations that changed hands, and how often."""
    firsts: dict[str, str] = field(default_factory=dict)
    """Who has said yes first, of those that wait for a second."""
    begun: list[ApprovalDecision] = field(default_factory=list)
    """First of two yeses."""
    decided: list[ApprovalDecision] = field(default_factory=list)
    moved: list[tuple[Acceptance, OwnerChange, str | None]] = field(default_factory=list)
    """Changes of hands that others may follow, and which colleague had it before."""

    def judge(self, item: Acceptance) -> bool:
        """Say whether an acceptance is kept, and note what it changes."""
        if not item.arrivals or key_of(item.arrivals[0]) not in self.seen:
            if not self._applies(item):
                return False
            self._apply(item)
        # A press that was seen before is kept already and changes nothing a second time.
        self.seen.update(key_of(arrival) for arrival in item.arrivals)
        return True

    def _applies(self, item: Acceptance) -> bool:
        if item.owner is not None and not _passes(
            item.owner, self.owners.get(item.owner.conversation)
        ):
            return False
        if item.approval is None:
            return True
        expires_us = self.waiting.get(item.approval.approval_id)
        if expires_us is None or self._same_again(item.approval):
            return False
        late = microseconds(item.approval.at) >= expires_us
        return item.approval.state is ApprovalState.EXPIRED or not late

    def _apply(self, item: Acceptance) -> None:
        if item.owner is not None:
            one = item.owner.conversation
            if item.owner.told is not None:
                self.moved.append((item, item.owner, self.owners[one][1]))
            self._give(one, item.owner)
        if item.approval is not None:
            self._say(item.approval)

    def _same_again(self, decision: ApprovalDecision) -> bool:
        return _needs_second(decision) and self.firsts.get(decision.approval_id) == decision.by

    def _say(self, decision: ApprovalDecision) -> None:
        if _needs_second(decision) and decision.approval_id not in self.firsts:
            self.firsts[decision.approval_id] = decision.by
            self.begun.append(decision)
            return
        del self.waiting[decision.approval_id]
        self.decided.append(decision)

    def _give(self, conversation: str, change: OwnerChange) -> None:
        self.owners[conversation] = (change.to, change.claimed_by)
        self.raised[conversation] = self.raised.get(conversation, 0) + 1

    def along(self, members: Sequence[Member]) -> list[tuple[Arrival, datetime]]:
        """Let conversations that share an owner follow; gives what each of them is told.

        Not those that another colleague has, nor those that are answered in a platform's own app:
        nobody can write elsewhere from there. A case of which only a draft or a sign-off waits
        goes along to who claims.
        """
        told: list[tuple[Arrival, datetime]] = []
        for item, change, before in self.moved:
            for one in members:
                owner, claimed_by = self.owners.setdefault(one.id, (one.owner, one.claimed_by))
                free = claimed_by in {None, before, change.claimed_by}
                waits = one.linked and owner is Owner.BOT
                if one.of != change.conversation or not free:
                    continue
                if owner not in FOLLOWING and not waits:
                    continue
                if (owner, claimed_by) == (change.to, change.claimed_by):
                    continue
                self._give(one.id, change)
                told.append((_told(item, change, one.id), item.received_at))
        return told


def _needs_second(decision: ApprovalDecision) -> bool:
    return decision.two and decision.state is ApprovalState.APPROVED


def _told(item: Acceptance, change: OwnerChange, conversation: str) -> Arrival:
    assert change.told is not None  # noqa: S101 - `moved` holds no others
    first = item.arrivals[0]
    return replace(
        first,
        event_id=f"{first.event_id}:{conversation}",
        address=None,
        kind=change.told.kind,
        body=encode(change.told).encode(),
        to=conversation,
    )


def key_of(arrival: Arrival) -> Key:
    """Say what makes an arrival unique."""
    return (arrival.channel, arrival.account, arrival.event_id.replace("\0", NUL_SHOWN))


def _passes(change: OwnerChange, now: tuple[Owner, str | None] | None) -> bool:
    if now is None:
        return False
    owner, claimed_by = now
    free = claimed_by is None or change.only_claimed_by in (None, claimed_by)
    return owner in change.only_from and change.to in OWNER_MOVES[owner] and free


def write_log(
    conversation: str, row: RowState, events: Sequence[Event], *, at_us: int, turn: str | None
) -> list[LogRow]:
    """Put entries behind the log's last one; moves the row along."""
    added = link(
        conversation, events, position=row.position, before=row.chain, at_us=at_us, turn=turn
    )
    if added:
        row.position, row.chain = added[-1].position, added[-1].hash
    return added


def microseconds(moment: datetime) -> int:
    """Give a moment as whole microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND
