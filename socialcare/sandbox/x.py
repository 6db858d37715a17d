"""X's stand-in: `async with XStandIn(clock=clock) as x: x.base_url`.

Apps that call it wrongly are refused in X's words: OAuth 1 signatures are verified, answers want a
summons and go once, direct messages want one of the customer's first, posts weigh 280 at most.
Customers made by `customer()` post, write and see what the brand says. `faults.next("tweets", …)`
spoils a call (`tweets tweet dm mentions dm_events me webhooks subscriptions stream token`),
`faults.next("webhook", …)` a delivery (`duplicate reorder drop_retry bad_signature slow`).
"""

import base64
from collections import deque
from datetime import datetime, timedelta
from typing import Any, Final

from aiohttp import web

from conversation.clock import Clock
from socialcare.sandbox.faults import FaultPlan
from socialcare.sandbox.serving import LocalServer, StandIn
from socialcare.sandbox.watching import Changes
from socialcare.sandbox.x_delivery import Answer, Deliveries
from socialcare.sandbox.x_gate import Gate
from socialcare.sandbox.x_people import Account, Customer, Message, Post
from socialcare.sandbox.x_reading import dm_events, mentions
from socialcare.sandbox.x_rules import (
    ANSWERED,
    DM_MAX,
    DUPLICATE,
    GONE,
    NO_DM,
    NOT_SUMMONED,
    Keys,
    XRefusalError,
    checked_reply,
    forbidden,
    invalid,
    snowflake,
)
from socialcare.sandbox.x_serving import Call, Effect, Serving
from socialcare.sandbox.x_subscriptions import Subscriptions
from socialcare.sandbox.x_words import (
    Naming,
    account_activity,
    activity,
    message_classic,
    milliseconds,
    post_v2,
)

Json = dict[str, Any]
OUR_APP: Final = "27000001"
"""The app that the keys belong to."""
X_FOR_WEB: Final = "3033300"
"""The app a colleague writes with by hand."""
SAME_WITHIN: Final = timedelta(hours=24)


class XStandIn(StandIn[Deliveries]):
    """One app, one brand's account, and everybody else."""

    def __init__(
        self,
        *,
        clock: Clock,
        username: str = "northwind",
        user_id: str = "7000000001",
        enforce_rates: bool = True,
        naming: Naming = "post",
        old_shapes: bool = False,
        port: int = 0,
    ) -> None:
        """Prepare.

        Args:
            clock: Time.
            username: The brand's name there.
            user_id: Its id.
            enforce_rates: Refuse what comes too fast.
            naming: Whether fields are called by their new names or their old ones.
            old_shapes: Tell of messages as the deprecated Account Activity API does.
            port: Where; 0 for any.
        """
        self.gate = Gate(user_id)
        self.us = Account(user_id=user_id, username=username, name="Northwind Outfitters")
        self.naming = naming
        self.old_shapes = old_shapes
        self.faults = FaultPlan()
        self.changes = Changes()
        self.posts: dict[str, Post] = {}
        self.messages: list[Message] = []
        self.deliveries = Deliveries(
            clock=clock,
            faults=self.faults,
            changes=self.changes,
            consumer_secret=self.gate.keys.consumer_secret,
        )
        self.serving = Serving(
            gate=self.gate, faults=self.faults, changes=self.changes, clock=clock
        )
        self.serving.enforce_rates = enforce_rates
        self.subscriptions = Subscriptions(deliveries=self.deliveries, made=self.made)
        self._clock = clock
        self._customers: dict[str, Customer] = {}
        self._number = 0
        self._server = LocalServer(self._routes(), port=port)

    def _routes(self) -> list[web.RouteDef]:
        told = self.subscriptions
        table: list[tuple[str, str, str, Effect]] = [
            ("POST", "/2/tweets", "tweets", self._post_tweet),
            ("GET", "/2/tweets/{id:[0-9]+}", "tweet", self._get_tweet),
            ("POST", "/2/dm_conversations/{id}/messages", "dm", self._post_message),
            ("GET", "/2/dm_events", "dm_events", self._dm_events),
            ("GET", "/2/users/me", "me", self._me),
            ("GET", "/2/users/{id}/mentions", "mentions", self._mentions),
            ("GET", "/2/webhooks", "webhooks", told.webhooks),
            ("POST", "/2/webhooks", "webhooks", told.make_webhook),
            ("PUT", "/2/webhooks/{id}", "webhooks", told.check_webhook),
            ("GET", "/2/activity/subscriptions", "subscriptions", told.subscribed),
            ("POST", "/2/activity/subscriptions", "subscriptions", told.subscribe),
            ("PUT", "/2/activity/subscriptions/{id}", "subscriptions", told.resubscribe),
            ("GET", "/2/activity/stream", "stream", told.stream),
            ("POST", "/oauth2/token", "token", self.gate.token),
        ]
        return [
            web.route(method, path, self.serving.served(name, effect))
            for method, path, name, effect in table
        ]

    @property
    def keys(self) -> Keys:
        """What opens it."""
        return self.gate.keys

    @property
    def calls(self) -> deque[Call]:
        """What the app asked for, refused or not."""
        return self.serving.calls

    def revoke(self) -> None:
        """Have the account take its permission back: everything is 401."""
        self.gate.revoked = True

    def customer(self, *, name: str = "Ana", username: str | None = None) -> Customer:
        """Give somebody an account."""
        number = 5_000_000_001 + len(self._customers)
        account = Account(
            user_id=str(number),
            username=username or f"{name.lower()}_{len(self._customers) + 1}",
            name=name,
        )
        customer = Customer(world=self, account=account)
        self._customers[account.user_id] = customer
        return customer

    async def colleague_writes_dm(self, customer: Customer, text: str) -> Message:
        """Have a colleague answer by hand, in X's own app."""
        message_id, at = self.made()
        return self.deliver(
            Message(
                message_id=message_id,
                sender=self.us,
                recipient=customer.account,
                text=text,
                at=at,
                app=X_FOR_WEB,
            )
        )

    async def colleague_answers(self, post: Post, text: str) -> Post:
        """Have a colleague answer a post in X's own app, in the brand's name."""
        post_id, at = self.made()
        return self.publish(
            Post(
                post_id=post_id,
                author=self.us,
                text=f"@{post.author.username} {text}",
                at=at,
                thread=post.thread,
                answers=post,
            )
        )

    async def post_raw(self, body: bytes, *, signature: str | None = None) -> Answer:
        """Send any bytes to the app's webhook, rightly signed unless a signature is given."""
        url = next(iter(self.deliveries.webhooks.values())).url
        return await self.deliveries.post(url, body, signature=signature)

    async def delivered(self, *, timeout: float = 10.0) -> None:  # noqa: ASYNC109 - the watcher's patience
        """Wait until no event is on its way to the app."""
        await self.changes.until(
            lambda: self.deliveries.count == 0 or None,
            patience_s=timeout,
            expected=lambda: f"{self.deliveries.count} events still wait for the app",
        )

    # --- what customers need of the stand-in

    def made(self) -> tuple[str, datetime]:
        """Give a new id and its moment."""
        self._number += 1
        now = self._clock.now()
        return snowflake(now, self._number), now

    def publish(self, post: Post) -> Post:
        """Put a post where everybody reads it, and tell the brand as often as it concerns it."""
        self.posts[post.post_id] = post
        kinds = []
        if any(name.casefold() == self.us.username.casefold() for name in post.names()):
            kinds.append("post.mention.create")
        if post.answers is not None and post.answers.author == self.us:
            kinds.append("post.reply.create")
        if post.quotes is not None and post.quotes.author == self.us:
            kinds.append("post.quote.create")
        if post.author == self.us:
            kinds = ["post.create"]
        for kind in kinds:
            includes = {"users": [post.author.v2], "media": list(post.media)}
            self._tell(kind, post_v2(post, self._everybody(), self.naming), includes)
        self.changes.tell()
        return post

    def deliver(self, message: Message) -> Message:
        """Put a direct message into its conversation, and tell the brand."""
        self.messages.append(message)
        kind = "dm.sent" if message.sender == self.us else "dm.received"
        self._tell(kind, message_classic(message))
        self.changes.tell()
        return message

    def encrypt(self, sender: Account) -> str:
        """Tell of an encrypted message."""
        message_id, at = self.made()
        pair = ":".join(sorted((sender.user_id, self.us.user_id), key=int))
        payload = {
            "id": f"chat-{message_id}",
            "conversation_id": pair,
            "sender_id": sender.user_id,
            "created_at_msec": milliseconds(at),
            "encoded_event": base64.b64encode(message_id.encode()).decode(),
            "conversation_key_version": "1",
        }
        self._tell("chat.received", payload, {"users": [sender.v2]})
        return message_id

    def mark_read(self, reader: Account) -> None:
        """Tell that a conversation was read."""
        last = [one for one in self.conversation_of(reader) if one.sender == self.us][-1]
        mark = {
            "created_timestamp": milliseconds(self._clock.now()),
            "sender_id": reader.user_id,
            "target": {"recipient_id": self.us.user_id},
            "last_read_event_id": last.message_id,
        }
        payload = {"direct_message_mark_read_events": [mark], "users": {}}
        self._tell("dm.read", payload)

    def remove(self, post: Post) -> None:
        """Take a post away; X tells nobody of other people's deletions."""
        self.posts.pop(post.post_id, None)

    def answers_to(self, account: Account) -> list[Post]:
        """Give the brand's answers to somebody."""
        return [
            post
            for post in self.posts.values()
            if post.author == self.us and post.answers is not None
            and post.answers.author == account
        ]  # fmt: skip

    def conversation_of(self, account: Account) -> list[Message]:
        """Give the direct messages between the brand and somebody."""
        return [one for one in self.messages if account in (one.sender, one.recipient)]

    def _everybody(self) -> list[Account]:
        return [self.us, *(customer.account for customer in self._customers.values())]

    def _tell(self, kind: str, payload: Json, includes: Json | None = None) -> None:
        uuid, _ = self.made()
        body = activity(kind, payload, user_id=self.us.user_id, uuid=f"-{uuid}", includes=includes)
        old = self.old_shapes and kind.startswith("dm.")
        told = account_activity(body, user_id=self.us.user_id) if old else body
        self.subscriptions.tell(kind, told)

    # --- the API itself

    async def _me(self, _request: web.Request) -> Json:
        return {"data": self.us.v2}

    async def _post_tweet(self, request: web.Request) -> Json:
        body = await request.json()
        target = checked_reply(body)
        answers = None if target is None else self.posts.get(target)
        now = self._clock.now()
        own = [post for post in self.posts.values() if post.author == self.us]
        if any(post.text == body["text"] and now - post.at < SAME_WITHIN for post in own):
            raise forbidden(DUPLICATE)
        if target is not None:
            self._answerable(answers)
        post_id, at = self.made()
        post = Post(
            post_id=post_id,
            author=self.us,
            text=body["text"],
            at=at,
            thread=answers.thread if answers else post_id,
            answers=answers,
        )
        self.publish(post)
        told = {"id": post_id, "text": post.text, "edit_history_post_ids": [post_id]}
        return {"data": told}

    def _answerable(self, target: Post | None) -> None:
        if target is None:
            raise forbidden(GONE)
        if not target.summons(self.us):
            raise forbidden(NOT_SUMMONED)
        if any(post.answers == target and post.author == self.us for post in self.posts.values()):
            raise forbidden(ANSWERED)

    async def _get_tweet(self, request: web.Request) -> Json:
        post = self.posts.get(request.match_info["id"])
        if post is None:
            raise XRefusalError(404, "Not Found Error", "Could not find tweet with id.")
        return {
            "data": post_v2(post, self._everybody(), self.naming),
            "includes": {"users": [post.author.v2]},
        }

    async def _post_message(self, request: web.Request) -> Json:
        body = await request.json()
        text = body.get("text")
        if not isinstance(text, str) or not text.strip():
            raise invalid("$.text: must not be empty")
        if len(text) > DM_MAX:
            raise invalid("$.text: the text of your direct message is over the max character limit")
        wanted = request.match_info["id"]
        customer = next(
            (
                self._customers[one.sender.user_id]
                for one in self.messages
                if one.conversation == wanted and one.sender.user_id in self._customers
            ),
            None,
        )
        if customer is None or customer.blocked:
            raise forbidden(NO_DM)
        message_id, at = self.made()
        message = Message(
            message_id=message_id,
            sender=self.us,
            recipient=customer.account,
            text=text,
            at=at,
            app=OUR_APP,
        )
        self.deliver(message)
        return {"data": {"dm_conversation_id": wanted, "dm_event_id": message_id}}

    async def _mentions(self, request: web.Request) -> Json:
        return mentions(self.posts.values(), self.us, request.query, self._everybody(), self.naming)

    async def _dm_events(self, request: web.Request) -> Json:
        return dm_events(self.messages, request.query)
