"""Charts: what is drawn, for whom it can be read, and how the files come onto the wiki and stay up to date there."""

from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser

from tests.admin import Admin
from tests.places import Place
from tests.test_summaries import SCHEMA, ask, filled
from wikibridge import Session, Site
from wikibridge.cli.plan import counts, lines
from wikibridge.demo.mediawiki_server import MediaWikiServer
from wikibridge.errors import LimitExceeded, NoUploads, Rejected, SettingsError, Unreachable, Unsure, WikibridgeError
from wikibridge.jobs.kinds import load_jobs
from wikibridge.jobs.result import Result
from wikibridge.jobs.summaries import picture_name
from wikibridge.mirror.journal import SAVED, Journal
from wikibridge.model import Edit, File, Upload, sha1
from wikibridge.publish import plan_file
from wikibridge.report.plan import html
from wikibridge.summaries import png as pngs
from wikibridge.summaries.chart import WIDTH, Chart, breadth, draw, fitted
from wikibridge.wikis.base import Files, checked_title, normal_title
from wikibridge.wikis.mediawiki import MediaWikiWiki
from wikibridge.wikis.mediawiki_errors import upload_error

needs_fonts = pytest.mark.skipif(not pngs._installed(), reason="no fonts on this machine: apt-get install fonts-dejavu-core")
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>alert(1)</script>&amp;\"'<![CDATA[ \u202e]]>\x00\x07\ufffe"
MIXED = "\n".join(f"{{{{Choice|title=A{n}|theme={theme}|level={level}|date=2020-{month:02}|rating={rating}|before=5|after={after}}}}}"
                  for n, (theme, level, month, rating, after) in enumerate((
                      ("food", "family", 1, 5, 9), ("food", "citizen", 2, 3, 4), ("health", "family", 2, 4, 2), ("housing", "citizen", 5, 2, 1))))


def drawn(*texts: str, min_group: int = 1, language: str = "en", title: str = "Our food", **question: str) -> Chart | None:
    return draw(ask(filled(list(texts)), min_group, **question), SCHEMA, language, title, min_group)


def chart(*texts: str, **question: Any) -> Chart:
    made = drawn(*texts, **question)
    assert made
    return made


def written(svg: str) -> list[str]:
    return [each.text or "" for each in ET.fromstring(svg).iter(f"{SVG}text")]


# What is drawn


@pytest.mark.parametrize(("question", "said"), [
    ({"by": "theme"}, ["Our food", "Choices", "Food", "2", "Health", "1", "Housing", "1"]),
    ({"by": "theme", "as": "bars", "show": "mean rating"}, ["Our food", "Rating (mean)", "Food", "4 (2)", "Health", "4 (1)", "Housing", "2 (1)"]),
    ({"by": "month", "as": "trend"}, ["Our food", "Choices", "1", "2", "0", "0", "1", "Jan 2020", "Feb 2020", "Apr 2020", "May 2020"]),
    ({"by": "theme, level"}, ["Our food", "Choices", "Citizen", "Family", "Food", "1", "1", "Health", "1", "Housing", "1"]),
])
def test_every_number_is_written_and_told(question: dict[str, str], said: list[str]) -> None:
    made = chart(MIXED, **question)
    root = ET.fromstring(made.svg)
    assert written(made.svg) == said
    assert (root.findtext(f"{SVG}title"), root.get("role"), root.get("aria-labelledby")) == ("Our food", "img", "title desc")
    about = root.findtext(f"{SVG}desc") or ""
    assert about.startswith(made.about) and "Our food" in made.about
    # Who hears the description hears the numbers.
    for word in (each for each in said[2:] if "2020" not in each):
        assert word in about
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}" and made.width == int(root.get("width", 0)) >= WIDTH


@pytest.mark.parametrize("question", [
    {"as": "list"}, {}, {"by": "theme, level", "as": "table"}, {"by": "theme", "show": "latest date"}, {"as": "quotes", "show": "difficulties"},
    {"by": "theme", "where": "theme: work"}, {"by": "year", "as": "trend"}])
def test_where_there_is_nothing_to_draw_there_is_no_chart(question: dict[str, str]) -> None:
    assert drawn(MIXED, **question) is None


def test_what_small_groups_hide_is_not_in_the_chart() -> None:
    pages = [f"{{{{Choice|title=T|theme=food|level=family}}}}{{{{Choice|title=T|theme={theme}|level=citizen}}}}"
             for theme in ("health", "housing", "work", "food")]
    assert not re.search("Health|Housing|Work", chart(*pages, min_group=3, by="theme").svg)
    assert "Others" in chart(*pages, min_group=3, by="theme").svg and "Health" in chart(*pages, by="theme").svg
    # Of a matrix in which all is hidden nothing can be drawn.
    assert drawn(*pages, min_group=3, by="theme, level") is None and drawn(*pages, by="theme, level")


@pytest.mark.parametrize("question", [{"by": "territory"}, {"by": "participant"}, {"by": "territory, level"}])
def test_what_people_type_stays_text(question: dict[str, str]) -> None:
    page = "{{Participant|name=X|territory=" + HOSTILE.replace("|", "") + "}}{{Choice|title=A|level=family}}"
    made = chart(page, title=HOSTILE, **question)
    root = ET.fromstring(made.svg)
    assert {each.tag.removeprefix(SVG) for each in root.iter()} <= {"svg", "title", "desc", "g", "rect", "text", "path"}
    assert not re.search(r"\bon\w+=|href|<script|[\x00-\x08\u202e\ufffe]|<!", made.svg)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=6), st.sampled_from(["territory", "territory, level", "participant"]), st.text(max_size=40))
def test_any_answer_is_a_whole_file_of_the_same_bytes(places: list[str], by: str, title: str) -> None:
    texts = [f"{{{{Participant|territory={place}}}}}\n{{{{Choice|title=x|level=family}}}}" for place in places]
    found = ask(filled(texts), by=by)
    one, other = (draw(found, SCHEMA, "fr", title, 1) for _ in range(2))
    assert one == other
    if one:
        ET.fromstring(one.svg.encode())


def test_no_letters_lie_on_others_or_outside() -> None:
    long = "{{Participant|name=X|territory=" + "Llanfairpwllgwyngyll " * 4 + "}}{{Choice|title=A|level=family|rating=4}}"
    for question in ({"by": "territory", "show": "mean rating"}, {"by": "territory, level"}, {"by": "level, territory"}):
        made = chart(long, title="W" * 80, **question)
        for each in ET.fromstring(made.svg).iter(f"{SVG}text"):
            if each.get("text-anchor") is None and each.get("transform") is None:
                assert float(each.get("x", 0)) + breadth(each.text or "", float(each.get("font-size", 0))) <= made.width
    assert fitted("abc", 1) == "…" and fitted("abc", 100) == "abc"


def test_a_long_table_is_cut_and_says_so() -> None:
    made = chart(*(f"{{{{Choice|title=A{n}|theme=food}}}}" for n in range(40)), by="participant")
    assert "Choices – the first 25 of 40" in written(made.svg) and len(written(made.svg)) == 52


def test_what_is_less_than_nothing_looks_otherwise_without_its_colour() -> None:
    made = chart(MIXED, by="theme", show="change")
    assert {"−3 (1)", "−4 (1)", "+1.5 (2)"} <= set(written(made.svg))
    assert len(re.findall('fill="#ffffff" stroke="#d55e00"', made.svg)) == 2


def test_colours_by_lightness() -> None:
    made = chart(MIXED + MIXED + "{{Choice|title=z|theme=food|level=family}}", by="theme, level")
    shades = re.findall(r'fill="#(9\w|[a-f]\w)(\w\w)(\w\w)"', made.svg)
    assert len({shade for shade in shades if shade != ("f8", "f9", "fa")}) >= 3


# As PNG


@needs_fonts
@pytest.mark.parametrize("letters", ["Été", "Ελλάδα", "Участник", "العربية", "עברית", "Ա Բ", "ელ", "Việt Nam", "🌱 garden"])
def test_png_has_the_letters_or_says_which_are_missing(letters: str) -> None:
    made = chart(f"{{{{Participant|name=X|territory={letters}}}}}{{{{Choice|title=A|level=family}}}}", by="territory")
    try:
        one, other = pngs.png(made.svg, "x.png"), pngs.png(made.svg, "x.png")
    except pngs.NoLetters as error:
        assert set(str(error.params[1]).split()) <= set(letters)
        return
    assert one == other and one.startswith(b"\x89PNG") and struct.unpack(">I", one[16:20]) == (made.width * pngs.ZOOM,)
    # Other letters give another picture: none of them is drawn as the same empty box.
    bare = letters.replace("🌱 ", "")
    assert pngs.png(made.svg.replace(bare, "\u2610" * len(bare)), "x.png") != one


def test_letters_that_no_font_has_are_told_and_not_drawn_as_boxes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = chart("{{Participant|name=X|territory=\U00012000\U00012001}}{{Choice|title=A|level=family}}", by="territory")
    with pytest.raises(pngs.NoLetters, match=r"“x\.png”.*\U00012000 \U00012001.*fonts-noto"):
        pngs.png(made.svg, "x.png")
    monkeypatch.setattr(pngs, "_folders", lambda: iter([tmp_path]))
    pngs._installed.cache_clear()
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    with pytest.raises(pngs.NoLetters):
        pngs.png(chart(MIXED, by="theme").svg, "x.png")
    pngs._installed.cache_clear()


def test_png_without_its_packages_says_how_to_install_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "resvg_py", None)
    with pytest.raises(SettingsError, match=r"pip install .wikibridge\[charts\]"):
        pngs.png(chart(MIXED, by="theme").svg, "x.png")


# Names and settings


@settings(max_examples=200)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="[]{}<>|#\ufffd"), min_size=1, max_size=200).map(normal_title).filter(bool),
                min_size=2, max_size=2, unique=True))
def test_names_of_files_fit_and_are_no_other_pages(titles: list[str]) -> None:
    names = [picture_name(title, "themes-levels", "en", "svg") for title in titles]
    assert len(set(names)) == 2
    for name in names:
        assert len(name.encode()) <= 240 and not set(name) & set("/\\:") and name.startswith("Wikibridge ") and name.endswith(" themes-levels en.svg")
        assert checked_title(f"File:{name}") == f"File:{name}"


def test_the_name_of_a_file_can_be_read() -> None:
    assert picture_name("Choices by theme", "themes", "en", "svg") == "Wikibridge Choices by theme themes en.svg"


@pytest.mark.parametrize(("block", "said"), [
    ("chart: svg, as: list", "can be drawn"), ("chart: svg, show: count", "can be drawn"), ("chart: jpg, by: theme", "svg"),
])
def test_a_chart_that_cannot_be_is_told_with_its_place(make_site: Callable[..., Site], block: str, said: str) -> None:
    site = make_site(files={"jobs/mine.yml": f"kind: summaries\npage: {{en: Mine}}\nblocks:\n  - {{name: one, heading: {{en: One}}, {block}}}\n"})
    with pytest.raises(SettingsError, match=f"mine.*{said}"):
        for job in load_jobs(site).values():
            if job.name == "mine":
                job.options.blocks[0].question("mine", SCHEMA)  # type: ignore[attr-defined]


# On the wiki: a job with charts, from end to end

JOB = """\
kind: summaries
page: {{en: '{0}Themes en', fr: '{0}Themes fr'}}
blocks:
  - name: themes
    heading: {{en: Themes, fr: Thèmes}}
    by: theme
    as: bars
    chart: svg
  - name: levels
    heading: {{en: Levels, fr: Niveaux}}
    by: level
    chart: png
"""


@pytest.fixture
def charted(place: Place) -> Place:
    if not pngs._installed():
        pytest.skip("no fonts on this machine: apt-get install fonts-dejavu-core")
    (place.site.folder / "jobs" / "charts.yml").write_text(JOB.format(place.prefix), encoding="utf-8")
    place.site = Site(place.site.folder)
    for name, theme, level in (("Ana", "food", "family"), ("Rui", "health", "citizen")):
        place.citizen.write(Edit(f"{place.prefix}P/{name}", f"{{{{Choice|title=By {name}|theme={theme}|level={level}}}}}", "", None))
    return place


def names(place: Place) -> list[str]:
    return [picture_name(f"{place.prefix}Themes {language}", block, language, ending)
            for language in ("en", "fr") for block, ending in (("themes", "svg"), ("levels", "png"))]


def there(place: Place) -> dict[str, File]:
    assert isinstance(place.citizen, Files)
    return place.citizen.files(names(place))


def settled(place: Place) -> Result:
    """Run until nothing is written any more: a server's list of changes follows an edit by a moment. The sum of what was done."""
    done, quiet = Result(), 0
    for _ in range(20):
        result = place.run()
        assert not result.failed
        done = replace(done, created=done.created + result.created, changed=done.changed + result.changed, uploaded=done.uploaded + result.uploaded)
        quiet = 0 if result.created or result.changed or result.uploaded else quiet + 1
        if quiet == 2:
            return replace(done, requests=result.requests)
    raise AssertionError("it goes on writing")


def test_charts_are_uploaded_when_their_data_change_and_only_then(charted: Place) -> None:
    place = charted
    with Session(place.site) as session:
        session.sync()
        steps = session.plan(("charts",))
    told = [text for text, _, _ in lines(steps, "en")]
    assert sum(text.startswith("Upload “File:Wikibridge") and text.endswith("which is new") for text in told) == 4
    assert "Files to upload: 4." in counts(steps, "en")
    assert html(steps, "x", "en").count('class="file"') == 4
    assert not there(place)
    first = settled(place)
    assert first.uploaded == 4
    before = there(place)
    assert set(before) == set(names(place))
    for language in ("en", "fr"):
        text = place.page(f"{place.prefix}Themes {language}").text
        for name in names(place):
            assert (f"[[File:{name}|" in text) == (f" {language}." in name)
        # The table stands below, and the region is whole.
        assert text.index("[[File:") < text.index('{| class="wikitable') and "|alt=" in text
    (description,) = place.citizen.read(titles=[f"File:{names(place)[0]}"])
    assert f"[[:{place.prefix}Themes en" in description.text
    # Nothing new: one question and no write.
    quiet = place.run()
    assert (quiet.requests, quiet.created, quiet.changed, quiet.uploaded) == (1, 0, 0, 0)
    # Another theme: the chart of themes in each language, and the pages that show it; that of levels stays.
    place.type(f"{place.prefix}P/Ana", lambda text: text.replace("theme=food", "theme=housing"))
    assert settled(place).uploaded == 2
    after = there(place)
    assert {name for name in before if after[name] != before[name]} == {name for name in names(place) if " themes " in name}
    assert "Housing" in place.page(f"{place.prefix}Themes en").text


def test_without_its_state_a_site_knows_its_files_again(charted: Place) -> None:
    place = charted
    settled(place)
    before = there(place)
    for path in (place.site.folder / ".wikibridge").glob("mirror.db*"):
        path.unlink()
    assert settled(place).uploaded == 0 and there(place) == before


def upload(wiki: Any, name: str, data: bytes, base: str = "") -> None:
    wiki.upload(Upload(name, data, "Mine.", "", base))


def test_what_somebody_else_uploaded_is_left_alone_and_not_shown(charted: Place) -> None:
    place = charted
    theirs = names(place)[0]
    upload(place.citizen, theirs, b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect/></svg>')
    before = there(place)[theirs]
    result = place.run()
    assert result.uploaded == 3 and any(theirs in line and "somebody else" in line for line in result.refused)
    assert result.exit_code == 0 and there(place)[theirs] == before
    text = place.page(f"{place.prefix}Themes en").text
    assert theirs not in text and names(place)[1] in text and "Food" in text


@pytest.mark.parametrize("when", ["killed before the journal knows", "the answer is lost"])
def test_a_crash_between_upload_and_journal_uploads_nothing_twice(charted: Place, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    place = charted
    count: list[str] = []
    with Session(place.site) as session:
        assert isinstance(session.wiki, Files)
        real, sent = session.wiki.upload, Journal.sent

        def uploading(one: Upload) -> None:
            real(one)
            count.append(one.name)
            if when == "the answer is lost":
                raise Unreachable("timeout", "x", "1")

        def killed(journal: Journal, upload: Any, outcome: str) -> None:
            if outcome == SAVED:
                raise KeyboardInterrupt

        monkeypatch.setattr(session.wiki, "upload", uploading)
        if when != "the answer is lost":
            monkeypatch.setattr(Journal, "sent", killed)
        with pytest.raises((KeyboardInterrupt, Unreachable)):
            session.run(("charts",))
        monkeypatch.setattr(Journal, "sent", sent)
    assert len(count) == 1 and set(there(place)) == set(count)
    before = there(place)
    assert settled(place).uploaded == 3
    assert there(place)[count[0]] == before[count[0]]
    with Session(place.site) as session:
        assert [each.outcome for each in session.journal.uploads()] == [SAVED] * 4


def test_uploads_count_for_the_limits_and_a_plan_that_is_looked_at_uploads_just_that(charted: Place, tmp_path: Path) -> None:
    place = charted
    path = place.site.folder / "wikibridge.yml"
    path.write_text(path.read_text(encoding="utf-8") + "limits: {changed: 3}\n", encoding="utf-8")
    place.site = Site(place.site.folder)
    with Session(place.site) as session:
        with pytest.raises(LimitExceeded, match="upload 4 files"):
            session.run(("charts",))
        assert not there(place)
        (tmp_path / "plan.json").write_text(plan_file.dumps(plan_file.PlanFile(session.wiki.identity, session.plan(("charts",)))), encoding="utf-8")
        result = session.apply(plan_file.load(tmp_path / "plan.json"), many=True)
    assert (result.uploaded, result.created, result.failed) == (4, 2, [])
    assert len(there(place)) == 4 and settled(place).uploaded == 0


def test_an_undo_lets_the_versions_before_count_again(charted: Place) -> None:
    place = charted
    settled(place)
    first = there(place)
    place.type(f"{place.prefix}P/Ana", lambda text: text.replace("theme=food", "theme=housing"))
    settled(place)
    with Session(place.site) as session:
        runs = {number: result for number, _, result in session.journal.runs() if result and result["uploaded"]}
        latest = max(runs)
        assert sum(len(step.uploads) for step in session.plan_undo(latest)) == 2
        result = session.undo(latest)
    assert result.uploaded == 2 and not result.failed
    assert {name: file.sha1 for name, file in there(place).items()} == {name: file.sha1 for name, file in first.items()}
    assert "Housing" not in place.page(f"{place.prefix}Themes en").text
    # It stays so.
    assert place.run().uploaded == 0 and there(place)[names(place)[0]].sha1 == first[names(place)[0]].sha1
    with Session(place.site) as session:
        result = session.undo(min(runs))
    assert result.uploaded == 0 and sum("stays on the wiki" in note for note in result.notes) == 4


@pytest.mark.parametrize("place", ["folder"], indirect=True)
@pytest.mark.parametrize("territory", ["Co\u0302te", "a|b]]", "<!-- x", "‮‎abc", "&eacute;"])
def test_what_a_page_shows_is_there_whatever_it_is_called(charted: Place, territory: str) -> None:
    path = charted.site.folder / "jobs" / "charts.yml"
    path.write_text(path.read_text(encoding="utf-8") + "  - {name: places, heading: {en: Places}, by: territory, chart: svg}\n", encoding="utf-8")
    charted.site = Site(charted.site.folder)
    charted.type(f"{charted.prefix}P/Ana", lambda text: f"{{{{Participant|name=Ana|territory={territory}}}}}\n{text}")
    assert settled(charted).uploaded in (4, 6)
    for language in ("en", "fr"):
        shown = re.findall(r"\[\[File:([^|]+)\|", charted.page(f"{charted.prefix}Themes {language}").text)
        assert shown and charted.citizen.files(shown).keys() == set(shown)  # type: ignore[attr-defined]


def test_files_of_a_run_are_among_what_it_wrote(charted: Place) -> None:
    from wikibridge.cli.log import pages, told

    settled(charted)
    with Session(charted.site) as session:
        run = next(number for number, _, result in session.journal.runs() if result and result["uploaded"])
        facts = pages(session.journal, run, session.wiki.diff_address)
    assert f"created: File:{names(charted)[0]}" in list(told(facts, "en"))


# Wikis that refuse

ON_MEDIAWIKI = pytest.mark.parametrize("place", [pytest.param("mediawiki", marks=pytest.mark.live)], indirect=True)


def on_folder(place: Place, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> Session:
    session = Session(place.site)
    info = replace(session.wiki.info(), **changes)
    monkeypatch.setattr(session.wiki, "info", lambda: info)
    object.__setattr__(session.context, "info", lambda: info)
    return session


@ON_MEDIAWIKI
@pytest.mark.parametrize(("php", "said", "uploaded"), [
    ("$wgEnableUploads = false;", "takes no uploads", 0),
    ("$wgFileExtensions = [ 'png' ];", "chart: png", 2),
    ("$wgFileExtensions = [ 'svg' ];", "takes no .png files", 2),
    ("$wgGroupPermissions['user']['upload'] = false;", "Upload, replace, and move files", 0),
    ("$wgGroupPermissions['user']['reupload'] = false;", "Upload, replace, and move files", 0),
])
def test_a_wiki_that_refuses_uploads_gets_tables_and_the_secretariat_one_sentence(
    charted: Place, request: pytest.FixtureRequest, php: str, said: str, uploaded: int,
) -> None:
    place = charted
    server: MediaWikiServer = request.getfixturevalue("mediawiki")
    server.settings("uploads", php)
    try:
        result = place.run()
        assert (result.uploaded, result.exit_code) == (uploaded, 3)
        (line,) = result.failed
        assert said in line
        text = place.page(f"{place.prefix}Themes en").text
        assert text.count("[[File:") == uploaded // 2 and "Food" in text and "Family" in text
        # Still so, and told again; nothing is written.
        again = place.run()
        assert (again.created, again.changed, again.uploaded, again.exit_code) == (0, 0, 0, 3)
    finally:
        server.settings("uploads", None)
    # Mended on the wiki, the next run shows them.
    assert settled(place).uploaded == 4 - uploaded
    assert place.page(f"{place.prefix}Themes en").text.count("[[File:") == 2


@ON_MEDIAWIKI
def test_a_filter_that_refuses_while_uploading_leaves_the_table(charted: Place, request: pytest.FixtureRequest) -> None:
    server: MediaWikiServer = request.getfixturevalue("mediawiki")
    server.settings("uploads", "$wgHooks['UploadVerifyUpload'][] = static function ( $upload, $user, $props, $comment, $text, &$error ) {\n"
                               "\tif ( str_contains( $upload->getTitle()->getText(), ' levels ' ) ) { $error = [ 'hookaborted', 'no levels here' ]; return false; }\n};")
    try:
        result = charted.run()
    finally:
        server.settings("uploads", None)
    assert (result.uploaded, result.exit_code, len(result.failed)) == (2, 3, 2)
    assert all("levels" in line and "refused" in line for line in result.failed)
    text = charted.page(f"{charted.prefix}Themes en").text
    assert text.count("[[File:") == 1 and "Family" in text and names(charted)[1] not in text


@pytest.mark.parametrize("place", ["folder"], indirect=True)
def test_a_door_without_files_and_one_of_another_kind(charted: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    with on_folder(charted, monkeypatch, files=frozenset({"png"})) as session:
        result = session.run()
    assert result.uploaded == 2 and [line for line in result.failed if "chart: png" in line] == result.failed != []
    with on_folder(charted, monkeypatch, files=frozenset(), no_files="files-none") as session:
        result = session.run()
    assert (result.uploaded, result.exit_code) == (0, 3) and "this kind of wiki" in result.failed[0]


def test_pages_of_tiki_have_their_tables_without_pictures(make_site: Callable[..., Site]) -> None:
    job = JOB.format("").replace("chart: png", "chart: svg")
    site = make_site(wiki="kind: folder, dialect: tiki", files={"jobs/charts.yml": job})
    with Session(site) as session:
        session.wiki.write(Edit("Participants/Ana", "{CHOICE(title=\"A\" theme=\"food\")}{CHOICE}", "", None))
        result = session.run(("charts",))
        (page,) = session.wiki.read(titles=["Themes en"])
    assert (result.created, result.uploaded, result.exit_code, len(result.failed)) == (2, 0, 3, 1)
    assert "this kind of wiki takes no files" in result.failed[0]
    assert "\nOthers|1|1|" in page.text and "File:" not in page.text and not (site.folder / "wiki" / "Files").exists()


def test_a_deleted_file_is_not_put_back(charted: Place, request: pytest.FixtureRequest) -> None:
    place = charted
    settled(place)
    gone = names(place)[0]
    if "folder" in request.node.callspec.id:
        (place.site.folder / "wiki" / "Files" / gone).unlink()
    else:
        Admin(request.getfixturevalue("mediawiki")).delete(f"File:{gone}")
        # Nor by a site that does not know of it: the wiki does.
        with pytest.raises(Rejected, match="was deleted"):
            upload(place.citizen, gone, b'<svg xmlns="http://www.w3.org/2000/svg" width="3" height="3"><rect/></svg>')
    place.type(f"{place.prefix}P/Ana", lambda text: text.replace("theme=food", "theme=housing"))
    for _ in range(20):
        result = place.run()
        if any("was deleted" in line for line in result.refused):
            break
    else:
        raise AssertionError("it was never told")
    assert gone not in there(place) and gone not in place.page(f"{place.prefix}Themes en").text


@pytest.mark.parametrize(("code", "details", "key"), [
    ("uploaddisabled", None, "files-off"), ("permissiondenied", None, "files-no-right"), ("badaccess-groups", None, "files-no-right"),
    ("filetype-banned", None, "files-no-svg"), ("verification-error", ["filetype-mime-mismatch"], "files-no-svg"),
    ("verification-error", ["uploadscripted"], "file-rejected"), ("fileexists-forbidden", None, "file-changed"),
    ("protectedpage", None, "file-protected"), ("titleprotected", None, "file-protected"), ("file-too-large", None, "file-too-large"),
    ("illegal-filename", None, "title-invalid"), ("abusefilter-disallowed", None, "file-rejected"), ("titleblacklist-forbidden-upload", None, "file-rejected"),
    ("blocked", None, None), ("readonly", None, None), ("ratelimited", None, None),
])
def test_each_refusal_of_an_upload_is_a_sentence(code: str, details: list[str] | None, key: str | None) -> None:
    error = upload_error({"code": code, "info": "Because.", **({"details": details} if details else {})}, "A.svg")
    assert (error.key if error else None) == key
    if error:
        assert all(isinstance(error.say(language), str) for language in ("en", "fr", "pt"))
        assert isinstance(error, NoUploads) == error.key.startswith("files-") and isinstance(error, WikibridgeError)


@ON_MEDIAWIKI
def test_after_a_lost_answer_the_wiki_is_looked_at(place: Place, mediawiki: MediaWikiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    wiki = MediaWikiWiki(mediawiki.address + "api.php", mediawiki.bot.name, mediawiki.bot.password, pause=0)
    name, data = f"{place.prefix.strip('/')} lost.svg", b'<svg xmlns="http://www.w3.org/2000/svg" width="5" height="5"><rect/></svg>'
    real, sent = wiki._api.write, []

    def lost(arrives: bool) -> Callable[..., Any]:
        def write(*args: Any) -> Any:
            sent.append(args)
            if arrives:
                real(*args)
            raise Unreachable("timeout", "x", "1")
        return write

    monkeypatch.setattr(wiki._api, "write", lost(False))
    with pytest.raises(Unsure, match="next run"):
        upload(wiki, name, data)
    assert not wiki.files([name])
    monkeypatch.setattr(wiki._api, "write", lost(True))
    upload(wiki, name, data)
    assert wiki.files([name])[name].sha1 == sha1(data) and len(sent) == 2
    wiki.close()


@ON_MEDIAWIKI
def test_a_page_with_its_chart_on_a_desk_and_on_a_phone(charted: Place, mediawiki: MediaWikiServer, browser: Browser) -> None:
    place = charted
    odd = "]]|x=[[File:A.png]] {{PAGENAME}} <b>"
    path = place.site.folder / "jobs" / "charts.yml"
    path.write_text(path.read_text(encoding="utf-8") + "  - {name: places, heading: {en: Places}, by: territory, chart: svg}\n", encoding="utf-8")
    place.site = Site(place.site.folder)
    place.type(f"{place.prefix}P/Ana", lambda text: "{{Participant|name=Ana|territory=<nowiki>" + odd + "</nowiki>}}" + text)
    settled(place)
    for width, skin in ((1280, "vector"), (390, "minerva")):
        page = browser.new_page(viewport={"width": width, "height": 800})
        page.goto(f"{mediawiki.address}index.php?title={place.prefix}Themes_en&useskin={skin}")
        pictures = page.evaluate("""[...document.querySelectorAll('.mw-parser-output img')].map(i => [
            i.alt, i.complete && i.naturalWidth > 0, i.getBoundingClientRect().left, i.getBoundingClientRect().right,
            !!(i.closest('div[style]').nextElementSibling.querySelector('table'))])""")
        assert len(pictures) == 3 and "]]|x=[[File:A.png]] {{PAGENAME}}" in pictures[2][0]
        for alt, shown, left, right, table in pictures:
            assert alt and shown and 0 <= left < right <= width and table
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.close()


def test_a_journal_from_before_there_were_files(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db", "wiki")
    with journal.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE uploads"))
    journal.close()
    again = Journal(tmp_path / "journal.db", "wiki")
    assert again.uploads() == [] and again.name == journal.name
    sent = again.intend_upload(again.begin("now"), "A.svg", "Page", "", "1")
    assert again.uploads(unknown=True) == [sent]
    again.sent(sent, SAVED)
    assert again.uploads(unknown=True) == [] and again.uploads()[0].outcome == SAVED
    again.close()
