"""What the widget must not have; what it does is seen in a browser."""

import re
from importlib.resources import files

import pytest

PAGES = files("socialcare.chat").joinpath("pages")
WIDGET = PAGES.joinpath("widget.js").read_text("utf-8")


def test_the_widget_is_small() -> None:
    assert len(WIDGET.encode()) < 30_000


@pytest.mark.parametrize(
    "banned",
    [
        r"innerHTML", r"outerHTML", r"insertAdjacentHTML", r"document\.write", r"\beval\b",
        r"new Function", r"\.style\b", r"""createElement\(["']style""", r"srcdoc", r"DOMParser",
        r"setTimeout\(\s*[\"']", r"https?://(?!\S*\$)\w",
    ],
)  # fmt: skip
def test_the_widget_makes_no_html_of_text_and_names_no_other_place(banned: str) -> None:
    assert re.findall(banned, WIDGET) == []


def test_every_language_has_every_word() -> None:
    found = re.findall(r"^    (en|de|fr|es): \{$(.*?)^    \},$", WIDGET, re.DOTALL | re.MULTILINE)
    keys = {language: set(re.findall(r"(?<![\w\"])(\w+): \"", text)) for language, text in found}
    assert set(keys) == {"en", "de", "fr", "es"}
    assert all(each == keys["en"] for each in keys.values())


def test_the_page_holds_no_script_and_no_style_of_its_own() -> None:
    page = PAGES.joinpath("page.html").read_text("utf-8")
    assert not re.search(r"<script(?![^>]*src=)|<style|\bon\w+=|style=", page)
