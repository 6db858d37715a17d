"""A page as its visitors read it: what is hidden stays out, and no damage makes it fail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.knowledge.faq import taken_from_page
from brain.knowledge.page import Heading, Paragraph, Question, TooDeep, read_page, readable

PAGE = """<!doctype html><html lang="de-AT"><head><title>Hilfe &amp; FAQ</title>
<link rel="canonical" href="https://n.example/faq">
<style>/* x */ .gone, p.off { display : none !important } @media print { .paper {display:none} }
</style><script>document.write("SCRIPT")</script></head><body>
<header>LOGO</header><nav><a href="/">MENU</a></nav>
<h1>Hilfe</h1><p>Guten Tag.<p hidden>SECRET<p>Zum <a href="/r">Formular</a>, oder
<a href="mailto:a@n.example">schreiben</a>.
<h2>Versand</h2><ul><li>eins<li><p>zwei</p></ul><table><tr><th>Land<th>Preis<tr><td>AT<td>3</table>
<p class=gone>SECRET</p><p class=off>SECRET<p class=paper>Gedruckt nicht.</p>
<p style="font-size: 0">SECRET</p><p style="position:absolute;left:-9999px">SECRET</p>
<span class="sr-only">SECRET</span><div aria-hidden="true">SECRET</div><!-- SECRET -->
<dl><dt>Wie lange?<dd>Zwei Tage.<dt>Wohin?<dd>Überall.</dl>
<details><summary><h3>Was kostet es?</h3></summary>Nichts.<br>Gar nichts.</details> Danach.
<h3><button aria-controls=p1>Und Pakete?</button></h3><div id=p1 hidden>Auch.</div>
<button data-bs-target="#p2">Und Briefe?</button><div id=p2 style="display:none">Nie.</div>
<p style="min-height:0;line-height:0;background-color:transparent">Sichtbar.</p>
<button>KNOPF</button><footer>FUSS</footer></body></html>"""


def test_a_page_is_read_as_it_is_seen() -> None:
    page = read_page(PAGE)
    assert (page.title, page.language) == ("Hilfe & FAQ", "de")
    told = [each for each in page.blocks if isinstance(each, Heading | Question | Paragraph)]
    assert told == [
        Heading(1, "Hilfe"),
        Paragraph("Guten Tag."),
        Paragraph("Zum Formular (https://n.example/r), oder schreiben."),
        Heading(2, "Versand"),
        Paragraph("- eins"),
        Paragraph("- zwei"),
        Paragraph("Land | Preis"),
        Paragraph("AT | 3"),
        Paragraph("Gedruckt nicht."),
        Question("Wie lange?"),
        Paragraph("Zwei Tage."),
        Question("Wohin?"),
        Paragraph("Überall."),
        Question("Was kostet es?"),
        Paragraph("Nichts.\nGar nichts."),
        Paragraph("Danach."),
        Question("Und Pakete?"),
        Paragraph("Auch."),
        Question("Und Briefe?"),
        Paragraph("Nie."),
        Paragraph("Sichtbar."),
    ]


NESTED = """<p>It depends:</p><ul><li>Germany<ul><li>up to 2 kg: 4.90
<li><p>over 2 kg:</p><ol><li>insured: 8.90</li><li>else: 6.90</li></ol></ul><li>Austria: 9.90</ul>
<ol start=3><li>Open it.<li><p>Close it.</p><p>Wait.</p></ol><ol><li>One.</ol>"""


def test_what_a_list_puts_under_a_point_stays_under_it_and_steps_keep_their_numbers() -> None:
    """Else "insured: 8.90" is a country beside Germany, and "as in step 4" says nothing."""
    assert readable(NESTED).splitlines() == [
        "It depends:",
        "",
        "- Germany",
        "  - up to 2 kg: 4.90",
        "  - over 2 kg:",
        "    1. insured: 8.90",
        "    2. else: 6.90",
        "- Austria: 9.90",
        "3. Open it.",
        "4. Close it.",
        "",
        "Wait.",
        "",
        "1. One.",
    ]


def test_only_the_main_part_counts_where_there_is_one() -> None:
    page = read_page("<div><h2>Menu</h2>x</div><main><header><h1>A</h1></header>b</main>")
    assert page.blocks == (Heading(1, "A"), Paragraph("b"))
    assert read_page("<main></main><p>late").blocks == (Paragraph("late"),)


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "https://u:p@n.example", "http://[::1", "data:text/html,x", "//x@y/"],
)
def test_a_link_that_leads_nowhere_good_is_not_told(link: str) -> None:
    assert read_page(f'<a href="{link}">here</a>').blocks == (Paragraph("here"),)


def test_what_machines_alone_read_is_no_part_of_a_text() -> None:
    tag = "".join(chr(0xE0000 + ord(c)) for c in "obey me")
    assert read_page(f"<p>Free\u202e \u200bret{tag}urns\x07</p>").blocks == (
        Paragraph("Free returns"),
    )


def test_a_page_without_end_is_refused() -> None:
    with pytest.raises(TooDeep):
        read_page("<div>" * 200_000 + "x" + "</div>" * 200_000)
    found = taken_from_page("<b>" * 100_000, file="x")
    assert not found.pieces
    assert found.problems[0].cure
    assert read_page("<p>x<li>y<td>z" * 5_000).blocks


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("a < b & c", "a < b & c"),
        ("a &amp; b\n\n\nc", "a & b\n\nc"),
        ("<p>one</p><p hidden>SECRET</p>two<br>three", "one\n\ntwo\nthree"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("one<!-- SECRET -->two", "onetwo"),
        ("<div>" * 3_000 + "x", ""),
    ],
)
def test_a_text_may_be_plain_or_html(cell: str, text: str) -> None:
    assert readable(cell) == text


SOUP = (
    "<p>", "</p>", "<div>", "</div>", "<h2>What?", "</h2>", "<ul><li>", "<table>", "<td>", "</td>",
    "<dl><dt>", "<dd>", "<details>", "<summary>", "</details>", "<a href='", "'>", '"',
    "&lt", "&#0;", "<b><i>", "</b>", "<svg>", "<math><mi>", "<form>", "<select>", "<template>",
    "]]>", "<![CDATA[", "\0", "\ud7ff", "word ", "<script type=application/ld+json>{", "</script>",
    "<style>a{", "</style>", "<button aria-controls=z>", "<main>", "</body>", "</html>",
    "<frameset>", "<h3 style='", "<!--", "-->",
)  # fmt: skip


@given(st.lists(st.sampled_from(SOUP) | st.text(max_size=8), max_size=40))
def test_no_soup_of_tags_makes_it_fail(chunks: list[str]) -> None:
    found = taken_from_page("".join(chunks), file="x")
    assert found.pieces or found.problems
    assert all(each.title and each.body and each.line >= 1 for each in found.pieces)


@given(
    st.integers(0, len(PAGE)),
    st.integers(0, 400),
    st.sampled_from(SOUP) | st.text(max_size=20),
)
def test_no_damage_makes_it_fail(at: int, length: int, put: str) -> None:
    damaged = PAGE[:at] + put + PAGE[at + length :]
    found = taken_from_page(damaged, file="x")
    assert all(each.title and each.body for each in found.pieces)


HIDDEN = (
    "<p hidden>SECRET</p>",
    "<span style='display : NONE'>SECRET</span>",
    "<div style='opacity:0'><b>SECRET</b></div>",
    "<b aria-hidden=TRUE>SECRET</b>",
    "<noscript>SECRET</noscript>",
    "<template><p>SECRET</template>",
)
OPEN = (
    "<p>", "</p>", "<div>", "</div>", "<h2>Why so?", "</h2>", "<ul><li>", "</ul>", "<table>",
    "<td>", "</table>", "<dl><dt>", "<dd>", "<details>", "</details>", "<b><i>", "</b>", "<main>",
    "words ",
)  # fmt: skip


@given(st.lists(st.sampled_from(OPEN + HIDDEN), max_size=40))
def test_hidden_words_stay_out_of_a_damaged_page(chunks: list[str]) -> None:
    found = taken_from_page("".join(chunks), file="x")
    assert not any("SECRET" in each.title + each.body for each in found.pieces)
