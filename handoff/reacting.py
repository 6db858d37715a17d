"""What only an open request of Slack's can do, through Bolt: a modal, its errors, a whisper.

Whatever the request changed is kept before; a failure here undoes nothing.
"""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck

from channels.slack.transport import SlackTransport, map_slack_error
from conversation.clock import Clock
from handoff import presses
from handoff.answers import DeskAnswer, in_json
from handoff.elements import escaped
from handoff.modals import ModalErrors
from handoff.presses import ButtonPress
from handoff.rulings import OpenModal, Tell

REACT_TIMEOUT_S: Final = 2.5
"""A modal's `trigger_id` lives three seconds."""
_ALL: Final = re.compile(".*")

_log = structlog.get_logger(__name__)

Reaction = Tell | OpenModal | ModalErrors | None


class Reacting:
    """The desk's half of Bolt."""

    def __init__(self, *, transport: SlackTransport, clock: Clock) -> None:
        self._transport = transport
        self._clock = clock
        self._listen()

    async def dispatch(
        self, content_type: str, body: bytes, reaction: Reaction, *, modal: bool = False
    ) -> DeskAnswer:
        """Answer through Bolt; a failure there undoes nothing and is no reason to press again.

        Args:
            content_type: As Slack sent it.
            body: The raw bytes.
            reaction: What the request is answered with.
            modal: Whether it is a window that was sent off.
        """
        told = await self._transport.dispatch(
            {"Content-Type": content_type}, body, context={"reaction": reaction}
        )
        if told.status != 200:
            _log.warning("desk_dispatch_failed", status=told.status)
            if modal and (answer := _to_modal(reaction)):
                # Without it the modal would close as if its words had been sent.
                return in_json(answer)
            return DeskAnswer(status=200)
        return DeskAnswer(status=200, body=told.body, content_type=told.content_type)

    def _listen(self) -> None:
        """Register listeners for everything, so that Slack never hears a 404 from us."""
        app = self._transport.app

        async def pressed(ack: AsyncAck, body: dict[str, Any], context: Mapping[str, Any]) -> None:
            await ack()
            await self._react(body, context.get("reaction"))

        async def filled_in(ack: AsyncAck, context: Mapping[str, Any]) -> None:
            await ack(**_to_modal(context.get("reaction")))

        async def seen(ack: AsyncAck) -> None:
            await ack()

        register: Callable[[Callable[..., Awaitable[None]]], object]
        for register, listener in (
            (app.action(_ALL), pressed),
            (app.view(_ALL), filled_in),
            (app.event(_ALL), seen),
            (app.command(_ALL), seen),
            (app.shortcut(_ALL), seen),
        ):
            register(listener)

    async def _react(self, body: Mapping[str, Any], reaction: object) -> None:
        press = presses.read(json.dumps(body).encode(), content_type="application/json")
        if not isinstance(press, ButtonPress):
            return
        try:
            async with self._clock.timeout(REACT_TIMEOUT_S):
                if isinstance(reaction, OpenModal):
                    await self._transport.client.views_open(
                        trigger_id=press.trigger_id, view=reaction.view
                    )
                elif isinstance(reaction, Tell):
                    await self._whisper(press, reaction.text)
        except Exception as error:  # noqa: BLE001 - the press is kept already; only the word is lost
            _log.warning("desk_reaction_lost", failure=map_slack_error(error).failure)

    async def _whisper(self, press: ButtonPress, text: str) -> None:
        """Tell the person who pressed, and nobody else."""
        await self._transport.whisper(
            channel=press.channel,
            user=press.user_id,
            text=escaped(text),
            thread_ts=press.thread_ts or None,
            response_url=press.response_url,
        )


def _to_modal(reaction: object) -> dict[str, Any]:
    """Answer a window that was sent off; empty: it closes.

    https://docs.slack.dev/surfaces/modals#updating_response
    """
    match reaction:
        case ModalErrors(errors=errors):
            return {"response_action": "errors", "errors": errors}
        case OpenModal(view=view):
            return {"response_action": "update", "view": view}
        case _:
            return {}
