"""What a chat's page says to us, and what of it is kept in the inbox. Pure.

The protocol is ours (docs/howto/web-chat.md): JSON objects in text frames, told apart by `type`.
Fields we do not know are left alone, so that an older page can talk to a newer service.
"""

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from channels.webchat.files import NAME_MAX, SIZE_MAX

TEXT_LIMIT: Final = 4_000
"""Characters of one message, both ways."""
FRAME_MAX: Final = 64 * 1024
"""Bytes of one frame: as many characters, each escaped as a surrogate pair, and the rest."""
TOKEN_MAX: Final = 400
VISITOR: Final = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)
"""What a visitor's id looks like; it is made up by us and stands in their token."""
SEQ_MAX: Final = 2**53 - 1
"""The largest whole number that a page's JavaScript counts to."""


def _written(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty")
    return text


Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
"""An id that the page made up: of a message, so that it is kept once however often it comes."""
Seq = Annotated[int, Field(ge=0, le=SEQ_MAX, strict=True)]


class _Frame(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="ignore", hide_input_in_errors=True, defer_build=True
    )


class Hello(_Frame):
    """The first frame: who is it, and what has it seen?"""

    type: Literal["hello"]
    token: Annotated[str, Field(max_length=TOKEN_MAX)] | None = None
    """None: a new visitor."""
    seq: Seq = 0
    """The last position of the log that was shown there."""
    language: Annotated[str, Field(max_length=35)] | None = None
    """Of the page, as BCP 47 writes it."""


class Written(_Frame):
    """The visitor's words."""

    type: Literal["message"]
    id: Id
    text: Annotated[str, Field(max_length=TEXT_LIMIT), AfterValidator(_written)]
    language: Annotated[str, Field(max_length=35, pattern=r"^[A-Za-z0-9-]*$")] | None = None
    """Of the page."""


class Typing(_Frame):
    """The visitor is writing."""

    type: Literal["typing"]


class Seen(_Frame):
    """A message of ours arrived at the page, or stands before the visitor's eyes."""

    type: Literal["delivered", "read"]
    id: Id
    """Ours, as the line said it."""


class Rating(_Frame):
    """How the visitor was helped."""

    type: Literal["rating"]
    about: Seq
    """The position of the resolution that was asked about."""
    score: Annotated[int, Field(ge=1, le=5, strict=True)]


class Referral(_Frame):
    """The page was opened by a link that carries a word of ours."""

    type: Literal["referral"]
    id: Id
    """Of the frame, by which it is acknowledged."""
    ref: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,200}$")]


class Transcript(_Frame):
    """The visitor wants all that was said, to keep."""

    type: Literal["transcript"]


class LinkWanted(_Frame):
    """The visitor wants to go on with another device."""

    type: Literal["link"]


class FileOffered(_Frame):
    """The visitor wants to send a file; files go beside the socket, and the page is told so."""

    type: Literal["file"]
    id: Id


class Beat(_Frame):
    """The page is there."""

    type: Literal["beat"]


ClientFrame = (
    Written | Typing | Seen | Rating | Referral | Transcript | LinkWanted | FileOffered | Beat
)
"""Everything after the first."""
CLIENT: Final[TypeAdapter[Hello | ClientFrame]] = TypeAdapter(
    Annotated[Hello | ClientFrame, Field(discriminator="type")]
)


class Attached(_Frame):
    """A file of the visitor's. No page says this: it is made of what was uploaded."""

    type: Literal["file"]
    id: Id
    media: Annotated[str, Field(pattern=r"^f_[0-9a-f]{32}$")]
    """The handle of the bytes, which are kept apart."""
    name: Annotated[str, Field(max_length=NAME_MAX)]
    mime: Annotated[str, Field(max_length=40)]
    size: Annotated[int, Field(ge=1, le=SIZE_MAX)]
    language: Annotated[str, Field(max_length=35, pattern=r"^[A-Za-z0-9-]*$")] | None = None
    """Of the page."""


Said = Written | Seen | Rating | Referral
"""What a page says that is an event of the conversation."""
Kept = Said | Attached
"""What is an event of the conversation, and goes to the inbox."""


class Envelope(_Frame):
    """A frame as the inbox keeps it: with who sent it and when, which the page is not asked."""

    visitor: Annotated[str, Field(pattern=rf"^{VISITOR.pattern}$")]
    at: AwareDatetime
    frame: Annotated[Kept, Field(discriminator="type")]
