"""Files that customers sent: bytes kept for a while, apart from what was said about them.

A message names its file; the bytes are a row of their own, written in the transaction that keeps
the message's arrival. They go with the person (`erase`), with the conversation's past
(`retention.messages`) and sooner by themselves (`retention.media`). Whoever looks for bytes that
are gone finds nothing, and the message still says that there was a file.
"""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """One file's bytes."""

    id: str
    conversation: str
    """Whose it is."""
    mime: str
    """What the bytes are, as we found; never what somebody said they are."""
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaHeld:
    """What a conversation holds in files."""

    count: int
    size: int
    """Bytes."""


def media_id(conversation: str, event_id: str) -> str:
    """Name the file of an event: the same however often it is sent."""
    named = f"{conversation}\x1f{event_id}".encode()
    return "f_" + hashlib.blake2b(named, digest_size=16).hexdigest()
