"""Articles followed on disk: a good change is in force soon, a broken one never."""

import asyncio
import errno
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from brain.knowledge.articles import ArticleProblem
from socialcare.sandbox.hand_clock import HandClock
from socialcare.shelf import Shelf, differences, follow, look


def article(name: str, answer: str = "Yes.") -> str:
    return f"---\nid: {name}\ntitle: About {name}\nsurface: public\n---\n{answer}\n"


def said(shelf: Shelf) -> dict[str, str]:
    return {each.id: each.answer for each in shelf.articles}


def refused(problems: tuple[ArticleProblem, ...]) -> list[tuple[str, str]]:
    return [(each.file, each.key) for each in problems]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    (tmp_path / "a.md").write_text(article("a"))
    (tmp_path / "b.md").write_text(article("b"))
    shelf = Shelf(tmp_path)
    assert shelf.read() == ()
    return shelf


def test_a_changed_a_new_and_a_removed_article(shelf: Shelf) -> None:
    (shelf.folder / "a.md").write_text(article("a", "No."))
    (shelf.folder / "b.md").unlink()
    (shelf.folder / "deeper").mkdir()
    (shelf.folder / "deeper" / "c.md").write_text(article("c"))
    (shelf.folder / "d.md.draft").write_text(article("d"))
    assert shelf.read() == ()
    assert said(shelf) == {"a": "No.", "c": "Yes."}


@pytest.mark.parametrize("broken", [b"---\ntitle: [\n---\nx", b"\xff\xfe\x00", b""])
def test_a_broken_one_is_refused_and_the_old_one_stays(shelf: Shelf, broken: bytes) -> None:
    (shelf.folder / "a.md").write_bytes(broken)
    (shelf.folder / "c.md").write_bytes(broken)
    assert refused(shelf.read()) == [("a.md", ""), ("c.md", "")]
    assert said(shelf) == {"a": "Yes.", "b": "Yes."}
    (shelf.folder / "a.md").write_text(article("a", "No."))
    (shelf.folder / "c.md").unlink()
    assert shelf.read() == ()
    assert said(shelf) == {"a": "No.", "b": "Yes."}


def test_a_folder_that_became_a_file_takes_nothing_away(shelf: Shelf) -> None:
    shutil.rmtree(shelf.folder)
    shelf.folder.write_text(article("a"), "utf-8")
    assert refused(shelf.read()) == [("", "")]
    assert said(shelf) == {"a": "Yes.", "b": "Yes."}


def test_more_files_than_are_read_are_told(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socialcare.learning.ARTICLES_MAX", 1)
    assert refused(shelf.read()) == [("", "")]
    assert said(shelf) == {"a": "Yes."}


def test_an_id_stays_with_who_has_it(shelf: Shelf) -> None:
    (shelf.folder / "a.md").write_text(article("b", "No."))
    assert refused(shelf.read()) == [("a.md", "id")]
    assert said(shelf) == {"a": "Yes.", "b": "Yes."}


def test_two_may_swap_their_ids(shelf: Shelf) -> None:
    (shelf.folder / "a.md").write_text(article("b", "No."))
    (shelf.folder / "b.md").write_text(article("a", "Maybe."))
    assert shelf.read() == ()
    assert said(shelf) == {"b": "No.", "a": "Maybe."}


class Desk:
    """Counts the readings, and hears what is told."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.clock = HandClock()
        self.readings = 0
        self.told: list[str] = []
        self.failing = False

    async def read(self) -> tuple[ArticleProblem, ...]:
        self.readings += 1
        if self.failing:
            raise ValueError("nothing can be learnt of that")
        return self.shelf.read()

    async def tell(self, text: str) -> None:
        self.told.append(text)

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        task = asyncio.create_task(
            follow(
                folder=lambda: self.shelf.folder,
                read=self.read,
                tell=self.tell,
                clock=self.clock,
                seen=look(self.shelf.folder),
            )
        )
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_what_does_not_change_is_not_read_again(shelf: Shelf) -> None:
    desk = Desk(shelf)
    async with desk.following():
        for _ in range(4):
            await desk.clock.skip()
    assert (desk.readings, desk.told) == (0, [])


async def test_a_change_is_in_force_after_it_has_rested(shelf: Shelf) -> None:
    desk = Desk(shelf)
    async with desk.following():
        await desk.clock.skip()
        (shelf.folder / "a.md").write_text("---\nid: a\ntit")
        await desk.clock.skip()
        (shelf.folder / "a.md").write_text(article("a", "No, never."))
        for _ in range(4):
            await desk.clock.skip()
    assert (desk.readings, desk.told) == (1, [])
    assert said(shelf)["a"] == "No, never."


async def test_a_broken_change_is_told_once_and_the_rest_taken(shelf: Shelf) -> None:
    desk = Desk(shelf)
    async with desk.following():
        await desk.clock.skip()
        for n in range(12):
            (shelf.folder / f"broken-{n:02}.md").write_text("---\ntitle: [\n---\nx")
        (shelf.folder / "b.md").write_text(article("b", "No."))
        for _ in range(5):
            await desk.clock.skip()
    (told,) = desk.told
    assert "broken-00.md" in told
    assert "and 2 more" in told
    assert said(shelf) == {"a": "Yes.", "b": "No."}


async def test_articles_that_cannot_be_learnt_are_told_and_the_next_change_is_taken(
    shelf: Shelf,
) -> None:
    desk = Desk(shelf)
    async with desk.following():
        await desk.clock.skip()
        desk.failing = True
        (shelf.folder / "a.md").write_text(article("a", "No."))
        for _ in range(4):
            await desk.clock.skip()
        (told,) = desk.told
        assert "could not be learnt" in told
        desk.failing = False
        (shelf.folder / "b.md").write_text(article("b", "No, never."))
        for _ in range(4):
            await desk.clock.skip()
    assert said(shelf) == {"a": "No.", "b": "No, never."}


async def test_what_was_told_is_not_told_again_with_the_next_change(shelf: Shelf) -> None:
    desk = Desk(shelf)
    async with desk.following():
        await desk.clock.skip()
        (shelf.folder / "broken.md").write_text("---\ntitle: [\n---\nx")
        for _ in range(4):
            await desk.clock.skip()
        (shelf.folder / "b.md").write_text(article("b", "No, never."))
        for _ in range(4):
            await desk.clock.skip()
        (shelf.folder / "worse.md").write_text("no front matter")
        for _ in range(4):
            await desk.clock.skip()
    first, second = desk.told
    assert "broken.md" in first
    assert ("worse.md" in second, "broken.md" in second) == (True, False)


def test_a_folder_that_is_gone_takes_nothing_away(shelf: Shelf) -> None:
    """A volume that is not mounted, a folder that is being exchanged."""
    shutil.rmtree(shelf.folder)
    assert refused(shelf.read()) == [("", "")]
    assert said(shelf) == {"a": "Yes.", "b": "Yes."}


def test_a_folder_that_was_never_there_is_told_where_it_is_named(tmp_path: Path) -> None:
    assert Shelf(tmp_path / "none").read() == ()
    (problem,) = Shelf(tmp_path / "none", named=True).read()
    assert str(tmp_path / "none") in problem.why
    assert "`knowledge.folder`" in problem.why


@pytest.mark.parametrize("closed", ["", "deeper"])
def test_what_may_not_be_looked_into_takes_nothing_away(
    shelf: Shelf, closed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shelf.folder / "deeper").mkdir()
    (shelf.folder / "deeper" / "c.md").write_text(article("c"))
    assert shelf.read() == ()
    scandir = os.scandir

    def refused_there(path: str) -> Iterator[os.DirEntry[str]]:
        if Path(path) == shelf.folder / closed:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refused_there)
    (problem,) = shelf.read()
    assert (problem.file, problem.key) == (closed, "")
    assert problem.why.startswith("cannot be read: Permission denied; let the account")
    assert said(shelf) == {"a": "Yes.", "b": "Yes.", "c": "Yes."}


def test_an_empty_folder_is_the_brands_wish(shelf: Shelf) -> None:
    for file in shelf.folder.glob("*.md"):
        file.unlink()
    assert shelf.read() == ()
    assert said(shelf) == {}


def test_hidden_files_and_folders_hold_no_articles(shelf: Shelf) -> None:
    """macOS lays `._a.md` beside each, Kubernetes keeps `..2026_11/` in a mounted folder."""
    (shelf.folder / "._a.md").write_bytes(b"\x00\x05\x16\x07\xff")
    (shelf.folder / "..2026_11").mkdir()
    (shelf.folder / "..2026_11" / "a.md").write_text(article("a"))
    assert shelf.read() == ()
    assert said(shelf) == {"a": "Yes.", "b": "Yes."}


def test_what_changed_is_named(shelf: Shelf) -> None:
    before = shelf.articles
    (shelf.folder / "a.md").write_text(article("a", "No."))
    (shelf.folder / "b.md").unlink()
    (shelf.folder / "c.md").write_text(article("c"))
    shelf.read()
    assert differences(before, shelf.articles) == ("a: changed", "b: removed", "c: added")
