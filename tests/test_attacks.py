"""What people type to make a page do something is text on every page that shows it: a browser looks, MediaWiki allowing raw HTML."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Browser, Page

from tests.reading import ARTEFACTS
from tests.test_cli import cli
from wikibridge import Session, Site, resources
from wikibridge.demo.mediawiki_server import MediaWikiServer
from wikibridge.entries.problems import sentence
from wikibridge.entries.read import hide, read
from wikibridge.entries.spelling import fold
from wikibridge.entries.types import shipped
from wikibridge.errors import Stopped
from wikibridge.jobs.result import Result
from wikibridge.markup import wikitext
from wikibridge.mirror import dumps
from wikibridge.model import Action, Edit, Step, WantedPage
from wikibridge.model import Page as WikiPage
from wikibridge.report.plan import html as plan_page
from wikibridge.summaries.compute import answer
from wikibridge.summaries.grammar import parse
from wikibridge.summaries.tally import Tallies
from wikibridge.wikis.base import Wiki
from wikibridge.wikis.folder import FolderWiki

pytestmark = pytest.mark.live
KINDS: dict[str, list[str]] = {
    kind: [item if isinstance(item, str) else item["text"] * item["times"] for item in items]
    for kind, items in yaml.safe_load((Path(__file__).parent / "attacks.yml").read_text(encoding="utf-8")).items()
}
ATTACKS = [text for texts in KINDS.values() for text in texts]
TITLES = [
    "<script>", "{{PAGENAME}}", "[[x]]", "a~~~~b", "a''b''c", "'''''", "\"onmouseover=alert(1) x=\"", "RFC 2119", "ISBN 0306406157",
    "https://evil.example/", "javascript:alert(1)", "Category:Attack", "File:Attack.png", "fr:Attaque", "a&b=c;d", "&lt", "&lt;b", "100% sure",
    "a%3Cb", "!!", "--", "=", "==x==", "*", "~~", "|", "x/", "x//y", "$1", "$wgRawHtml", "__NOTOC__", "-(x)-", ":x", "\u2067x", "\u061c", "a\u202eb",
    "\u200b", "x\u200by", "{{!}}", "(x)", "x (y)", "x, y", "?action=delete", "a?b&c#d", "+", "\\", "`", "^", "e\u0301", "👩‍🌾", "-{x}-", "مرحبا", "日本：語",
    "x" * 190,
]
SETTINGS = r"""
$wgRawHtml = true;
$wgAllowExternalImages = true;
$wgRestrictDisplayTitle = false;
$wgUsePigLatinVariant = true;
$wgHooks['InterwikiLoadPrefix'][] = static function ( $prefix, &$data ) {
	if ( !in_array( $prefix, [ 'fr', 'wikipedia' ] ) ) { return true; }
	$data = [ 'iw_prefix' => $prefix, 'iw_url' => "https://$prefix.evil.example/\$1", 'iw_api' => '', 'iw_wikiid' => '', 'iw_local' => 0, 'iw_trans' => 0 ];
	return false;
};
$wgHooks['ParserFirstCallInit'][] = static function ( $parser ) {
	foreach ( [ 'poem', 'syntaxhighlight', 'source', 'math', 'graph', 'section' ] as $tag ) {
		$parser->setHook( $tag, static fn ( $text ) => '<u>' . htmlspecialchars( (string)$text ) . '</u>' );
	}
};
"""
TABLES = ("categories", "templates", "images", "iwlinks", "langlinks", "extlinks")
HIDDEN = re.compile("[\xad\u200b\u200e\u200f\u2060\ufeff]")
DROPPED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def stored(text: str) -> str:
    """A text as a browser and MediaWiki make it of what was typed."""
    return unicodedata.normalize("NFC", re.sub("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]", "\ufffd", text))


def seen(text: str) -> str:
    """The letters of a text, one blank for any white space; MediaWiki's own no-break spaces are blanks here."""
    return unicodedata.normalize("NFC", " ".join(DROPPED.sub("", text).split()))


def entities(text: str) -> str:
    """A text as a page holds it that shows every sign of it."""
    return "".join(c if c.isalnum() or (c.isspace() and c != "\n") or (unicodedata.category(c) in ("Cc", "Cs", "Mn") and c != "\n")
                   else f"&#{ord(c)};" for c in text)


class Watched:
    """A browser's window, and everything that happened in it and should not."""

    def __init__(self, browser: Browser, address: str, width: int = 1280) -> None:
        self.happened: list[str] = []
        self.address = address
        self.page: Page = browser.new_context(viewport={"width": width, "height": 900}, color_scheme="light").new_page()
        self.page.on("dialog", self._dialog)
        self.page.on("pageerror", lambda error: self.happened.append(f"error {error}"))
        self.page.on("console", lambda message: self.happened.append(f"{message.type} {message.text}"))
        self.page.on("request", lambda request: None if request.url.startswith(address) else self.happened.append(request.url))
        self.page.add_init_script("addEventListener('securitypolicyviolation', e => console.error(e.violatedDirective))")

    def _dialog(self, dialog: Any) -> None:
        self.happened.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def open(self, title: str, options: str = "action=render") -> Page:
        self.page.goto(f"{self.address}index.php?title={urllib.parse.quote(title.replace(' ', '_'), safe='')}&{options}")
        return self.page

    def shot(self, name: str) -> None:
        ARTEFACTS.mkdir(exist_ok=True)
        size = self.page.viewport_size
        assert size
        # The whole page would be as long as the list of attacks.
        self.page.set_viewport_size({"width": size["width"], "height": 4000})
        self.page.screenshot(path=ARTEFACTS / f"{name}.png")
        self.page.set_viewport_size(size)


@pytest.fixture
def window(browser: Browser, mediawiki: MediaWikiServer) -> Iterator[Watched]:
    watched = Watched(browser, mediawiki.address)
    yield watched
    watched.page.context.close()
    assert not watched.happened


SHAPE = """() => [...new Set([...document.querySelectorAll('.mw-parser-output *')].map(
    e => e.tagName + ' ' + e.getAttributeNames().filter(a => !e.closest('a') || a != 'class').sort().join(' ')))].sort()"""
"""The names of the elements of a page and of their attributes."""
LINES = """() => [...document.querySelectorAll('.mw-parser-output div[style] > ul > li')].map(li => ({
    nodes: [...li.childNodes].map(n => n.nodeName).join(' '), first: li.firstChild.textContent, text: li.textContent,
    inside: li.querySelector('bdi') ? li.querySelector('bdi').childNodes.length : 0,
    link: li.querySelector('a').textContent, title: li.querySelector('a').title, href: li.querySelector('a').href}))"""
CELLS = """() => [...document.querySelectorAll('.mw-parser-output table')].map(t => [...t.rows].slice(1).map(
    r => [...r.cells].map(c => c.textContent.trim())))"""
BOX = """() => Object.fromEntries([...document.querySelectorAll('.mw-parser-output > div > div')].filter(
    row => getComputedStyle(row).display != 'none').map(row => [row.querySelector('small') ? row.firstChild.textContent : '',
    row.lastChild.textContent]))"""


def ask(server: MediaWikiServer, **params: str) -> Any:
    data = urllib.parse.urlencode({**params, "format": "json", "formatversion": "2"}).encode()
    with urllib.request.urlopen(server.address + "api.php", data) as answer:
        return json.load(answer)


def tables(server: MediaWikiServer, titles: list[str]) -> dict[str, dict[str, list[str]]]:
    """What the wiki has noted of pages in its tables of links, addresses without the title and section that they lead to."""
    found: dict[str, dict[str, list[str]]] = {title: {table: [] for table in TABLES} for title in titles}
    limits = {f"{p}limit": "max" for p in ("cl", "tl", "im", "iw", "ll", "el")}
    for start in range(0, len(titles), 50):
        more: dict[str, str] = {}
        while True:
            answer = ask(server, action="query", titles="\x1f" + "\x1f".join(titles[start : start + 50]), prop="|".join(TABLES), **limits, **more)
            for page in answer["query"]["pages"]:
                for table in TABLES:
                    for row in page.get(table, ()):
                        row.pop("ns", None)
                        said = re.sub(r"((?:title|section)=)[^&]*|(index\.php/)[^?]*", r"\1\2", " ".join(map(str, row.values())))
                        found[page["title"]][table] = sorted({*found[page["title"]][table], said})
            if "continue" not in answer:
                break
            more = answer["continue"]
    return found


@dataclass
class Scene:
    """A site whose citizens typed all that."""

    server: MediaWikiServer
    site: Site
    citizen: Wiki
    prefix: str
    people: list[tuple[str, ...]] = field(default_factory=list)
    typed: dict[str, str] = field(default_factory=dict)
    harmless: dict[str, Any] = field(default_factory=dict)
    results: list[Result] = field(default_factory=list)

    def run(self, *jobs: str) -> Result:
        with Session(self.site) as session:
            return session.run(jobs)

    def bring_in(self) -> None:
        """Put what was typed on the wiki at once: an import, which stores it as it is; only a mirror filled anew sees it."""
        time = datetime(2020, 11, 3, tzinfo=UTC)
        path = self.site.folder / "typed.xml"
        dumps.write((WikiPage(0, title, 0, text, time, "Citizen") for title, text in self.typed.items()), path, "test")
        self.server.maintenance("importDump", "--no-updates", str(path))
        self.forget()

    def forget(self) -> None:
        """Let the next run read every page anew."""
        for each in self.site.state.glob("mirror.db*"):
            each.unlink()

    def csv(self) -> None:
        file = io.StringIO(newline="")
        csv.writer(file).writerows([("name", "territory", "group", "user", "kind"), ("Harmless", "Cork", "Young people", "Bo", "wizard"), *self.people])
        (self.site.folder / "participants.csv").write_bytes(file.getvalue().encode("utf-8", "replace"))

    def look(self, browser: Browser) -> None:
        """Note how the pages are while all that is typed is harmless."""
        watched = Watched(browser, self.server.address)
        for name in ("P/Harmless", "Summary", "Problems", "Catalogue"):
            self.harmless[name] = watched.open(self.prefix + name).evaluate(SHAPE)
        watched.page.context.close()


LABELS = [text for kind in ("effective", "templates", "html", "tags", "links", "lines", "ours") for text in KINDS[kind] if fold(text)]


@pytest.fixture(scope="module")
def scene(
    mediawiki: MediaWikiServer, mediawiki_doors: Callable[[str], Wiki], browser: Browser, tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Scene]:
    mediawiki.settings("attacks", SETTINGS)
    prefix = f"Attacked {uuid.uuid4().hex[:8]}/"
    folder = tmp_path_factory.mktemp("attacks")
    (folder / "jobs").mkdir()
    (folder / "entries").mkdir()
    (folder / "wikibridge.yml").write_text(
        f"wiki: {{kind: mediawiki, address: '{mediawiki.address}api.php', account: {mediawiki.bot.name}}}\n"
        f"languages: [en]\nmin_group: 1\nparticipants: '{prefix}P/'\n")
    (folder / "password").write_text(mediawiki.bot.password)
    (folder / "password").chmod(0o600)
    for path in resources.shipped("jobs").glob("summary-*.yml"):
        (folder / "jobs" / path.name).write_text("# their titles are those of other tests too\n", encoding="utf-8")
    blocks = [{"name": "latest", "as": "list", "limit": 500}, {"name": "tools", "of": "tool", "as": "list", "limit": 500},
              {"name": "table", "by": "theme", "as": "table", "limit": 500},
              {"name": "bars", "by": "theme", "as": "bars", "limit": 500}]
    (folder / "jobs" / "summaries.yml").write_text(json.dumps({
        "kind": "summaries", "page": {"en": f"{prefix}Summary"}, "blocks": [{**block, "heading": {"en": block["name"]}} for block in blocks]}))
    (folder / "jobs" / "problems.yml").write_text(json.dumps({"kind": "problems", "page": {"en": f"{prefix}Problems"}, "lines": 5000}))
    (folder / "jobs" / "catalogue.yml").write_text(json.dumps({
        "kind": "catalogue", "page": {"en": f"{prefix}Catalogue"}, "tool_pages": {"en": f"{prefix}Tool: "}, "proposals": {}}))
    labels = {fold(text): text for text in reversed(LABELS)}
    terms = {f"t{number}z": {"en": text, "fr": f"fr{number}z", "pt": f"pt{number}z"} for number, text in enumerate(labels.values())}
    terms["food"] = {"en": "food", "fr": "alimentation", "pt": "comida"}
    (folder / "entries" / "vocabularies.yml").write_text(yaml.safe_dump({"theme": terms}, allow_unicode=True), encoding="utf-8")
    made = Scene(mediawiki, Site(folder), mediawiki_doors("Citizen"), prefix)
    made.csv()
    made.typed[f"{prefix}P/A"] = "{{Choice|title=Less meat|theme=food, magic}} {{Choice|title=Walking}} {{Tool|title=Pot}}"
    made.typed[f"{prefix}P/B"] = (
        "{{Tool|title=Pan|theme=food|level=family|description=x|offered by=x|language=fr}} {{Proposal|title=Lid|tool=Pan|description=x|proposed by=x}}"
        "{{Choice|title=Stew|tool=Pan; Pen|result=x|rating=3}} {{Proposal|title=Spoon}}")
    made.bring_in()
    made.run("install")
    made.run()
    made.look(browser)

    # All at once: a row of the table holds five; what is whole in itself shares a page; what would swallow the next has its own.
    texts = [*ATTACKS, *ATTACKS[:4]]
    made.people = [tuple(texts[i : i + 5]) for i in range(0, len(texts) - 4, 5)]
    made.csv()
    whole: list[str] = []
    for number, text in enumerate(map(stored, ATTACKS)):
        typed = f"{{{{Choice|title={text}|theme={text}|description={text}|{text}=x}}}}\n\n"
        after = read(f"{typed}{{{{Choice|title=After}}}}", shipped(), "en").entries
        if after and after[-1].fields.get("title") == "After" and len(after) == 2:
            whole.append(typed)
        else:
            made.typed[f"{prefix}P/Raw {number:03}"] = typed
    made.typed[f"{prefix}P/Raw"] = "".join(whole)
    shown = [f"{{{{Tool|title={entities(stored(text))}|theme={entities(stored(text))}}}}}\n\n" for text in ATTACKS]
    made.typed[f"{prefix}P/Tools"] = "".join(
        f"{{{{Tool|title=Tool {number}|description={text}|offered by={text}|other names={text}}}}}\n\n"
        f"{{{{Choice|title=x|tool=Tool {number}; {text}|result={text}}}}}\n\n"
        f"{{{{Proposal|title={text}|tool={text}|description={text}|proposed by={text}}}}}\n\n"
        for number, text in enumerate(entities(stored(text)) for text in ATTACKS))
    keys = [key for key in terms if key != "food"]
    shown += [f"{{{{Choice|theme={','.join(keys[i : i + 50])}}}}}" for i in range(0, len(keys), 50)]
    made.typed[f"{prefix}P/Shown"] = "".join(shown)
    made.typed |= {f"{prefix}P/{title}": "{{Choice|title=Titled|theme=magic}}" for title in TITLES}
    made.bring_in()
    made.results.append(made.run())
    made.forget()
    made.results.append(made.run())
    yield made
    mediawiki.settings("attacks", None)


def test_the_attacks_are_real(scene: Scene, browser: Browser) -> None:
    """As they were typed, MediaWiki does what they say: otherwise the other tests would show nothing."""
    # Braces on a page of the citizens' own are the citizens' affair.
    scene.citizen.write(Edit(f"{scene.prefix}Raw", "\n\n".join(KINDS["effective"]), "", None))
    kinds = ("categories", "links", "templates", "images", "iwlinks", "langlinks", "externallinks", "properties")
    found = ask(scene.server, action="parse", page=f"{scene.prefix}Raw", prop="|".join(kinds))["parse"]
    assert all(found[kind] for kind in kinds), found
    watched = Watched(browser, scene.server.address)
    watched.open(f"{scene.prefix}Raw")
    assert "dialog 1" in watched.happened and any("evil.example" in each for each in watched.happened)
    watched.page.context.close()


def test_a_second_run_writes_nothing(scene: Scene) -> None:
    """What MediaWiki stores is what was written: no signature, no substitution, no pipe trick in it."""
    first, second = scene.results
    assert not first.failed and not first.refused and first.created > 0.8 * len(scene.people)
    assert (second.created, second.changed, second.refused, second.failed) == (0, 0, [], [])


def test_summary_list_and_tables(scene: Scene, window: Watched) -> None:
    page = window.open(f"{scene.prefix}Summary")
    with Session(scene.site) as session:
        items = [item for kind in ("choice", "tool") for item in answer(
            parse({"of": kind, "as": "list", "limit": "500"}, session.schema, "en"), Tallies(session.mirror), session.schema).items]
    wanted = [(seen(cut(str(item.fields.get("title", "")))) or "(without a title)", seen(item.title.rpartition("/")[2]) or seen(item.title), item.title) for item in items]
    lines = page.evaluate(LINES)
    assert {line["nodes"] for line in lines} == {"BDI #text A #text"} and {line["inside"] for line in lines} == {1}
    shown = [(seen(line["first"]), seen(line["link"]), line["title"].removesuffix(" (page does not exist)")) for line in lines]
    assert shown == wanted and len(shown) > 2 * len(ATTACKS)
    table, bars = page.evaluate(CELLS)
    labels = sorted(seen(label[:1].upper() + label[1:]) for label in {fold(text): text for text in reversed(LABELS)}.values())
    ours = ("Food", "All", "Not stated")
    for rows in (table, bars):
        assert sorted(seen(row[0]) for row in rows if row[0] not in ours) == labels
    assert {len(row) for row in table} == {3} and {len(row) for row in bars} == {4}
    assert page.evaluate(SHAPE) == scene.harmless["Summary"]


def cut(text: str) -> str:
    return text if len(text) <= 150 else text[:150].rstrip() + "…"


def test_what_is_typed_as_entities_is_shown_to_the_letter(scene: Scene) -> None:
    """Where the reader takes nothing away, the text gets through to the escaping as it is."""
    exact, other = 0, []
    for text in ATTACKS:
        entries = read(f"{{{{Choice|title={entities(stored(text))}|description=x}}}}", shipped(), "en").entries
        found, wanted = seen(str(entries[0].fields.get("title", ""))), seen(HIDDEN.sub("", stored(text)))
        exact += found == wanted
        other += [(found, wanted)] if found != wanted and hide(text) == text else []
    assert exact > 0.95 * len(ATTACKS) and len(other) < 5, other


def test_problems_page(scene: Scene, window: Watched) -> None:
    page = window.open(f"{scene.prefix}Problems")
    with Session(scene.site) as session:
        problems = session.mirror.problems()
    lines = page.evaluate(LINES)
    assert {line["nodes"] for line in lines} <= {"#text SPAN #text"}
    assert [seen(line["text"]) for line in lines] == [seen(f"{sentence(problem, 'en')} (edit this section)") for _, problem in problems]
    targets = [urllib.parse.parse_qs(urllib.parse.urlsplit(line["href"]).query)["title"][0].replace("_", " ") for line in lines]
    assert targets == [title for title, _ in problems] and len(problems) > len(ATTACKS)
    heads = page.evaluate("() => [...document.querySelectorAll('.mw-parser-output b')].map(b => b.textContent)")
    assert list(map(seen, heads)) == list(map(seen, dict.fromkeys(title for title, _ in problems)))
    assert page.evaluate(SHAPE) == scene.harmless["Problems"]


def test_catalogue(scene: Scene, window: Watched) -> None:
    page = window.open(f"{scene.prefix}Catalogue")
    # MediaWiki gives a heading of other letters than ours, here a term of the vocabulary, an older anchor besides.
    assert set(page.evaluate(SHAPE)) <= {*scene.harmless["Catalogue"], "SPAN id"}
    with Session(scene.site) as session:
        tools, proposals = (answer(parse({"of": kind, "as": "list", "limit": "500"}, session.schema, "en"), Tallies(session.mirror), session.schema)
                            for kind in ("tool", "proposal"))
    heads = [seen(head) for head in page.evaluate("() => [...document.querySelectorAll('.mw-parser-output p > b > a')].map(a => a.textContent)")]
    named = [seen(cut(str(item.fields.get("title", "")))) for item in tools.items]
    assert len(named) > len(ATTACKS) and set(heads) <= {*named, "(without a title)"} and len(set(heads)) > len(ATTACKS) / 2
    lines = [seen(line) for line in page.evaluate("() => [...document.querySelectorAll('.mw-parser-output li')].map(li => li.textContent)")]
    said = [cut(seen(str(item.fields.get("title", "")))) for item in proposals.items]
    assert len(said) > 100 and all(any(line.startswith(title or "(without a title)") for line in lines) for title in said)


def test_participants_pages(scene: Scene, window: Watched) -> None:
    found = {}
    with Session(scene.site) as session:
        mine = [one.title for one in session.mirror.every() if one.title.startswith(f"{scene.prefix}P/") and one.text.startswith("{{Participant")]
    for title in mine:
        page = window.open(title)
        assert set(page.evaluate(SHAPE)) <= set(scene.harmless["P/Harmless"]), title
        box = page.evaluate(BOX)
        found[seen(box[""])] = tuple(seen(box.get(label, "")) for label in ("Territory", "Group", "User", "Kind"))
        assert not set(box) - {"", "Territory", "Group", "User", "Kind", "Language"}
    hidden = re.compile("[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufffd]")
    wanted = {name: row for name, *row in (tuple(seen(" ".join(hidden.sub("", text.encode("utf-8", "replace").decode()).split())) for text in person)
                                           for person in scene.people)}
    del found["Harmless"]
    assert len(found) > 0.8 * len(scene.people)
    assert {name: tuple(wanted[name]) for name in found} == found


def test_nothing_gets_into_the_tables_of_links(scene: Scene) -> None:
    with Session(scene.site) as session:
        mine = [one.title for one in session.mirror.every() if one.title.startswith(f"{scene.prefix}P/") and one.text.startswith("{{Participant")]
    pages = [f"{scene.prefix}{name}" for name in ("Summary", "Problems", "Catalogue")] + mine
    person = {"categories": ["Category:Participants"], "templates": ["Template:Participant"]}
    empty: dict[str, list[str]] = {table: [] for table in TABLES}
    wanted = {title: {**empty, **(person if title in mine else {})} for title in pages}
    for _ in range(50):
        # The tables follow the answer to an edit by a moment.
        found = tables(scene.server, pages)
        if found == wanted:
            break
    assert [(title, table, rows) for title in pages for table, rows in found[title].items() if rows != wanted[title][table]] == []


def test_edit_summaries_say_nothing_that_was_typed(scene: Scene) -> None:
    said = set()
    for kind in ("P/", "Summary", "Problems"):
        answer = ask(scene.server, action="query", list="usercontribs", ucuser="Wikibridge", uclimit="500", ucprop="title|comment|parsedcomment")
        said |= {re.sub(r"\(wikibridge [^)]*\)", "", row["parsedcomment"]).strip() for row in answer["query"]["usercontribs"]
                 if row["title"].startswith(scene.prefix + kind)}
    assert said == {"New participant’s page", "Summary brought up to date", "Pages that need a hand: brought up to date"}


@pytest.mark.parametrize("name", ["Bo's \"x\"; alert(1) ''a'' &lt", "RFC 2119 PMID 12", "$1 ((x)) !!~~ *-", "مرحبا 🌾"])
def test_accounts_may_be_called_anything(mediawiki: MediaWikiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    account = mediawiki.bot_password(mediawiki.user(name, ("bot",)).name)
    monkeypatch.setenv("WIKIBRIDGE_PASSWORD", account.password)
    prefix = f"Named {uuid.uuid4().hex[:8]}/"
    settings = {"wiki": {"kind": "mediawiki", "address": f"{mediawiki.address}api.php", "account": account.name}, "languages": ["en"], "participants": prefix}
    (tmp_path / "wikibridge.yml").write_text(json.dumps(settings, ensure_ascii=False), encoding="utf-8")
    (tmp_path / "participants.csv").write_text(f"name,user\nAna,\"{name.replace(chr(34), chr(34) * 2)}\"\n", encoding="utf-8")
    with Session(Site(tmp_path)) as session:
        assert session.run(("participants",)).created == 1
        (page,) = session.wiki.read(titles=[f"{prefix}Ana"])
        assert page.editor == account.name.rpartition("@")[0]
        assert session.mirror.fields("participant")[page.title]["user"] == name
        session.wiki.write(Edit(session.stop_page, f"Stop, says {name}", "", None))
        with pytest.raises(Stopped) as caught:
            session.run()
    assert f"says {name}" in str(caught.value) and page.editor in str(caught.value)


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\ud83d\ude00"])
def test_half_a_letter_is_shown_as_a_letter_that_is_unknown(text: str) -> None:
    assert wikitext.escape(text).encode()


@pytest.mark.parametrize(("width", "skin"), [(412, "minerva"), (1280, "vector")])
def test_pages_full_of_attacks_are_usable(scene: Scene, browser: Browser, width: int, skin: str) -> None:
    watched = Watched(browser, scene.server.address, width)
    for name in ("Summary", "Problems", "Catalogue"):
        page = watched.open(scene.prefix + name, f"useskin={skin}")
        watched.shot(f"attacks-{name.replace('/', '-').lower()}-{width}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    watched.page.context.close()
    assert not watched.happened


def test_a_terminal_is_not_steered_by_what_a_page_says(make_site: Callable[..., Site]) -> None:
    site = make_site("name\nAna\n")
    FolderWiki(site.folder / "wiki", user="x").write(Edit("User:Wikibridge/Stop", "stop \x9b2J\u202e\x7f\u061c here", "", None))
    for done in (cli("run", folder=site.folder), cli("status", folder=site.folder)):
        said = done.stdout + done.stderr
        assert "stop \\u009b2J\\u202e\\u007f\\u061c here" in said and not STEERING.search(said)


# The plan as a web page.


def steps() -> tuple[Step, ...]:
    time = datetime(2020, 11, 3, tzinfo=UTC)
    made = []
    for number, text in enumerate(ATTACKS):
        want = WantedPage(text, text, text if number < 8 else "job", "summary")
        before = WikiPage(number, text, 1, f"before\n{text}\nmore {text} words", time)
        made += [Step(Action.CREATE, want, None, f"{text}\nend"), Step(Action.UPDATE, want, before, f"before\n{text}\nmore {text}{text[::-1]} words"),
                 Step(Action.REFUSED, want, before, text, ("refused-edited", text, text))]
    return tuple(made)


def visible(text: str) -> str:
    return STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


PLAN = """() => [...document.querySelectorAll('details')].map(d => ({action: d.dataset.action, label: d.querySelector('h2').textContent,
    reason: d.querySelector('.reason') ? d.querySelector('.reason').textContent : '',
    rows: [...d.querySelectorAll('tr')].slice(1).map(r => [...r.cells].map(c => { const copy = c.cloneNode(true);
        copy.querySelectorAll('.aloud').forEach(e => e.remove()); return copy.textContent; })),
    tags: [...d.querySelectorAll('*')].map(e => e.tagName)}))"""


def test_a_plan_as_a_page_shows_all_as_typed(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "plan.html").write_text(plan_page(steps(), "<script>alert(1)</script>\u202e", "en"), encoding="utf-8")
    watched = Watched(browser, (tmp_path / "plan.html").as_uri())
    page = watched.page
    page.goto(watched.address)
    for width in (1280, 412):
        page.set_viewport_size({"width": width, "height": 900})
        shown = page.evaluate(PLAN)
        assert len(shown) == 3 * len(ATTACKS) and "<script>alert(1)</script>\\u202e" in page.inner_text("header")
        for each, step in zip(shown, steps(), strict=True):
            word = {"create": "Create “{}”", "update": "Change “{}”", "refused": "Leave “{}” alone"}[step.action]
            assert each["label"] == visible(word.format(step.wanted.title)) and each["action"] == step.action
            assert set(each["tags"]) <= {"SUMMARY", "H2", "P", "TABLE", "TBODY", "TR", "TH", "TD", "DEL", "INS", "SPAN"}
            if step.action is Action.REFUSED:
                assert each["reason"].startswith(visible(f"“{step.wanted.title}”: somebody edited the part “{step.wanted.title}”"))
                continue
            after = [row[-1] for row in each["rows"] if len(row) == 2]
            lines = visible(step.text).split("\n")
            assert (after if step.action is Action.CREATE else [line for line in after if line in lines][-1:]) == (
                lines if step.action is Action.CREATE else lines[-1:])
        for action in ("create", "update", "refused", "all"):
            page.click(f"label[for=a-{action}]")
            left = page.evaluate("() => [...document.querySelectorAll('details')].filter(d => d.checkVisibility()).map(d => d.dataset.action)")
            assert set(left) == ({action} if action != "all" else {"create", "update", "refused"})
            assert len(left) == len(ATTACKS) * (1 if action != "all" else 3)
        page.click("label[for=j-1]")
        assert len(page.evaluate("() => [...document.querySelectorAll('details')].filter(d => d.checkVisibility())")) == 3
        page.click("label[for=j-all]")
        page.evaluate("() => [...document.querySelectorAll('details')].forEach((d, i) => { d.open = i % 3 < 2; d.hidden = i % 12 > 2 })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        watched.shot(f"attacks-plan-{width}")
        page.evaluate("() => [...document.querySelectorAll('details')].forEach(d => { d.hidden = false })")
    page.context.close()
    assert not watched.happened
