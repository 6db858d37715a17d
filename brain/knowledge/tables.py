"""Questions and answers in a CSV file whose first row names the columns."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from brain.knowledge.importing import ImportProblem, Piece, Taken, judged, one_line
from brain.knowledge.page import readable

DELIMITERS: Final = ",;\t|"
_COLUMNS: Final[Mapping[str, str]] = {
    "title": (
        "question title frage titel question(s) titre pregunta título titulo domanda "
        "titolo vraag pergunta q"
    ),
    "body": (
        "answer body text content antwort inhalt réponse reponse texte contenu respuesta "
        "texto risposta testo antwoord tekst resposta a"
    ),
    "id": "id key slug",
    "topics": "topic topics thema themen",
    "language": "language languages lang locale sprache langue idioma lingua taal",
    "surface": "surface",
    "owner": "owner",
    "expires": "expires",
}
"""How columns may be called, in the languages that brands keep their lists in."""
_LANGUAGE = re.compile(r"[a-z]{2}(?![a-z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which column is the question's and which the answer's, where their names do not tell."""

    question: str = ""
    answer: str = ""


def taken_from_table(text: str, *, columns: Columns) -> Taken:
    """Take the articles out of a CSV file: separated by comma, semicolon, tab or bar.

    Args:
        text: The file's content.
        columns: The columns' names, where they are unusual.

    Returns:
        A piece for each row, and the rows that cannot be taken by line.
    """
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    problems: list[ImportProblem] = []
    pieces: list[Piece] = []
    names: list[str] = []
    places: dict[str, int] = {}
    line = 1
    try:
        for row in rows:
            began, line = line, rows.line_num + 1
            if not any(cell.strip() for cell in row):
                continue
            if not names:
                names = [one_line(cell) for cell in row]
                places = _places(names, columns, problems, line=began)
                if problems:
                    break
                continue
            piece = _piece(row, names, places, line=began)
            if isinstance(piece, Piece):
                pieces.append(piece)
            else:
                problems.append(piece)
    except csv.Error as error:
        cure = "put cells with line breaks or quotes in quotes, and double the quotes inside"
        problems.append(ImportProblem(line=max(1, rows.line_num), why=str(error), cure=cure))
    if not names and not problems:
        cure = "begin with a row that names the columns question and answer"
        problems.append(ImportProblem(line=1, why="holds no row", cure=cure))
    unread = [each for number, each in enumerate(names) if number not in places.values() and each]
    taken = judged(pieces, problems)
    notes = (f"columns that are not taken: {', '.join(unread)}",) if unread and places else ()
    return Taken(pieces=taken.pieces, problems=taken.problems, notes=notes)


def _delimiter(text: str) -> str:
    """Take the separator that the first row has most of."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=first.count)


def _places(
    names: Sequence[str], columns: Columns, problems: list[ImportProblem], *, line: int
) -> dict[str, int]:
    """Find each column by its name."""
    spelled = [each.casefold() for each in names]
    asked = {"title": columns.question, "body": columns.answer}
    places: dict[str, int] = {}
    for key, known in _COLUMNS.items():
        wanted = asked.get(key, "")
        fits = {wanted.casefold()} if wanted else set(known.split())
        here = [number for number, name in enumerate(spelled) if name in fits]
        if here:
            places[key] = here[0]
        elif key in asked:
            what, option = ("question", "--question") if key == "title" else ("answer", "--answer")
            why = f"no column is the {what}; found: {', '.join(filter(None, names)) or 'none'}"
            problems.append(ImportProblem(line=line, why=why, cure=f"name it with {option}"))
    return places


def _piece(
    row: Sequence[str], names: Sequence[str], places: Mapping[str, int], *, line: int
) -> Piece | ImportProblem:
    if len(row) > len(names) and any(cell.strip() for cell in row[len(names) :]):
        why = f"has {len(row)} cells under {len(names)} columns"
        return ImportProblem(line=line, why=why, cure="put cells that hold the separator in quotes")
    cells = {key: row[at] if at < len(row) else "" for key, at in places.items()}
    title, body = one_line(readable(cells["title"])), readable(cells["body"])
    if not title or not body:
        what = "question" if not title else "answer"
        return ImportProblem(line=line, why=f"has no {what}", cure="write one, or take the row out")
    code = _LANGUAGE.match(cells.get("language", "").strip().casefold())
    return Piece(
        title=title,
        body=body,
        line=line,
        language=code[0] if code else "",
        topics=tuple(filter(None, re.split(r"[\s,;|]+", cells.get("topics", "").strip()))),
        id=cells.get("id", "").strip(),
        surface=cells.get("surface", "").strip(),
        owner=one_line(cells.get("owner", "")),
        expires=cells.get("expires", "").strip(),
    )
