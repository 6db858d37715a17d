"""People on X: what they post and write, and what they see of the brand."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar

from socialcare.sandbox.watching import Changes
from socialcare.sandbox.x_rules import DM_MAX, POST_MAX, weighed

Json = dict[str, Any]
_NAMES = re.compile(r"@(\w{1,15})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody's account."""

    user_id: str
    username: str
    name: str

    @property
    def v2(self) -> Json:
        """API v2's `user`."""
        return {"id": self.user_id, "name": self.name, "username": self.username}

    @property
    def classic(self) -> Json:
        """API 1.1's."""
        return {"id": self.user_id, "name": self.name, "screen_name": self.username}


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post as everybody sees it."""

    post_id: str
    author: Account
    text: str
    at: datetime
    thread: str
    """The id of the thread's first post."""
    answers: "Post | None" = None
    quotes: "Post | None" = None
    versions: tuple[str, ...] = ()
    media: tuple[Json, ...] = ()
    lang: str = "en"

    def names(self) -> list[str]:
        """Give the names in it."""
        return _NAMES.findall(self.text)

    def summons(self, us: Account) -> bool:
        """Say whether its author called us: by name, or by quoting us."""
        called = any(name.casefold() == us.username.casefold() for name in self.names())
        return called or (self.quotes is not None and self.quotes.author == us)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A direct message."""

    message_id: str
    sender: Account
    recipient: Account
    text: str
    at: datetime
    app: str
    media: Json | None = None

    @property
    def conversation(self) -> str:
        """API v2's name of the conversation of the two."""
        return "-".join(sorted((self.sender.user_id, self.recipient.user_id), key=int))


Seen = Post | Message
T = TypeVar("T", Post, Message)
Wanted = str | Callable[[Any], bool]


class World(Protocol):
    """What a customer needs of the stand-in."""

    changes: Changes
    us: Account

    def publish(self, post: Post) -> Post:
        """Put a post where everybody reads it, and tell the brand where it asked to be told."""
        ...

    def deliver(self, message: Message) -> Message:
        """Put a direct message into its conversation, and tell the brand."""
        ...

    def encrypt(self, sender: Account) -> str:
        """Tell the brand of an encrypted message; gives its id."""
        ...

    def mark_read(self, reader: Account) -> None:
        """Tell the brand that its messages were read."""
        ...

    def remove(self, post: Post) -> None:
        """Take a post away."""
        ...

    def made(self) -> tuple[str, datetime]:
        """Give a new id and its moment."""
        ...

    def answers_to(self, account: Account) -> list[Post]:
        """Give the brand's answers to somebody."""
        ...

    def conversation_of(self, account: Account) -> list[Message]:
        """Give the direct messages between the brand and somebody."""
        ...


@dataclass(slots=True, kw_only=True)
class Customer:
    """Somebody with an account on X and something to say."""

    world: World
    account: Account
    blocked: bool = False
    """Whether they take direct messages of the brand no more."""
    posted: list[Post] = field(default_factory=list)

    @property
    def user_id(self) -> str:
        """Their id."""
        return self.account.user_id

    @property
    def public(self) -> tuple[Post, ...]:
        """What the brand answered them in public, oldest first."""
        return tuple(self.world.answers_to(self.account))

    @property
    def chat(self) -> tuple[Message, ...]:
        """What the brand wrote to them in private, oldest first."""
        ours = self.world.conversation_of(self.account)
        return tuple(each for each in ours if each.sender == self.world.us)

    async def posts(
        self,
        text: str,
        *,
        reply_to: Post | None = None,
        quotes: Post | None = None,
        media: tuple[Json, ...] = (),
        lang: str = "en",
    ) -> Post:
        """Post something; to name the brand, write its `@name`."""
        if weighed(text) > POST_MAX:
            raise ValueError("X's apps post 280 weighted characters")
        post_id, at = self.world.made()
        post = Post(
            post_id=post_id,
            author=self.account,
            text=text,
            at=at,
            thread=reply_to.thread if reply_to else post_id,
            answers=reply_to,
            quotes=quotes,
            media=media,
            lang=lang,
        )
        self.posted.append(post)
        return self.world.publish(post)

    async def edits(self, post: Post, text: str) -> Post:
        """Change a post: a new one with the old one's history."""
        post_id, at = self.world.made()
        history = post.versions or (post.post_id,)
        changed = replace(post, post_id=post_id, text=text, at=at, versions=(*history, post_id))
        return self.world.publish(changed)

    async def deletes(self, post: Post) -> None:
        """Take a post away."""
        self.world.remove(post)

    async def writes_dm(self, text: str, *, media: Json | None = None) -> Message:
        """Write to the brand in private."""
        if len(text) > DM_MAX:
            raise ValueError("X's apps send 10,000 characters in a message")
        message_id, at = self.world.made()
        return self.world.deliver(
            Message(
                message_id=message_id,
                sender=self.account,
                recipient=self.world.us,
                text=text,
                at=at,
                app="129032",
                media=media,
            )
        )

    async def writes_encrypted(self) -> str:
        """Write to the brand in X Chat; nobody but X's own app can read it."""
        return self.world.encrypt(self.account)

    async def reads(self) -> None:
        """Open the conversation."""
        self.world.mark_read(self.account)

    def blocks(self) -> None:
        """Take no more messages of the brand."""
        self.blocked = True

    async def sees(self, wanted: Wanted, *, timeout: float = 10.0) -> Post:  # noqa: ASYNC109 - the watcher's patience
        """Wait for a public answer of the brand with these words, the newest first."""
        return await self._sees(wanted, lambda: self.public, timeout)

    async def sees_dm(self, wanted: Wanted, *, timeout: float = 10.0) -> Message:  # noqa: ASYNC109 - the watcher's patience
        """Wait for a direct message of the brand with these words, the newest first."""
        return await self._sees(wanted, lambda: self.chat, timeout)

    async def _sees(
        self, wanted: Wanted, shown: Callable[[], tuple[T, ...]], patience_s: float
    ) -> T:
        def fits(one: Post | Message) -> bool:
            return wanted in one.text if isinstance(wanted, str) else wanted(one)

        return await self.world.changes.until(
            lambda: next((one for one in reversed(shown()) if fits(one)), None),
            patience_s=patience_s,
            expected=lambda: f"{wanted!r} among {[one.text for one in shown()]}",
        )
