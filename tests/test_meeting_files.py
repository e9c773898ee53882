"""The command that makes calendars, lists of sign-ups and invitations: in the site folder, and nowhere else."""

from __future__ import annotations

import csv
import email
import io
import stat
import subprocess
from email import policy
from pathlib import Path

import pytest
import vobject

from tests.meeting_2020 import SESSIONS, meetings_yml
from tests.post import office
from tests.test_cli import cli
from tests.test_meetings import citizen, make, page, run
from wikibridge import Site

CSV = """\
Nom;Courriel;Langue;Type;Sessions
Zoé Müller;zoe@example.org;français;citoyenne;Citoyens pour le climat; assembly
João Évora;joao@example.org;português;escola;Cidadãos pelo clima
"=1+1";ann@example.org;English;;all
No Mail;;English;;Citizens for the climate
Bad Mail;bad@;English;;Citizens for the climate
Lost;lost@example.org;English;;Citizens for the weather
"""


def sign_ups(site: Site, text: str = CSV.replace("climat; assembly", "climat, assembly")) -> None:
    (site.folder / "sign-ups.csv").write_text(text, encoding="utf-8")


def done(ended: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """The command said all this, and ended so."""
    said = ended.stdout + ended.stderr
    assert ended.returncode == code and all(word in said for word in words), said
    assert "Traceback" not in said


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def rows(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def letters(site: Site) -> dict[str, email.message.EmailMessage]:
    found = [email.message_from_bytes(path.read_bytes(), policy=policy.default) for path in (site.folder / "invitations").iterdir()]
    return {str(each["To"].addresses[0].addr_spec): each for each in found}  # type: ignore[misc]


def test_calendars_lists_and_invitations(tmp_path: Path) -> None:
    site = make(tmp_path / "site")
    sign_ups(site)
    run(site)
    done(cli("meetings", folder=site.folder), 0, "Calendars: 42 (new or changed: 42)", "for 6 people", "Invitations: 3", "Nothing is sent",
                "“bad@” is no e-mail address", "sign-ups.csv, row 7: no session is called “Citizens for the weather”")
    assert len(names(site.folder / "calendars")) == 3 * (1 + len(SESSIONS))
    listed = rows(site.folder / "sign-ups" / "fourth.climate.csv")
    assert [row[0] for row in listed[1:]] == ["'=1+1", "Bad Mail", "João Évora", "No Mail", "Zoé Müller"]
    assert listed[3][1:3] == ["Portuguese", "school"] and listed[3][-1] == "joao@example.org"
    sent = letters(site)
    assert set(sent) == {"zoe@example.org", "joao@example.org", "ann@example.org"}
    mail = sent["zoe@example.org"]
    body = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert mail["Subject"] == "4e Rencontre internationale\u00a0: vos sessions" and mail["Date"] is None and mail["X-Unsent"] == "1"
    assert "lundi 2 novembre 2020, 15:00–17:00\n  Citoyens pour le climat\n" in body and "https://rooms.example.org/climate" in body
    (attached,) = mail.iter_attachments()
    assert attached.get_content_type() == "text/calendar"
    events = vobject.readOne(attached.get_content()).vevent_list
    assert sorted(event.summary.value for event in events) == ["Assemblée générale du réseau", "Citoyens pour le climat"]
    assert "de novembro" in sent["joao@example.org"].get_body(("plain",)).get_content()
    for folder, name in (("sign-ups", "fourth.climate.csv"), ("invitations", names(site.folder / "invitations")[0])):
        assert stat.S_IMODE((site.folder / folder / name).stat().st_mode) == 0o600 and stat.S_IMODE((site.folder / folder).stat().st_mode) == 0o700


def test_who_gave_no_name_is_called_by_the_address_and_one_address_is_one_person(tmp_path: Path) -> None:
    site = make(tmp_path / "site")
    people = (",ann@example.org,en,climate", "Léa,lea@example.org,fr,climate", "Luc,LEA@example.org,fr,assembly")
    sign_ups(site, "\n".join(("name,e-mail,language,session", *people)))
    run(site)
    done(cli("meetings", folder=site.folder), 0, "for 2 people", "Invitations: 2")
    assert [row[0] for row in rows(site.folder / "sign-ups" / "fourth.climate.csv")[1:]] == ["ann@example.org", "Léa"]
    assert "Hello ann@example.org," in letters(site)["ann@example.org"].get_body(("plain",)).get_content()


def test_a_second_time_nothing_is_written_and_what_changed_alone_is(tmp_path: Path) -> None:
    site = make(tmp_path / "site")
    sign_ups(site)
    run(site)
    done(cli("meetings", folder=site.folder), 0)
    done(cli("meetings", folder=site.folder), 0, "Calendars: 42 (new or changed: 0)", "Invitations: 3 (new or changed: 0)")
    (site.folder / "meetings.yml").write_text(meetings_yml().replace("15:00-17:00", "15:30-17:30"), encoding="utf-8")
    done(cli("meetings", folder=site.folder), 0, "Calendars: 42 (new or changed: 6)", "Invitations: 3 (new or changed: 3)")


def test_nothing_of_a_sign_up_reaches_the_wiki(tmp_path: Path) -> None:
    site = make(tmp_path / "site")
    sign_ups(site)
    run(site)
    done(cli("meetings", folder=site.folder), 0)
    run(site)
    wiki = b"".join(path.read_bytes() for path in (site.folder / "wiki").rglob("*") if path.is_file())
    assert b"Programme" in wiki and not [word for word in (b"example.org", "Zoé".encode(), "João".encode()) if word in wiki]


def test_a_sign_up_on_a_page_counts_with_that_of_the_table(tmp_path: Path) -> None:
    site = make(tmp_path / "site")
    sign_ups(site)
    run(site)
    citizen(site, "P/Person 01", page(site, "P/Person 01") + "\n{{Inscription|nom=João Évora|session=Assemblée générale du réseau ; spiral}}\n")
    done(cli("meetings", folder=site.folder), 0, "for 6 people")
    assert [row[0] for row in rows(site.folder / "sign-ups" / "fourth.spiral.csv")[1:]] == ["'=1+1", "João Évora"]


@pytest.mark.parametrize(("change", "words"), [
    (("Nom;", "Qui;"), ("sign-ups.csv, row 1", "column “name”")), (("Sessions", "Quoi"), ("sign-ups.csv, row 1", "“session”"))])
def test_a_table_without_its_columns_is_told(tmp_path: Path, change: tuple[str, str], words: tuple[str, ...]) -> None:
    site = make(tmp_path / "site")
    sign_ups(site, CSV.replace(*change))
    done(cli("meetings", folder=site.folder), 2, *words)


def test_mistakes_are_told_in_words(tmp_path: Path) -> None:
    site = make(tmp_path / "site")
    done(cli("meetings", "--send", folder=site.folder), 2, "under “tell” and “mail”")
    done(cli("meetings", folder=site.folder), 0)
    (site.folder / "calendars" / "fourth.en.ics").write_text("Hello")
    done(cli("meetings", folder=site.folder), 2, "calendars/fourth.en.ics is no calendar any more")
    (site.folder / "meetings.yml").unlink()
    done(cli("meetings", folder=site.folder), 2, "There is no meeting")


def test_invitations_are_sent_when_asked_for_and_once(tmp_path: Path) -> None:
    site = make(tmp_path / "site")
    sign_ups(site)
    with office("none") as server:
        settings = site.folder / "wikibridge.yml"
        settings.write_text(settings.read_text(encoding="utf-8") + (
            f"tell:\n  mail: {{to: [s@example.org], from: wikibridge@example.org, server: localhost, port: {server.port}, security: none}}\n"),
            encoding="utf-8")
        done(cli("meetings", folder=site.folder), 0, "Nothing is sent")
        assert server.letters == []
        server.refuse.add("ann@example.org")
        done(cli("meetings", "--send", folder=site.folder), 3, "Sent: 2. Sent before: 0.", "ann@example.org")
        letter = next(each for each in server.letters if "zoe" in each["To"])
        assert letter["From"] == "wikibridge@example.org" and letter["Date"] and letter["Message-ID"] and letter["X-Unsent"] is None
        assert [each.get_content_type() for each in letter.iter_attachments()] == ["text/calendar"]
        assert all(len(each.rcpt_tos) == 1 for each in server.envelopes), "nobody sees the others' addresses"
        server.refuse.clear()
        done(cli("meetings", "--send", folder=site.folder), 0, "Sent: 1. Sent before: 2.")
        done(cli("meetings", "--send", folder=site.folder), 0, "Sent: 0. Sent before: 3.")
        (site.folder / "meetings.yml").write_text(meetings_yml().replace("16:00-19:00", "16:30-19:00"), encoding="utf-8")
        done(cli("meetings", "--send", folder=site.folder), 0, "Sent: 2. Sent before: 1.")
        assert b"SEQUENCE:1" in next(server.letters[-1].iter_attachments()).get_content().encode()


def test_who_is_forgotten_is_so_in_these_files_too(tmp_path: Path) -> None:
    site = make(tmp_path / "site")
    sign_ups(site, CSV.replace("João Évora;joao", "Person 01;joao"))
    run(site)
    done(cli("meetings", folder=site.folder), 0, "Invitations: 3")
    done(cli("forget", "P/Person 01", "--yes", folder=site.folder), 0)
    left = [path for path in site.folder.rglob("*") if path.is_file() and "wiki" not in path.relative_to(site.folder).parts[0]]
    assert not [path for path in left if b"Person 01" in path.read_bytes() or b"joao@" in path.read_bytes()]
    assert len(letters(site)) == 2 and "Zoé" in (site.folder / "sign-ups.csv").read_text(encoding="utf-8")
