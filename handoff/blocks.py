"""What the desk sees in Slack, as Block Kit JSON: pure functions of the case as it stands.

Every message is a `Post`: blocks, and the text that Slack shows in a notification. That text is
ours alone; what customers write stands in the blocks, where it is only ever text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from conversation.events import Doubt
from conversation.ledger import Approval, ApprovalState, CallRecord
from conversation.model import Owner
from conversation.state import CaseStatus, Draft, Line
from handoff.cleaning import clean_name, clean_text, cut, harmless, width
from handoff.context import (
    ContextPack,
    Priority,
    SentFile,
    SourcedFact,
    quoted_lines,
    topic_title,
)
from handoff.elements import (
    Block,
    actions,
    button,
    context,
    escaped,
    fits,
    header,
    lines,
    link,
    quote,
    run,
    section,
    titled_list,
)
from handoff.handles import Handle
from handoff.warning import ANYWAY, doubt_blocks

METADATA_TYPE: Final = "socialcare_case"
DRAFT_ON_CARD_MAX: Final = 1_500
DRAFT_MAX: Final = 6_000
"""Of a draft in its own post; it is sent whole."""
LINE_MAX: Final = 3_000

_STATUS: Final = {
    CaseStatus.OPEN: "Open",
    CaseStatus.CLAIMED: "Claimed",
    CaseStatus.RESOLVED: "Resolved",
}
_FLAGS: Final = {Priority.URGENT: "🔴 URGENT · ", Priority.HIGH: "🟠 High priority · "}
_OWNERS: Final = {
    Owner.BOT: "the bot answers",
    Owner.DESK: "waits for a colleague",
    Owner.COLLEAGUE: "a colleague answers",
    Owner.ELSEWHERE: "answered in the platform's app",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One message at the desk."""

    text: str
    """The notification, escaped."""
    blocks: tuple[Block, ...]


def metadata(conversation: str, case_id: str) -> dict[str, Any]:
    """Say on the message itself whose it is: found again even when its place was never noted."""
    payload = {"conversation": conversation, "case": case_id}
    return {"event_type": METADATA_TYPE, "event_payload": payload}


# --- the card


def card(pack: ContextPack) -> Post:
    """Show a case: who, what, why, how it stands, and what can be done about it."""
    blocks = [header(f"{_flag(pack)}{pack.title} · {pack.channel}"), context(_status_line(pack))]
    blocks.append(context(_situation(pack)))
    if pack.risks:
        blocks.append(lines([run("Take care: ", bold=True), run("; ".join(pack.risks))]))
    if pack.also:
        blocks.append(context([f"Also writes on {place}" for place in pack.also]))
    if pack.perhaps:
        blocks.append(context([f"Possibly the same person: {place}" for place in pack.perhaps]))
    if pack.status is CaseStatus.RESOLVED:
        blocks.append(section(f"Closed. It began with: {pack.reason}"))
        blocks.append(actions("case", [_why_button(pack)]))
        return Post(text=escaped(f"Resolved: {pack.title} on {pack.channel}"), blocks=(*blocks,))
    told = [run(f"{pack.reason}. ", bold=True), *([run(pack.note)] if pack.note else [])]
    blocks.append(lines(told))
    blocks += [_want(want.topic, want.words) for want in pack.wants]
    blocks += _files(pack.files)
    for waiting in pack.sign_offs:
        wanted = run(_money_line(waiting.summary, 200))
        blocks.append(lines([run("Waits for a sign-off: ", bold=True), wanted]))
    if pack.draft:
        blocks += _draft_blocks(pack, pack.draft_id, pack.draft, DRAFT_ON_CARD_MAX, "card")
    blocks.append(actions("case", _case_buttons(pack)))
    return Post(text=escaped(_notification(pack)), blocks=(*blocks,))


def _notification(pack: ContextPack) -> str:
    mood = f", {pack.mood}" if pack.mood not in {"", "neutral"} else ""
    by = f", needed by {pack.deadline}" if pack.deadline else ""
    return f"{_flag(pack)}{pack.reason}: {pack.title} on {pack.channel}{mood}{by}"


def _flag(pack: ContextPack) -> str:
    """Begin with how soon somebody should look; most cases need no word for it."""
    if pack.status is CaseStatus.RESOLVED:
        return ""
    return _FLAGS.get(pack.priority, "")


def _status_line(pack: ContextPack) -> list[str]:
    status = _STATUS[pack.status]
    if pack.status is CaseStatus.CLAIMED and pack.claimed_name:
        status = f"Claimed by {pack.claimed_name}"
    answering = "" if pack.status is CaseStatus.RESOLVED else _OWNERS[pack.owner]
    return [pack.shown_name, f"{pack.channel}, {pack.surface}", status, answering]


def _situation(pack: ContextPack) -> list[str]:
    mood = f"Mood: {pack.mood}"
    if pack.earlier_mood and pack.earlier_mood != pack.mood:
        mood += f" (before: {pack.earlier_mood})"
    if pack.mood_falls:
        mood += ", getting worse"
    return [
        f"Priority: {pack.priority}",
        mood,
        f"Urgency: {pack.urgency}" if pack.urgency not in {"", "normal"} else "",
        f"Needed by {pack.deadline}" if pack.deadline else "",
        f"Language: {pack.language}" if pack.language else "",
        f"Stage: {pack.stage}" if pack.stage else "",
        "Wants no more messages" if pack.opted_out else "",
        "" if pack.reachable else "Cannot be reached at the moment",
    ]


def _want(topic: str, words: str) -> Block:
    top = {"type": "rich_text_section", "elements": [run(topic, bold=True)]}
    if not words:
        # They took the message back; Slack refuses an empty quote.
        return {"type": "rich_text", "elements": [top]}
    below = {"type": "rich_text_quote", "elements": [run(words)]}
    return {"type": "rich_text", "elements": [top, below]}


def _files(files: Sequence[SentFile]) -> list[Block]:
    """Lead to what the customer sent; it is a stranger's, and says so."""
    if not files:
        return []
    pieces: list[Block] = []
    for one in files:
        pieces += [run("\n" if pieces else "From the customer, a stranger's files: ")]
        pieces.append(link(one.label, one.url))
    return [lines(pieces)]


def _case_buttons(pack: ContextPack) -> list[Block]:
    value = Handle(conversation=pack.conversation, case_id=pack.case_id).encode()
    buttons = []
    if pack.status is CaseStatus.OPEN:
        buttons.append(button("Claim", "case.claim", value, style="primary"))
    buttons.append(button("Reply", "case.reply", value))
    if pack.owner is not Owner.BOT or pack.status is CaseStatus.CLAIMED:
        buttons.append(button("Back to the bot", "case.release", value))
    buttons.append(button("Resolve", "case.resolve", value))
    buttons.append(_why_button(pack))
    return buttons


def _why_button(pack: ContextPack) -> Block:
    value = Handle(conversation=pack.conversation, case_id=pack.case_id).encode()
    return button("Why?", "case.why", value)


def _draft_blocks(
    pack: ContextPack, draft_id: str, text: str, limit: int, block_id: str
) -> list[Block]:
    handle = Handle(conversation=pack.conversation, case_id=pack.case_id, about=draft_id)
    value = handle.encode()
    shown = [quote(piece) for piece in _pieces(cut(text, limit))]
    whole = "The whole of it stands in the thread" if block_id == "card" else "It is sent whole"
    cut_off = [context([whole])] if width(text) > limit else []
    buttons = [
        button("Send draft", "draft.send", value, style="primary"),
        button("Edit draft", "draft.edit", value),
        button("Discard draft", "draft.discard", value),
    ]
    title = lines([run("Suggested reply", bold=True)])
    return [title, *shown, *cut_off, actions(f"draft.{block_id}", buttons)]


def _pieces(text: str, length: int = LINE_MAX) -> list[str]:
    return [text[at : at + length] for at in range(0, len(text), length)] or [""]


# --- the thread


def details(pack: ContextPack) -> Post:
    """Show what led here: summary, messages, what the bot did and looked up."""
    blocks: list[Block] = []
    for messages_kept, words_kept in ((12, 600), (10, 400), (8, 250), (6, 150), (3, 100)):
        blocks = _details(pack, messages_kept, words_kept)
        if fits(blocks):
            break
    return Post(text=escaped(f"Details: {pack.title} on {pack.channel}"), blocks=(*blocks,))


def _details(pack: ContextPack, messages_kept: int, words_kept: int) -> list[Block]:
    blocks: list[Block] = []
    if pack.summary:
        blocks.append(lines([run("Summary: ", bold=True), run(cut(pack.summary, words_kept * 2))]))
    if pack.username:
        blocks.append(context([f"Goes by {pack.username} there (their own choice)"]))
    blocks.append(lines([run("Last messages", bold=True)]))
    for line in pack.messages[-messages_kept:]:
        mark = f" ({line.mark})" if line.mark else ""
        who = {"type": "rich_text_section", "elements": [run(line.who + mark, bold=True)]}
        said = {"type": "rich_text_quote", "elements": [run(cut(line.text, words_kept))]}
        blocks.append({"type": "rich_text", "elements": [who, said]})
    if not pack.messages:
        blocks.append(section("None yet."))
    if pack.acts:
        blocks.append(titled_list("What the bot did, and was refused", pack.acts, words_kept))
    if pack.facts:
        facts = [_fact(fact) for fact in pack.facts]
        blocks.append(titled_list("Looked up, as it was then", facts, words_kept))
    if pack.suggestion:
        blocks.append(lines([run("Suggested reply", bold=True)]))
        blocks.append(quote(cut(pack.suggestion, words_kept)))
    return blocks


def _fact(fact: SourcedFact) -> str:
    return f"{fact.label}: {fact.value} (source: {fact.source})"


def customer_line(text: str, name: str, files: Sequence[SentFile] = ()) -> Post:
    """Show what the customer wrote meanwhile."""
    shown = clean_name(name)
    who = f"Customer “{shown}” (their own name for themselves)" if shown else "Customer"
    blocks = (lines([run(who, bold=True)]), quote(clean_text(text), LINE_MAX), *_files(files))
    return Post(text="The customer wrote", blocks=blocks)


def note(text: str) -> Post:
    """Show a line of ours in the thread."""
    return Post(text="A note on this case", blocks=(section(clean_text(text)),))


def draft_post(pack: ContextPack, draft: Draft, answers: Sequence[Line]) -> Post:
    """Show a draft whole, below what it answers."""
    asked = [quote(line.text, 500) for line in quoted_lines(answers)]
    text = clean_text(draft.text)
    blocks = [*asked, *_draft_blocks(pack, draft.id, text, DRAFT_MAX, "thread")]
    if not fits(blocks):
        blocks = _draft_blocks(pack, draft.id, text, LINE_MAX, "thread")
    return Post(text=escaped(f"A draft for {pack.title} on {pack.channel}"), blocks=(*blocks,))


def draft_gone(text: str, outcome: str) -> Post:
    """Show a draft that is no longer to be decided."""
    shown = clean_text(outcome) or "No longer waiting"
    blocks = (context([shown]), quote(clean_text(text), LINE_MAX))
    return Post(text="A draft is no longer waiting", blocks=blocks)


def prompt(handle: Handle, text: str, by: str, doubts: Sequence[Doubt] = ()) -> Post:
    """Ask whether a line of the thread is meant for the customer, and name what is doubtful."""
    value = handle.encode()
    buttons = [
        button(ANYWAY if doubts else "Send to the customer", "thread.send", value),
        button("Keep internal", "thread.keep", value),
    ]
    question = lines([run(clean_name(by) or "A colleague", bold=True), run(" wrote. Send it?")])
    warned = doubt_blocks(doubts) if doubts else ()
    blocks = (question, quote(clean_text(text), LINE_MAX), *warned, actions("thread", buttons))
    return Post(text="Send this to the customer, or keep it?", blocks=blocks)


def prompt_decided(text: str, outcome: str) -> Post:
    """Show what was decided about a line of the thread."""
    shown = clean_text(outcome)
    blocks = (context([shown]), quote(clean_text(text), LINE_MAX))
    return Post(text=escaped(shown), blocks=blocks)


# --- sign-offs


def sign_off(approval: Approval, call: CallRecord, pack: ContextPack | None) -> Post:
    """Ask for a sign-off, or show how it was decided; everything on it comes from our systems."""
    amount = str(call.amount) if call.amount is not None else "no money"
    title = f"{topic_title(call.action)} · {amount}"
    summary = section(_money_line(call.summary, 1_000))
    blocks = [header(f"Sign-off: {title}"), summary]
    blocks.append(context([f"System: {call.connector}", f"Amount: {amount}"]))
    if approval.state is not ApprovalState.WAITING:
        blocks.append(section(_decision(approval)))
        return Post(text=escaped(f"Sign-off decided: {title}"), blocks=(*blocks,))
    if pack is not None and pack.facts:
        blocks.append(titled_list("Looked up", [_fact(fact) for fact in pack.facts], 300))
    if pack is not None:
        blocks.append(context([f"For {pack.shown_name}", f"{pack.channel}, {pack.surface}"]))
    if approval.first_by is not None:
        blocks.append(section("✓ One person has approved. A second one must approve it, too."))
    blocks.append({"type": "context", "elements": [_expiry(approval)]})
    case_id = pack.case_id if pack is not None else ""
    handle = Handle(conversation=approval.conversation, case_id=case_id, about=approval.id)
    value = handle.encode()
    buttons = [
        button("Approve", "signoff.approve", value, style="primary"),
        button("Reject", "signoff.reject", value, style="danger"),
    ]
    return Post(
        text=escaped(f"Sign-off wanted: {title}"), blocks=(*blocks, actions("signoff", buttons))
    )


def _money_line(summary: str, limit: int) -> str:
    return cut(harmless(summary), limit)


def _expiry(approval: Approval) -> Block:
    at = approval.expires_at
    stamp, written = int(at.timestamp()), at.strftime("%Y-%m-%d %H:%M UTC")
    # Slack shows it in the reader's own time zone.
    return {"type": "mrkdwn", "text": f"Expires <!date^{stamp}^{{date_short}} {{time}}|{written}>"}


def _decision(approval: Approval) -> str:
    match approval.state:
        case ApprovalState.APPROVED:
            return "✓ Approved"
        case ApprovalState.REJECTED:
            return "✗ Rejected"
        case ApprovalState.EXPIRED:
            return "No longer waiting: nobody answered in time, or the customer took it back"
        case ApprovalState.WAITING:
            return "Waiting"
