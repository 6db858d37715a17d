"""What a turn wants to be true: it grows while the turn thinks, and becomes one commit."""

# Longer than 400 lines: everything that a turn may want to be true, in one place.

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache

from brain.decision import Handoff
from brain.entities import order_id_patterns
from brain.guardrails import Finished, finish
from brain.public import house_of, private_in
from brain.published import NOTHING, Published
from brain.wordbook import speech_of
from channels.contract import Adapter
from channels.splitting import in_one, is_cut
from config.hours import add_working_time
from config.schema import Settings
from config.stages import Surface
from conversation.clock import Clock
from conversation.events import (
    Acted,
    AnsweredElsewhere,
    Claimed,
    Colleague,
    ColleagueReplied,
    Decided,
    Drafted,
    Event,
    Fact,
    HandedOff,
    Lapsed,
    MessageReceived,
    NotDelivered,
    Pressed,
    Said,
)
from conversation.forgetting import without_message
from conversation.invitations import Redeemed
from conversation.ledger import CallState
from conversation.model import Author, Owner
from conversation.state import CaseStatus, ConversationState, fold
from conversation.store import (
    Commit,
    ConversationRow,
    Forgotten,
    OutboxKind,
    OutboxWrite,
    Shared,
    TimerWrite,
    Work,
)
from conversation.storms import StormWrite
from handoff.context import Priority, priority_of
from handoff.posts import NotePost, desk_write, posts_for, reply_key
from socialcare.calls import Calls
from socialcare.figures import Figures
from socialcare.fitting import fitted
from socialcare.mentions import named_in
from socialcare.reading import Reading
from socialcare.reply_payload import ReplyPayload

ELSEWHERE_LAPSE = timedelta(hours=12)
"""Where no desk says another time."""
SETTLED = frozenset({CallState.DONE, CallState.FAILED, CallState.UNKNOWN})
"""What became of a call that was begun."""
URGENT_SHARE = 3
"""By how much sooner a colleague is expected where somebody may get hurt."""
HUMAN = "human"
"""The timer that watches whether a colleague comes in time."""
AWAY = frozenset({Owner.DESK, Owner.COLLEAGUE})
"""Owners that a turn may give a conversation to, and then the answer is theirs."""
ELSEWHERE = "elsewhere"
"""The timer by which a colleague who answered in the platform's app is taken to be gone."""


_compiled = lru_cache(maxsize=8)(order_id_patterns)


@dataclass(slots=True, kw_only=True)
class Result:
    """The log entries, messages and timers of one turn."""

    settings: Settings
    clock: Clock
    figures: Figures
    adapter: Adapter | None
    """None: the channel is not configured any more; nothing can be said there."""
    work: Work
    reading: Reading
    state: ConversationState
    """The conversation with what came in this turn."""
    calls: Calls
    began_at: datetime
    understood_at: datetime | None = None
    """When it was known what the customer wants."""
    log: list[Event] = field(default_factory=list)
    outbox: list[OutboxWrite] = field(default_factory=list)
    timers: list[TimerWrite] = field(default_factory=list)
    cancel: list[str] = field(default_factory=list)
    forgotten: tuple[Forgotten, ...] = ()
    """Messages that the customer took back."""
    owner: Owner | None = None
    shares: Shared | None = None
    """Another conversation of the customer, whose owner this one gets."""
    came: Redeemed | None = None
    """What came of an invitation that the customer brought."""
    came_speaking: str | None = None
    """The language they probably read."""
    heard: tuple[MessageReceived | Pressed, ...] = ()
    """What the customer says, without what only brought an invitation."""
    links: tuple[str, ...] = ()
    """Domains of links that are ours in this turn, beside the brand's own."""
    published: Published = NOTHING
    """What the brand has published: no secret in public."""
    written: Published = NOTHING
    """Its articles: what they promise is its rule."""
    outcome: str = "logged"
    """How the turn is counted."""
    silent: bool = False
    """The bot says nothing here for now (`socialcare.pile_on`)."""
    storm: StormWrite | None = None
    """What the turn does to the channel's storm."""

    # --- words

    def language(self, wanted: str | None) -> str:
        """Choose the customer's language where the brand speaks it, else the brand's first."""
        languages = self.settings.brand.languages
        return wanted if wanted in languages else languages[0]

    def own_words(self, key: str, language: str | None, **values: str) -> str:
        """Say one of the shipped sentences, in the brand's form of address."""
        return speech_of(self.settings.brand).say(language or "", key, **values)

    def finished(self, words: str, language: str | None) -> Finished:
        """Send the bot's words through the guardrails."""
        return finish(
            words,
            state=self.state,
            now=self.clock.now(),
            disclosure=self.settings.brand.disclosure_in(self.language(language)),
            domains=(*self.settings.brand.links, *self.links),
            notice=self._privacy(language),
        )

    def _privacy(self, language: str | None) -> str:
        """Link to the brand's privacy policy, where the platform asks for it."""
        url, surface = self.settings.brand.privacy_url, self.work.row.address.surface
        if url is None or self.adapter is None:
            return ""
        wanted = self.adapter.capabilities(surface).wants_privacy_link
        return self.own_words("privacy", self.language(language), url=str(url)) if wanted else ""

    def in_private(self) -> bool:
        """Say whether a public message can be answered to its author alone."""
        surface = self.work.row.address.surface
        if surface is not Surface.PUBLIC or self.adapter is None:
            return False
        return self.adapter.capabilities(surface).private_reply is not None

    def private_in(
        self, words: str, facts: Iterable[Fact], *, by_colleague: bool = False
    ) -> tuple[str, ...]:
        """Name what words would give away in public."""
        brand = self.settings.brand
        house = house_of(
            self.state,
            order_ids=self.order_ids(),
            domains=brand.links,
            published=self.published,
            brand=brand.name,
        )
        return private_in(words, facts=facts, house=house, by_colleague=by_colleague)

    def say(
        self,
        words: str,
        language: str | None,
        *,
        key: str = "say",
        private: bool = False,
        after_all: bool = False,
    ) -> None:
        """Have the bot say something.

        Args:
            words: What.
            language: The customer's.
            key: Which of the turn's words these are.
            private: To the author of a public message alone.
            after_all: Though colleagues have it and this is the only answer that may be given.
        """
        if self.silent:
            return
        text = self._whole(words, language, private=private)
        if not text.text or (
            self.owner in AWAY and not (private or after_all) and self.one_answer()
        ):
            return
        name = f"{self.calls.turn}:{key}"
        self.log.append(
            Said(outbox_key=name, author=Author.BOT, text=text.text, disclosed=text.disclosed)
        )
        self.outbox += self._parts(name, text.text, author=Author.BOT, private=private)

    def _whole(self, words: str, language: str | None, *, private: bool) -> Finished:
        """Let nothing be cut off unsaid where one answer is all that may be given."""
        if private or not self.one_answer() or self._fits(self.finished(words, language).text):
            return self.finished(words, language)
        rest = self.own_words("public_more", self.language(language))

        def fits(text: str) -> bool:
            return self._fits(self.finished(text, language).text)

        return self.finished(fitted(words, rest=rest, fits=fits), language)

    def beside(self, words: str, line: str, language: str | None) -> str:
        """Put a line after words, which lose sentences for it where one answer is all."""

        def fits(text: str) -> bool:
            return self._fits(self.finished(text, language).text)

        whole = f"{words} {line}"
        if not self.one_answer() or fits(whole):
            return whole
        return fitted(words, rest=line, fits=fits)

    def _fits(self, text: str) -> bool:
        return not is_cut(text, self._cut(text))

    def one_answer(self) -> bool:
        """Say whether the platform allows one answer only: after a handoff it is a colleague's."""
        surface = self.work.row.address.surface
        return (
            self.adapter is not None
            and self.adapter.capabilities(surface).replies_per_message is not None
        )

    def draft(self, words: str, language: str | None) -> None:
        """Leave words for a colleague to send."""
        text = self.finished(words, language).text
        if self.one_answer():
            text = in_one(text, self._cut)  # what a colleague reads is what goes
        if not text:
            return
        self.outcome = "drafted"
        self._expect_human()
        self.log.append(
            Drafted(draft_id=f"{self.calls.turn}:draft", text=text, case_id=self.calls.case_id)
        )

    def relay(self) -> None:
        """Send colleagues' words on, as they are, in the order they were written."""
        for reply in self.reading.events:
            if not isinstance(reply, ColleagueReplied):
                continue
            key = reply_key(self.work.row.id, reply)
            kept = self._kept_back(reply)
            if kept is not None:
                self.log.append(NotDelivered(outbox_key=key, why=kept))
                continue
            if reply.overrode:
                self.figures.warnings_overridden.inc()
            disclosure = self.settings.brand.disclosure_in(self.language(self.state.language))
            self.log.append(
                Said(
                    outbox_key=key,
                    author=Author.COLLEAGUE,
                    text=reply.text,
                    name=reply.by.name,
                    disclosed=disclosure in reply.text,
                )
            )
            self.outbox += self._parts(
                key, reply.text, author=Author.COLLEAGUE, drafted=self._drafted(reply)
            )

    def _drafted(self, reply: ColleagueReplied) -> bool:
        """Say whether a colleague sent the bot's draft as it was."""
        draft = self.work.state.draft
        return draft is not None and (draft.id, draft.text) == (reply.draft_id, reply.text)

    def _kept_back(self, reply: ColleagueReplied) -> str | None:
        """Say why a colleague's words are not sent, if so; the desk reads it."""
        if self.adapter is None:
            return "the channel is not configured any more"
        if self.work.row.address.surface is not Surface.PUBLIC:
            return None
        if is_cut(reply.text, self._cut(reply.text)):
            most = self.adapter.capabilities(Surface.PUBLIC).max_length
            return f"it is too long for one answer ({most} characters, as the platform counts)."
        found = self.private_in(reply.text, self.state.facts, by_colleague=True)
        if not found:
            return None
        self.figures.private_kept.inc()
        return (
            f"everybody would read it: {', '.join(found)}. Take it out, or write to the customer "
            "in private."
        )

    def _parts(
        self,
        key: str,
        text: str,
        *,
        author: Author,
        private: bool = False,
        drafted: bool = False,
    ) -> Iterator[OutboxWrite]:
        """Cut words to the channel's length: one outbox row a part.

        Where the channel is gone they are one, which is then told as not delivered.
        """
        surface = self.work.row.address.surface
        if private:
            # A private reply goes once: a second part would be refused.
            parts: tuple[str, ...] = (in_one(text, self._cut_in_private),)
        else:
            parts = self._cut(text)
        answered = self.state.last_message_id if surface is Surface.PUBLIC else None
        for number, part in enumerate(parts):
            yield OutboxWrite(
                key=f"{key}:{number}",
                destination=self.work.row.id,
                kind=OutboxKind.REPLY,
                payload=ReplyPayload(
                    text=part,
                    part=number,
                    key=key,
                    author=author,
                    reply_to=answered,
                    language=self.state.language,
                    drafted=drafted,
                    private=private,
                    heard_at=self.state.last_customer_at,
                    waiting_since=None if number else self.state.unanswered_since,
                ).model_dump_json(),
                fenced=author is Author.BOT,
            )

    def _cut(self, text: str) -> tuple[str, ...]:
        """Cut words to the channel's length; they are whole where the channel is gone."""
        if self.adapter is None:
            return (text,)
        return self.adapter.codec.split_text(text, surface=self.work.row.address.surface)

    def _cut_in_private(self, text: str) -> tuple[str, ...]:
        """Cut words for the author of a public message alone."""
        if self.adapter is None:
            return (text,)
        return self.adapter.codec.split_text(text, surface=Surface.PRIVATE)

    # --- colleagues

    def hand_off(self, handoff: Handoff) -> None:
        """Pass the conversation to the desk, and watch whether somebody comes."""
        self.owner = Owner.DESK
        self.outcome = "handed_off"
        self.log.append(
            HandedOff(
                reason=handoff.reason,
                note=handoff.note,
                case_id=self.calls.case_id,
                suggestion=handoff.suggestion or self.own_words("suggestion", self.state.language),
            )
        )
        self.figures.handoffs.labels(handoff.reason).inc()
        self._expect_human()

    def share(self, other: ConversationRow, state: ConversationState) -> None:
        """Give the conversation to who has the customer's other one: one owner for both."""
        note = f"Colleagues have this customer's conversation on {other.address.channel}."
        self.hand_off(Handoff(reason="linked", note=note))
        self.shares = Shared(conversation=other.id, owner=other.owner, claimed_by=other.claimed_by)
        if other.owner is not Owner.COLLEAGUE or other.claimed_by is None:
            return
        self.owner = Owner.COLLEAGUE
        case = state.case
        known = case is not None and case.claimed_by == other.claimed_by and case.claimed_name
        by = Colleague(user_id=other.claimed_by, name=known or "A colleague")
        self.log.append(Claimed(by=by))

    def _expect_human(self) -> None:
        """Set the timer by which a colleague should have come."""
        now = self.clock.now()
        target = self.settings.targets_for(self.work.row.address.channel).human
        hours = self.settings.desk.hours if self.settings.desk else None
        if self._is_urgent():
            # Danger keeps no opening hours, and waits no quarter of an hour.
            hours, target = None, target / URGENT_SHARE
        due = now + target if hours is None else add_working_time(hours, now, target)
        self.timers.append(TimerWrite(name=HUMAN, due_at=due))

    def _is_urgent(self) -> bool:
        now = self.clock.now()
        after = fold(self.state, ((now, event) for event in self.log))
        return priority_of(after) is Priority.URGENT

    def answered_elsewhere(self) -> bool:
        """Leave the conversation to a colleague in the platform's own app; True: it is theirs.

        Each of their answers opens the case, if none is open, and sets the clock anew. When it
        runs out the bot takes over, or the desk where the customer still waits.
        """
        answers = [e for e in self.reading.events if isinstance(e, AnsweredElsewhere)]
        row, open_case = self.work.row, self._open_case()
        begun = row.owner is Owner.BOT and not self.work.state.lines
        if answers and (row.owner is Owner.ELSEWHERE or begun):
            if begun:
                self.owner = Owner.ELSEWHERE
            if not open_case:
                note = "A colleague answers in the platform's own app."
                case = self.calls.case_id
                self.log.append(HandedOff(reason="elsewhere", note=note, case_id=case))
                self.figures.handoffs.labels("elsewhere").inc()
            self.outcome = "elsewhere"
            self.timers.append(TimerWrite(name=ELSEWHERE, due_at=self.clock.now() + self._lapse()))
            return True
        if row.owner is not Owner.ELSEWHERE:
            return False
        if any(timer.name == ELSEWHERE for timer in self.reading.timers):
            self._lapsed()
        return True

    def _lapsed(self) -> None:
        if self.state.unanswered_since is None:
            self.owner = Owner.BOT
            self.log.append(Lapsed())
            return
        note = "It was answered in the platform's app, then nobody answered any more."
        self.hand_off(Handoff(reason="elsewhere", note=note))

    def _lapse(self) -> timedelta:
        desk = self.settings.desk
        return ELSEWHERE_LAPSE if desk is None else desk.elsewhere_lapse

    def _open_case(self) -> bool:
        case = self.state.case
        return case is not None and case.status is not CaseStatus.RESOLVED

    def watch(self) -> None:
        """Keep the desk's clock while colleagues have the conversation."""
        owner = self.work.row.owner
        waits = owner is Owner.DESK or self.state.draft is not None
        if any(timer.name == HUMAN for timer in self.reading.timers) and waits:
            self.figures.target_missed.labels(self.work.row.address.channel, "human").inc()
            urgent = "URGENT: " if priority_of(self.state) is Priority.URGENT else ""
            text = f"{urgent}Nobody has claimed this in time, and the customer waits."
            late = NotePost(case_id=self.calls.case_id, text=text)
            self.outbox.append(desk_write(late, key=f"{self.calls.turn}:late"))
        if owner is Owner.COLLEAGUE or (owner is Owner.ELSEWHERE and self.owner is None):
            self.cancel.append(HUMAN)

    def tell_deeds(self) -> None:
        """Say in the case what was done where no brain was asked for words: the bot is silent."""
        if not any(isinstance(one, Decided) and not one.shadow for one in self.log):
            self._tell_deeds()

    def _tell_deeds(self) -> None:
        if self.state.case is None:
            return
        deeds = [
            f"{one.summary} ({one.state})"
            for one in (*self.log, *self.calls.log)
            if isinstance(one, Acted) and one.call_key is not None and one.state in SETTLED
        ]
        if deeds:
            text = "\n".join([*deeds, "The bot has not told the customer."])
            post = NotePost(case_id=self.calls.case_id, text=text)
            self.outbox.append(desk_write(post, key=f"{self.calls.turn}:deeds"))

    # --- the commit

    def commit(self, *, patient: bool) -> Commit:
        """Make the turn's commit; ``patient``: not if something newer came meanwhile."""
        row, calls, now = self.work.row, self.calls, self.clock.now()
        own = (*self.log, *calls.log)
        log = (*self.reading.events, *own)
        after = fold(self.state, ((now, event) for event in own))
        owned = row if self.owner is None else replace(row, owner=self.owner)
        posts = posts_for(owned, self.work.state, after, log, calls.turn)
        words = any(one.fenced for one in self.outbox)
        speaks = words or self.owner is not None or after.draft != self.work.state.draft
        return Commit(
            conversation=row.id,
            token=row.token,
            at=now,
            seen=row.accepted,
            fresh=(patient and speaks and not calls.acted) or bool(calls.expired),
            epoch=row.epoch if speaks or calls.approvals else None,
            consumed=self.reading.consumed,
            quarantined=self.reading.quarantined,
            log=log,
            turn=calls.turn,
            snapshot=(self.work.position, self._forgetting(self.work.state)),
            after=self._forgetting(after),
            calls=tuple(calls.writes),
            approvals=tuple(calls.approvals),
            expired=tuple(calls.expired),
            outbox=(*self.outbox, *posts),
            timers=(*self.timers, *calls.timers),
            cancel=(*self.cancel, *calls.cancel),
            owner=self.owner,
            shares=self.shares,
            forgotten=self.forgotten,
            peer=self.reading.peer,
            storm=self.storm,
            mentions=named_in(self.reading.messages, log, patterns=self.order_ids()),
            release=True,
        )

    def order_ids(self) -> tuple[re.Pattern[str], ...]:
        """Give the brand's patterns of order numbers."""
        return _compiled(tuple(self.settings.brand.order_ids))

    def _forgetting(self, state: ConversationState) -> ConversationState:
        """Give a state without the messages that this turn forgets."""
        for one in self.forgotten:
            state = without_message(state, one.message_id)
        return state

    def deeds_only(self, *, patient: bool) -> Commit:
        """Keep what was done and drop the words: somebody else speaks now."""
        self.log = [
            one
            for one in self.log
            if not isinstance(one, Said | Drafted | HandedOff | Claimed | NotDelivered)
        ]
        self.outbox.clear()
        self.timers.clear()
        self.owner = self.shares = self.storm = None
        self._tell_deeds()
        self.relay()
        return replace(self.commit(patient=patient), epoch=None, fresh=False)
