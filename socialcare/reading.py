"""Pending arrivals of a turn, read into the domain's words; pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import ValidationError

from channels.contract import Codec
from conversation.events import (
    Event,
    HeldBack,
    Ignored,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Moved,
    NotDelivered,
    Pressed,
    Receipt,
    ReceiptStatus,
    Referred,
    Released,
    SignOffDecided,
    TimerFired,
    Undecodable,
    Unsupported,
    decode,
    decode_desk,
)
from conversation.invitations import TOKENS_MAX, tokens_in
from conversation.model import Peer
from conversation.store import Pending

TRIES_MAX = 8
"""Turns that may die over an arrival before it is put aside for a person."""

_OF_A_MESSAGE = MessageReceived | MessageEdited | MessageDeleted
DESK, TIMER, OUTBOX, DIRECTORY = "desk", "timer", "outbox", "directory"
"""Channels of arrivals that no platform sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came, in order, and what it asks for."""

    events: tuple[Event, ...]
    consumed: tuple[int, ...]
    quarantined: tuple[tuple[int, str], ...]
    messages: tuple[MessageReceived | Pressed, ...]
    """What the customer says, as it stands after edits and deletions of the same burst."""
    presses: tuple[str, ...]
    """Button presses the platform wants acknowledged."""
    timers: tuple[TimerFired, ...]
    decisions: tuple[SignOffDecided, ...]
    released: bool
    poisoned: bool
    """Something was put aside that may have been the customer's words."""
    for_person: tuple[str, ...]
    """Kinds of what only a person can read."""
    undelivered: tuple[str, ...]
    """Why messages of ours will not arrive."""
    held_back: bool
    """Words of ours were not sent, for the bot is silent in public."""
    taken_back: frozenset[str]
    """Messages that the customer wants to be forgotten."""
    tokens: tuple[tuple[str, datetime], ...] = ()
    """Invitations that were brought, or what looks like some, each with when it was accepted."""

    @property
    def peer(self) -> Peer | None:
        """Who the customer is, as the latest message says, or the platform that renamed them.

        A new id is a second one of the same customer: what comes from it later is theirs.
        """
        renamed = [e.user_id for e in self.events if isinstance(e, Moved) and e.user_id]
        if renamed:
            return Peer(user_id=renamed[-1])
        senders = [e.sender for e in self.events if isinstance(e, Referred)]
        senders += [message.sender for message in self.messages]
        senders += [e.sender for e in self.events if isinstance(e, Unsupported) and e.sender]
        return senders[-1] if senders else None


def read(pending: Sequence[Pending], codecs: Mapping[str, Codec]) -> Reading:
    """Read arrivals; what cannot be read is an event too, and is put aside."""
    events: tuple[Event, ...] = ()
    consumed: list[int] = []
    quarantined: list[tuple[int, str]] = []
    tokens: dict[str, datetime] = {}
    for one in pending:
        found = _events_of(one, codecs)
        for token in _tokens_of(found):
            tokens.setdefault(token, one.received_at)
        bad = next((e.why for e in found if isinstance(e, Undecodable)), None)
        events += found
        if bad is None:
            consumed.append(one.seq)
        else:
            quarantined.append((one.seq, bad))
    events = _afterwards(events)
    return Reading(
        events=events,
        consumed=tuple(consumed),
        quarantined=tuple(quarantined),
        messages=_as_it_stands(events),
        presses=tuple(e.press_id for e in events if isinstance(e, Pressed)),
        timers=tuple(e for e in events if isinstance(e, TimerFired)),
        decisions=tuple(e for e in events if isinstance(e, SignOffDecided)),
        released=any(isinstance(e, Released) for e in events),
        poisoned=any(one.seq == seq and one.tries > TRIES_MAX for one in pending
                     for seq, _ in quarantined),
        for_person=tuple(e.what for e in events if isinstance(e, Unsupported) and e.for_person),
        undelivered=undelivered(events),
        held_back=any(isinstance(e, HeldBack) for e in events),
        taken_back=frozenset(e.message_id for e in events if isinstance(e, MessageDeleted)),
        tokens=tuple(tokens.items())[:TOKENS_MAX],
    )  # fmt: skip


def _events_of(one: Pending, codecs: Mapping[str, Codec]) -> tuple[Event, ...]:
    if one.tries > TRIES_MAX:
        why = Undecodable(why=f"tried {TRIES_MAX} times, each turn ended over it")
        # Colleagues should read what it says; unless that, too, ended a turn.
        return (why,) if one.tries > TRIES_MAX + 1 else (*_as_far_as_readable(one, codecs), why)
    arrival = one.arrival
    try:
        match arrival.channel:
            case "desk":
                return (decode_desk(arrival.body),)
            case "timer":
                return (TimerFired(name=arrival.kind, data=arrival.body.decode()),)
            case "outbox" | "directory":
                return (decode(arrival.body.decode()),)
            case channel if channel in codecs:
                return codecs[channel].decode(arrival)
            case channel:
                return (Undecodable(why=f"the channel {channel} is not configured any more"),)
    except (ValidationError, UnicodeDecodeError) as error:
        return (Undecodable(why=f"{arrival.channel}: {type(error).__name__}"),)


def _tokens_of(events: Sequence[Event]) -> tuple[str, ...]:
    texts = [e.text for e in events if isinstance(e, MessageReceived)]
    texts += [e.ref for e in events if isinstance(e, Referred)]
    return tuple(token for text in texts for token in tokens_in(text))


def _as_far_as_readable(one: Pending, codecs: Mapping[str, Codec]) -> tuple[Event, ...]:
    try:
        return _events_of(replace(one, tries=0), codecs)
    except Exception:  # noqa: BLE001 - reading it may be what ended the turns
        return ()


def messages_in(one: Pending, codecs: Mapping[str, Codec]) -> frozenset[str]:
    """Name the messages that an arrival brought, brought new words of, or took back.

    Some platforms repeat the words in the very notice that they are taken back.
    """
    found = _as_far_as_readable(one, codecs)
    return frozenset(e.message_id for e in found if isinstance(e, _OF_A_MESSAGE))


def _afterwards(events: Sequence[Event]) -> tuple[Event, ...]:
    """Put what changes a message behind it: platforms promise no order."""
    early: dict[str, list[Event]] = {}
    last = {e.message_id: n for n, e in enumerate(events) if isinstance(e, MessageReceived)}
    ordered: list[Event] = []
    for number, event in enumerate(events):
        if (
            isinstance(event, MessageEdited | MessageDeleted)
            and last.get(event.message_id, -1) > number
        ):
            early.setdefault(event.message_id, []).append(event)
            continue
        ordered.append(event)
        if isinstance(event, MessageReceived) and last[event.message_id] == number:
            ordered += early.pop(event.message_id, ())
    return tuple(ordered)


def without(reading: Reading, gone: Collection[str]) -> Reading:
    """Leave out messages that were taken back before they came; they are forgotten like others."""
    late = {e.message_id for e in reading.events if isinstance(e, MessageReceived)} & set(gone)
    if not late:
        return reading
    events = tuple(
        Ignored(what="taken_back") if isinstance(e, _OF_A_MESSAGE) and e.message_id in late else e
        for e in reading.events
    )
    return replace(
        reading,
        events=events,
        messages=_as_it_stands(events),
        taken_back=reading.taken_back | late,
    )


def amended(reading: Reading, edits: Mapping[str, MessageEdited]) -> Reading:
    """Put behind a message what it was changed to before it came."""
    events: list[Event] = []
    for event in reading.events:
        events.append(event)
        if isinstance(event, MessageReceived) and event.message_id in edits:
            events.append(edits[event.message_id])
    ordered = tuple(events)
    return replace(reading, events=ordered, messages=_as_it_stands(ordered))


def _as_it_stands(events: Sequence[Event]) -> tuple[MessageReceived | Pressed, ...]:
    """Messages of the burst with their edits in place and without those taken back."""
    messages: dict[str, MessageReceived | Pressed] = {}
    for event in events:
        match event:
            case MessageReceived():
                messages[event.message_id] = event
            case MessageEdited() if event.message_id in messages:
                messages[event.message_id] = MessageReceived(
                    message_id=event.message_id,
                    sender=event.sender,
                    occurred_at=event.occurred_at,
                    text=event.text,
                    attachments=event.attachments,
                )
            case MessageDeleted():
                messages.pop(event.message_id, None)
            case Pressed():
                messages[event.press_id] = event
            case _:
                pass
    return tuple(messages.values())


def undelivered(events: Sequence[Event]) -> tuple[str, ...]:
    """Say why messages will not arrive."""
    reasons = [e.why for e in events if isinstance(e, NotDelivered)]
    reasons += [
        e.why or "the platform says it failed"
        for e in events
        if isinstance(e, Receipt) and e.status is ReceiptStatus.FAILED
    ]
    return tuple(reasons)
