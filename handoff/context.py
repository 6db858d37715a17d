"""The context pack: what a colleague needs to know to take over, and no more.

Facts are masked, the customer's words are quoted with the tricks taken out, their name is marked as
chosen by themselves. Everything is bounded: a card is read in seconds.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from brain.composing import title
from brain.mood import is_falling
from brain.risk import RISKS
from config.stages import Surface
from config.topics import ASKS_NOTHING
from conversation.events import Fact, IssueSeen, Unsupported
from conversation.invitations import hidden_tokens
from conversation.kin import Named, Relative
from conversation.model import Attachment, AttachmentKind, Author, Owner
from conversation.state import (
    Act,
    Case,
    CaseStatus,
    ConversationState,
    Line,
    Waiting,
)
from conversation.store import ConversationRow
from handoff.cleaning import clean_name, clean_text, cut, harmless

WANTS_MAX: Final = 5
WORDS_MAX: Final = 200
MESSAGES_MAX: Final = 12
MESSAGE_MAX: Final = 600
ACTS_MAX: Final = 8
FACTS_MAX: Final = 10
FACT_MAX: Final = 160
SIGN_OFFS_MAX: Final = 3
SUMMARY_MAX: Final = 800
NOTE_MAX: Final = 600
FILES_MAX: Final = 5

_REASONS: Final = {
    "above_limit": "More than the bot may do",
    "action_failed": "An action failed",
    "action_trouble": "An action needs a look",
    "action_unknown": "Nobody knows whether an action happened",
    "angry": "The customer is angry",
    "backend_down": "A system of ours cannot be reached",
    "draft": "A draft waits for you",
    "elsewhere": "Answered in the platform's own app",
    "human_request": "The customer asks for a person",
    "language": "Nobody here speaks the language",
    "late": "The answer took too long",
    "legal_threat": "The customer speaks of the law",
    "mood": "The customer grows unhappier",
    "linked": "Colleagues have another conversation of this customer",
    "manual": "This channel is answered by colleagues",
    "asked_again": "Asked the same again and again",
    "corrected": "Something else was meant than what was done",
    "other_address": "A replacement is to go to another address",
    "missing": "The customer could not give what is needed",
    "no_answer": "The bot found no answer",
    "no_end": "The bot found no end",
    "not_offered": "The bot may not do this here",
    "not_proved": "It is not clear whose order it is",
    "not_received": "Delivered, say the books; not here, says the customer",
    "not_understood": "The bot did not understand",
    "poison": "A message broke the bot",
    "press": "The press asks",
    "promised": "The bot has promised a colleague",
    "model": "The language model could not help",
    "model_asks": "The language model asks for a colleague",
    "refused": "The bot may not do what is needed",
    "safety_issue": "Somebody may be in danger",
    "self_harm": "The customer may want to harm themselves",
    "sign_off": "An action waits for a sign-off",
    "sign_off_expired": "Nobody decided a sign-off in time",
    "staff_complaint": "A complaint about somebody of ours",
    "undeliverable": "A message could not be delivered",
    "unproved_claim": "The bot claimed what was not done",
    "vip": "Many people follow this customer",
}


_RISKS: Final = {
    "self_harm": "may want to harm themselves",
    "safety_issue": "somebody may be hurt",
    "legal_threat": "speaks of the law",
    "press": "speaks of the press",
    "vip": "many follow them",
}


class Priority(StrEnum):
    """How soon a colleague should look; the greatest first."""

    URGENT = "urgent"
    """Somebody may get hurt."""
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


_HOLDERS: Final = {
    Owner.BOT: "the bot answers",
    Owner.DESK: "waits for a colleague",
    Owner.COLLEAGUE: "a colleague has it",
    Owner.ELSEWHERE: "answered in the platform's app",
}
_NAMED: Final = {
    Named.ORDER: "the same order number",
    Named.EMAIL: "the same e-mail address",
    Named.PROOF: "the same proof",
}
PLACES_MAX: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """One thing the customer wants."""

    topic: str
    """Readable, e.g. ``Damaged item``."""
    words: str
    """The customer's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedLine:
    """One line of the transcript."""

    who: str
    text: str
    from_customer: bool
    mark: str = ""
    """``edited`` or ``deleted``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcedFact:
    """Something looked up, masked, with where it comes from."""

    label: str
    value: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """A file of the customer's, with where a colleague gets it for a while."""

    label: str
    """Its name, which the customer chose, and what it is."""
    url: str


FileAddress = Callable[[str, Attachment], str | None]
"""Makes the address of a file of a channel; None: it is not with us."""


def nowhere(_: str, __: Attachment) -> None:
    """Give no address: nobody serves files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextPack:
    """A case as a colleague reads it."""

    conversation: str
    case_id: str
    status: CaseStatus
    owner: Owner
    claimed_name: str
    name: str
    """Chosen by the customer; empty when they have none."""
    username: str
    channel: str
    surface: Surface
    stage: str
    language: str
    reason: str
    note: str
    wants: tuple[Want, ...]
    summary: str
    messages: tuple[QuotedLine, ...]
    files: tuple[SentFile, ...]
    acts: tuple[str, ...]
    facts: tuple[SourcedFact, ...]
    priority: Priority
    risks: tuple[str, ...]
    """In words, the gravest first."""
    urgency: str
    mood: str
    earlier_mood: str
    mood_falls: bool
    deadline: str
    suggestion: str
    """Words a colleague may begin with, while no draft waits."""
    draft_id: str
    draft: str
    sign_offs: tuple[Waiting, ...]
    opened_at: datetime
    opted_out: bool
    reachable: bool
    also: tuple[str, ...]
    """Where the same customer writes as well."""
    perhaps: tuple[str, ...]
    """Who may be the same person, and why; nobody is joined by that."""

    @property
    def title(self) -> str:
        """The case in a few words of ours."""
        return self.wants[0].topic if self.wants else "Conversation"

    @property
    def shown_name(self) -> str:
        """The customer's name, marked so that it cannot pass for a colleague or a system."""
        return f"“{self.name}” (name chosen by the customer)" if self.name else "Customer"


def topic_title(topic: str) -> str:
    """Make a topic's id readable."""
    return cut(clean_name(topic.replace("_", " ")).capitalize(), 60)


def reason_title(reason: str) -> str:
    """Make the reason of a handoff readable."""
    return _REASONS.get(reason) or topic_title(reason) or "Handed off"


def context_pack(
    row: ConversationRow,
    state: ConversationState,
    case: Case,
    relatives: Sequence[Relative] = (),
    address_of: FileAddress = nowhere,
) -> ContextPack:
    """Put together what the desk shows of a case."""
    peer, draft = state.peer, state.draft
    return ContextPack(
        conversation=row.id,
        case_id=case.id,
        status=case.status,
        owner=row.owner,
        claimed_name=clean_name(case.claimed_name),
        name=clean_name(peer.name if peer else None),
        username=clean_name(peer.username if peer else None),
        channel=row.address.channel,
        surface=row.address.surface,
        stage=state.stage or "",
        language=state.language or "",
        reason=reason_title(case.reason),
        note=cut(clean_text(case.note), NOTE_MAX),
        wants=_wants(state.issues, case.note),
        summary=cut(clean_text(state.summary), SUMMARY_MAX),
        messages=quoted_lines(state.lines[-MESSAGES_MAX:]),
        files=sent_files(files_of(state), row.address.channel, address_of),
        acts=tuple(_act(act) for act in state.acts[-ACTS_MAX:]),
        facts=_facts(state),
        priority=priority_of(state),
        risks=tuple(_RISKS[kind] for kind in RISKS if kind in state.risks),
        urgency=state.urgency,
        mood=state.mood,
        earlier_mood=state.earlier_mood or "",
        mood_falls=is_falling(state.moods),
        deadline=state.deadline or "",
        suggestion="" if draft else clean_text(case.suggestion),
        draft_id=draft.id if draft else "",
        draft=clean_text(draft.text) if draft else "",
        sign_offs=state.waiting[-SIGN_OFFS_MAX:],
        opened_at=case.opened_at,
        opted_out=state.opted_out,
        reachable=state.reachable,
        also=tuple(_place(one) for one in relatives if one.same)[:PLACES_MAX],
        perhaps=tuple(_perhaps(one) for one in relatives if not one.same)[:PLACES_MAX],
    )


def _wants(issues: Sequence[IssueSeen], note: str) -> tuple[Want, ...]:
    """Pick what a colleague is wanted for: what the handoff names first, the latest of the rest."""
    asked = [one for one in issues if one.topic not in ASKS_NOTHING] or issues[-1:]
    named = set(note.rstrip(".").split("; "))
    picked = sorted(asked[-WANTS_MAX:], key=lambda one: title(one.topic) not in named)
    return tuple(
        Want(topic=topic_title(one.topic), words=cut(clean_text(one.text), WORDS_MAX))
        for one in picked
    )


def priority_of(state: ConversationState) -> Priority:
    """Say how soon a colleague should look at a conversation: danger, then risk, haste and mood."""
    if _DANGER & set(state.risks):
        return Priority.URGENT
    if state.risks or state.urgency == "high" or state.mood == "angry" or is_falling(state.moods):
        return Priority.HIGH
    return Priority.LOW if state.urgency == "low" else Priority.NORMAL


_DANGER: Final = frozenset({"self_harm", "safety_issue"})


def files_of(state: ConversationState) -> tuple[Attachment, ...]:
    """Give the latest files of the conversation that a card shows."""
    return tuple(one for line in state.lines for one in line.files)[-FILES_MAX:]


def sent_files(
    files: Iterable[Attachment], channel: str, address_of: FileAddress
) -> tuple[SentFile, ...]:
    """Say where files are, from now on for a while; those that are nowhere are left out."""
    found = ((one, address_of(channel, one)) for one in files)
    return tuple(SentFile(label=_file(one), url=url) for one, url in found if url is not None)


def _file(one: Attachment) -> str:
    what = "picture" if one.kind is AttachmentKind.IMAGE else one.kind.value
    size = "" if one.size is None else f", {max(1, round(one.size / 1024)):,} kB"
    return f"{clean_name(one.name) or 'unnamed'} ({what}{size})"


def _place(one: Relative) -> str:
    return f"{one.channel}, {one.surface} ({_HOLDERS[one.owner]})"


def _perhaps(one: Relative) -> str:
    why = " and ".join(_NAMED[kind] for kind in one.why)
    return f"{_place(one)}: {why}"


def quoted_lines(transcript: Iterable[Line]) -> tuple[QuotedLine, ...]:
    """Quote lines of the transcript, whoever wrote them."""
    return tuple(
        QuotedLine(
            who=_who(line),
            text=cut(clean_text(hidden_tokens(line.text)), MESSAGE_MAX),
            from_customer=line.author is Author.CUSTOMER,
            mark="deleted" if line.deleted else "edited" if line.edited else "",
        )
        for line in transcript
    )


def _who(line: Line) -> str:
    match line.author:
        case Author.CUSTOMER:
            return "Customer"
        case Author.BOT:
            return "Bot"
        case Author.COLLEAGUE:
            return clean_name(line.name) or "Colleague"
        case Author.ELSEWHERE:
            return "Colleague, in the platform's app"


def _act(act: Act) -> str:
    summary = harmless(act.summary)
    return cut(f"{topic_title(act.action)}, {act.state}: {summary}", FACT_MAX)


def _facts(state: ConversationState) -> tuple[SourcedFact, ...]:
    """Show what was looked up, each thing as it was last: a charge, before and after a refund."""
    latest: dict[tuple[str, str, str], Fact] = {}
    for one in state.facts:
        latest[one.label, one.value.partition(":")[0], one.source] = one
    return tuple(
        SourcedFact(
            label=cut(clean_text(fact.label), 60),
            value=cut(harmless(fact.value), FACT_MAX),
            source=cut(clean_text(fact.source), 60),
        )
        for fact in tuple(latest.values())[-FACTS_MAX:]
    )


def unshown(event: Unsupported, *, opened: bool) -> str:
    """Tell of what came and cannot be shown; nothing where the card says it, or nobody wrote.

    Args:
        event: What came.
        opened: It opened the case, whose card tells of it.
    """
    what = event.what.replace("_", " ")
    if event.for_person:
        return "" if opened else f"To be read in the platform's own app: {what}"
    if event.sender is None:
        return ""
    return f"The customer sent something that cannot be read here: {what}"
