"""A reply window that was over: a template went instead of the words, and the log says so."""

from channels.contract import Sent
from channels.errors import SendError, SendFailure
from conversation.events import Delivered
from conversation.store import Delivery
from socialcare.reply_payload import ReplyPayload

REOPENED = ":reopen"
"""Ends the name that the log gives to a template which asked the customer to write again."""


class ReopenedError(SendError):
    """The window is over: a template went instead of the words."""

    def __init__(self, sent: Sent) -> None:
        super().__init__(
            SendFailure.WINDOW_CLOSED, "the reply window is over; a template asks to write again"
        )
        self.sent = sent

    def noted(self, delivery: Delivery) -> tuple[Delivered, ...]:
        """Say in the log that the template went."""
        key = ReplyPayload.model_validate_json(delivery.payload).key
        return (
            Delivered(
                outbox_key=f"{key}{REOPENED}", message_id=self.sent.message_id, part=0, text=""
            ),
        )
