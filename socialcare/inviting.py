"""Taking an identity along: inviting a customer to another channel, and knowing them there.

Who asks in private to go on elsewhere is given a link (or a code) that works once; who arrives with
it is the same customer from then on. In public no token is ever said: whoever read it could use it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import structlog

from brain.decision import Decision, Turn, Understood
from brain.moving import wished_platform
from channels.contract import Adapter
from config.rollout import Rollout, stage_for
from config.schema import Settings
from config.stages import Stage, Surface
from conversation.clock import Clock
from conversation.events import CameInvited, Invited, MessageReceived, Said
from conversation.invitations import (
    LASTS,
    InvitationFault,
    Invite,
    Redeem,
    Redeemed,
    Redemption,
    mint,
    new_nonce,
    read_invitation,
    without_tokens,
)
from conversation.model import Peer
from conversation.store import Store
from socialcare.result import Result
from socialcare.settling import settle

_KNOWN = frozenset({Redeemed.JOINED, Redeemed.SAME})
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inviting:
    """Invites customers and welcomes who comes."""

    store: Store
    settings: Settings
    adapters: Mapping[str, Adapter]
    clock: Clock

    # --- who comes

    async def welcome(self, result: Result) -> None:
        """Take the invitations that a turn's messages bring; from then on it is known who writes.

        Raises:
            StoreUnavailable: nothing is known of them now.
        """
        reading, row = result.reading, result.work.row
        result.heard = reading.messages
        result.came = result.state.came if result.heard else None
        if not reading.tokens or row.address.surface is Surface.PUBLIC:
            return
        told = await self._redeemed(result)
        result.log += [CameInvited(outcome=one.outcome, inviter=one.inviter) for one in told]
        outcomes = [one.outcome for one in told]
        result.came = next((one for one in outcomes if one in _KNOWN), outcomes[0])
        result.figures.invitations.labels(row.address.channel, result.came).inc()
        stripped = (
            replace(one, text=without_tokens(one.text)) if isinstance(one, MessageReceived) else one
            for one in reading.messages
        )
        result.heard = tuple(
            one
            for one in stripped
            if not isinstance(one, MessageReceived) or one.text or one.attachments
        )
        result.came_speaking = _language_of(reading.peer)
        if result.came in _KNOWN:
            await self._known(result, next(one.inviter for one in told if one.outcome in _KNOWN))

    async def _known(self, result: Result, inviter: str | None) -> None:
        """Go on as who they are: with their customer, their colleague, their language."""
        row = result.work.row
        found = await self.store.conversation(row.id)
        if found is not None:
            known = replace(row, customer=found[0].customer, held=found[0].held)
            result.work = replace(result.work, row=known)
        there = None if inviter is None else await self.store.conversation(inviter)
        if there is not None and there[1].language is not None:
            result.came_speaking = there[1].language

    async def _redeemed(self, result: Result) -> list[Redemption]:
        """Try tokens until one tells who it is."""
        key = await self.store.invitation_key()
        row, peer, told = result.work.row, result.reading.peer, list[Redemption]()
        for token, at in result.reading.tokens:
            read = read_invitation(token, key=key, channel=row.address.channel, now=at)
            if isinstance(read, InvitationFault):
                told.append(Redemption(outcome=Redeemed(read.value)))
                continue
            wish = Redeem(
                nonce=read,
                conversation=row.id,
                turn=result.calls.turn,
                user_id=None if peer is None else peer.user_id,
                at=at,
            )
            told.append(await self.store.redeem(wish))
            if told[-1].outcome in _KNOWN:
                break
        outcomes = [one.outcome for one in told]
        _log.info("invitation brought", conversation=row.id, outcomes=outcomes)
        return told

    def greet(self, result: Result, rollout: Rollout) -> None:
        """Tell who came whether they were recognised, once they may be written to."""
        silent = rollout.shadow or rollout.stage is Stage.OFF or self._closed(result)
        if result.came is None or silent:
            return
        language = result.language(result.state.language or result.came_speaking)
        key = "known" if result.came in _KNOWN else result.came
        result.say(result.own_words(f"invited_{key}", language), language, key="came")
        result.outcome = "welcomed"
        # Said once is enough: what follows need not introduce itself again.
        if any(isinstance(one, Said) and one.disclosed for one in result.log):
            result.state = replace(result.state, disclosed_at=self.clock.now())

    def _closed(self, result: Result) -> bool:
        """Say whether the platform lets us write only after they have: a link opens no window."""
        adapter, spoke_at = result.adapter, result.state.last_customer_at
        window = None if adapter is None else adapter.capabilities(Surface.PRIVATE).window
        if window is None:
            return False
        return spoke_at is None or self.clock.now() - spoke_at >= window.bot

    # --- who wants to go

    def wished(self, result: Result, turn: Turn, rollout: Rollout) -> str | None:
        """Say to which channel this customer asks to be invited, and may be."""
        if rollout.stage is not Stage.AUTONOMOUS or rollout.shadow or not turn.messages:
            return None
        if turn.surface is Surface.PUBLIC and not result.in_private():
            return None
        last = turn.messages[-1]
        others = {
            name: section.platform
            for name, section in self.settings.channels.items()
            if name != turn.channel and name in self.adapters and self._open(name, turn)
        }
        text = last.text if isinstance(last, MessageReceived) else ""
        platform = wished_platform(text, dict.fromkeys(others.values()))
        return next((name for name, one in others.items() if one == platform), None)

    def _open(self, channel: str, turn: Turn) -> bool:
        """Say whether somebody would be answered there."""
        there = stage_for(
            self.settings,
            channel=channel,
            surface=Surface.PRIVATE,
            topics=(),
            customer=turn.customer or turn.conversation,
            at=turn.now,
        )
        return there.stage is not Stage.OFF and not there.shadow

    async def invite(
        self, result: Result, turn: Turn, rollout: Rollout, understood: Understood, channel: str
    ) -> None:
        """Give the customer what they need to be known on that channel.

        Raises:
            StoreUnavailable: it cannot be noted now.
        """
        nonce, expires_at = new_nonce(), self.clock.now() + LASTS
        key = await self.store.invitation_key()
        token = mint(key=key, channel=channel, nonce=nonce, expires_at=expires_at)
        await self.store.invite(
            Invite(conversation=turn.conversation, channel=channel, nonce=nonce,
                   expires_at=expires_at)
        )  # fmt: skip
        decision = Decision(
            understood=understood,
            memory=turn.state.memory,
            summary=turn.state.summary,
            brain="none",
        )
        settle(result, decision, rollout, turn, heard=understood)
        result.log.append(Invited(channel=channel, expires_at=expires_at))
        link = self.adapters[channel].invitation_link(token)
        language = result.language(understood.language)
        minutes = str(int(LASTS.total_seconds() // 60))
        if link is None:
            words = result.own_words("invitation_code", language, code=token, minutes=minutes)
        else:
            result.links = (urlsplit(link).hostname or "",)
            words = result.own_words("invitation", language, link=link, minutes=minutes)
        private = turn.surface is Surface.PUBLIC
        result.say(words, language, key="invitation", private=private)


def _language_of(peer: Peer | None) -> str | None:
    """Take what the platform tells, until the customer has said something."""
    return None if peer is None or peer.language is None else peer.language.partition("-")[0]
