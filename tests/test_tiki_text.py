"""Which texts survive Tiki's API, and that people's lines are sent byte for byte."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wikibridge.demo.tiki import TikiServer
from wikibridge.model import Edit
from wikibridge.wikis.base import normal
from wikibridge.wikis.tiki_text import fault, fitted, key, markdown, summary

TEXTS = st.text(st.sampled_from("ab é\u0301\n\r\t<"), max_size=30)


@pytest.mark.parametrize(("text", "line", "excerpt"), [
    ("p < 0.05", 1, "< 0.05"), ("one\r\ntwo -> three", 2, "> three"), ("a\n\nb &#64; c", 3, "&#64; c"), ("it&#8217;s", 1, "&#8217;s"),
    ("&#X3A;", 1, "&#X3A;"), ("JavaScript : the good parts", 1, "JavaScript : the good parts"), ("java\nscript:", 1, "java"),
    ("x OnClick", 1, "OnClick"), ("(Eval)", 1, "Eval)"), ("((A|A))", 1, "((A|A))"), ("[http://x|http://x]", 1, "[http://x|http://x]"),
    ("a\x07b", 1, "\x07b"), ("\ud800", 1, "\ud800"),
])
def test_what_would_be_changed_is_found(text: str, line: int, excerpt: str) -> None:
    found = fault(text)
    assert found is not None and (found.line, found.excerpt) == (line, excerpt)


@pytest.mark.parametrize("text", [
    "a ~lt~ b ~gt~ c", "&lt; &amp; &eacute; &#228; &#x3c0;", "javascript:x", " onclick", "Only Once Online", "évaluation, medieval, Evaluation",
    "((A|B)) ((a|A)) [http://x|y]", "tab\tcr\r\n", "🌱 日本", "{CODE()}x{CODE}", "Java Script is not a script",
])
def test_what_survives_is_let_through(text: str) -> None:
    assert fault(text) is None


@pytest.mark.parametrize("size", [200_000])
def test_no_text_takes_long(size: int) -> None:
    # Each would take hours if the time grew with the square.
    for piece in (" ", "/", "(", "((", "[a|", "\\", "j ", "o\\", "\n", "&#0", "<"):
        fault(piece * (size // len(piece)))


@given(TEXTS, TEXTS)
def test_a_fitted_text_reads_back(text: str, old: str) -> None:
    wanted = normal(text)
    if wanted:
        assert normal(fitted(wanted, old)) == wanted


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "é", "e\u0301", "c "]), st.sampled_from(["\n", "\r\n"])), min_size=1), st.integers(0, 20))
def test_lines_that_stay_keep_their_bytes(lines: list[tuple[str, str]], at: int) -> None:
    old = "".join(line + end for line, end in lines)
    new = normal(old).split("\n")
    new.insert(min(at, len(new)), "NEW")
    before, _, after = re.sub(r"(\r?\n)?NEW(\r?\n)?", "|", fitted("\n".join(new), old)).partition("|")
    assert old.startswith(before) and old.endswith(after)


def test_line_ends_of_a_browser_stay() -> None:
    assert fitted("a\nNEW\nb", "a\r\nb\r\n") == "a\r\nNEW\r\nb\r\n"
    assert fitted("a\nNEW\nb\nc", "a\r\nb\nc") == "a\r\nNEW\r\nb\nc"


def test_a_page_without_two_equal_lines_and_thousands_of_changes_is_fitted() -> None:
    old = "\r\n".join(f"{n}" for n in range(20_000)) + "\n"
    new = "\n".join(f"{n} x" for n in range(20_000))
    assert normal(fitted(new, old)) == new


@given(st.text(st.sampled_from("aB<>&#6;40x\n\r[|]()jJ: /onClik\\"), min_size=1, max_size=40).filter(lambda t: normal(t) == t))
def test_what_is_let_through_is_stored_as_it_was_sent(server: TikiServer, text: str) -> None:
    from wikibridge.demo.tiki.php import same  # the key of its database

    server.pages._by_key.pop(same("Page"), None)
    if fault(text) is None:
        from tests.tikis import TikiPlace

        with TikiPlace.of(server) as place:
            place.door("bot").write(Edit("Page", text, "", None))
        page = server.pages.get("Page")
        assert page is not None and page.data == text


@pytest.fixture(scope="module")
def server() -> object:
    with TikiServer("24.1") as server:
        yield server


def test_a_summary_keeps_its_mark_and_loses_its_brackets() -> None:
    assert summary("<b>x</b>  y") == "‹b›x‹/b› y"
    long = summary("x" * 450 + " (wikibridge abc 1/2)")
    assert len(long) == 200 and long.endswith("(wikibridge abc 1/2)")


def test_titles_are_alike_as_the_database_has_it() -> None:
    assert key("Äpfel") == key("apfel") == key("APFEL ") and key("🌱") == key("🌍") and key("Strasse") == key("Straße")
    assert key("Ø") != key("O") and key("A B") != key("AB")


def test_pages_in_markdown_say_so() -> None:
    assert markdown('{syntax type="markdown" editor="plain"}\r\n# x') and not markdown('{syntax type="tiki"}\nx') and not markdown("markdown")
