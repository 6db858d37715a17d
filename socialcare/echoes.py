"""What comes back in an account's own name: our own words, or a colleague's in the platform's app.

Platforms tell us of both. Some name the app that sent it; others are understood by what we said, in
whichever process or earlier life: by the id that the platform gave it, or, as long as the answer
that names it is under way or was lost, by its words, which stand in the log before they are sent.
"""

import re
from dataclasses import replace
from typing import Final

from channels.contract import Adapter
from config.stages import Surface
from conversation.events import AnsweredElsewhere, Delivered, Said
from conversation.kin import Spoken
from conversation.model import Arrival
from conversation.store import Store

_SCHEME: Final = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)


async def placed(store: Store, adapter: Adapter, arrival: Arrival) -> Arrival:
    """Leave `elsewhere` to what a colleague said, in the conversation that it belongs to.

    Anything else comes back as what asks for nothing. An answer under a comment belongs to whom it
    answers: their message was kept before, and says where.

    Raises:
        StoreUnavailable: what we said cannot be read now.
    """
    conversation = arrival.conversation
    if conversation is None and arrival.answers is not None:
        conversation = await store.arrived_in(
            channel=arrival.channel, account=arrival.account, event_id=arrival.answers.event_id
        )
    if conversation is None or await _said_here(store, adapter, arrival, conversation):
        return replace(arrival, address=None, elsewhere=False)
    return arrival if arrival.address is not None else replace(arrival, to=conversation)


async def _said_here(store: Store, adapter: Adapter, arrival: Arrival, conversation: str) -> bool:
    """Say whether it was this service after all, in another process or an earlier life."""
    found = adapter.codec.decode(arrival)
    answers = [event for event in found if isinstance(event, AnsweredElsewhere)]
    ids = {event.message_id for event in answers}
    texts = {event.text.strip() for event in answers if not event.named} - {""}
    bare = {_bare(text) for text in texts}
    surface = Surface.PUBLIC if arrival.answers else Surface.PRIVATE
    for _, event in await store.log(conversation):
        if isinstance(event, Delivered) and event.message_id in ids:
            return True
        if texts and isinstance(event, Said):
            parts = adapter.codec.split_text(event.text, surface=surface)
            if not bare.isdisjoint(map(_bare, parts)):
                return True
    return bool(texts) and await _said_nearby(store, arrival, tuple(sorted(texts)))


def _bare(text: str) -> str:
    """Give words as they are however a platform shows links and spaces."""
    return " ".join(_SCHEME.sub("", text).split()).rstrip("/")


async def _said_nearby(store: Store, arrival: Arrival, texts: tuple[str, ...]) -> bool:
    """Say whether the words belong to a conversation beside this one.

    A private reply to a comment is said in the comment's conversation, and comes back in the
    private one. An answer to somebody who wrote below another's comment comes back as one to that.
    """
    place = Spoken(channel=arrival.channel, account=arrival.account, texts=texts)
    if arrival.answers is not None:
        return await store.spoke(replace(place, thread=f"{arrival.answers.thread}:"))
    if arrival.address is None or arrival.address.surface is not Surface.PRIVATE:
        return False
    return await store.spoke(replace(place, user_id=arrival.address.key))
