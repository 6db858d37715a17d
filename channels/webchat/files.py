"""What a visitor may send beside words: told by its first bytes, never by its name. Pure.

Pictures as phones and browsers make them, and PDF. Nothing of it is opened, changed or shown by us:
a colleague gets it as a download. What may hold scripts for a browser (SVG, HTML) is none of them.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from conversation.model import AttachmentKind

SIZE_MAX: Final = 8 * 1024 * 1024
"""Bytes of one file: a phone's photo has 2 to 6 MB."""
NAME_MAX: Final = 80
"""Characters of a file's name that are kept."""
NAME_SENT_MAX: Final = 1_000
"""Characters of it as it travels, each escaped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileType:
    """A type that is taken."""

    mime: str
    ending: str
    kind: AttachmentKind


_PICTURE: Final = AttachmentKind.IMAGE
JPEG: Final = FileType(mime="image/jpeg", ending="jpg", kind=_PICTURE)
PNG: Final = FileType(mime="image/png", ending="png", kind=_PICTURE)
GIF: Final = FileType(mime="image/gif", ending="gif", kind=_PICTURE)
WEBP: Final = FileType(mime="image/webp", ending="webp", kind=_PICTURE)
HEIC: Final = FileType(mime="image/heic", ending="heic", kind=_PICTURE)
AVIF: Final = FileType(mime="image/avif", ending="avif", kind=_PICTURE)
PDF: Final = FileType(mime="application/pdf", ending="pdf", kind=AttachmentKind.FILE)
TYPES: Final = (JPEG, PNG, GIF, WEBP, HEIC, AVIF, PDF)

# https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern, and ISO/IEC 23008-12 for HEIC.
_SIGNATURES: Final = (
    (re.compile(rb"\xff\xd8\xff[\xc0-\xfe]"), JPEG),
    (re.compile(rb"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), PNG),
    (re.compile(rb"GIF8[79]a"), GIF),
    (re.compile(rb"RIFF.{4}WEBPVP", re.DOTALL), WEBP),
    (re.compile(rb"\x00\x00\x00.ftyp(?:hei[cxms]|hev[cx]|mif1|msf1)", re.DOTALL), HEIC),
    (re.compile(rb"\x00\x00\x00.ftypavi[fs]", re.DOTALL), AVIF),
    (re.compile(rb"%PDF-[12]\."), PDF),
)
_LEFT_OUT: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_ENDING: Final = re.compile(r"\.\w{1,8}$")


def type_of(body: bytes) -> FileType | None:
    """Say what a file is, by its first bytes; None: nothing that is taken."""
    return next((one for signature, one in _SIGNATURES if signature.match(body)), None)


def type_named(mime: str) -> FileType | None:
    """Find a type by its name."""
    return next((one for one in TYPES if one.mime == mime), None)


def read_name(sent: str, *, found: FileType) -> str:
    """Make of a file's name, as it travelled, one that can be shown and saved.

    Args:
        sent: Escaped as `encodeURIComponent` does; any text is borne.
        found: What the file is: its name ends like that, whatever it was called.
    """
    name = unicodedata.normalize("NFC", unquote(sent[:NAME_SENT_MAX], errors="replace"))
    name = re.split(r"[/\\]", name)[-1]
    name = "".join(c for c in name if unicodedata.category(c) not in _LEFT_OUT)
    name = re.sub(r'[<>:"|?*\s]+', " ", name).strip(" .")
    stem, ending = _ENDING.sub("", name), f".{found.ending}"
    return f"{stem[: NAME_MAX - len(ending)].rstrip(' .') or 'file'}{ending}"
