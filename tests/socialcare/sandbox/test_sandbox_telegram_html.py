"""Telegram's HTML, read as the server reads it."""

from contextlib import suppress
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialcare.sandbox.telegram_html import UnreadableHtmlError, parse_html, utf16_length


def test_entities_are_counted_in_utf16_units() -> None:
    parsed = parse_html(
        '👍 <b>bold <i>both</i></b> <a href="https://n.example/?a=1">link</a> &amp;'
    )
    assert parsed.text == "👍 bold both link &"
    assert parsed.entities == (
        {"type": "bold", "offset": 3, "length": 9},
        {"type": "italic", "offset": 8, "length": 4},
        {"type": "text_link", "offset": 13, "length": 4, "url": "https://n.example/?a=1"},
    )


@pytest.mark.parametrize(
    ("html", "complaint"),
    [
        ("<p>no</p>", 'Unsupported start tag "p"'),
        ("1 < 2", 'Unsupported start tag ""'),
        ("I <3 you", "Unclosed start tag|Unsupported start tag"),
        ("fish & chips", "Unescaped '&' at byte offset 5"),
        ("<b>open", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b><i>x</b></i>", 'expected "</i>", found "</b>"'),
        ("closed</b>", "Unexpected end tag at byte offset 6"),
        ('<span class="red">x</span>', 'must have class "tg-spoiler"'),
    ],
)
def test_what_the_server_would_refuse_is_refused(html: str, complaint: str) -> None:
    with pytest.raises(UnreadableHtmlError, match=complaint):
        parse_html(html)


@given(st.text(max_size=200).filter(lambda text: "\r" not in text))
def test_escaped_text_reads_as_it_was(text: str) -> None:
    parsed = parse_html(f"<b>{escape(text, quote=False)}</b>")
    assert parsed.text == text.strip()
    if parsed.text:
        assert parsed.entities == (
            {"type": "bold", "offset": 0, "length": utf16_length(parsed.text)},
        )


@given(st.text(alphabet="<>/&;ab =\"'-!x", max_size=60))
def test_any_markup_is_read_or_refused(html: str) -> None:
    with suppress(UnreadableHtmlError):
        parse_html(html)
