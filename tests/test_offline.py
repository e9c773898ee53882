"""A Tiki without its API: exports come in, texts to paste go out, and nobody's words are lost on the way."""

from __future__ import annotations

import html
import json
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tests.exports import export, part
from tests.test_cli import cli, told
from wikibridge.cli.main import cli as commands
from wikibridge.errors import SettingsError
from wikibridge.i18n import LANGUAGES
from wikibridge.mirror.tiki_exports import cut, is_export, pasted, read
from wikibridge.report.checklist import Paste, edit_address, file_name, files
from wikibridge.wikis.base import normal
from wikibridge.wikis.folder import FolderWiki

DAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
SETTINGS = """wiki: {kind: folder, dialect: tiki, address: "https://wiki.example.org/HomePage"}
participants: "Participants - "
min_group: 1
languages: [en, fr, pt]
"""
CHOICES = """
!! Choice: By bike
* Theme: transport
* Date: 3 November 2020
* Rating: 4
* Result:

{WIKIBRIDGE(of="choice" by="theme")/}
"""
NASTY = 'A "q" \'s</textarea><script>x</script> & 日本 😀 שלום'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "wikibridge.yml").write_text(SETTINGS, encoding="utf-8")
    (folder / "participants.csv").write_text("name,kind,language\nAna,citizen,English\nJoão,,pt\n", encoding="utf-8")
    return folder


class Tiki:
    """The pages of a Tiki that somebody edits in a browser, and their exports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir()
        self.pages: dict[str, list[tuple[str, str, datetime]]] = {}
        self.now = DAY

    def save(self, name: str, text: str, author: str = "Ana", summary: str = "") -> None:
        self.now += timedelta(minutes=5)
        body = text.replace("\n", "\r\n")
        self.pages.setdefault(name, []).append((body, author, self.now))

    def text(self, name: str) -> str:
        return self.pages[name][-1][0].replace("\r\n", "\n")

    def export(self, *names: str, whole: bool = True) -> Path:
        """Files as a browser saves them, of all versions or the last one."""
        for number, name in enumerate(names or self.pages):
            parts = [part(name, text, version, when, author, "edited")
                     for version, (text, author, when) in enumerate(self.pages[name], 1)]
            chosen = [parts[-1], *reversed(parts)] if whole else parts[-1:]
            (self.folder / f"tiki-export_wiki_pages({number}).php").write_bytes(export(*chosen, made=self.now))
        return self.folder

    def paste(self, checklist: Path) -> int:
        """What the secretariat does with a checklist."""
        found = shown(checklist)
        for name, text in found:
            self.save(name, text, "Secretariat", "pasted")
        return len(found)


def shown(checklist: Path) -> list[tuple[str, str]]:
    """Name and text of each page on a checklist, as a browser gives the text to who copies it; the files hold the same."""
    page = (checklist / "checklist.html").read_text(encoding="utf-8")
    names = [html.unescape(name) for name in re.findall(r"<bdi>(.*?)</bdi>", page)]
    texts = [html.unescape(text) for text in re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)]
    stored = [path.read_text(encoding="utf-8") for path in sorted(checklist.glob("[0-9]*.txt"))]
    assert stored == [f"{text}\n" for text in texts] and len(names) == len(texts)
    return list(zip(names, texts, strict=True))


def done(*args: str, folder: Path) -> str:
    """What a command says that ends well."""
    ran = CliRunner().invoke(commands, ["--site", str(folder), *args], env={"LC_ALL": "C"})
    assert ran.exit_code == 0, (ran.output, ran.exception)
    return ran.output


def history(site: Path, title: str) -> list[tuple[str, str, str]]:
    wiki = FolderWiki(site / "wiki", dialect="tiki")
    found = [each[1:] for each in wiki.history(title)]
    wiki.close()
    return found


def test_the_whole_way(site: Path, tmp_path: Path) -> None:
    tiki, out = Tiki(tmp_path / "exports"), tmp_path / "to paste"
    done("plan", "--files", str(out), folder=site)
    first = dict(shown(out))
    assert {"Participants - Ana", "Participants - João", "Summary of choices"} <= first.keys()
    assert not list((site / "wiki").glob("*.tiki")) and json.loads(done("log", "--json", folder=site)) == [], "nothing is written"
    tiki.paste(out)
    done("import", str(tiki.export()), folder=site)
    assert "To create: 0. To change: 0." in done("plan", "--files", str(out), folder=site)
    assert shown(out) == []
    # People write; the next checklist sums it up and answers the question.
    tiki.save("Participants - Ana", tiki.text("Participants - Ana") + CHOICES)
    assert "0 new pages, 1 changed page; " in done("import", str(tiki.export()), folder=site)
    done("plan", "--files", str(out), folder=site)
    second = dict(shown(out))
    assert "Transport|1|1" in second["Summary of choices"]
    assert any(name.startswith("Answers - ") and "Transport|1|1" in text for name, text in second.items())
    assert cut(CHOICES.strip()) in second["Participants - Ana"]
    tiki.paste(out)
    done("import", str(tiki.export()), folder=site)
    assert "To create: 0. To change: 0. Left alone: 0." in done("plan", "--files", str(out), folder=site)
    assert shown(out) == []
    assert [editor for editor, *_ in history(site, "Participants - Ana")] == ["Secretariat", "Ana", "Secretariat"]


def test_what_a_person_wrote_before_the_paste_came_back_is_kept(site: Path, tmp_path: Path) -> None:
    tiki, out = Tiki(tmp_path / "exports"), tmp_path / "out"
    done("plan", "--files", str(out), folder=site)
    tiki.paste(out)
    tiki.save("Participants - Ana", tiki.text("Participants - Ana") + CHOICES)
    done("import", str(tiki.export()), folder=site)
    done("run", folder=site)
    # The run wrote into the copy; nothing of that is on the Tiki, and meanwhile somebody writes.
    tiki.save("Participants - Ana", tiki.text("Participants - Ana").replace("* Rating: 4", "* Rating: 2\n* Tool: map"), "Eva")
    tiki.save("Summary of choices", tiki.text("Summary of choices") + "\n\nA remark.", "Eva")
    done("import", str(tiki.export()), folder=site)
    done("plan", "--files", str(out), folder=site)
    found = dict(shown(out))
    assert "* Rating: 2\n* Tool: map" in found["Participants - Ana"] and "INCLUDE" in found["Participants - Ana"]
    assert found["Summary of choices"].endswith("A remark.") and "Transport|1|1" in found["Summary of choices"]
    assert any(name.startswith("Answers - ") for name in found), "what a run wrote into the copy is still to be pasted"
    tiki.paste(out)
    done("import", str(tiki.export()), folder=site)
    done("plan", "--files", str(out), folder=site)
    assert shown(out) == [] and "* Tool: map" in tiki.text("Participants - Ana")


def test_where_both_changed_the_same_lines_the_text_of_people_counts(site: Path, tmp_path: Path) -> None:
    tiki = Tiki(tmp_path / "exports")
    tiki.save("Participants - Ana", "one\ntwo\nthree")
    done("import", str(tiki.export()), folder=site)
    (site / "wiki" / "Participants - Ana.tiki").write_text("one\nours\nthree\n", encoding="utf-8")
    tiki.save("Participants - Ana", "one\ntheirs\nthree", "Eva")
    assert "“Participants - Ana”: somebody changed on the Tiki" in done("import", str(tiki.export()), folder=site)
    assert [(editor, text) for editor, _, text in history(site, "Participants - Ana")] == [
        ("Ana", "one\ntwo\nthree"), ("by hand", "one\nours\nthree"), ("Eva", "one\ntheirs\nthree")]
    # Elsewhere on the page both stay, and what is not on the Tiki yet is to be pasted.
    (site / "wiki" / "Participants - Ana.tiki").write_text("ours\ntheirs\nthree\n", encoding="utf-8")
    tiki.save("Participants - Ana", "one\ntheirs\nthree\nfour", "Eva")
    done("import", str(tiki.export()), folder=site)
    done("plan", "--files", str(tmp_path / "out"), folder=site)
    assert dict(shown(tmp_path / "out"))["Participants - Ana"] == "ours\ntheirs\nthree\nfour"


def test_rows_of_a_table_survive_an_export_made_before_they_were_pasted(site: Path, tmp_path: Path) -> None:
    tiki, out = Tiki(tmp_path / "exports"), tmp_path / "out"
    done("plan", "--files", str(out), folder=site)
    tiki.paste(out)
    done("import", str(tiki.export()), folder=site)
    (site / "table.csv").write_text("participant,title,theme\nAna,By train,transport\n", encoding="utf-8")
    done("import", str(site / "table.csv"), folder=site)
    tiki.save("Participants - Ana", "A word of welcome.\n\n" + tiki.text("Participants - Ana"), "Eva")
    done("import", str(tiki.export()), folder=site)
    done("plan", "--files", str(out), folder=site)
    text = dict(shown(out))["Participants - Ana"]
    assert text.startswith("A word of welcome.") and "By train" in text
    tiki.paste(out)
    done("import", str(tiki.export()), folder=site)
    done("plan", "--files", str(out), folder=site)
    assert shown(out) == []


def test_author_time_summary_and_every_version_come_along_and_old_ones_stay_out(site: Path, tmp_path: Path) -> None:
    tiki = Tiki(tmp_path / "exports")
    tiki.save("my_page", "one", "Ana")
    early = tiki.export(whole=False).joinpath("tiki-export_wiki_pages(0).php").read_bytes()
    tiki.save("my_page", "two\n\n{x}   \nend", "Eva")
    assert json.loads(done("import", "--json", str(tiki.export()), folder=site)) == {"new": 1, "changed": 0, "same": 0}
    assert history(site, "My page") == [("Ana", "edited", "one"), ("Eva", "edited", "two\n\n{x}\nend")]
    wiki = FolderWiki(site / "wiki", dialect="tiki")
    assert [(page.time, page.editor) for page in wiki.read(titles=["My page"])] == [(DAY + timedelta(minutes=10), "Eva")]
    wiki.close()
    assert json.loads(done("import", "--json", str(tiki.folder), folder=site)) == {"new": 0, "changed": 0, "same": 1}
    (tmp_path / "old").write_bytes(early)
    ran = cli("import", str(tmp_path / "old"), folder=site)
    assert ran.returncode == 3 and "“my_page”: this file is older than what was imported before. Export the page again." in ran.stderr
    tiki.save("my_page", "", "Eva")
    done("import", str(tiki.export()), folder=site)
    assert history(site, "My page")[-1] == ("Eva", "edited", ""), "a page that somebody emptied is empty here too"


def test_pasted_sources_are_pages_called_as_their_files(site: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pasted"
    (folder / "Participants").mkdir(parents=True)
    (folder / "Participants" / "Ana.txt").write_bytes("\ufeffone\r\ntwo  \r\n".encode())
    (folder / "What%3F.wiki").write_text("{CODE()}x{CODE}", encoding="utf-8")
    (folder / "Página.tiki").write_text("! Olá", encoding="utf-8")
    (folder / ".DS_Store").write_bytes(b"\xff")
    assert "3 new pages" in done("import", str(folder), folder=site)
    assert history(site, "Participants/Ana")[-1] == ("?", "", "one\ntwo") and history(site, "What?") and history(site, "Página")
    page = folder / "Página.tiki"
    page.write_text("! Velho", encoding="utf-8")
    os.utime(page, (DAY.timestamp(),) * 2)
    ran = cli("import", str(page), folder=site)
    assert ran.returncode == 3 and "older" in ran.stderr and history(site, "Página")[-1][2] == "! Olá"


def test_names_that_the_tiki_takes_for_one_page_are_told(site: Path, tmp_path: Path) -> None:
    tiki, out = Tiki(tmp_path / "exports"), tmp_path / "out"
    tiki.save("my_page", "one")
    tiki.save("my page", "two")
    tiki.save("participants - joao", "mine")
    ran = cli("import", str(tiki.export()), folder=site)
    assert ran.returncode == 3 and "“my page” and “my_page”" in ran.stderr
    ran = cli("plan", "--files", str(out), folder=site)
    assert "“Participants - João” cannot be created: a Tiki takes it for the same page as “Participants - joao”" in ran.stderr
    assert "Participants - João" not in dict(shown(out))


@pytest.mark.parametrize(("data", "words"), [
    (b"<!DOCTYPE html><title>Log in</title>", "is no export of a Tiki page. Log in"),
    (b"Permission denied.", "is no export of a Tiki page"),
    (b"", "is no export of a Tiki page"),
    (export(part("P", "x", 1, DAY), part("P", "y", 2, DAY))[:-30], "is cut off"),
    (export(part("P", "x", 1, DAY)).replace(b"version=1", b"version=one"), "part 1 of the export is broken"),
    (export(part("P", "x", 1, DAY), part("P", "y", 2, DAY)).replace(b"lastmodified", b"lastmod"), "part 1 of the export is broken"),
    (export(part("P", "x", 1, DAY), part("P", "y", 2, DAY)).replace(b"Content-Type: application/x-tikiwiki", b"Content-Type: text/plain"),
     "part 1 of the export is broken"),
    (export(part("P", "café", 1, DAY)).replace("é".encode(), b"\xe9"), "part 1 is not in UTF-8"),
    (export(part("P", "x", 1, DAY)).replace(b"charset=utf-8", b"charset=iso-8859-1"), "part 1 is not in UTF-8 (iso-8859-1)"),
    (export(part("", "x", 1, DAY)), "a page that the Tiki does not have"),
])
def test_a_file_that_cannot_be_taken_is_told_with_the_remedy(site: Path, tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "page.php"
    path.write_bytes(data)
    told(cli("import", str(path), folder=site), 2, str(path), words)
    # Among others it is left, and they come in.
    (tmp_path / "Other.txt").write_text("x", encoding="utf-8")
    ran = cli("import", str(path), str(tmp_path / "Other.txt"), folder=site)
    assert ran.returncode == 3 and words in ran.stderr and "1 new page" in ran.stdout


def test_what_is_not_for_this_site_or_not_together_is_told(site: Path, tmp_path: Path) -> None:
    (tmp_path / "x.php").write_bytes(export(part("P", "x", 1, DAY)))
    (tmp_path / "t.csv").write_text("participant,title\n", encoding="utf-8")
    told(cli("import", str(tmp_path / "x.php"), str(tmp_path / "t.csv"), folder=site), 2, "t.csv is imported by itself")
    told(cli("import", str(tmp_path / "none.php"), folder=site), 2, "none.php cannot be read")
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    told(cli("import", str(tmp_path / "latin.txt"), folder=site), 2, "not in UTF-8")
    (site / "wikibridge.yml").write_text("wiki: {kind: folder}\n", encoding="utf-8")
    told(cli("import", str(tmp_path / "x.php"), folder=site), 2, "dialect: tiki")
    told(cli("plan", "--files", str(tmp_path / "out"), folder=site), 2, "dialect: tiki")
    assert not (tmp_path / "out").exists()


def test_a_damaged_record_is_told(site: Path, tmp_path: Path) -> None:
    (tmp_path / "P.txt").write_text("x", encoding="utf-8")
    done("import", str(tmp_path / "P.txt"), folder=site)
    (site / "wiki" / ".tiki.json").write_text('{"P": {}}', encoding="utf-8")
    told(cli("import", str(tmp_path / "P.txt"), folder=site), 2, ".tiki.json", "Delete it")


def test_a_checklist_replaces_an_earlier_one_and_nothing_else(site: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done("plan", "--files", str(out), folder=site)
    before = {path.name for path in out.iterdir()}
    (site / "participants.csv").write_text("name\nAna\nZoë\n", encoding="utf-8")
    done("plan", "--files", str(out), folder=site)
    after = {path.name for path in out.iterdir()}
    assert any("Joao" in name for name in before) and not any("Joao" in name for name in after) and any("Zoe" in name for name in after)
    told(cli("import", str(out), folder=site), 2, "belongs to a checklist")
    told(cli("import", str(sorted(out.glob("0*.txt"))[0]), folder=site), 2, "belongs to a checklist")
    (out / "checklist.txt").write_text("[x] done", encoding="utf-8")
    told(cli("plan", "--files", str(out), folder=site), 2, "holds “checklist.txt”, which somebody changed")
    (out / "checklist.txt").unlink()
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    told(cli("plan", "--files", str(out), folder=site), 2, "holds “notes.txt”, which is not of an earlier checklist")
    assert (out / "notes.txt").read_text(encoding="utf-8") == "mine"
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    told(cli("plan", "--files", str(tmp_path / "file"), folder=site), 2, "cannot be written")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / ".checklist.json").write_text("[]", encoding="utf-8")
    told(cli("plan", "--files", str(tmp_path / "other"), folder=site), 2, "not of an earlier checklist")


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_of_users_is_text_on_a_checklist(language: str) -> None:
    text = f"\n\n{NASTY}\n~tc~ x ~/tc~"
    paste = Paste(f"{NASTY}/\u202egnp", text, NASTY, True, forbidden="/")
    page = files([paste, Paste("B", "b", "s", False, DAY, 3, NASTY)], "https://e.org/a/HomePage?x=1", language, "Europe/Brussels")
    shown_ = page["checklist.html"]
    assert "<script" not in shown_ and shown_.count("</textarea>") == 2 and "\u202e" not in shown_ and "\\u202e" in shown_
    assert html.unescape(re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", shown_, re.DOTALL)[0]) == text
    assert page["001-A-q-s-textarea-script-x-script-gnp.txt"] == text + "\n" and page["002-B.txt"] == "b\n"
    assert 'href="https://e.org/a/tiki-editpage.php?page=A%20%22q%22' in shown_
    assert "11:00" in shown_ and "\\u202e" in page["checklist.txt"] and "\n[ ] 2. B (" in page["checklist.txt"]


@pytest.mark.parametrize(("address", "form"), [
    ("https://e.org", "https://e.org/tiki-editpage.php?page=A%2FB%20%C3%A9"),
    ("https://e.org/wiki/", "https://e.org/wiki/tiki-editpage.php?page=A%2FB%20%C3%A9"),
    ("http://e.org/wiki/tiki-index.php?page=X#y", "http://e.org/wiki/tiki-editpage.php?page=A%2FB%20%C3%A9"),
    ("", ""), ("javascript:alert(1)", ""), ("https://[", ""), ("wiki.example.org", ""),
])
def test_the_form_is_beside_any_page_of_the_tiki(address: str, form: str) -> None:
    assert edit_address(address, "A/B é") == form


@given(st.text(), st.integers(1, 10**5))
def test_names_of_files_are_plain_whatever_the_title(title: str, number: int) -> None:
    assert re.fullmatch(r"\d{3,6}(-[A-Za-z0-9]+)*\.txt", file_name(number, 10**4, title))


_WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t \n"), max_size=80)


@given(st.lists(st.tuples(_WORDS, st.sampled_from(["Ana", "Zoë; x=\"y\""]), _WORDS), min_size=1, max_size=4), st.booleans(),
       st.sampled_from(["P", 'Ä/"q"; b=%41 😀', "שלום"]))
def test_what_a_tiki_exports_is_read(versions: list[tuple[str, str, str]], unix: bool, name: str) -> None:
    border = "=_multipart_boundary_1"
    parts = [part(name, f"{text}\n--{border}\nContent\n--{border}--", number, DAY + timedelta(hours=number), author, summary)
             for number, (text, author, summary) in enumerate(versions, 1)]
    data = export(*(parts if len(parts) == 1 else [parts[-1], *reversed(parts)]), made=DAY + timedelta(days=2))
    assert is_export(data)
    found = read(data.replace(b"\r\n", b"\n") if unix else data, "f", DAY + timedelta(days=9))
    assert [(each.text, each.author, each.summary, each.name) for each in found] == [
        (cut(f"{text}\n--{border}\nContent\n--{border}--"), author, summary, name) for text, author, summary in versions]
    assert {each.seen for each in found} == {DAY + timedelta(days=2)}


@given(st.binary(max_size=300) | st.binary(max_size=80).map(lambda more: export(part("P", "x", 1, DAY), part("P", "y", 2, DAY))[:-40] + more))
def test_no_file_is_more_than_an_error(data: bytes) -> None:
    for reader in (lambda: read(data, "f", DAY), lambda: pasted(data, "f.txt", "f", DAY)):
        try:
            reader()
        except SettingsError as error:
            assert error.say("fr")


@given(_WORDS)
def test_cutting_blanks_twice_changes_nothing(text: str) -> None:
    assert cut(cut(text)) == cut(text) == normal(cut(text))
