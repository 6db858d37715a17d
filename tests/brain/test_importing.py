"""Questions and answers out of pages and tables, and the articles that come of them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.knowledge.articles import Article, parse_article
from brain.knowledge.drafts import Draft, Known, Shelf
from brain.knowledge.faq import taken_from_page
from brain.knowledge.importing import BODY_MAX, PIECES_MAX, ImportProblem, Piece, Taken
from brain.knowledge.tables import Columns, taken_from_table


def pairs(taken: Taken) -> dict[str, str]:
    return {each.title: each.body for each in taken.pieces}


def declared(*questions: tuple[str, Any], body: str = "") -> str:
    data = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "WebSite", "name": "N"},
            {
                "@type": ["WebPage", "FAQPage"],
                "mainEntity": [
                    {"@type": "Question", "name": name, "acceptedAnswer": answer}
                    for name, answer in questions
                ],
            },
        ],
    }
    script = f'<script type="application/ld+json">{json.dumps(data)}</script>'
    return f"<html lang=en><head>{script}</head><body>{body}</body></html>"


def test_a_page_is_cut_at_its_headings_and_questions() -> None:
    html = """<title>Help</title><h1>Help</h1><p>crumbs</p><h2>Shipping</h2>
    <h3>How long does it take?</h3><p>Two days.</p><h3>Costs</h3><p>Nothing.</p>
    <h2>Refunds</h2><p>To your card.</p><h3>How long does it take?</h3><p>A week.</p>
    <details><summary>And cash?</summary>No.</details>More on refunds.
    <h2>Gifts?</h2>"""
    taken = taken_from_page(html, file="help")
    assert pairs(taken) == {
        "Help": "crumbs",
        "How long does it take?": "Two days.",
        "Shipping: Costs": "Nothing.",
        "Refunds": "To your card.",
        "Refunds: How long does it take?": "A week.\n\nMore on refunds.",
        "And cash?": "No.",
    }
    assert [each.line for each in taken.pieces[1:3]] == [2, 1]
    assert "“Gifts?”" in taken.notes[0]


def test_a_page_without_headings_is_one_article() -> None:
    assert pairs(taken_from_page("<title>Hours</title>9 to 5", file="x")) == {"Hours": "9 to 5"}
    assert pairs(taken_from_page("9 to 5", file="hours")) == {"hours": "9 to 5"}
    crumbs = "Home / Help <h2>Hours</h2> 9 to 5"
    assert pairs(taken_from_page(crumbs, file="x")) == {"Hours": "9 to 5"}


def test_what_a_page_declares_goes_before_what_it_shows() -> None:
    answer = {"@type": "Answer", "text": "<p>Within 30 days.<span hidden>SECRET</span></p>"}
    html = declared(
        ("Can I return it?", answer),
        ("And shoes?", [{"text": "Yes."}, {"text": "If clean."}]),
        ("", answer),
        ("Nothing?", {"text": 7}),
        body="<h2>FAQ</h2><div>Can I return it?</div><div>Within 30 days.</div>"
        "<h2>Contact</h2><p>Call us.",
    )
    taken = taken_from_page(html, file="x")
    assert pairs(taken) == {
        "Can I return it?": "Within 30 days.",
        "And shoes?": "Yes.\n\nIf clean.",
        "Contact": "Call us.",
    }
    assert [bool(each.note) for each in taken.pieces] == [False, True, False]
    assert {each.language for each in taken.pieces} == {"en"}


def test_half_a_letter_in_the_data_is_left_out() -> None:
    html = declared(("Why \ud83d?", {"text": "<b>So \udc00</b>\rit is"}))
    assert pairs(taken_from_page(html, file="x")) == {"Why ?": "So it is"}


def test_broken_data_is_named_by_line_and_the_rest_is_taken() -> None:
    html = '<h2>A b c</h2>d\n<script type="application/ld+json">\n{"a": 1,\n "b": }\n</script>'
    taken = taken_from_page(html, file="x")
    assert pairs(taken) == {"A b c": "d"}
    (problem,) = taken.problems
    assert problem.line == 4
    assert "JSON-LD" in problem.why
    deep = '<script type="application/ld+json">' + "[" * 200_000 + "</script>"
    assert "nests" in taken_from_page(deep, file="x").problems[0].why


def test_nothing_on_a_page_is_said_with_a_cure() -> None:
    (problem,) = taken_from_page("<nav>x</nav>", file="x").problems
    assert problem.cure


def test_a_table_by_its_column_names() -> None:
    text = (
        "ID;Frage;Antwort;Sprache;Thema;Notiz\n"
        'zoll;Fällt Zoll an?;"Nein.\n\nNie.";de-DE;shipping_info, invoice;x\n'
        ";Wohin?;<p>Überall <b>hin</b>.</p><script>SECRET</script>;;;\n"
    )
    taken = taken_from_table(text, columns=Columns())
    assert not taken.problems
    first, second = taken.pieces
    assert (first.id, first.title, first.body, first.language, first.topics, first.line) == (
        "zoll", "Fällt Zoll an?", "Nein.\n\nNie.", "de", ("shipping_info", "invoice"), 2,
    )  # fmt: skip
    assert (second.title, second.body, second.line) == ("Wohin?", "Überall hin.", 5)
    assert taken.notes == ("columns that are not taken: Notiz",)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_usual_separator(delimiter: str) -> None:
    text = delimiter.join(["question", "answer"]) + "\n\n" + delimiter.join(["a?", "b"]) + "\n"
    assert pairs(taken_from_table(text, columns=Columns())) == {"a?": "b"}


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("", 1, "holds no row"),
        ("\n\n", 1, "holds no row"),
        ("name,answer\nx,y\n", 1, "no column is the question; found: name, answer"),
        ("\nquestion,reply\nx,y\n", 2, "no column is the answer"),
        ("question,answer\n,y\n", 2, "has no question"),
        ("question,answer\nx\n", 2, "has no answer"),
        ("question,answer\nx?,y\nx,a, b\n", 3, "has 3 cells under 2 columns"),
        ('question,answer\nx,"y\n', 2, "unexpected end"),
        ('question,answer\nx,"y"z\n', 2, "expected after"),
        ("question,answer\nx?," + "y" * (BODY_MAX + 1), 2, "are allowed"),
        ("question,answer\n" + "x" * 301 + ",y", 2, "are allowed"),
        ("question,answer\nx?," + "y" * 200_000, 2, "field larger"),
    ],
)
def test_a_bad_row_is_named(text: str, line: int, why: str) -> None:
    problem = taken_from_table(text, columns=Columns()).problems[0]
    assert (problem.line, why in problem.why) == (line, True), problem
    assert problem.cure


def test_columns_may_be_named_and_too_many_rows_are_refused() -> None:
    text = "Wat?,Zo\na,b\n"
    columns = Columns(question="wat?", answer="Zo")
    assert pairs(taken_from_table(text, columns=columns)) == {"a": "b"}
    rows = "question,answer\n" + "".join(f"q{n},a\n" for n in range(PIECES_MAX + 3))
    taken = taken_from_table(rows, columns=Columns())
    assert len(taken.pieces) == PIECES_MAX
    assert taken.problems[0].line == PIECES_MAX + 2


@given(st.text(alphabet=st.sampled_from('question,answer;"\n\r\0\t|a<p>'), max_size=80))
def test_no_table_makes_it_fail(text: str) -> None:
    for given_text in (text, "question,answer\n" + text):
        taken = taken_from_table(given_text, columns=Columns())
        assert all(each.title and each.body for each in taken.pieces)


# --- articles


def piece(title: str = "Can I return it?", body: str = "Within 30 days.", **more: Any) -> Piece:
    return Piece(title=title, body=body, line=3, **more)


def drafted(shelf: Shelf, one: Piece, *topics: str) -> Draft | Known | ImportProblem:
    return shelf.drafted(one, source="faq.html", language="en", suggest=lambda _: topics)


def made(one: Piece, *topics: str) -> Draft:
    found = drafted(Shelf.of([], []), one, *topics)
    assert isinstance(found, Draft), found
    return found


def test_an_article_is_written_and_not_reviewed() -> None:
    draft = made(piece(owner="care", expires="2027-01-31"), "start_return")
    parsed = parse_article(draft.text, file="x")
    assert isinstance(parsed, Article)
    assert (parsed.id, parsed.title, parsed.topics, parsed.languages, parsed.source) == (
        "can-i-return-it", "Can I return it?", ("start_return",), ("en",), "faq.html",
    )  # fmt: skip
    assert (parsed.reviewed, str(parsed.expires), parsed.surface) == (None, "2027-01-31", "private")
    assert "# suggested: make sure" in draft.text


def test_a_files_own_topics_are_no_suggestion() -> None:
    draft = made(piece(topics=("invoice",), surface="public"), "start_return")
    assert draft.topics == ("invoice",)
    assert "suggested" not in draft.text


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Größe & Maße?", "grosse-masse"),
        ("¿Cuándo llega?", "cuando-llega"),
        ("../../etc/passwd", "etc-passwd"),
        ("いつ届きますか", "article-29e5c1f5"),
        ("a" * 70, "a" * 60),
        ("word " * 30, "-".join(["word"] * 12)),
    ],
)
def test_a_title_makes_a_files_name(title: str, name: str) -> None:
    assert made(piece(title)).id.startswith(name.rpartition("-")[0] or name)


def test_one_question_is_written_once() -> None:
    shelf = Shelf.of([], ["Gift-cards"])
    assert isinstance(drafted(shelf, piece()), Draft)
    again = drafted(shelf, piece("can i RETURN it?", "Something else entirely."))
    assert again == Known(title="can i RETURN it?", line=3, article="can-i-return-it", same=False)
    same = drafted(shelf, piece("Returns", "Within 30 days!"))
    assert isinstance(same, Known)
    assert same.same
    numbered = drafted(shelf, piece("Gift cards", "Valid for three years."))
    assert isinstance(numbered, Draft)
    assert numbered.id == "gift-cards-2"
    taken = drafted(shelf, piece("Gifts", "None so far.", id="GIFT-CARDS"))
    assert isinstance(taken, ImportProblem)


@pytest.mark.parametrize(
    "more",
    [
        {"expires": "tomorrow"},
        {"expires": "2027-01-31\nreviewed: 2026-01-01"},
        {"expires": "2027-02-31"},
        {"surface": "everywhere"},
        {"id": "../x"},
    ],
)
def test_what_no_article_may_have_is_named(more: dict[str, str]) -> None:
    found = drafted(Shelf.of([], []), piece(**more))
    assert isinstance(found, ImportProblem)
    assert (found.line, bool(found.cure)) == (3, True)


@given(st.text(min_size=1, max_size=60), st.text(min_size=1, max_size=200))
def test_no_words_get_into_the_front_matter(title: str, body: str) -> None:
    taken = taken_from_table(
        "question,answer\n" + ",".join('"' + t.replace('"', '""') + '"' for t in (title, body)),
        columns=Columns(),
    )
    for each in taken.pieces:
        draft = drafted(Shelf.of([], []), each)
        assert isinstance(draft, Draft), draft
        parsed = parse_article(draft.text, file="x")
        assert isinstance(parsed, Article)
        assert (parsed.title, parsed.reviewed, parsed.surface) == (each.title, None, "private")
