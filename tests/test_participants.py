"""participants.csv as people make it: each oddity is handled or told, and none stops the run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wikibridge import Session, Site
from wikibridge.errors import SettingsError
from wikibridge.jobs.result import Result
from wikibridge.model import WantedPage


def wanted(site: Site, data: bytes | None = None) -> tuple[list[WantedPage], list[str]]:
    """The pages that the job wants for the site's CSV file, and what it tells the secretariat."""
    if data is not None:
        (site.folder / "participants.csv").write_bytes(data)
    with Session(site) as session:
        pages = session.jobs["participants"].wanted(session.context, session.mirror)
        return pages, [note[0] for note in session.context.notes]


def titles(pages: list[WantedPage]) -> list[str]:
    return [page.title.removeprefix("Participants/") for page in pages]


def test_each_one_gets_a_page_in_their_language(make_site: Callable[..., Site]) -> None:
    pages, notes = wanted(make_site("name,language\nAna,pt\nZoé,fr\nBob,en\nEva,Portuguese\nIda,FRANÇAIS\nKim,\nUwe,Deutsch\n"))
    assert [page.text.partition("\n")[0] for page in pages] == [
        "{{Participante", "{{Participant", "{{Participant", "{{Participante", "{{Participant", "{{Participant", "{{Participant"]
    assert "|nom=Zoé" in pages[1].text and "|name=Kim" in pages[5].text and "|name=Uwe" in pages[6].text
    assert notes == ["csv-row-language"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_files_of_any_spreadsheet(make_site: Callable[..., Site], separator: str, encoding: str, end: str) -> None:
    rows = [["Nom", "Langue", "Territoire"], ["Zoé Lefèvre", "fr", "Liège"], ["", "", ""], ["Été “quoted”", "fr", "A"]]
    data = end.join(separator.join(f'"{cell}"' if " " in cell else cell for cell in row) for row in rows).encode(encoding)
    pages, notes = wanted(make_site(), data)
    assert titles(pages) == ["Zoé Lefèvre", "Été “quoted”"] and "|territoire=Liège" in pages[0].text
    assert notes == (["csv-encoding"] if encoding == "cp1252" else [])


def test_excels_own_line_about_the_separator(make_site: Callable[..., Site]) -> None:
    assert titles(wanted(make_site(), b"sep=;\r\nname;language\r\nAna, the elder;pt\r\n")[0]) == ["Ana, the elder"]


def test_two_people_of_one_name(make_site: Callable[..., Site]) -> None:
    pages, notes = wanted(make_site(
        "name,territory,group\nAna,Faro,Young\nAna,Praia,Young\nAna,Faro,Old\nAna,Faro,Young\nAna,Faro,Other\nAna,Praia,Young/Old\n"))
    assert titles(pages) == ["Ana", "Ana (Praia)", "Ana (Faro)", "Ana (Other)", "Ana (Young-Old)"]
    assert notes == ["csv-row-twice"]


def test_a_name_that_cannot_be_told_apart_is_told(make_site: Callable[..., Site]) -> None:
    pages, notes = wanted(make_site("name,territory,user\nAna,,A\nAna,,B\nana,,C\n"))
    assert titles(pages) == ["Ana"] and notes == ["csv-row-same-name", "csv-row-same-name"]


@pytest.mark.parametrize(("name", "title"), [
    ("A|B", "A-B"), ("[Green] {Team}", "(Green) (Team)"), ("A/B", "A-B"), ("#1 <b>", "1 b"), ("../../etc", "-..-etc"), ("~~~~", "----"),
    ("A_B", "A B"), ("100% Vélo", "100 Vélo"), ("\u202eevil\u200b", "evil"), ("two\nlines\ttabs", "two lines tabs"), ("  é ", "é"),
    ("d'Arcy & \"Co\"", "d'Arcy & \"Co\""), ("{{Subst:x}}", "((Subst:x))"), ("محمد", "محمد"), ("Q: what?", "Q: what?"),
])
def test_names_with_what_titles_cannot_hold(make_site: Callable[..., Site], name: str, title: str) -> None:
    quoted = name.replace('"', '""')
    pages, _ = wanted(make_site(f'name\n"{quoted}"\n'))
    assert titles(pages) == [title]


@pytest.mark.parametrize(("text", "note"), [
    ("name,kind\n,citizen\n", "csv-row-no-name"), ("name\n|#<>\n", None), ("name\n###\n", "csv-row-no-name"), ("name\n...\n", "csv-row-no-name"),
    (f"name\n{'é' * 130}\n", "csv-row-long"), ("name,kind\nAna,wizard\n", "csv-row-kind"), ("name,fone\nAna,1\n", "csv-column"),
    ("name\nA[b]\n", "csv-row-renamed"), ("name,kind\n\n,,,\n", None), ("", None), ("name\n", None), ("name,name\nAna,Eva\n", None),
])
def test_odd_rows_are_told_in_a_word(make_site: Callable[..., Site], text: str, note: str | None) -> None:
    _, notes = wanted(make_site(text))
    assert (note in notes) if note else not set(notes) - {"csv-row-renamed"}


@pytest.mark.parametrize("text", ["nombre\nAna\n", "Ana,pt\n", "<html>"])
def test_a_file_without_names_stops_with_a_sentence(make_site: Callable[..., Site], text: str) -> None:
    with pytest.raises(SettingsError, match=r"participants\.csv, row 1: no column “name”"):
        wanted(make_site(text))


def test_a_missing_file_is_told(make_site: Callable[..., Site]) -> None:
    site = make_site()
    (site.folder / "participants.csv").unlink()
    assert wanted(site) == ([], ["csv-missing"])


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: ("name,language\n" + text).encode("utf-8", "replace"))))
def test_no_file_crashes(make_site: Callable[..., Site], data: bytes) -> None:
    try:
        pages, _ = wanted(make_site(), data)
    except SettingsError as error:
        assert error.exit_code == 2
    else:
        assert len({page.title for page in pages}) == len(pages)


def test_what_the_names_hold_is_text_on_the_page(make_site: Callable[..., Site]) -> None:
    (page,), _ = wanted(make_site('name,territory\nAna,"{{Evil}}|user=root}} [[File:x]] ~~~~ <script>"\n'))
    assert not set("<[]~") & set(page.text.partition("|territory=")[2].partition("\n")[0])
    assert "{{Evil" not in page.text


def test_an_own_template_and_a_mistake_in_it(make_site: Callable[..., Site]) -> None:
    site = make_site("name\nAna\n", files={"page_templates/mediawiki/en/participant.wiki": "Hello << name >>\n"})
    own = site.folder / "page_templates" / "mediawiki" / "en" / "participant.wiki"
    assert wanted(site)[0][0].text == "Hello Ana"
    for wrong, line in (("a\n<< nom >>", 2), ("<% if %>", 1), ("\n\n<< name", 3), ("<< name.__class__.__mro__ >>", 1), ("<< 1 / 0 >>", 1)):
        own.write_text(wrong, encoding="utf-8")
        with pytest.raises(SettingsError) as caught:
            wanted(site)
        assert f"mediawiki/en/participant.wiki, line {line}:" in str(caught.value), str(caught.value)


def test_a_deleted_page_is_not_made_again(make_site: Callable[..., Site]) -> None:
    site = make_site("name\nAna\nEva\n")

    def run() -> Result:
        with Session(site) as session:
            return session.run(("participants",))

    assert run().created == 2
    (site.folder / "wiki" / "Participants" / "Ana.wiki").unlink()
    again = run()
    assert again.created == 0 and "deleted" in again.refused[0]


def test_a_renamed_page_is_followed(make_site: Callable[..., Site]) -> None:
    site = make_site("name\nAna\n")
    folder: Path = site.folder / "wiki" / "Participants"
    with Session(site) as session:
        session.run()
    (folder / "Ana.wiki").rename(folder / "Ana Silva.wiki")
    with Session(site) as session:
        result = session.run()
    assert (result.created, result.refused) == (0, [])


def test_each_of_several_people_with_one_name_keeps_their_page(make_site: Callable[..., Site]) -> None:
    site = make_site("name,language,territory\nAna,en,Cork\nAna,en,Namur\n")
    with Session(site) as session:
        assert session.run().created == 5
    (site.folder / "participants.csv").write_text("name,language,territory\nAna,en,Lyon\nAna,en,Namur\nAna,en,Cork\n")
    with Session(site) as session:
        assert session.run().created == 1
        texts = {page.title: page.text for page in session.mirror.every() if page.title.startswith("Participants/")}
    assert {title.removeprefix("Participants/"): text.partition("|territory=")[2].partition("\n")[0] for title, text in texts.items()} == {
        "Ana": "Cork", "Ana (Namur)": "Namur", "Ana (Lyon)": "Lyon"}


def test_a_quotation_mark_that_is_never_closed_is_told(make_site: Callable[..., Site]) -> None:
    with pytest.raises(SettingsError, match=r"participants\.csv, line 3"):
        wanted(make_site(), b'name,language\n"Ana,en\nBob,en\n')


def test_two_columns_for_one_field(make_site: Callable[..., Site]) -> None:
    assert titles(wanted(make_site("Nom,Name\nAna,\n,Eva\n"))[0]) == ["Ana", "Eva"]


@pytest.mark.parametrize("dialect", ["mediawiki", "tiki"])
@pytest.mark.parametrize("language", ["en", "fr", "pt"])
def test_a_fresh_page_says_of_somebody_what_the_table_says_and_no_more(tmp_path: Path, dialect: str, language: str) -> None:
    (tmp_path / "wikibridge.yml").write_text(f"wiki: {{kind: folder, dialect: {dialect}}}\nlanguages: [en, fr, pt]\n", encoding="utf-8")
    (tmp_path / "participants.csv").write_text(f"name,kind,language\nAna,citizen,{language}\n", encoding="utf-8")
    with Session(Site(tmp_path)) as session:
        session.run(("participants",))
        session.sync()
        assert session.mirror.fields("participant") == {"Participants/Ana": {"name": "Ana", "kind": "citizen", "language": language}}
