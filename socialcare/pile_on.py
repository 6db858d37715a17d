"""The pile-on brake: many complain in public at once, and the bot says nothing there.

Theory of operation. A customer who complains in public is counted once in the channel's window
(`pile_on: {complaints, within}`). The turn that sees enough of them begins the storm: it opens one
case at the desk, in the same commit. From then on turns in public commit no words; what was
written stands as a line in that case's thread, so nothing is out of people's sight, and what was
on its way in public is not sent any more. In private the bot goes on. The storm is lifted when a
colleague gives the case back to the bot or resolves it, or by itself once fewer than half of the
complaints are left in the window; a timer of the case's conversation looks then.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from brain.decision import Decision, Handoff, Turn, Understood
from channels.errors import SendError, SendFailure
from config.channels import InstagramChannel, MessengerChannel, PileOnSection, XChannel
from config.durations import duration_text
from config.rollout import Rollout
from config.schema import Settings
from config.stages import Surface
from conversation.clock import Clock
from conversation.events import HeldBack, MessageReceived, Released, Resolved
from conversation.model import Author
from conversation.state import shown
from conversation.store import Store, TimerWrite
from conversation.storms import Storm, StormAsk, StormSeen, StormStep, StormWrite
from handoff.posts import POST_TEXT_MAX, HeldLinePost, NotePost, desk_write
from socialcare.result import Result
from socialcare.settling import settle

PILE_ON: Final = "pile_on"
"""The reason of the case, and the timer that looks whether it is over."""
LINES_MAX: Final = 200
"""Lines that one case shows; nobody reads more, and Slack takes about one a second."""
LOOK_LEAST: Final = timedelta(seconds=30)
LOOK_LATER: Final = timedelta(seconds=1)
MOODS: Final = frozenset({"angry", "upset"})
TROUBLES: Final = frozenset(
    {
        "damaged_item",
        "defective_item",
        "delivery_late",
        "duplicate_charge",
        "legal_threat",
        "missing_item",
        "not_received",
        "payment_failed",
        "safety_issue",
        "staff_complaint",
        "wrong_charge",
        "wrong_item",
    }
)
"""Topics of something that went wrong, however calmly it is told."""


class SilencedError(SendError):
    """The bot is silent in public by now: its words are not sent."""

    def __init__(self) -> None:
        super().__init__(SendFailure.REFUSED, "the bot is silent in public for now")


def complains(understood: Understood) -> bool:
    """Say whether a customer complains: by the tone, or by what they tell."""
    topics = {issue.topic for issue in understood.issues}
    return understood.mood in MOODS or not topics.isdisjoint(TROUBLES)


def section_of(settings: Settings, channel: str) -> PileOnSection | None:
    """Find a channel's brake, where it has one."""
    match settings.channels.get(channel):
        case XChannel(pile_on=section):
            return section
        case MessengerChannel(pile_on=section) | InstagramChannel(pile_on=section):
            return section
        case _:
            return None


def _author(result: Result) -> str:
    """Name who wrote, the same in every thread of theirs, by nothing that tells who it is."""
    peer, row = result.reading.peer, result.work.row
    told = row.customer if peer is None else f"{row.address.account}\x1f{peer.user_id}"
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class PileOn:
    """The brake of every channel, for one state of the configuration."""

    store: Store
    settings: Settings
    clock: Clock

    async def is_silent(self, channel: str, surface: Surface) -> bool:
        """Say whether the bot says nothing there now."""
        if surface is not Surface.PUBLIC:
            return False
        section = section_of(self.settings, channel)
        return section is not None and (await self._look(channel, section)).storm is not None

    async def begin(self, result: Result) -> None:
        """Before a turn: learn whether the bot is silent, lift a storm that is over."""
        row = result.work.row
        if row.address.surface is not Surface.PUBLIC:
            return
        channel = row.address.channel
        over = any(isinstance(one, Released | Resolved) for one in result.reading.events)
        looks = any(timer.name == PILE_ON for timer in result.reading.timers)
        section = section_of(self.settings, channel)
        if section is None and not looks:
            return
        seen = await self._look(channel, section)
        if seen.storm is None:
            return
        if section is None:
            self._lift(result, seen.storm, "The pile-on brake is configured no more")
        elif over and seen.storm.conversation == row.id:
            self._lift(result, seen.storm, "A colleague has lifted it")
        elif seen.calm_since is None:
            self._lift(result, seen.storm, "It is calm again")
        else:
            result.silent = True
            if looks:
                self._look_again(result, section, seen)

    async def silences(
        self, result: Result, understood: Understood, rollout: Rollout, turn: Turn
    ) -> bool:
        """Count a complaint, and take the turn away from the bot where too many came."""
        address = result.work.row.address
        section = section_of(self.settings, address.channel)
        public = address.surface is Surface.PUBLIC
        if section is None or not public or rollout.shadow or not result.reading.messages:
            return False
        complaint = _author(result) if complains(understood) else None
        seen = await self._look(address.channel, section, complaint=complaint)
        if result.storm is not None:  # Lifted in this turn: nothing is counted before the next.
            return False
        if seen.storm is None and seen.complaints < section.complaints:
            return False
        result.silent = True
        note = (
            f"{seen.complaints} customers complained in public within "
            f"{duration_text(section.within)}. The bot says nothing in public on "
            f"{address.channel} until this is given back to it or resolved, or until it is calm; "
            "what is written meanwhile stands here. In private it goes on."
        )
        settle(
            result,
            Decision(
                understood=understood,
                memory=turn.state.memory,
                summary=turn.state.summary,
                handoff=Handoff(reason=PILE_ON, note=note) if seen.storm is None else None,
                brain="none",
            ),
            rollout,
            turn,
            # The case of a storm is the storm's; once it has begun, who is in danger has their own.
            heard=understood if seen.storm is not None else replace(understood, risks=()),
        )
        if seen.storm is None:
            case_id = result.calls.case_id
            result.storm = StormWrite(
                channel=address.channel, step=StormStep.BEGIN, case_id=case_id
            )
            self._look_again(result, section, seen)
        else:
            self._hold(result, seen.storm, result.reading.messages)
        return True

    async def show_unsent(self, result: Result) -> None:
        """Show colleagues the message whose answer was not sent any more."""
        row = result.work.row
        section = section_of(self.settings, row.address.channel)
        seen = None if section is None else await self._look(row.address.channel, section)
        if seen is None or seen.storm is None:
            note = "The answer was held back while many complained in public."
            result.hand_off(Handoff(reason=PILE_ON, note=note))
            return
        lines = [one for one in result.state.lines if one.author is Author.CUSTOMER]
        self._line(result, seen.storm, f"{result.calls.turn}:last", lines[-1].text if lines else "")
        result.outcome = "held_back"

    def _hold(self, result: Result, storm: Storm, messages: Sequence[object]) -> None:
        result.log.append(HeldBack(reason=PILE_ON))
        result.outcome = "held_back"
        texts = [
            shown(one.text, one.attachments) for one in messages if isinstance(one, MessageReceived)
        ]
        self._line(result, storm, result.calls.turn, "\n".join(texts))

    def _line(self, result: Result, storm: Storm, line_id: str, text: str) -> None:
        if storm.lines > LINES_MAX:
            return
        result.storm = StormWrite(channel=result.work.row.address.channel, step=StormStep.LINE)
        if storm.lines == LINES_MAX:
            more = "More is written than is shown here: look in the platform's own app."
            note = NotePost(case_id=storm.case_id, text=more)
            result.outbox.append(desk_write(note, key=f"{line_id}:{PILE_ON}"))
            return
        peer = result.state.peer
        post = HeldLinePost(
            case_id=storm.case_id,
            line_id=line_id,
            text=text[:POST_TEXT_MAX],
            name=(peer.name or peer.username or "") if peer else "",
        )
        result.outbox.append(desk_write(post, key=f"{line_id}:{PILE_ON}"))

    def _look_again(self, result: Result, section: PileOnSection, seen: StormSeen) -> None:
        """Look when it may be calm."""
        now = self.clock.now()
        calm_at = now if seen.calm_since is None else seen.calm_since + section.within
        # A moment later: what is as old as the window still counts.
        due = max(calm_at, now + LOOK_LEAST) + LOOK_LATER
        result.timers.append(TimerWrite(name=PILE_ON, due_at=due))

    def _lift(self, result: Result, storm: Storm, why: str) -> None:
        channel = result.work.row.address.channel
        result.storm = StormWrite(channel=channel, step=StormStep.LIFT)
        if storm.conversation == result.work.row.id:
            result.cancel.append(PILE_ON)
        note = NotePost(
            case_id=storm.case_id, text=f"{why}: the bot speaks in public on {channel} again."
        )
        result.outbox.append(desk_write(note, key=f"{result.calls.turn}:lifted"))

    async def _look(
        self, channel: str, section: PileOnSection | None, *, complaint: str | None = None
    ) -> StormSeen:
        now = self.clock.now()
        return await self.store.storm(
            StormAsk(
                channel=channel,
                since=now if section is None else now - section.within,
                enough_for_calm=1 if section is None else section.enough_for_calm,
                complaint=complaint,
                at=now,
            )
        )
