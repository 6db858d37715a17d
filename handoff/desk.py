"""The desk in service: Slack's requests come in here, posts go out from here.

A request is verified, read, judged (`handoff.rulings`) and kept in the store before anything is
answered; only then Bolt gets it, for what needs the open request: a modal, a modal's errors, a word
to the person who pressed.
"""

from collections.abc import Callable, Mapping
from typing import Final

import structlog

from brain.doubts import Backing
from channels.contract import Sent
from channels.errors import SendError
from channels.slack.transport import SlackTransport, header
from config.desk import Desk as DeskSettings
from conversation.clock import Clock
from conversation.events import Colleague, ThreadWritten
from conversation.model import Owner
from conversation.store import Accepted, Delivery, DeskPosted, Store, StoreUnavailable
from handoff import presses
from handoff.answers import DeskAnswer, in_json
from handoff.context import FileAddress, nowhere
from handoff.handles import Handle, read_handle
from handoff.modals import REPLY_CALLBACK, modal_error
from handoff.posting import Named, Posting
from handoff.presses import (
    ButtonPress,
    ModalSubmitted,
    SlashCommand,
    ThreadMessage,
    sent_anyway,
)
from handoff.reacting import Reacting, Reaction
from handoff.roles import RoleName, Roles
from handoff.rulings import (
    TAKEN,
    Keep,
    OpenModal,
    Ruling,
    Scene,
    Tell,
    rule_case,
    rule_prompt,
    rule_reply,
    rule_sign_off,
    rule_thread,
)
from handoff.threads import Threads
from handoff.warning import SENDS, told_modal
from handoff.why import TURNS_TOLD, why_modal

RETRY_AFTER_S: Final = 5

NOT_ALLOWED: Final = "You may not do this at this desk."
NOT_SAVED: Final = "This could not be saved; please press again."
NOT_BUILT: Final = "This is not built yet."
NOT_OURS: Final = "This button is no longer in use."

_log = structlog.get_logger(__name__)


class Desk:
    """Colleagues in Slack: their requests, and the posts they read."""

    def __init__(
        self,
        *,
        settings: DeskSettings,
        store: Store,
        transport: SlackTransport,
        clock: Clock,
        address_of: FileAddress = nowhere,
        named: Named | None = None,
        backing: Callable[[], Backing] = Backing,
    ) -> None:
        self._backing = backing
        self._settings = settings
        self._store = store
        self._transport = transport
        self._clock = clock
        self._roles = Roles(settings=settings, transport=transport, clock=clock)
        self._threads = Threads(store=store, transport=transport, clock=clock)
        self._posting = Posting(
            settings=settings,
            store=store,
            transport=transport,
            address_of=address_of,
            named=named,
        )
        self._reacting = Reacting(transport=transport, clock=clock)

    @property
    def transport(self) -> SlackTransport:
        """The app that colleagues use."""
        return self._transport

    async def open(self) -> None:
        """Connect and learn who we are in the workspace; raises `SendError`."""
        await self._transport.open()

    async def close(self) -> None:
        """Let go of connections."""
        await self._transport.close()

    def follow(self, settings: DeskSettings) -> None:
        """Take changed roles, hours and ways; where Slack is reached stays as it was opened."""
        self._settings = settings
        self._roles = Roles(settings=settings, transport=self._transport, clock=self._clock)
        self._posting.follow(settings)

    async def tell(self, text: str) -> None:
        """Say something to all colleagues in the desk's channel; raises `SendError`."""
        await self._posting.tell(text)

    async def deliver(self, delivery: Delivery) -> tuple[Sent, DeskPosted | None]:
        """Post or update what an outbox row of kind `desk` names; raises `SendError`."""
        return await self._posting.deliver(delivery)

    async def answer(self, headers: Mapping[str, str], body: bytes) -> DeskAnswer:
        """Take one request of Slack's; what it changes is durable before this returns."""
        if not self._transport.authentic(headers, body):
            return DeskAnswer(status=401)
        return await self.take(body, content_type=header(headers, "Content-Type"))

    async def take(self, body: bytes, *, content_type: str) -> DeskAnswer:
        """Take what surely comes from Slack; what it changes is durable before this returns."""
        request = presses.read(body, content_type=content_type)
        match request:
            case presses.UrlVerification():
                return in_json({"challenge": request.challenge})
            case presses.Nothing() | presses.Unreadable():
                return _passed_over(request)
            case _ if not self._ours(request.team_id):
                _log.warning("desk_foreign_workspace", team=request.team_id)
                return DeskAnswer(status=200)
            case ThreadMessage():
                return await self._thread(request)
            case SlashCommand():
                return await self._command(request)
            case ButtonPress():
                return await self._reacting.dispatch(content_type, body, await self._press(request))
            case ModalSubmitted():
                reaction = await self._submitted(request)
                return await self._reacting.dispatch(content_type, body, reaction, modal=True)

    # --- who, and where

    def _ours(self, team_id: str) -> bool:
        wanted = self._settings.slack.team_id or self._transport.myself.team_id
        return wanted is None or team_id == wanted

    def _at_desk(self, channel: str) -> bool:
        routed = {route.channel for route in self._settings.routes}
        return channel in {self._settings.slack.channel, self._settings.signoffs_to} | routed

    @property
    def _account(self) -> str:
        return self._settings.slack.team_id or self._transport.myself.team_id or ""

    async def _scene(self, conversation: str, user_id: str, name: str) -> Scene | None:
        found = await self._store.conversation(conversation)
        if found is None:
            return None
        row, state = found
        by = Colleague(user_id=user_id, name=name)
        return Scene(
            by=by,
            row=row,
            state=state,
            account=self._account,
            now=self._clock.now(),
            backing=self._backing(),
        )

    # --- presses

    async def _press(self, press: ButtonPress) -> Reaction:
        roles = await self._roles.of(press.user_id)
        if not roles or not self._at_desk(press.channel):
            _log.warning(
                "desk_press_refused",
                action=press.action_id,
                user=press.user_id,
                channel=press.channel,
            )
            return Tell(text=NOT_ALLOWED)
        handle = read_handle(press.value)
        if handle is None:
            return Tell(text=NOT_OURS)
        try:
            return await self._judged(press, handle, roles)
        except StoreUnavailable:
            _log.warning("desk_press_unsaved", action=press.action_id)
            return Tell(text=NOT_SAVED)

    async def _judged(
        self, press: ButtonPress, handle: Handle, roles: frozenset[RoleName]
    ) -> Reaction:
        name = await self._roles.name(press.user_id, press.user_name)
        scene = await self._scene(handle.conversation, press.user_id, name)
        if scene is None:
            return Tell(text=NOT_OURS)
        ruling = await self._ruling(scene, press, handle, roles)
        if isinstance(ruling, Tell):
            _log.info("desk_press_declined", action=press.action_id, user=press.user_id)
        if isinstance(ruling, Keep):
            return await self._kept(ruling, scene, press.action_id)
        return ruling

    async def _ruling(
        self, scene: Scene, press: ButtonPress, handle: Handle, roles: frozenset[RoleName]
    ) -> Ruling:
        match press.action_id:
            case "signoff.approve" | "signoff.reject":
                return await self._sign_off(scene, press, handle, roles)
            case "thread.send" | "thread.keep":
                note = await self._note(scene, handle.about)
                return rule_prompt(scene, press, handle, note)
            case "case.why":
                traces = await self._store.traces(scene.row.id, last=TURNS_TOLD)
                return OpenModal(view=why_modal(traces))
            case "case.snooze" | "case.act" | "case.record" | "case.recall" | "care.pause":
                return Tell(text=NOT_BUILT)
            case _:
                return rule_case(scene, press, handle)

    async def _sign_off(
        self, scene: Scene, press: ButtonPress, handle: Handle, roles: frozenset[RoleName]
    ) -> Ruling:
        found = await self._store.approval(handle.about)
        if found is None:
            return Tell(text=NOT_OURS)
        refusal = self._roles.may_sign(roles, found[1].amount)
        if refusal is not None:
            _log.warning("desk_signoff_refused", approval=handle.about, user=press.user_id)
        two = self._roles.need_two(found[1].amount)
        return rule_sign_off(scene, press, found, refusal, two=two)

    async def _note(self, scene: Scene, note_id: str) -> ThreadWritten | None:
        for _, event in await self._store.log(scene.row.id):
            if isinstance(event, ThreadWritten) and event.note_id == note_id:
                return event
        return None

    async def _kept(self, keep: Keep, scene: Scene, what: str) -> Tell | None:
        accepted = await self._store.accept(keep.acceptance)
        if _holds(accepted):
            _log.info("desk_accepted", what=what, user=scene.by.user_id, conversation=scene.row.id)
            await self._mark_claimed(keep)
            return None
        return await self._late(keep, scene)

    async def _mark_claimed(self, keep: Keep) -> None:
        """Show the claim on the case; the row has it already, so a failure here costs a word."""
        if keep.claim is None:
            return
        try:
            await self._store.accept(keep.claim)
        except StoreUnavailable:
            _log.warning("desk_claim_unmarked")

    async def _late(self, keep: Keep, scene: Scene) -> Tell | None:
        """Say who was quicker; nothing, where it was this person's own earlier press."""
        change = keep.acceptance.owner
        if change is None or change.to is not Owner.COLLEAGUE:
            return Tell(text=keep.late)
        found = await self._store.conversation(scene.row.id)
        row = found[0] if found is not None else scene.row
        if row.owner is not Owner.COLLEAGUE:
            return Tell(text=keep.late)
        if row.claimed_by == scene.by.user_id:
            return None if keep.late == TAKEN else Tell(text=keep.late)
        return Tell(text=f"{self._roles.known_name(row.claimed_by)} has this conversation.")

    # --- the modal

    async def _submitted(self, submitted: ModalSubmitted) -> Reaction:
        if submitted.callback_id in SENDS:
            # A window without a field has no place for an error: it is told in its stead.
            told = await self._press(sent_anyway(submitted, self._settings.slack.channel))
            return OpenModal(view=told_modal(told.text)) if isinstance(told, Tell) else told
        if submitted.callback_id != REPLY_CALLBACK:
            return None
        if not await self._roles.of(submitted.user_id):
            _log.warning("desk_modal_refused", user=submitted.user_id)
            return modal_error(NOT_ALLOWED)
        handle = read_handle(submitted.private_metadata)
        if handle is None:
            return modal_error(NOT_OURS)
        try:
            name = await self._roles.name(submitted.user_id, submitted.user_name)
            scene = await self._scene(handle.conversation, submitted.user_id, name)
            if scene is None:
                return modal_error(NOT_OURS)
            ruling = rule_reply(scene, submitted, handle)
            if not isinstance(ruling, Keep):
                return ruling
            late = await self._kept(ruling, scene, "reply")
        except StoreUnavailable:
            return modal_error("This could not be saved; please send it again.")
        return modal_error(late.text) if late is not None else None

    # --- lines in threads, commands

    async def _thread(self, message: ThreadMessage) -> DeskAnswer:
        if not self._at_desk(message.channel):
            return DeskAnswer(status=200)
        try:
            posted = await self._threads.of(message.channel, message.thread_ts)
            if posted is None:
                return DeskAnswer(status=200)
            if not await self._roles.of(message.user_id):
                _log.warning("desk_line_ignored", user=message.user_id)
                return DeskAnswer(status=200)
            name = await self._roles.name(message.user_id)
            scene = await self._scene(posted.conversation, message.user_id, name)
            if scene is None:
                return DeskAnswer(status=200)
            case_id = posted.key[5:] if posted.key.startswith("case:") else None
            keep = rule_thread(scene, message, case_id, self._settings.thread_replies)
            await self._store.accept(keep.acceptance)
        except (StoreUnavailable, SendError) as error:
            _log.warning("desk_line_unsaved", why=type(error).__name__)
            return DeskAnswer(status=503, retry_after_s=RETRY_AFTER_S)
        return DeskAnswer(status=200)

    async def _command(self, command: SlashCommand) -> DeskAnswer:
        allowed = await self._roles.of(command.user_id)
        text = NOT_BUILT if allowed else NOT_ALLOWED
        _log.info("desk_command", user=command.user_id, allowed=bool(allowed))
        return in_json({"response_type": "ephemeral", "text": text})


def _holds(accepted: Accepted) -> bool:
    return accepted.applied and any(accepted.new)


def _passed_over(request: presses.Nothing | presses.Unreadable) -> DeskAnswer:
    """Say yes to what nobody acts on: Slack would only send it again."""
    if isinstance(request, presses.Unreadable):
        _log.warning("desk_unreadable", why=request.why)
    return DeskAnswer(status=200)
