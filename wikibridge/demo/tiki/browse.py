"""The site's pages for people with a browser: read, edit, history, log in. Also what there is of Tiki without its API."""

from __future__ import annotations

from email.utils import formatdate
from html import escape
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, urlsplit

from wikibridge.demo.tiki.call import HTML, Answer, Request, World
from wikibridge.demo.tiki.messages import say
from wikibridge.demo.tiki.pages import Draft, Page, stored
from wikibridge.demo.tiki.people import ANONYMOUS
from wikibridge.demo.tiki.php import Params, against_scripts, number, true
from wikibridge.demo.tiki.render import render

HOME = "HomePage"
_SESSION = "TIKISESSION"
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem;color:#222;background:#fff}
header,footer{color:#555;font-size:.9rem;border-bottom:1px solid #ddd;padding-bottom:.5rem;margin-bottom:1rem}
footer{border:0;border-top:1px solid #ddd;margin-top:2rem;padding-top:.5rem}
nav a{margin-right:1rem} a{color:#0b57a4} a.missing,p.missing{color:#a33}
table{border-collapse:collapse;margin:1rem 0}
td,th{border:1px solid #ccc;padding:.25rem .6rem;vertical-align:top;text-align:left}
.plugin,.box{border:1px solid #ccd;border-left:4px solid #68a;background:#f7f9fc;padding:.5rem 1rem;margin:1rem 0}
.plugin>b{color:#357;font-size:.8rem;letter-spacing:.05em} pre{background:#f4f4f4;padding:.5rem;overflow:auto}
dl{margin:.3rem 0} dt{font-weight:600;float:left;clear:left;margin-right:.6rem} dd{margin:0 0 .2rem 8rem}
textarea{width:100%;min-height:24rem;font:14px/1.4 ui-monospace,monospace} input[type=text]{width:60%}
"""


class Browse:
    """Answers what is not the API."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def _language(self) -> str:
        return self._world.profile.language

    def answer(self, request: Request) -> Answer:
        """A page of the site; 404 where there is none."""
        if request.method == "POST" and not _from_here(request):
            return self._page("403", f"<p>{escape(say('denied', self._language))}</p>", ANONYMOUS, 403)
        user = self._user(request)
        path = request.path.lstrip("/")
        script = {"": self._index, "tiki-index.php": self._index, "tiki-editpage.php": self._edit,
                  "tiki-listpages.php": self._list, "tiki-pagehistory.php": self._history,
                  "tiki-export_wiki_pages.php": self._export, "tiki-login_scr.php": self._login,
                  "tiki-login.php": self._login, "tiki-logout.php": self._logout}.get(path)
        if script:
            return script(request, user)
        if not self._world.profile.rewrite or path.endswith(".php") or path.startswith("tiki-"):
            return Answer(404, b"<html><body><h1>Not Found</h1></body></html>", HTML)
        return self._show(path, user)

    def _user(self, request: Request) -> str:
        try:
            cookie = SimpleCookie(request.headers.get("cookie", "")).get(_SESSION)
        except CookieError:
            return ANONYMOUS
        return self._world.people.sessions.get(cookie.value, ANONYMOUS) if cookie else ANONYMOUS

    def _may(self, user: str, right: str, name: str) -> bool:
        return self._world.people.may(user, right, "wiki page", name)

    def _page(self, title: str, body: str, user: str, status: int = 200, page: str = "") -> Answer:
        links = [("/", HOME), ("/tiki-listpages.php", say("pages", self._language))]
        if page:
            name = quote(page, safe="")
            links += [(f"/tiki-editpage.php?page={name}", say("edit", self._language)),
                      (f"/tiki-pagehistory.php?page={name}", say("history", self._language))]
        links += [(f"/tiki-logout.php?user={quote(user)}", f"{say('log-out', self._language)} ({user})")] if user else [
            ("/tiki-login_scr.php", say("log-in", self._language))]
        nav = "".join(f'<a href="{escape(href)}">{escape(label)}</a>' for href, label in links)
        html = (
            f'<!DOCTYPE html><html lang="{self._language}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
            f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
            f"<header><nav>{nav}</nav></header><main><h1>{escape(title)}</h1>{body}</main></body></html>")
        return Answer(status, html.encode(errors="replace"), HTML, {
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"})

    def _denied(self, user: str) -> Answer:
        return self._page("403", f"<p>{escape(say('denied', self._language))}</p>", user, 403)

    # Reading.

    def _index(self, request: Request, user: str) -> Answer:
        return self._show(_text(request.query, "page") or HOME, user)

    def _show(self, name: str, user: str) -> Answer:
        if not self._may(user, "view", name):
            return self._denied(user)
        page = self._world.pages.get(name)
        if page is None:
            return self._page(name, f"<p>{escape(say('no-page', self._language))}</p>", user, 404, name)
        page.hits += 1
        last = say("last-change", self._language, page.user, page.version)
        foot = f"<footer>{escape(last)}, {formatdate(page.modified, usegmt=True)}</footer>"
        return self._page(page.name, render(page.text, self._source) + foot, user, 200, page.name)

    def _source(self, name: str) -> str | None:
        page = self._world.pages.get(name)
        return page.text if page else None

    def _list(self, request: Request, user: str) -> Answer:
        names = sorted((page.name for page in self._world.pages if self._may(user, "view", page.name)), key=str.casefold)
        items = "".join(f'<li><a href="/tiki-index.php?page={quote(name, safe="")}">{escape(name)}</a></li>' for name in names)
        return self._page(say("pages", self._language), f"<ul>{items}</ul>", user)

    def _history(self, request: Request, user: str) -> Answer:
        name = _text(request.query, "page")
        page = self._world.pages.get(name)
        if page is None or not self._may(user, "view", name):
            return self._show(name, user) if page is None else self._denied(user)
        if (source := request.query.get("source")) is not None:
            if not self._may(user, "wiki_view_source", name):
                return self._denied(user)
            wanted = number(source)
            data = next((old.data for old in page.history if old.number == wanted), page.text if not wanted else "")
            body = f'<textarea readonly class="form-control">\n{escape(data or "")}</textarea>'
            return self._page(page.name, body, user, 200, page.name)
        here = f"/tiki-pagehistory.php?page={quote(page.name, safe='')}&amp;source="
        rows = "".join(
            f'<tr><td><a href="{here}{old.number}">{old.number}</a></td><td>{formatdate(old.modified, usegmt=True)}</td>'
            f"<td>{escape(old.user)}</td><td>{escape(old.comment or '')}</td></tr>"
            for old in sorted(page.history, key=lambda old: -old.number))
        return self._page(page.name, f"<table>{rows}</table>", user, 200, page.name)

    def _export(self, request: Request, user: str) -> Answer:
        """The one form of a page's history that a machine can read."""
        name = _text(request.query, "page")
        page = self._world.pages.get(name)
        if not self._world.profile.wiki_export or page is None or not self._may(user, "view", name):
            return self._denied(user)
        versions = sorted(page.history, key=lambda old: old.number) if true(request.query.get("all")) else page.history[-1:]
        parts = []
        for old in versions:
            values = {"pagename": page.name, "author": old.user, "version": old.number, "lastmodified": old.modified,
                      "author_id": "127.0.0.1", "summary": old.comment or "", "hits": page.hits,
                      "description": old.description or ""}
            named = "".join(f";\r\n {key}={quote(str(value), safe='')}" for key, value in values.items())
            text = "\r\n".join(line.rstrip() for line in (old.data or "").replace("\r\n", "\n").split("\n"))
            parts.append(f"Content-Type: application/x-tikiwiki{named};\r\n charset=utf-8\r\n"
                         f"Content-Transfer-Encoding: binary\r\n\r\n{text}\r\n")
        if len(parts) == 1:
            return Answer(200, parts[0].encode(), "application/unknown")
        line = "=_multipart_boundary_1"
        body = "".join(f"--{line}\r\n{part}" for part in parts)
        head = f"Content-Type: multipart/mixed;\r\n boundary=\"{line}\"\r\n\r\n"
        return Answer(200, f"{head}{body}--{line}--\r\n".encode(), "application/unknown")

    # Editing.

    def _edit(self, request: Request, user: str) -> Answer:
        name = (_text(request.query, "page") or _text(request.form, "page")).strip()
        page = self._world.pages.get(name)
        if not name or not self._editable(page, name, user):
            return self._denied(user)
        if request.query.get("cancel_edit"):
            if page and page.editing == user:
                page.editing = ""
            return self._to(name)
        holder = page.editing if page else ""
        if (self._world.profile.warn_on_edit and holder and holder != user and request.query.get("conflictoverride") != "y"
                and request.method == "GET"):
            return self._page(name, f"<p>{escape(say('edited-by', self._language, holder))}</p>", user, 200, name)
        if request.method == "POST" and "save" in request.form:
            self._save(page, name, request.form, user)
            return self._to(name)
        if page:
            page.editing = user
        return self._page(name, self._form(page, name), user, 200, name)

    def _editable(self, page: Page | None, name: str, user: str) -> bool:
        if self._may(user, "admin_wiki", name):
            return True
        return self._may(user, "edit", name) and (page is None or not page.locked or page.user == user)

    def _save(self, page: Page | None, name: str, form: Params, user: str) -> None:
        """As the form of a browser is saved: tags stay, line ends are CRLF, boxes that are not ticked are off."""
        def text(key: str) -> str:
            return against_scripts(_text(form, key))

        draft = Draft(stored(text("edit").replace("<x>", "")), text("comment"), text("description"), text("lang") or None,
                      1 if form.get("allowhtml") == "on" else None, "isminor" in form, form.get("lock_it") == "on",
                      form.get("comments_enabled") == "on" if self._world.profile.page_comments else None,
                      page.authors_style if page else None)
        pages = self._world.pages
        with self._world.lock:
            if page is None:
                pages.create(name, user, draft)
                return
            pages.update(page, user, draft, pages.next_version(page, draft))
            pages.record(page)
            page.editing = ""

    def _form(self, page: Page | None, name: str) -> str:
        def box(key: str, label: str, on: bool) -> str:
            return f'<label><input type="checkbox" name="{key}"{" checked" if on else ""}> {escape(label)}</label> '

        def hidden(key: str, value: str) -> str:
            return f'<input type="hidden" name="{key}" value="{escape(value)}">'

        locked = hidden("lock_it", "on") if page and page.locked else ""
        comments = hidden("comments_enabled", "on") if page and page.comments_enabled == "y" else ""
        return (
            f'<form method="post" action="/tiki-editpage.php?page={quote(name, safe="")}" id="editpageform">'
            f"{hidden('page', name)}{hidden('no_bl', 'y')}{hidden('wysiwyg', 'n')}{hidden('lang', (page and page.lang) or '')}"
            f"{hidden('description', (page and page.description) or '')}{locked}{comments}"
            f'<textarea name="edit" id="editwiki">\n{escape(page.text if page else "")}</textarea>'
            f'<p><label>{escape(say("summary", self._language))} <input type="text" name="comment" maxlength="200"></label></p>'
            f'<p>{box("isminor", say("minor", self._language), False)}'
            f'<input type="submit" name="save" value="{escape(say("save", self._language))}"></p></form>')

    def _to(self, name: str) -> Answer:
        return Answer(302, b"", HTML, {"Location": f"/tiki-index.php?page={quote(name, safe='')}"})

    # Who.

    def _login(self, request: Request, user: str) -> Answer:
        wrong = ""
        if request.method == "POST":
            session = self._world.people.log_in(_text(request.form, "user"), _text(request.form, "pass"))
            if session:
                cookie = f"{_SESSION}={session}; Path=/; HttpOnly; SameSite=Lax"
                return Answer(302, b"", HTML, {"Location": "/", "Set-Cookie": cookie})
            wrong = f"<p>{escape(say('wrong-password', self._language))}</p>"
        return self._page(say("log-in", self._language), (
            f'{wrong}<form method="post" action="/tiki-login.php">'
            f'<p><label>{escape(say("name-of-user", self._language))} <input name="user"></label></p>'
            f'<p><label>{escape(say("password", self._language))} <input name="pass" type="password"></label></p>'
            f'<input type="submit" name="login" value="{escape(say("log-in", self._language))}"></form>'), user)

    def _logout(self, request: Request, user: str) -> Answer:
        return Answer(302, b"", HTML, {"Location": "/", "Set-Cookie": f"{_SESSION}=; Path=/; Max-Age=0"})


def _text(params: Params, name: str) -> str:
    value = params.get(name, "")
    return value.encode(errors="replace").decode() if isinstance(value, str) else ""


def _from_here(request: Request) -> bool:
    """Whether a form was sent from this site, as far as the browser says where from."""
    origin = request.headers.get("origin") or request.headers.get("referer", "")
    return not origin or urlsplit(origin).netloc == request.headers.get("host", "")


