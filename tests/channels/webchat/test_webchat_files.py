from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.webchat.files import (
    AVIF,
    GIF,
    HEIC,
    JPEG,
    NAME_MAX,
    PDF,
    PNG,
    TYPES,
    WEBP,
    FileType,
    read_name,
    type_named,
    type_of,
)
from channels.webchat.tokens import TokenFault, may_fetch, mint, sign_file

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=7)
SECRET = "a secret of enough characters"  # noqa: S105 - nobody uses it
FILE = "f_0123456789abcdef0123456789abcdef"

BEGINNINGS = {
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00": JPEG,
    b"\xff\xd8\xff\xdb\x00\x43": JPEG,
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00": PNG,
    b"GIF89a\x01\x00": GIF,
    b"RIFF\x24\x00\x00\x00WEBPVP8 ": WEBP,
    b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic": HEIC,
    b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00": HEIC,
    b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00": AVIF,
    b"%PDF-1.7\n%\xe2\xe3\xcf\xd3": PDF,
}
NONE_OF_THEM = (
    b"",
    b"\x89PNG",
    b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    b"<!doctype html><script>alert(1)</script>",
    b"GIF89",
    b"MZ\x90\x00",
    b"PK\x03\x04",
    b"\x7fELF",
    b"RIFF\x24\x00\x00\x00WAVEfmt ",
    b"\x00\x00\x00\x18ftypisom",
    b"  %PDF-1.7",
    b"<!-- -->%PDF-1.7",
    b"x\xff\xd8\xff\xe0",
)


@pytest.mark.parametrize(("body", "found"), BEGINNINGS.items())
def test_a_file_is_what_it_begins_like(body: bytes, found: FileType) -> None:
    assert type_of(body + b"rest\n" * 9) is found
    assert type_named(found.mime) is found


@pytest.mark.parametrize("body", NONE_OF_THEM)
def test_what_is_none_of_them_is_not_taken(body: bytes) -> None:
    assert type_of(body) is None


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("receipt.png", "receipt.png"),
        ("invoice.pdf.exe", "invoice.pdf.png"),
        ("..%2F..%2Fetc%2Fpasswd", "passwd.png"),
        ("C%3A%5Cfotos%5Cjacke.JPG", "jacke.png"),
        ("gnp.%E2%80%AEexe", "gnp.png"),
        ("%0d%0aSet-Cookie%3A x", "Set-Cookie x.png"),
        ("%FF%FE", "\ufffd\ufffd.png"),
        ("e%CC%81te%CC%81.png", "\u00e9t\u00e9.png"),
        ("", "file.png"),
        ("....", "file.png"),
        ("a" * 300 + ".png", "a" * 76 + ".png"),
    ],
)
def test_a_name_is_shown_and_never_trusted(sent: str, name: str) -> None:
    assert read_name(sent, found=PNG) == name


@given(sent=st.text(max_size=200), found=st.sampled_from(TYPES))
def test_any_name_gives_one_that_can_be_saved(sent: str, found: FileType) -> None:
    for one in (sent, quote(sent, errors="replace")):
        name = read_name(one, found=found)
        assert len(name) <= NAME_MAX
        assert name.endswith(f".{found.ending}")
        assert name.isprintable()
        assert not set(name) & set('/\\<>:"|?*')
        assert not name.startswith(".")


def fetch(signature: str, *, expires: str | None = None, now: datetime = NOW) -> TokenFault | None:
    until = str(int(LATER.timestamp())) if expires is None else expires
    return may_fetch(
        secret=SECRET, channel="webchat", media=FILE, expires=until, signature=signature, now=now
    )


def test_an_address_opens_one_file_until_it_ends() -> None:
    signature = sign_file(secret=SECRET, channel="webchat", media=FILE, expires=LATER)
    assert fetch(signature) is None
    assert fetch(signature, now=LATER) is TokenFault.EXPIRED
    assert fetch(signature, expires=str(int(LATER.timestamp()) + 1)) is TokenFault.FORGED
    for other in (
        sign_file(secret=SECRET, channel="other", media=FILE, expires=LATER),
        sign_file(secret=SECRET + "!", channel="webchat", media=FILE, expires=LATER),
        sign_file(secret=SECRET, channel="webchat", media=FILE[:-1] + "0", expires=LATER),
        mint(secret=SECRET, channel="webchat", visitor=FILE, now=NOW).rpartition(".")[2],
        "",
    ):
        assert fetch(other) is TokenFault.FORGED


@given(expires=st.text(max_size=30), signature=st.text(max_size=60))
def test_any_address_is_judged(expires: str, signature: str) -> None:
    assert fetch(signature, expires=expires) is TokenFault.FORGED
