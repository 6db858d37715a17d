"""Bringing posts to Slack: rendered from the latest state at the moment they are sent."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import ValidationError

from channels.contract import Sent
from channels.errors import SendError, SendFailure
from channels.slack.transport import SlackTransport, map_slack_error, slack_error_code
from config.desk import Desk as DeskSettings
from conversation.kin import Relative
from conversation.model import Author
from conversation.state import Case, ConversationState, Line
from conversation.store import ConversationRow, Delivery, DeskPosted, Store
from handoff import blocks
from handoff.blocks import Post
from handoff.context import ContextPack, FileAddress, context_pack, nowhere, sent_files
from handoff.handles import Handle
from handoff.posts import (
    HELD,
    LINE,
    CardPost,
    CustomerLinePost,
    DeskPost,
    DetailsPost,
    DraftPost,
    HeldLinePost,
    NotePost,
    PromptPost,
    SignOffPost,
    decode_post,
)

# https://docs.slack.dev/reference/methods/chat.update#errors: the post is gone, not refused.
_GONE: Final = frozenset(
    {"cant_update_message", "edit_window_closed", "is_inactive", "message_not_found"}
)

Named = Callable[[ConversationRow, ConversationState], Awaitable[ConversationState]]
"""Adds the customer's name to a state, where their messages carry none; never raises."""

Delivered = tuple[Sent, DeskPosted | None]

_NOTHING_TO_SHOW: Final[Delivered] = (Sent(message_id=""), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    row: ConversationRow
    state: ConversationState
    case_id: str
    relatives: tuple[Relative, ...] = ()
    address_of: FileAddress = nowhere

    @property
    def case(self) -> Case | None:
        """The case, while it is the conversation's current one."""
        case = self.state.case
        return case if case is not None and case.id == self.case_id else None

    @property
    def pack(self) -> ContextPack | None:
        case = self.case
        if case is None:
            return None
        return context_pack(self.row, self.state, case, self.relatives, self.address_of)


async def _as_told(_row: ConversationRow, state: ConversationState) -> ConversationState:
    return state


class Posting:
    """The desk's half of the deliveries."""

    def __init__(
        self,
        *,
        settings: DeskSettings,
        store: Store,
        transport: SlackTransport,
        address_of: FileAddress = nowhere,
        named: Named | None = None,
    ) -> None:
        self._named = named or _as_told
        self._settings = settings
        self._store = store
        self._transport = transport
        self._address_of = address_of

    def follow(self, settings: DeskSettings) -> None:
        """Take changed channels; where Slack is reached stays."""
        self._settings = settings

    async def deliver(self, delivery: Delivery) -> Delivered:
        """Post or update what one outbox row of kind `desk` names.

        Gives Slack's id of the message (empty where nothing is left to be shown) and the place to
        note, if it is one that is updated or found again.

        Raises:
            SendError: Slack did not take it, or the row can never be shown.
            StoreUnavailable: the state cannot be read now.
        """
        try:
            post = decode_post(delivery.payload)
        except ValidationError as error:
            raise SendError(SendFailure.REFUSED, "the row cannot be read") from error
        found = await self._store.conversation(delivery.conversation)
        if found is None:
            raise SendError(SendFailure.REFUSED, "its conversation is gone")
        scene = _Scene(
            row=found[0], state=found[1], case_id=post.case_id, address_of=self._address_of
        )
        keys = [f"case:{post.case_id}", _key(post) or ""]
        places = await self._store.posted(keys)
        card, own = places.get(keys[0]), places.get(keys[1])
        if isinstance(post, CardPost):
            scene = replace(scene, state=await self._named(scene.row, scene.state))
            relatives = tuple(await self._store.relatives(delivery.conversation))
            return await self._card(replace(scene, relatives=relatives), card)
        return await self._in_thread(scene, post, card, own)

    async def tell(self, text: str) -> None:
        """Say something that belongs to no case; raises `SendError`."""
        shown = blocks.note(text)
        try:
            await self._transport.client.chat_postMessage(
                channel=self._settings.slack.channel,
                text="A word from socialcare itself",
                blocks=list(shown.blocks),
            )
        except Exception as error:
            raise map_slack_error(error) from error

    async def _card(self, scene: _Scene, place: DeskPosted | None) -> Delivered:
        pack = scene.pack
        if pack is None:
            # A newer case has taken its place.
            if place is None:
                return _NOTHING_TO_SHOW
            shown = blocks.note("This case is closed; the conversation has a newer one.")
        else:
            shown = blocks.card(pack)
        meta = blocks.metadata(scene.row.id, scene.case_id)
        channel = self._settings.slack.channel
        key = f"case:{scene.case_id}"
        return await self._put(scene, shown, key=key, place=place, channel=channel, meta=meta)

    async def _in_thread(
        self, scene: _Scene, post: DeskPost, card: DeskPosted | None, own: DeskPosted | None
    ) -> Delivered:
        shown = await self._render(scene, post, posted=own is not None)
        if shown is None:
            return _NOTHING_TO_SHOW
        channel, apart = self._settings.slack.channel, False
        if isinstance(post, SignOffPost):
            channel = self._settings.signoffs_to
            apart = channel != (card.channel if card else self._settings.slack.channel)
        made: DeskPosted | None = None
        if card is None and not apart:
            _, made = await self._card(scene, None)
            card = made
        thread_ts = card.ts if card is not None and not apart else None
        channel = card.channel if card is not None and not apart else channel
        sent, place = await self._put(
            scene, shown, key=_key(post), place=own, channel=channel, thread_ts=thread_ts
        )
        # Only one place can be noted with a delivery, and the card's is the one others need.
        return sent, made or place

    async def _render(self, scene: _Scene, post: DeskPost, *, posted: bool) -> Post | None:
        """Show a post as things stand now; None where nothing is left to be shown."""
        match post:
            case DetailsPost():
                return blocks.details(scene.pack) if scene.pack is not None else None
            case CustomerLinePost() | HeldLinePost():
                return _line(scene, post, posted=posted)
            case NotePost():
                return blocks.note(post.text)
            case PromptPost() if post.outcome:
                return blocks.prompt_decided(post.text, post.outcome) if posted else None
            case PromptPost():
                handle = Handle(
                    conversation=scene.row.id, case_id=scene.case_id, about=post.note_id
                )
                return blocks.prompt(handle, post.text, post.by, post.doubts)
            case DraftPost():
                return _draft(scene, post, posted=posted)
            case SignOffPost():
                return await self._sign_off(scene, post)
            case CardPost():  # pragma: no cover - cards have their own way
                return None

    async def _sign_off(self, scene: _Scene, post: SignOffPost) -> Post:
        found = await self._store.approval(post.approval_id)
        if found is None:
            raise SendError(SendFailure.REFUSED, "its sign-off is gone")
        return blocks.sign_off(*found, scene.pack)

    async def _put(
        self,
        scene: _Scene,
        shown: Post,
        *,
        key: str | None,
        place: DeskPosted | None,
        channel: str,
        thread_ts: str | None = None,
        meta: dict[str, Any] | None = None,
    ) -> Delivered:
        if place is not None and await self._updated(place, shown, meta):
            return Sent(message_id=place.ts), place
        try:
            told = await self._transport.client.chat_postMessage(
                channel=channel,
                text=shown.text,
                blocks=list(shown.blocks),
                thread_ts=thread_ts,
                metadata=meta,
                unfurl_links=False,
                unfurl_media=False,
                link_names=False,
            )
        except Exception as error:
            raise map_slack_error(error) from error
        ts, at = told.get("ts"), told.get("channel")
        if not isinstance(ts, str) or not isinstance(at, str):
            raise SendError(SendFailure.UNKNOWN, "Slack did not say where the message stands")
        posted = None
        if key is not None:
            posted = DeskPosted(key=key, conversation=scene.row.id, channel=at, ts=ts)
        return Sent(message_id=ts), posted

    async def _updated(self, place: DeskPosted, shown: Post, meta: dict[str, Any] | None) -> bool:
        """Bring a post up to date; False where it is gone."""
        try:
            await self._transport.client.chat_update(
                channel=place.channel,
                ts=place.ts,
                text=shown.text,
                blocks=list(shown.blocks),
                metadata=meta,
            )
        except Exception as error:
            if slack_error_code(error) in _GONE:
                return False
            raise map_slack_error(error) from error
        return True


def _key(post: DeskPost) -> str | None:
    """Name the place of a post that is updated later; None for lines that stay as they are."""
    match post:
        case CardPost():
            return f"case:{post.case_id}"
        case DetailsPost():
            return f"details:{post.case_id}"
        case PromptPost():
            return f"prompt:{post.note_id}"
        case SignOffPost():
            return f"signoff:{post.approval_id}"
        case DraftPost():
            return f"draft:{post.draft_id}"
        case HeldLinePost():
            # Noted with its own conversation: erasing that customer takes it back.
            return f"{HELD}{post.line_id}"
        case CustomerLinePost() if post.message_id:
            # Taking it back finds it here.
            return f"{LINE}{post.case_id}:{post.message_id}{':edited' if post.edited else ''}"
        case CustomerLinePost() | NotePost():
            return None


def _line(scene: _Scene, post: CustomerLinePost | HeldLinePost, *, posted: bool) -> Post | None:
    if isinstance(post, HeldLinePost):
        return blocks.customer_line(post.text, post.name)
    if post.taken_back:
        return blocks.note("The customer took this message back.") if posted else None
    if not post.text:
        # Taken back before it was posted.
        return None
    files = sent_files(post.files, scene.row.address.channel, scene.address_of)
    return blocks.customer_line(post.text, post.name, files)


def _draft(scene: _Scene, post: DraftPost, *, posted: bool) -> Post | None:
    draft, pack = scene.state.draft, scene.pack
    if draft is None or draft.id != post.draft_id or pack is None:
        return blocks.draft_gone(post.text, post.outcome) if posted else None
    asked: list[Line] = []
    for line in reversed(scene.state.lines):
        if line.author is not Author.CUSTOMER or len(asked) == 3:
            break
        asked.append(line)
    return blocks.draft_post(pack, draft, asked[::-1])
