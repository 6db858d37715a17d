"""Sending to private threads of Messenger and Instagram, by the Send API they share."""

import contextlib
from typing import Final

from pydantic import JsonValue, ValidationError

from channels.contract import OutboundMessage, Sent
from channels.errors import SendError, SendFailure
from channels.meta.graph import Graph
from channels.meta.own_words import ANYBODY, OwnWords
from channels.meta.sending import (
    NODE,
    message_body,
    private_reply_body,
    read_profile,
    read_sent,
    typing_body,
)
from channels.meta.thread_payloads import Account
from conversation.model import Peer

# What surely did not make a message: no echo of it will come.
_NOTHING_SENT: Final = frozenset(SendFailure) - {SendFailure.UNKNOWN}


class ThreadsApi:
    """The Send API of one account; `account` is its node in the Graph."""

    def __init__(self, *, graph: Graph, node: str, own_words: OwnWords) -> None:
        self._graph = graph
        self._node = node
        self._own_words = own_words

    async def send(self, recipient: str, message: OutboundMessage) -> Sent:
        """Write to a thread; raises `SendError`."""
        return await self._send(recipient, message.text, message_body(recipient, message))

    async def reply_in_private(
        self, target: dict[str, JsonValue], message: OutboundMessage
    ) -> Sent:
        """Write to the author of a comment alone; raises `SendError`."""
        return await self._send(ANYBODY, message.text, private_reply_body(target, message))

    async def _send(self, recipient: str, text: str, body: dict[str, JsonValue]) -> Sent:
        self._own_words.begin(recipient, text)
        try:
            answer = await self._graph.call("POST", f"{self._node}/messages", body=body)
            message_id = read_sent(answer)
        except SendError as error:
            if error.failure in _NOTHING_SENT:
                self._own_words.drop(recipient, text)
            raise
        self._own_words.sent(recipient, text, message_id)
        return Sent(message_id=message_id)

    async def show_typing(self, recipient: str) -> None:
        """Show for twenty seconds that an answer is being written."""
        with contextlib.suppress(SendError):
            body = typing_body(recipient)
            await self._graph.call("POST", f"{self._node}/messages", body=body)

    async def look_up(self, user_id: str, fields: str) -> Peer | None:
        """Ask who somebody is who wrote to us; raises `SendError`.

        https://developers.facebook.com/docs/messenger-platform/identity/user-profile and
        https://developers.facebook.com/docs/messenger-platform/instagram/features/user-profile
        """
        if NODE.fullmatch(user_id) is None:
            return None
        answer = await self._graph.call("GET", user_id, query={"fields": fields})
        return read_profile(answer, user_id)

    async def known_as(self, account: str, *, fields: str = "id") -> str | None:
        """Learn whether the token is good for an account; gives its name, if asked for and told.

        Raises:
            SendError: it is not, or Meta cannot be reached. That the account may not be read is
                no reason: it can still be written from.
        """
        try:
            answer = await self._graph.call("GET", account, query={"fields": fields})
        except SendError as error:
            if error.failure is SendFailure.REFUSED:
                return None
            raise
        try:
            found = Account.model_validate(answer)
        except ValidationError:
            raise SendError(SendFailure.UNAVAILABLE, "the answer names no account") from None
        if found.id != account:
            raise SendError(SendFailure.REVOKED, "the token is for another account")
        return found.username

    async def subscribe(self, node: str, fields: tuple[str, ...]) -> None:
        """Have the account's events sent to the app; raises `SendError`.

        Where the app sends them on to is set in its dashboard, once for all its accounts. Tokens
        without the permission to subscribe are left alone: the dashboard can do this as well.
        """
        try:
            await self._graph.call(
                "POST", f"{node}/subscribed_apps", query={"subscribed_fields": ",".join(fields)}
            )
        except SendError as error:
            if error.failure is not SendFailure.REFUSED:
                raise
