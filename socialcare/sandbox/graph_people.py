"""Customers on Messenger and Instagram, what is said in private and under posts."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from socialcare.sandbox.graph_rules import INSTAGRAM_TEXT_BYTES, Choice, Place
from socialcare.sandbox.watching import Changes

Json = dict[str, Any]
INSTAGRAM_NAME = "northwind"
APP_TEXT_MAX = 20_000
"""Characters that Meta's own apps send in a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenMessage:
    """A message of the account as its reader sees it."""

    message_id: str
    text: str
    choices: tuple[Choice, ...]
    at: datetime
    tag: str | None
    """`HUMAN_AGENT` where it came after the window."""
    comment_id: str | None
    """Of a private reply: what it answers."""
    by_app: bool
    """By the app; else by a colleague in Meta's own inbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """A message somebody wrote to the account."""

    message_id: str
    text: str


@dataclass(slots=True, kw_only=True)
class Comment:
    """A comment, by a customer or by the account."""

    comment_id: str
    post_id: str
    text: str
    at: datetime
    author_id: str
    author_name: str
    parent_id: str | None = None
    by_account: bool = False
    privately_answered: bool = False
    deleted: bool = False

    @property
    def is_post(self) -> bool:
        """Whether it is a post of its own, on the page."""
        return self.comment_id == self.post_id


@dataclass(slots=True, kw_only=True)
class Thread:
    """A private thread between a customer and the account."""

    seen: list[SeenMessage] = field(default_factory=list)
    last_customer_at: datetime | None = None
    """When the customer last wrote: the window opens then."""
    blocked: bool = False
    elsewhere: bool = False
    """Another app owns it: we only listen."""
    private_profile: bool = False
    """They let nobody read who they are."""
    actions: deque[str] = field(default_factory=lambda: deque(maxlen=100))


class World(Protocol):
    """What a customer needs of the stand-in."""

    changes: Changes
    comments: dict[str, Comment]
    inbox_app_id: str

    def now(self) -> datetime:
        """Say the time."""
        ...

    def new_id(self, sort: str) -> str:
        """Give an id nobody has."""
        ...

    def account_id(self, place: Place) -> str:
        """Give the page's or the Instagram account's id."""
        ...

    def tell_thread(self, customer: "GraphCustomer", event: Json) -> None:
        """Queue an event of a private thread, the customer's unless it names its sides."""
        ...

    def tell_comment(self, place: Place, comment: Comment, verb: str) -> None:
        """Queue an event of a comment."""
        ...

    def say(
        self, customer: "GraphCustomer", text: str, *, app_id: str | None, **more: Any
    ) -> SeenMessage:
        """Put a message of the account into the customer's thread, and echo it to the app."""
        ...


Wanted = str | Callable[[SeenMessage], bool]


def _matches(wanted: Wanted, message: SeenMessage) -> bool:
    return wanted in message.text if isinstance(wanted, str) else wanted(message)


class GraphCustomer:
    """Somebody with a Facebook or an Instagram account and something to say."""

    def __init__(self, *, world: World, place: Place, name: str, user_id: str) -> None:
        self.place: Place = place
        self.name = name
        self.user_id = user_id
        """The id scoped to the page or the Instagram account."""
        self.commenter_id = user_id if place == "instagram" else f"9{user_id}"
        """The id under posts: on Facebook another one than in Messenger."""
        self.thread = Thread()
        self._world = world

    @property
    def chat(self) -> tuple[SeenMessage, ...]:
        """What was said to them in private, oldest first."""
        return tuple(self.thread.seen)

    @property
    def answers(self) -> tuple[Comment, ...]:
        """What the account answered under their comments, in public."""
        comments = self._world.comments
        return tuple(
            one
            for one in comments.values()
            if one.by_account
            and one.parent_id in comments
            and comments[one.parent_id].author_id == self.commenter_id
        )

    # --- in private

    async def write(self, text: str, *, reply_to: str | None = None) -> SentMessage:
        """Write to the account."""
        fits = len(text) if self.place == "page" else len(text.encode())
        limit = APP_TEXT_MAX if self.place == "page" else INSTAGRAM_TEXT_BYTES
        if not text.strip() or fits > limit:
            raise ValueError("Meta's apps send no such text")
        more: Json = {"reply_to": {"mid": reply_to}} if reply_to else {}
        return self._sends({"text": text} | more)

    async def send(self, content: Json) -> SentMessage:
        """Send a message with any content, as the webhook words it."""
        return self._sends(content)

    async def photo(self) -> SentMessage:
        """Send a photo; Messenger and Instagram send words apart from it."""
        payload = {"url": "https://scontent.example/photo.jpg?oe=1"}
        return self._sends({"attachments": [{"type": "image", "payload": payload}]})

    async def answer_story(self, text: str) -> SentMessage:
        """Answer a story of the account's."""
        story = {"url": "https://lookaside.example/story", "id": self._world.new_id("story")}
        return self._sends({"text": text, "reply_to": {"story": story}})

    async def mention_in_story(self) -> SentMessage:
        """Name the account in a story of their own."""
        payload = {"url": "https://lookaside.example/mention"}
        return self._sends({"attachments": [{"type": "story_mention", "payload": payload}]})

    async def press(self, title: str) -> SentMessage:
        """Press a quick reply by its label.

        Raises:
            LookupError: the last message shows none such.
        """
        choices = self.thread.seen[-1].choices if self.thread.seen else ()
        for choice in choices:
            if choice.title == title:
                reply = {"payload": choice.payload}
                return self._sends({"text": title, "quick_reply": reply})
        msg = f"the last message shows no {title!r}"
        raise LookupError(msg)

    async def press_menu(self, title: str, payload: str) -> None:
        """Press something of the account's menu."""
        mid = self._world.new_id("mid")
        self.thread.last_customer_at = self._world.now()
        self._tell({"postback": {"mid": mid, "title": title, "payload": payload}})

    async def follow(self, link: str) -> None:
        """Open the thread by a link of the account's (m.me, ig.me); the app is told its `ref`.

        https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/messaging_referrals
        """
        ref = parse_qs(urlsplit(link).query).get("ref", [""])[0]
        told = {"ref": ref, "source": "SHORTLINK", "type": "OPEN_THREAD"}
        if self.place == "instagram":
            told["source"] = "IGME-SOURCE-LINK"
        self._tell({"referral": told})

    async def edit(self, message: SentMessage, text: str) -> None:
        """Change what was written."""
        self._tell({"message_edit": {"mid": message.message_id, "text": text, "num_edit": 1}})

    async def unsend(self, message: SentMessage) -> None:
        """Take back what was written."""
        self._tell({"message": {"mid": message.message_id, "is_deleted": True}})

    async def react(self, message_id: str, emoji: str = "❤") -> None:
        """React to a message."""
        reaction = {"mid": message_id, "action": "react", "reaction": "love", "emoji": emoji}
        self._tell({"reaction": reaction})

    async def read(self) -> None:
        """Read everything."""
        if self.place == "instagram" and self.thread.seen:
            self._tell({"read": {"mid": self.thread.seen[-1].message_id}})
        elif self.place == "page":
            self._tell({"read": {"watermark": int(self._world.now().timestamp() * 1_000)}})

    async def block(self) -> None:
        """Receive nothing any more; the app is not told."""
        self.thread.blocked = True

    # --- in public

    async def comment(
        self, text: str, *, post_id: str | None = None, under: Comment | None = None
    ) -> Comment:
        """Comment under a post, or under a comment."""
        post = under.post_id if under else post_id or f"{self._world.account_id(self.place)}_77"
        sort = "comment" if self.place == "page" else "ig_comment"
        written = Comment(
            comment_id=self._world.new_id(sort),
            post_id=post,
            text=text,
            at=self._world.now(),
            author_id=self.commenter_id,
            author_name=self.name,
            parent_id=under.comment_id if under else None,
        )
        self._world.comments[written.comment_id] = written
        self._world.tell_comment(self.place, written, "add")
        return written

    async def post(self, text: str) -> Comment:
        """Post something on the page; Instagram has no such place."""
        if self.place != "page":
            raise ValueError("nobody posts on another's Instagram account")
        number = self._world.new_id("comment").partition("_")[2]
        post_id = f"{self._world.account_id(self.place)}_{number}"
        written = Comment(
            comment_id=post_id,
            post_id=post_id,
            text=text,
            at=self._world.now(),
            author_id=self.commenter_id,
            author_name=self.name,
        )
        self._world.comments[post_id] = written
        self._world.tell_comment(self.place, written, "add")
        return written

    async def edit_comment(self, comment: Comment, text: str) -> None:
        """Change a comment; Instagram has no such thing."""
        comment.text = text
        self._world.tell_comment(self.place, comment, "edited")

    async def delete_comment(self, comment: Comment) -> None:
        """Delete a comment."""
        comment.deleted = True
        self._world.tell_comment(self.place, comment, "remove")

    # --- others in the thread

    async def answered_in_app(self, text: str) -> SeenMessage:
        """Have a colleague answer in Meta's own inbox."""
        # Instagram's app names no app at all.
        app_id = self._world.inbox_app_id if self.place == "page" else None
        return self._world.say(self, text, app_id=app_id)

    async def answered_below(self, comment: Comment, text: str) -> Comment:
        """Have a colleague answer a comment in Meta's own app; it stands below the thread's first.

        https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-comment/replies
        """
        sort = "comment" if self.place == "page" else "ig_comment"
        written = Comment(
            comment_id=self._world.new_id(sort),
            post_id=comment.post_id,
            text=text,
            at=self._world.now(),
            author_id=self._world.account_id(self.place),
            author_name="Northwind",
            parent_id=comment.parent_id or comment.comment_id,
            by_account=True,
        )
        self._world.comments[written.comment_id] = written
        self._world.tell_comment(self.place, written, "add")
        return written

    async def taken_over(self) -> None:
        """Have another app take the thread: from now on we only listen."""
        self._tell({"take_thread_control": {"previous_owner_app_id": "1", "metadata": ""}})
        self.thread.elsewhere = True

    # --- looking

    async def sees(
        self,
        wanted: Wanted,
        *,
        after: SeenMessage | None = None,
        timeout: float = 10.0,  # noqa: ASYNC109 - the watcher's patience
    ) -> SeenMessage:
        """Wait for a private message with this in its text, or of which this is true."""

        def look() -> SeenMessage | None:
            ids = [one.message_id for one in self.chat]
            start = ids.index(after.message_id) + 1 if after is not None else 0
            return next((one for one in reversed(self.chat[start:]) if _matches(wanted, one)), None)

        return await self._world.changes.until(
            look,
            patience_s=timeout,
            expected=lambda: f"{wanted!r} among {[one.text for one in self.chat]}",
        )

    async def sees_answer(self, wanted: str, *, timeout: float = 10.0) -> Comment:  # noqa: ASYNC109 - the watcher's patience
        """Wait for a public answer with these words."""
        return await self._world.changes.until(
            lambda: next((one for one in reversed(self.answers) if wanted in one.text), None),
            patience_s=timeout,
            expected=lambda: f"{wanted!r} among {[one.text for one in self.answers]}",
        )

    def _sends(self, content: Json) -> SentMessage:
        mid = self._world.new_id("mid")
        self.thread.last_customer_at = self._world.now()
        self._tell({"message": {"mid": mid, **content}})
        return SentMessage(message_id=mid, text=content.get("text", ""))

    def _tell(self, event: Json) -> None:
        self._world.tell_thread(self, event)
