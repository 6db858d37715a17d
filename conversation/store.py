"""The durable store: what workers may ask of it, and what each promise means.

Five writing operations, each all or nothing and each safe to repeat after a crash:
`accept` (a platform's batch, or a press at the desk), `claim` (a conversation to think about),
`commit` (everything a turn made true), `take` (messages that are due) and `settle` (what became of
them). Concurrent calls of one kind share transactions. When a writing operation returns, its
effect survives `kill -9`; when it raises `StoreUnavailable`, nothing of it happened (or, where a
server was lost in the very act of committing, all of it: hence the repeating).

Several processes may share a store that allows it. What one of them has claimed or taken is its
own for as long as it renews it; a process that dies loses it to the others after a while.
"""

# Longer than 400 lines: the contract of both engines, most of it what each promise means.

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from conversation.ceilings import Ceiling, Used
from conversation.delivery import DeliveryState
from conversation.entries import LogEntry
from conversation.events import DeskEvent, Erased, Event
from conversation.feeds import FeedAsk, FeedHeld
from conversation.invitations import Invite, Redeem, Redemption
from conversation.kin import Mention, Relative, Spoken
from conversation.ledger import Approval, ApprovalState, CallRecord, CallState
from conversation.media import Media, MediaHeld
from conversation.model import Address, Arrival, Owner, Peer
from conversation.notices import Notice, NoticeAsk
from conversation.spending import Spend, Spent
from conversation.state import ConversationState
from conversation.storms import StormAsk, StormSeen, StormWrite
from conversation.trace import Trace


class StoreError(Exception):
    """The store cannot do what was asked."""


class StoreUnavailable(StoreError):
    """The store cannot commit now (locked, disk full, gone); nothing happened, try again."""


class StoreUnusable(StoreError):
    """The store cannot be opened: held by another run, corrupt, newer, read-only, not there."""


# --- accepting


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerChange:
    """Give a conversation to another owner; applies only from ``only_from``, raises the epoch.

    A conversation that nobody has written in yet is nobody's to give.
    """

    conversation: str
    to: Owner
    only_from: frozenset[Owner]
    claimed_by: str | None = None
    """The colleague it goes to."""
    only_claimed_by: str | None = None
    """Applies only while this colleague (or nobody) has it."""
    told: DeskEvent | None = None
    """Conversations that share its owner change hands along, and are told this; None: it alone
    does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalDecision:
    """Decide a waiting sign-off; the ledger moves with it (to ALLOWED or REFUSED)."""

    approval_id: str
    state: ApprovalState
    by: str
    at: datetime
    two: bool = False
    """Two people must say yes: the first yes is only noted, the same person's second is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """Arrivals to keep, with the change that must not queue behind a running turn.

    When ``owner`` or ``approval`` does not apply any more, nothing of the acceptance is kept. The
    first arrival stands for the change: where it was kept before, nothing changes a second time.
    """

    arrivals: tuple[Arrival, ...]
    received_at: datetime
    owner: OwnerChange | None = None
    approval: ApprovalDecision | None = None
    media: tuple[Media, ...] = ()
    """Bytes that came with the first arrival; not kept where that was kept before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What came of an acceptance."""

    new: tuple[bool, ...]
    """For each arrival: True kept now, False a duplicate."""
    applied: bool = True
    """False: the change came too late and nothing was kept."""


# --- turns


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationRow:
    """The conversation's own row: where it is, who owns it, who works on it."""

    id: str
    address: Address
    customer: str
    """The customer's id; several identities may share one."""
    owner: Owner
    epoch: int
    claimed_by: str | None
    accepted: int
    """Arrivals ever accepted: the row-local 'has anything new come' counter."""
    token: int
    """The fencing token of the latest claim."""
    held: str | None = None
    """Another conversation of the same customer that is not the bot's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """An arrival that no turn has taken yet."""

    seq: int
    arrival: Arrival
    received_at: datetime
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A claimed conversation with all that a turn needs."""

    row: ConversationRow
    state: ConversationState
    position: int
    """Log entries folded into ``state``."""
    pending: tuple[Pending, ...]
    calls: tuple[CallRecord, ...]
    """Calls that earlier turns left ALLOWED, EXECUTING or UNKNOWN."""

    @property
    def turn(self) -> str:
        """Name the turn that this is; it keeps its name when it is taken anew."""
        first = self.pending[0].seq if self.pending else f"w{self.row.token}"
        return f"{self.row.id}:{first}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallWrite:
    """A row of the ledger as it shall be; applies only from ``expected`` (None: no such row)."""

    record: CallRecord
    expected: CallState | None
    ceilings: tuple[Ceiling, ...] = ()
    """Applies only while one more call of that amount stays below all of them."""


class OutboxKind(StrEnum):
    """What an outbox row carries."""

    REPLY = "reply"
    """Words for the customer; its destination is the conversation."""
    DESK = "desk"
    """A post at the desk; its destination is the case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxWrite:
    """A message to deliver, one row per part."""

    key: str
    """Unique; a second row of the same key is the same message and is not kept."""
    destination: str
    """Rows of one destination are sent in order, one at a time."""
    kind: OutboxKind
    payload: str
    """JSON that the sender of this kind reads."""
    fenced: bool
    """True for the bot's words: never sent once the conversation's epoch has moved on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerWrite:
    """A moment to wake the conversation; one per name, a second one replaces it."""

    name: str
    due_at: datetime
    data: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """A message that the customer took back."""

    message_id: str
    arrivals: tuple[int, ...]
    """Inbox rows that brought it and its edits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Another conversation of the same customer that is not the bot's, as a turn knew it."""

    conversation: str
    owner: Owner
    claimed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """Everything a turn wants to be true at once about one conversation."""

    conversation: str
    token: int
    """Applies only while this claim is the latest."""
    at: datetime
    seen: int
    """The conversation's ``accepted`` as the turn knew it."""
    fresh: bool = False
    """Applies only while nothing newer was accepted."""
    epoch: int | None = None
    """Applies only at this epoch (None: owner changes meanwhile don't matter)."""
    consumed: tuple[int, ...] = ()
    """Inbox rows that are in the log now."""
    quarantined: tuple[tuple[int, str], ...] = ()
    """Inbox rows for a person to look at, and why."""
    log: tuple[Event, ...] = ()
    turn: str | None = None
    snapshot: tuple[int, ConversationState] | None = None
    """A folded state and how many entries it holds: never entries of this commit, which others
    (a delivery's receipt) may yet come before."""
    after: ConversationState | None = None
    """The same with the entries of this commit: kept instead where nothing came before them."""
    calls: tuple[CallWrite, ...] = ()
    approvals: tuple[Approval, ...] = ()
    expired: tuple[str, ...] = ()
    """Sign-offs to expire, if still waiting."""
    outbox: tuple[OutboxWrite, ...] = ()
    timers: tuple[TimerWrite, ...] = ()
    cancel: tuple[str, ...] = ()
    """Names of timers to drop."""
    owner: Owner | None = None
    """Give the conversation to this owner; raises the epoch. Rows of ``outbox`` carry the new
    epoch."""
    shares: Shared | None = None
    """From here on the conversation has the owner that this one has: what a colleague does with
    either is done to both. Applies only while it still has that owner."""
    forgotten: tuple[Forgotten, ...] = ()
    """What the log and the inbox keep of these messages is emptied, this commit's entries too."""
    peer: Peer | None = None
    """Who the customer is on this channel, once a message has told it."""
    mentions: tuple[Mention, ...] = ()
    """What was named, by which the same person may be known elsewhere. Whoever proved the same
    there is the same customer from this commit on, and their open cases have one owner."""
    storm: StormWrite | None = None
    """A step of the channel's storm; to begin one that is there already is a conflict."""
    release: bool = False
    """The turn is over: let go of the conversation. It wakes again at once if more was accepted
    than ``seen``, or if arrivals still wait and no ``wake_at`` is given."""
    wake_at: datetime | None = None
    """When released: look at it again then (a retry)."""


class CommitResult(StrEnum):
    """Whether a commit holds."""

    COMMITTED = "committed"
    LOST = "lost"
    """Another worker has claimed the conversation."""
    OVERTAKEN = "overtaken"
    """The owner changed: the epoch is another one."""
    STALE = "stale"
    """Something newer was accepted, or `shares` is not so any more; think again."""
    CONFLICT = "conflict"
    """A ledger row was not in the expected state, a call does not stay below its ceilings, or a
    storm had begun."""


# --- deliveries


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An outbox row taken for sending."""

    id: int
    key: str
    destination: str
    conversation: str
    address: Address
    kind: OutboxKind
    payload: str
    tries: int
    """This one included."""
    created_at: datetime
    interrupted: bool = False
    """A process died while it was sent: it may have arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What became of one delivery."""

    delivery: Delivery
    state: DeliveryState
    at: datetime
    due_at: datetime | None = None
    """When it is retried, for WAITING."""
    why: str | None = None
    posted: "DeskPosted | None" = None
    log: tuple[Event, ...] = ()
    wake: Arrival | None = None
    """Something the conversation must hear of (a dead message is the desk's business)."""
    followed: bool = False
    """Sockets wait for the entries of ``log``, in other processes perhaps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPosted:
    """Where a post of ours stands at the desk, so that it can be updated and found again."""

    key: str
    """``case:<id>``, ``signoff:<approval id>`` …"""
    conversation: str
    channel: str
    ts: str


class News(StrEnum):
    """What other processes have written that this one's workers may want to know at once."""

    TURNS = "turns"
    """A conversation has something to do."""
    DELIVERIES = "deliveries"
    """A message waits."""
    LOG = "log"
    """Something was said that sockets follow the log for."""


class Store(Protocol):
    """The one durable place. Opened once, shared by all workers of a process."""

    async def open(self) -> None:
        """Take the store, bring its tables up to date; raises `StoreUnusable`."""
        ...

    async def close(self) -> None:
        """Finish what is being written and let go."""
        ...

    async def accept(self, acceptance: Acceptance) -> Accepted:
        """Keep arrivals, once each, and wake their conversations."""
        ...

    async def claim(self, *, now: datetime, limit: int) -> Sequence[Work]:
        """Take up to ``limit`` conversations that have something to do and nobody working."""
        ...

    async def commit(self, commit: Commit) -> CommitResult:
        """Make a turn's results true, or none of them."""
        ...

    async def take(self, *, now: datetime, limit: int) -> Sequence[Delivery]:
        """Take due messages, at most one per destination, in order."""
        ...

    async def settle(self, settlement: Settlement) -> None:
        """Note what became of a delivery; nothing, where it is not this sending of it."""
        ...

    async def renew(
        self, *, works: Sequence[Work] = (), deliveries: Sequence[Delivery] = ()
    ) -> None:
        """Keep what is being worked on and sent; does nothing for what others have by now."""
        ...

    def on_news(self, heard: Callable[[News], None]) -> None:
        """Call back when other processes have written; never, where there can be none.

        News may be lost or come twice: whoever listens looks now and then anyway.
        """
        ...

    def hint(self, conversation: str) -> None:
        """Tell other processes that an answer is being written there; nobody misses a lost one."""
        ...

    def on_hint(self, heard: Callable[[str], None]) -> None:
        """Call back with the conversation of each hint that another process gives."""
        ...

    async def fire(self, *, now: datetime, limit: int) -> int:
        """Turn due timers into arrivals of their conversations; says how many."""
        ...

    async def next_due(self) -> datetime | None:
        """Say when the next timer, retry or wake-up is due."""
        ...

    async def calls(self, keys: Sequence[str]) -> Mapping[str, CallRecord]:
        """Look up rows of the ledger."""
        ...

    async def used(self, ceilings: Sequence[Ceiling], *, key: str) -> Sequence[Used]:
        """Sum up the ledger below each ceiling, the call of that key left out."""
        ...

    async def approval(self, approval_id: str) -> tuple[Approval, CallRecord] | None:
        """Look up a sign-off with its call."""
        ...

    async def conversation(
        self, conversation: str
    ) -> tuple[ConversationRow, ConversationState] | None:
        """Look up a conversation as it stands now."""
        ...

    async def posted(self, keys: Sequence[str]) -> Mapping[str, DeskPosted]:
        """Look up where posts of ours stand at the desk."""
        ...

    async def posted_at(self, *, channel: str, ts: str) -> DeskPosted | None:
        """Find the post of ours at this place of the desk."""
        ...

    async def log(self, conversation: str) -> Sequence[tuple[datetime, Event | Erased]]:
        """Read a conversation's whole log, in order."""
        ...

    async def entries_after(
        self, after: Mapping[str, int], *, kinds: Sequence[str], limit: int
    ) -> Sequence[LogEntry]:
        """Read what logs hold behind a position of each, in order, the first ``limit`` in all.

        Only entries of these kinds come with what they say.
        """
        ...

    async def arrivals(self, conversation: str, *, before: int, limit: int) -> Sequence[Pending]:
        """Read a conversation's arrivals before one, latest first, the erased left out."""
        ...

    async def media(self, media_id: str) -> Media | None:
        """Read a file that a customer sent; None: there is none, or it is kept no more."""
        ...

    async def media_held(self, conversation: str) -> MediaHeld:
        """Say how much a conversation holds in files."""
        ...

    async def traces(self, conversation: str, *, last: int) -> Sequence[Trace]:
        """Tell why a conversation's last turns went as they did, oldest first."""
        ...

    async def relatives(self, conversation: str) -> Sequence[Relative]:
        """Find the customer's other conversations, and those of who may be the same person."""
        ...

    async def arrived_in(self, *, channel: str, account: str, event_id: str) -> str | None:
        """Name the conversation that an arrival was kept in; None: it was not, or in none."""
        ...

    async def spoke(self, spoken: Spoken) -> bool:
        """Say whether words were sent by us in public, or are just being sent."""
        ...

    async def invitation_key(self) -> str:
        """Give what invitations are signed with: the same for all processes, for ever."""
        ...

    async def invite(self, invite: Invite) -> None:
        """Note an invitation; an earlier one of the conversation to that channel ends."""
        ...

    async def redeem(self, redeem: Redeem) -> Redemption:
        """Let who arrived with an invitation be who was invited; each works once."""
        ...

    async def feed(self, ask: FeedAsk) -> FeedHeld | None:
        """Take, keep or let a feed that platforms hold for us; None: somebody else has it."""
        ...

    async def notice(self, ask: NoticeAsk) -> Sequence[Notice]:
        """Keep, take or settle what the desk must hear of a whole channel; gives what was taken."""
        ...

    async def storm(self, ask: StormAsk) -> StormSeen:
        """Look how stormy it is in public on a channel, and note a complaint that was made."""
        ...

    async def spend(self, spend: Spend) -> Spent:
        """Count what is spent, if all its budgets allow it; money is set aside before it goes."""
        ...

    async def probe(self) -> None:
        """See that it can be written, where there is doubt; raises `StoreUnavailable`."""
        ...

    async def counts(self) -> Mapping[str, int]:
        """Count what waits: pending, quarantined, outbox, timers, unknown_calls."""
        ...
