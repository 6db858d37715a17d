"""What must hold after everything went wrong: each invariant gives the sentences that break it."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from conversation.chain import LogRow, verify
from socialcare.demo.world import CARE, World
from socialcare.reply_payload import ReplyPayload
from socialcare.sandbox.shop_books import Refund
from socialcare.sandbox.slack_reading import plain
from tests.faults.stillness import ASIDE
from tests.faults.store_eye import StoreEye
from tests.faults.town import Guest, Town
from tests.faults.troubles import Witness

ALONE_MAX = 5_000
"""Minor units that the bot may refund without a colleague."""
IN_FLIGHT = timedelta(seconds=1)
"""Words that had left before a claim may still arrive this long after it, on a calm machine."""
OWNING = frozenset({"claimed", "released", "resolved", "lapsed"})
"""Entries that say who has a conversation from here on."""
LATE = "Nobody has claimed this in time"


def text_of(payload: str) -> str:
    """Read the words of an outbox row."""
    return ReplyPayload.model_validate_json(payload).text


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything there is to look at."""

    world: World
    town: Town
    witness: Witness
    eye: StoreEye
    calm: Callable[[datetime, datetime], timedelta]
    """How much of the time between two moments the machine had time for us."""


# --- nothing lost


def every_message_ends(case: Case) -> Iterator[str]:
    """F05-F07, CASES 15, 16: kept once, in the log once; then words, or the desk, or put aside."""
    # A timer that fired in the last moment waits for the next start, as it should.
    for state, count in case.eye.rows(
        "select state, count(*) from inbox where state not in ('taken', 'quarantined')"
        " and not (channel = 'timer' and state = 'pending') group by state"
    ):
        yield f"{count} arrivals are {state}"
    logs, aside = _logs(case), put_aside(case)
    owners = dict[str, str](case.eye.rows("select id, owner from conversation"))
    for guest in case.town.guests:
        entries = logs.get(guest.conversation, [])
        lost = aside.get(guest.conversation, frozenset())
        kept = [body["message_id"] for kind, body in entries if kind == "message"]
        wanted = [str(sent.message_id) for sent in guest.wrote]
        # What is put aside may be in the log, too, as far as it could be read.
        if not Counter(wanted) >= Counter(kept) >= Counter(set(wanted) - lost):
            yield f"{guest.name} ({guest.story}) wrote {wanted}, the log holds {kept}"
        edits = _edits(entries)
        if edits != guest.edits and not lost:
            yield f"{guest.name} edited {guest.edits} times, the log holds {edits}"
        if owners.get(guest.conversation) == "bot" and not _answered(entries):
            yield f"{guest.name} ({guest.story}) waits for an answer: {[k for k, _ in entries]}"


def _edits(entries: Sequence[tuple[str, dict[str, str]]]) -> int:
    """Count edits behind their messages; one that came a turn before it stands there once more."""
    written: set[str] = set()
    count = 0
    for kind, body in entries:
        if kind == "message":
            written.add(body["message_id"])
        elif kind == "edit":
            count += body["message_id"] in written
    return count


def put_aside(case: Case) -> dict[str, frozenset[str]]:
    """Find the messages that wait for a person because their turns died too often."""
    found = defaultdict(set)
    for conversation, body in case.eye.rows(
        "select conversation, body from inbox where state = 'quarantined' and channel = 'telegram'"
    ):
        update = json.loads(body[1:])
        message = update.get("message") or update.get("edited_message") or {}
        found[conversation].add(str(message.get("message_id")))
    return {conversation: frozenset(ids) for conversation, ids in found.items()}


def _answered(entries: list[tuple[str, dict[str, str]]]) -> bool:
    kinds = [kind for kind, _ in entries]
    last = max((place for place, kind in enumerate(kinds) if kind == "message"), default=-1)
    # A colleague who had it and gave it back without a word has seen it.
    ends = {"said", "drafted", "handed_off", "claimed", "released"}
    return bool(ends & set(kinds[last + 1 :]))


def order_is_kept(case: Case) -> Iterator[str]:
    """CASES 12: the log tells messages as they were accepted, replies go out as they were said."""
    accepted = defaultdict[str, list[str]](list)
    for conversation, body in case.eye.rows(
        "select conversation, body from inbox where channel = 'telegram' order by seq"
    ):
        update = json.loads(body[1:])
        if "message" in update:
            accepted[conversation].append(str(update["message"]["message_id"]))
    logs = _logs(case)
    sent = defaultdict[str, list[str]](list)
    for conversation, payload in case.eye.rows(
        "select conversation, payload from outbox where kind = 'reply' and state = 'sent'"
        " order by id"
    ):
        sent[conversation].append(text_of(payload))
    for guest in case.town.guests:
        told = [
            body["message_id"]
            for kind, body in logs.get(guest.conversation, [])
            if kind == "message"
        ]
        wanted = [one for one in accepted[guest.conversation] if one in told]
        if told != wanted:
            yield f"{guest.name}: accepted {wanted}, the log tells {told}"
        firsts = list(dict.fromkeys(message.text for message in guest.customer.chat))
        said = [text for text in dict.fromkeys(sent[guest.conversation]) if text in firsts]
        if [text for text in firsts if text in said] != said:
            yield f"{guest.name} ({guest.story}) read {firsts}, in the outbox stood {said}"


def chain_holds(case: Case) -> Iterator[str]:
    """The log's hash chain verifies, and no end was cut off."""
    rows = defaultdict(list)
    for row in case.eye.rows(
        "select l.conversation, l.position, l.at_us, l.kind, l.turn, c.salt, c.body, l.digest,"
        " l.hash from log l join content c on c.conversation = l.conversation"
        " and c.position = l.position order by l.conversation, l.position"
    ):
        names = ("conversation", "position", "at_us", "kind", "turn", "salt", "body", "digest")
        values = dict(zip((*names, "hash"), row, strict=True))
        rows[row[0]].append(LogRow(**values))
    for conversation, position, chain in case.eye.rows(
        "select id, position, chain from conversation"
    ):
        entries = rows[conversation]
        broken = verify(entries)
        if broken is not None or len(entries) != position:
            yield f"{conversation}: the chain breaks at {broken} of {position}"
        elif entries and entries[-1].hash != chain:
            yield f"{conversation}: the last hash is not the row's"


# --- nothing doubled


def no_reply_twice(case: Case) -> Iterator[str]:
    """F11, CASES 9: each text once, but where an answer was lost or a death came in mid-send."""
    rows = defaultdict[str, Counter[str]](Counter)
    unknown = defaultdict[str, Counter[str]](Counter)
    for conversation, payload, state in case.eye.rows(
        "select conversation, payload, state from outbox where kind = 'reply'"
    ):
        rows[conversation][text_of(payload)] += state == "sent"
        unknown[conversation][text_of(payload)] += state == "unknown"
    for guest in case.town.guests:
        seen = Counter(message.text for message in guest.customer.chat)
        for text in seen | rows[guest.conversation]:
            excused = (
                case.witness.excused[str(guest.customer.user_id), text]
                + case.witness.excused[guest.conversation, text]
            )
            once = rows[guest.conversation][text]
            if seen[text] < once:
                yield f"{guest.name} read {text[:60]!r} {seen[text]} times, {once} were sent"
            elif seen[text] > once + unknown[guest.conversation][text] + excused:
                yield (
                    f"{guest.name} ({guest.story}) read {text[:60]!r} {seen[text]} times instead"
                    f" of {once}; {excused} repeats are excused"
                )


def repeats(case: Case) -> int:
    """Count the excused repeats that customers really saw."""
    rows: Counter[tuple[str, str]] = Counter(
        (conversation, text_of(payload))
        for conversation, payload in case.eye.rows(
            "select conversation, payload from outbox where kind = 'reply' and state = 'sent'"
        )
    )
    return sum(
        max(0, count - rows[guest.conversation, text])
        for guest in case.town.guests
        for text, count in Counter(message.text for message in guest.customer.chat).items()
    )


def colleagues_words_arrive_once(case: Case) -> Iterator[str]:
    """F12, CASES 3: what a colleague sent is one row of the outbox, however often he pressed."""
    rows = case.eye.rows("select conversation, payload from outbox where kind = 'reply'")
    for guest in case.town.guests:
        for words in guest.relayed:
            copies = sum(
                conversation == guest.conversation and words in text_of(payload)
                for conversation, payload in rows
            )
            if copies != 1:
                yield f"{guest.name}: Ben's {words!r} stands {copies} times in the outbox"


def timers_fire_once(case: Case) -> Iterator[str]:
    """F39: each due timer is one arrival, one log entry, and the desk hears of it once."""
    fired, aside = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for conversation, kind, state in case.eye.rows(
        "select conversation, kind, state from inbox where channel = 'timer'"
    ):
        fired[conversation, kind] += state == "taken"
        aside[conversation, kind] += state == "quarantined"
    logged = Counter(
        (conversation, body["name"])
        for conversation, entries in _logs(case).items()
        for kind, body in entries
        if kind == "timer_fired"
    )
    for key in fired | logged:
        # What ended too many turns is put aside, and still says what it was about.
        if not fired[key] <= logged[key] <= fired[key] + aside[key]:
            yield f"timer {key}: fired {fired[key]} times, in the log {logged[key]} times"
    rows = case.eye.rows("select key from outbox where key like '%:late' and state = 'sent'")
    posted = len(rows)
    shown = sum(LATE in plain(message) for message in case.world.slack.messages(CARE))
    if not posted <= shown <= posted + case.witness.lost_posts:
        yield f"{posted} notes of lateness were sent, the desk reads {shown}"
    for (conversation,) in case.eye.rows(
        "select id from conversation c where owner = 'desk' and not exists (select 1 from timer t"
        " where t.conversation = c.id and t.name = 'human')"
    ):
        if not fired[conversation, "human"]:
            yield f"{conversation} waits at the desk and no timer ever fired"


# --- what was done


def actions_once(case: Case, refunds: list[Refund]) -> Iterator[str]:
    """F08-F10, F22, CASES 18, 38-42: once at most, and the ledger says what the books say."""
    ledger = {
        key: (state, amount)
        for key, state, amount in case.eye.rows(
            "select key, state, amount_minor from action_call where action = 'refund'"
        )
    }
    per_charge = Counter(one.charge for one in refunds)
    yield from (
        f"charge {charge} was refunded {n} times" for charge, n in per_charge.items() if n > 1
    )
    keys = {one.key for one in refunds}
    for one in refunds:
        state, amount = ledger.get(one.key or "", ("missing", None))
        if state not in {"done", "unknown"} or amount != one.amount:
            yield f"refund {one.id} of {one.amount} is {state} with {amount} in the ledger"
    for key, (state, _) in ledger.items():
        if state == "done" and key not in keys:
            yield f"the ledger says {key} is done; the books know nothing of it"
    aside = case.eye.rows(f"select call_key from approval a where exists ({ASIDE})")  # noqa: S608 - our own words
    open_states = {state for key, (state, _) in ledger.items() if (key,) not in aside}
    for state in open_states & {"executing", "allowed", "awaiting"}:
        yield f"calls are left {state}"


def unknowns_are_followed_up(case: Case) -> Iterator[str]:
    """CASES 9: an outcome nobody knows is asked about again, or a person was told."""
    asked = {name for (name,) in case.eye.rows("select name from timer")}
    asked |= {kind for (kind,) in case.eye.rows("select kind from inbox where state = 'pending'")}
    logs = _logs(case)
    for key, conversation in case.eye.rows(
        "select key, conversation from action_call where state = 'unknown'"
    ):
        told = any(kind == "handed_off" for kind, _ in logs.get(conversation, []))
        if f"reconcile:{key}" not in asked and not told:
            yield f"nobody asks what became of {key}"


async def replacements_once(case: Case) -> list[str]:
    """The same for goods."""
    made = await case.world.shop.replacements()
    rows = case.eye.rows("select key, state from action_call where action = 'replacement'")
    done = {key for key, state in rows if state == "done"}
    known = done | {key for key, state in rows if state == "unknown"}
    broken = [
        f"order {order} was replaced {count} times"
        for order, count in Counter(one.order for one in made).items()
        if count > 1
    ]
    broken += [f"{one.id} is not in the ledger" for one in made if one.key not in known]
    broken += [
        f"{key} is done, the books know nothing of it" for key in done - {m.key for m in made}
    ]
    return broken


def money_needs_approval(case: Case, refunds: list[Refund]) -> Iterator[str]:
    """F36-F38: above the bot's limit only what Mira approved; the truth is told."""
    approved = {
        key
        for (key,) in case.eye.rows(
            "select call_key from approval where state = 'approved' and decided_by = 'U0MIRA'"
        )
    }
    by_number = {f"ch_{guest.number}": guest for guest in case.town.guests}
    paid = set()
    for one in refunds:
        guest = by_number[one.charge.rpartition("_")[0]]
        paid.add(guest.number)
        pressed = guest.order in case.town.approvals
        if one.amount > ALONE_MAX and not (one.key in approved and pressed):
            yield f"{guest.name} got {one.amount} without an approval"
    for guest in case.town.guests:
        claims = [one.text for one in guest.customer.chat if "I have refunded" in one.text]
        if claims and guest.number not in paid:
            yield f"{guest.name} was told of a refund that is not in the books: {claims[0][:80]!r}"


# --- who speaks


def silent_while_owned(case: Case) -> Iterator[str]:
    """F30, CASES 22, 23: no word of the bot is decided, and none sent, while a colleague has it."""
    logs = _logs(case)
    for guest in case.town.guests:
        # By the order of the log: the service's clock may be wrong.
        owned = False
        for kind, body in logs.get(guest.conversation, []):
            if kind in OWNING:
                owned = kind == "claimed"
            elif owned and kind == "said" and body["author"] == "bot":
                yield f"{guest.name}: the bot decided {body['text'][:60]!r} while Ben had it"
        for began, ended in guest.owned:
            for at, text in _heard(guest):
                left = at - IN_FLIGHT
                late = began < at and case.calm(began, at) > IN_FLIGHT
                if late and (ended is None or left < ended - IN_FLIGHT):
                    yield f"{guest.name}: the bot said {text[:60]!r} while Ben had it"


def _heard(guest: Guest) -> Iterator[tuple[datetime, str]]:
    for message in guest.customer.chat:
        if "Ben here" not in message.text:
            yield message.at, message.text


def cases_are_shown(case: Case) -> Iterator[str]:
    """F12: what was handed off stands at the desk."""
    there = {message.ts for message in case.world.slack.messages(CARE)}
    posts = case.eye.rows("select key, ts from desk_post where key like 'case:%'")
    places = dict[str, str](posts)
    for guest in case.town.guests:
        opened = [
            body["case_id"]
            for kind, body in _logs(case).get(guest.conversation, [])
            if kind == "handed_off"
        ]
        if opened and not any(places.get(f"case:{one}") in there for one in opened):
            yield f"{guest.name} ({guest.story}) was handed off, the desk shows no card"


def _logs(case: Case) -> dict[str, list[tuple[str, dict[str, str]]]]:
    logs = defaultdict(list)
    for conversation, kind, body in case.eye.rows(
        "select l.conversation, l.kind, c.body from log l join content c"
        " on c.conversation = l.conversation and c.position = l.position"
        " order by l.conversation, l.position"
    ):
        logs[conversation].append((kind, json.loads(body)))
    return logs


INVARIANTS: tuple[Callable[[Case], Iterator[str]], ...] = (
    every_message_ends,
    order_is_kept,
    chain_holds,
    no_reply_twice,
    colleagues_words_arrive_once,
    timers_fire_once,
    unknowns_are_followed_up,
    silent_while_owned,
    cases_are_shown,
)


async def broken(case: Case) -> list[str]:
    """Check everything; gives what does not hold, each with the invariant's name."""
    refunds = list(await case.world.shop.refunds())
    found = [f"{rule.__name__}: {said}" for rule in INVARIANTS for said in rule(case)]
    found += [f"actions_once: {said}" for said in actions_once(case, refunds)]
    found += [f"replacements_once: {said}" for said in await replacements_once(case)]
    found += [f"money_needs_approval: {said}" for said in money_needs_approval(case, refunds)]
    return found
