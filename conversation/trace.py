"""Why a turn went as it did: what came, was understood, found, wished, judged, done and said.

A trace is nothing of its own: it is folded from what the store keeps anyway, the arrivals and log
entries of one turn, the deliveries that carried its words, and the ledger's rows that are still
under way. So it is there for every turn, while it happens and long afterwards; what a person had
erased is missing from it too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from conversation.delivery import DeliveryState
from conversation.events import (
    WITHOUT_ANSWER,
    Acted,
    AnsweredElsewhere,
    CameInvited,
    Claimed,
    ColleagueNoted,
    ColleagueReplied,
    Decided,
    Drafted,
    Erased,
    Event,
    HandedOff,
    HeldBack,
    Invited,
    MessageEdited,
    MessageReceived,
    ModelUse,
    Pressed,
    Referred,
    Released,
    Resolved,
    Said,
    SignOffAsked,
    SignOffBegun,
    SignOffDecided,
    Tended,
    TimerFired,
)
from conversation.invitations import Redeemed
from conversation.ledger import CallRecord, CallState
from conversation.model import Author
from conversation.trace_decided import NO_ARTICLE, decided_lines
from conversation.trace_lines import Stop, Tone, TraceLine, plain, shortened


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalSeen:
    """When an arrival of the turn was on disk, and by whose clock it had begun."""

    channel: str
    kind: str
    received_at: datetime
    tries: int
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySeen:
    """How far a message of the turn has come."""

    key: str
    state: DeliveryState
    tries: int
    settled_at: datetime | None
    why: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A turn, told."""

    turn: str
    began_at: datetime
    """When its first arrival was stored."""
    lines: tuple[TraceLine, ...]
    over: bool
    """Nothing of it is under way any more."""
    brain: str = ""
    stage: str = ""
    model: ModelUse | None = None
    """What a language model had to do with it; None: none was asked."""


def trace(
    turn: str,
    *,
    arrivals: Sequence[ArrivalSeen],
    entries: Iterable[tuple[datetime, Event | Erased]],
    deliveries: Sequence[DeliverySeen],
    calls: Sequence[CallRecord] = (),
) -> Trace | None:
    """Tell a turn; None where nothing of it is kept.

    Args:
        turn: Its id.
        arrivals: What it began with, in order.
        entries: Its log entries, in order, each with the moment of its commit.
        deliveries: What was to be sent of it to the customer.
        calls: Rows of the ledger that it wrote.
    """
    logged = list(entries)
    if not arrivals and not logged:
        return None
    began_at = arrivals[0].received_at if arrivals else logged[0][0]
    told: list[TraceLine] = [_stored(one) for one in arrivals]
    decided = [event for _, event in logged if isinstance(event, Decided)]
    stepped = {(step.action, step.outcome) for one in decided for step in one.steps}
    for at, event in logged:
        told += _told(event, at, stepped)
    if decided and not decided[-1].citations and _unanswered(logged):
        told.append(TraceLine(stop=Stop.FOUND, text=NO_ARTICLE))
    told += _under_way(calls, logged)
    told += [_delivered(one) for one in deliveries]
    order = list(Stop)
    return Trace(
        turn=turn,
        began_at=began_at,
        lines=tuple(sorted(told, key=lambda line: order.index(line.stop))),
        over=bool(logged)
        and all(one.state != "pending" for one in arrivals)
        and all(one.state not in _UNDER_WAY for one in deliveries),
        brain=decided[-1].brain if decided else "",
        stage=decided[-1].stage if decided else "",
        model=decided[-1].model if decided else None,
    )


def _unanswered(logged: Iterable[tuple[datetime, Event | Erased]]) -> bool:
    """Say whether colleagues have it for want of an answer."""
    return any(
        isinstance(event, HandedOff) and event.reason in WITHOUT_ANSWER for _, event in logged
    )


_SENDERS = {
    "desk": "the desk",
    "timer": "a timer",
    "outbox": "a delivery",
    "directory": "what is known of customers",
}
_UNDER_WAY = frozenset({DeliveryState.WAITING, DeliveryState.SENDING})


def _stored(one: ArrivalSeen) -> TraceLine:
    where = _SENDERS.get(one.channel)
    again = f" · turn begun {one.tries} times" if one.tries > 1 else ""
    waits = one.state == "pending"
    return TraceLine(
        stop=Stop.STORED,
        text=f"From {where or one.channel}: on disk, then acknowledged{again}",
        at=one.received_at,
        tone=Tone.WAITS if waits else Tone.GOOD,
    )


def _told(event: Event | Erased, at: datetime, stepped: set[tuple[str, str]]) -> list[TraceLine]:
    match event:
        case Decided():
            return decided_lines(event, at)
        case Acted(action=action, state=state, proof=proof):
            mentioned = proof is not None or (action, state) in stepped
            return [] if mentioned else [_acted(event, at)]
        case Said() | Drafted():
            return [_words(event, at)]
        case HandedOff() | SignOffAsked():
            return [_to_the_desk(event, at)]
        case Referred() | Invited() | CameInvited():
            text, tone = _invitation(event)
            return [TraceLine(stop=Stop.UNDERSTOOD, text=text, at=at, tone=tone)]
        case _:
            text, tone = _came(event)
            return [TraceLine(stop=Stop.STORED, text=text, at=None, tone=tone)] if text else []


def _acted(event: Acted, at: datetime) -> TraceLine:
    return TraceLine(stop=Stop.DONE, text=event.summary, at=at, tone=_TONES[event.state])


_TONES = {
    CallState.DONE: Tone.GOOD,
    CallState.ALLOWED: Tone.WAITS,
    CallState.AWAITING: Tone.WAITS,
    CallState.EXECUTING: Tone.WAITS,
    CallState.REFUSED: Tone.STOPPED,
    CallState.FAILED: Tone.STOPPED,
    CallState.UNKNOWN: Tone.WAITS,
}


def _words(event: Said | Drafted, at: datetime) -> TraceLine:
    match event:
        case Drafted(text=text):
            told = f"A draft for a colleague: “{shortened(text)}”"
            return TraceLine(stop=Stop.DESK, text=told, at=at, tone=Tone.WAITS)
        case Said(author=Author.BOT, text=text):
            return TraceLine(stop=Stop.SAID, text=f"“{shortened(text)}”", at=at)
        case Said(text=text, name=name):
            told = f"{name or 'A colleague'}: “{shortened(text)}”"
            return TraceLine(stop=Stop.SAID, text=told, at=at)
        case _:
            assert_never(event)


def _came(event: Event | Erased) -> tuple[str, Tone]:
    """Say what customers, colleagues, timers and operators brought; nothing where it is none."""
    match event:
        case MessageReceived(text=text) | MessageEdited(text=text):
            told = f"“{shortened(text)}”" if text else "Something without words"
        case Pressed(payload=payload):
            told = f"Pressed {shortened(payload)}"
        case SignOffDecided(approved=approved, by=by):
            tone = Tone.GOOD if approved else Tone.STOPPED
            return f"{by.name} {'signed' if approved else 'said no'}", tone
        case Erased():
            told = "Erased"
        case AnsweredElsewhere():
            told = "Answered in the platform's own app: the bot is silent"
        case TimerFired(name=name):
            told = f"A timer fired: {name.partition(':')[0]}"
        case HeldBack():
            told = "Nothing is said: the bot is silent in public, colleagues read this"
        case Tended():
            return _tended(event)
        case (
            Claimed() | Released() | Resolved() | ColleagueReplied() | ColleagueNoted()
            | SignOffBegun()
        ):  # fmt: skip
            return _deed(event)
        case _:
            told = ""
    return told, Tone.PLAIN


def _deed(
    event: Claimed | Released | Resolved | ColleagueReplied | ColleagueNoted | SignOffBegun,
) -> tuple[str, Tone]:
    told = f"{event.by.name} {_DEEDS[event.kind]}"
    if not isinstance(event, ColleagueReplied) or not event.overrode:
        return told, Tone.PLAIN
    doubts = ", ".join(f"“{shortened(one.words)}”" for one in event.overrode[:3])
    return f"{told}, although warned of {doubts}", Tone.STOPPED


def _tended(event: Tended) -> tuple[str, Tone]:
    match event.what:
        case "joined":
            return f"Found to be one person with who is known as {event.about}", Tone.GOOD
        case "likely":
            told = f"May be the same person as who writes in {event.about}: the same was named"
            return told, Tone.PLAIN
        case "parted":
            return f"{event.by} parted the customer from {event.about}", Tone.PLAIN
        case what:
            return f"{event.by} put it right by hand: {what}", Tone.PLAIN


def _invitation(event: Referred | Invited | CameInvited) -> tuple[str, Tone]:
    match event:
        case Referred():
            return "Came by a link of ours", Tone.PLAIN
        case Invited(channel=channel):
            return f"Invited to {channel} as the same person", Tone.GOOD
        case CameInvited(outcome=outcome, inviter=inviter):
            known = outcome in {Redeemed.JOINED, Redeemed.SAME}
            told = f"{_CAME[outcome]}{f' ({inviter})' if inviter else ''}"
            return told, Tone.GOOD if known else Tone.STOPPED


_CAME = {
    Redeemed.JOINED: "The invitation is good: one customer with who was invited",
    Redeemed.SAME: "The invitation is good: they were one customer already",
    Redeemed.USED: "The invitation was used or replaced: nobody is joined",
    Redeemed.EXPIRED: "The invitation is too old: nobody is joined",
    Redeemed.FORGED: "The invitation is none of ours: nobody is joined",
}
_DEEDS = {
    "claimed": "claimed the case: the bot is silent",
    "colleague_replied": "answers the customer",
    "released": "gave the conversation back to the bot",
    "resolved": "closed the case",
    "colleague_noted": "wrote an internal note",
    "signoff_begun": "signed; a second person must, too",
}


def _to_the_desk(event: HandedOff | SignOffAsked, at: datetime) -> TraceLine:
    match event:
        case HandedOff(reason=reason, note=note):
            why = f" ({plain(reason)}): {note}" if note else f": {plain(reason)}"
            text = f"Handed to colleagues{why}"
        case SignOffAsked(summary=summary):
            text = f"A colleague is asked to sign: {summary}"
        case _:
            assert_never(event)
    return TraceLine(stop=Stop.DESK, text=text, at=at, tone=Tone.WAITS)


# --- what is still under way


def _under_way(
    calls: Sequence[CallRecord], logged: Sequence[tuple[datetime, Event | Erased]]
) -> list[TraceLine]:
    """Tell calls that the ledger holds and the log does not yet: the turn is in the midst."""
    settled = {event.call_key for _, event in logged if isinstance(event, Acted)}
    return [
        TraceLine(stop=Stop.DONE, text=f"{one.summary}: under way", tone=Tone.WAITS)
        for one in calls
        if one.state is CallState.EXECUTING and one.key not in settled
    ]


def _delivered(one: DeliverySeen) -> TraceLine:
    again = f" · try {one.tries}" if one.tries > 1 else ""
    why = f" ({plain(one.why)})" if one.why else ""
    match one.state:
        case DeliveryState.SENT:
            text, tone = f"Delivered: the platform has it{again}", Tone.GOOD
        case DeliveryState.WAITING if one.tries:
            text, tone = f"Waits for the next try{again}{why}", Tone.WAITS
        case DeliveryState.WAITING | DeliveryState.SENDING:
            text, tone = f"On its way{again}", Tone.WAITS
        case _:
            text, tone = f"Not delivered: {one.state}{why}", Tone.STOPPED
    return TraceLine(stop=Stop.SAID, text=text, at=one.settled_at, tone=tone)
