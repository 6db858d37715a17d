"""`socialcare knowledge import` from outside: files of any kind, and nothing overwritten."""

import os
from pathlib import Path

import pytest

from socialcare.commands.importing import FILES_MAX, SIZE_MAX
from tests.socialcare.commands.conftest import Invoke

PAGE = """<html lang="en"><title>Help</title><h1>Help</h1>
<details><summary>Do you repair boots?</summary>Yes, in our shop in Leeds.</details>
<details><summary>How do I send something back?</summary>Use the label in the box.</details>
"""


@pytest.fixture
def page(brand: Path) -> Path:
    file = brand.parent / "faq.html"
    file.write_text(PAGE, "utf-8")
    return file


def articles(brand: Path) -> dict[str, str]:
    return {file.name: file.read_text("utf-8") for file in (brand.parent / "knowledge").iterdir()}


def test_a_page_becomes_articles_that_wait_for_review(
    invoke: Invoke, brand: Path, page: Path
) -> None:
    before = articles(brand)
    dry = invoke("knowledge", "import", str(page), "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert "2 articles would be written" in dry.stdout
    assert articles(brand) == before
    done = invoke("knowledge", "import", str(page))
    assert done.exit_code == 0, done.output
    assert "faq.html: 2 new, 0 known already" in done.stdout
    text = articles(brand)["do-you-repair-boots.md"]
    assert "source: faq.html" in text
    assert "reviewed: #" in text
    assert (
        "topics: [start_return] # suggested" in articles(brand)["how-do-i-send-something-back.md"]
    )
    told = invoke("check")
    assert told.exit_code == 0, told.output
    assert "do-you-repair-boots: stale: was imported from faq.html" in told.stderr
    asked = '{"text": "do you repair boots?"}\n'
    assert "do-you-repair-boots" not in invoke("understand", given=asked).stdout
    file = brand.parent / "knowledge" / "do-you-repair-boots.md"
    file.write_text(text.replace("reviewed:", "reviewed: 2099-01-01"), "utf-8")
    assert "do-you-repair-boots" in invoke("understand", given=asked).stdout


def test_again_nothing_is_written_or_overwritten(invoke: Invoke, brand: Path, page: Path) -> None:
    invoke("knowledge", "import", str(page))
    file = brand.parent / "knowledge" / "do-you-repair-boots.md"
    file.write_text(file.read_text("utf-8") + "\nAnd in York.\n", "utf-8")
    before = articles(brand)
    again = invoke("knowledge", "import", str(page))
    assert again.exit_code == 0, again.output
    assert "0 articles written" in again.stdout
    assert "do-you-repair-boots has this question with other words" in again.stderr
    assert articles(brand) == before


def test_a_file_of_that_name_that_is_no_article_is_left_alone(
    invoke: Invoke, brand: Path, page: Path
) -> None:
    file = brand.parent / "knowledge" / "do-you-repair-boots.md"
    file.write_text("mine", "utf-8")
    assert invoke("knowledge", "import", str(page)).exit_code == 0
    assert file.read_text("utf-8") == "mine"
    assert "do-you-repair-boots-2.md" in articles(brand)


def test_broken_files_are_named_and_the_others_taken(
    invoke: Invoke, brand: Path, page: Path, tmp_path: Path
) -> None:
    (tmp_path / "old.csv").write_bytes("question,answer\na?,b\nGrün?,schön\n".encode("cp1252"))
    (tmp_path / "zero.csv").write_bytes(b"question,answer\na?,b\0c\n")
    (tmp_path / "odd.html").write_bytes(b"<meta charset=klingon-1><h1>a</h1>b")
    (tmp_path / "big.html").write_bytes(b"x" * (SIZE_MAX + 1))
    (tmp_path / "rows.csv").write_text("question,answer\nDo you dye?,No.\n,x\n", "utf-8")
    (tmp_path / "faq.pdf").write_bytes(b"%PDF")
    (tmp_path / "dir.html").mkdir()
    (tmp_path / "pages").mkdir()
    os.mkfifo(tmp_path / "pipe.html")
    names = [
        "old.csv",
        "zero.csv",
        "odd.html",
        "big.html",
        "rows.csv",
        "faq.pdf",
        "dir.html",
        "pages",
    ]
    files = [str(tmp_path / each) for each in (*names, "pipe.html", "none.html")]
    told = invoke("knowledge", "import", *files, str(page))
    assert told.exit_code == 2
    for place, cure in (
        ("old.csv: line 3: is not written in utf-8", "--encoding windows-1252"),
        ("zero.csv: line 2: holds a zero", "export it anew"),
        ("odd.html: line 1: says that its encoding is klingon-1", "--encoding"),
        ("big.html: line 1: has 5,242,881 bytes", "split it"),
        ("rows.csv: line 3: has no question", "take the row out"),
        ("faq.pdf: line 1: its name ends in .pdf", ".csv, .htm, .html"),
        ("dir.html: line 1: is a folder", "name the files in it"),
        ("pages: line 1: is a folder", "name the files in it"),
        ("pipe.html: line 1: is no plain file", "copy it"),
        ("none.html: line 1: cannot be read: No such file", "check its name"),
    ):
        line = next(line for line in told.stderr.splitlines() if place in line)
        assert cure in line
    assert {"do-you-dye.md", "do-you-repair-boots.md"} <= set(articles(brand))


ENCODED = {
    "eight.csv": "question,answer\nÜber acht?,Schön acht.\n".encode("utf-8-sig"),
    "sixteen.csv": "\ufeffquestion\tanswer\nÜber sechzehn?\tSchön 16.\n".encode("utf-16-le"),
    "latin.html": b"<meta charset='iso-8859-1'><h2>\xdcber Latein hier?</h2>Sch\xf6n \x80.",
    "equiv.HTM": b'<meta http-equiv=x content="text/html; charset=windows-1252">'
    b"<h2>\xdcber anderes hier?</h2>Sch\xf6n anders.",
}


def test_encodings(invoke: Invoke, brand: Path, tmp_path: Path) -> None:
    for name, content in ENCODED.items():
        (tmp_path / name).write_bytes(content)
    told = invoke("knowledge", "import", *[str(tmp_path / each) for each in ENCODED])
    assert told.exit_code == 0, told.output
    for name, words in (
        ("uber-acht.md", "Schön acht."),
        ("uber-sechzehn.md", "Schön 16."),
        ("uber-latein-hier.md", "Schön €."),
        ("uber-anderes-hier.md", "Schön anders."),
    ):
        assert words in articles(brand)[name]


def test_an_encoding_that_is_named(invoke: Invoke, brand: Path, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("Wat?,Zo\nÜber uns?,Schön.\n".encode("cp1252"))
    words = ("knowledge", "import", str(tmp_path / "a.csv"), "--encoding")
    assert "klingon: no such encoding" in invoke(*words, "klingon").stderr
    assert "hex: no such encoding" in invoke(*words, "hex").stderr
    told = invoke(*words, "windows-1252", "--question", "Wat?", "--answer", "zo")
    assert told.exit_code == 0, told.output
    assert "Schön." in articles(brand)["uber-uns.md"]


def test_too_many_files_and_a_folder_that_cannot_be_written(
    invoke: Invoke, brand: Path, page: Path
) -> None:
    told = invoke("knowledge", "import", *[str(page)] * (FILES_MAX + 1))
    assert (told.exit_code, "give them in parts" in told.stderr) == (2, True)
    for file in (brand.parent / "knowledge").iterdir():
        file.unlink()
    (brand.parent / "knowledge").rmdir()
    (brand.parent / "knowledge").write_text("a file", "utf-8")
    told = invoke("knowledge", "import", str(page))
    assert (told.exit_code, "is no folder" in told.stderr) == (2, True)
