"""A real MediaWiki on this machine's loopback, from Debian's packages: for the demo and for the live tests.

Nothing outside the folder is written: the program comes from ``/usr/share/mediawiki``, the wiki (an SQLite database, its
settings, its log) is in the folder, and PHP's own web server shows it. No root needed, no network but loopback.
https://www.mediawiki.org/wiki/Manual:Install.php, https://www.php.net/manual/en/features.commandline.webserver.php
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

from wikibridge.errors import SettingsError, WikibridgeError

PROGRAM = Path("/usr/share/mediawiki")
ROUTER = "router.php"
WORKERS = 4
GRANTS = "basic,highvolume,editpage,createeditmovepage,uploadeditmovefile"
EXTENSIONS = ("Cite", "TemplateData")
SKINS = ("Vector", "MinervaNeue")
"""For a desk, and for a phone."""
START_SECONDS = 60
SCRIPT_SECONDS = 300
STOP_SECONDS = 5

_MODULES = {"pdo_sqlite": "php-sqlite3", "mbstring": "php-mbstring", "dom": "php-xml", "intl": "php-intl"}

# PHP's server looks into the document root for what the router leaves to it: the entry points and the skin's files only.
_ROUTER = r"""<?php
$path = rawurldecode( parse_url( $_SERVER['REQUEST_URI'], PHP_URL_PATH ) ?: '/' );
if ( preg_match( '#^/$|^/(index|api|load|rest|opensearch_desc)\.php(/|$)#', $path )
	|| ( preg_match( '#^/(resources|skins|extensions)/.*\.(css|js|json|png|svg|gif|jpe?g|ico|cur|woff2?|ttf)$#', $path )
		&& !str_contains( $path, '..' ) && is_file( $_SERVER['DOCUMENT_ROOT'] . $path ) ) ) {
	return false;
}
$types = [ 'svg' => 'image/svg+xml', 'png' => 'image/png' ];
if ( preg_match( '#^/uploads/.*\.(svg|png)$#', $path, $match ) && !str_contains( $path, '..' ) && is_file( __DIR__ . $path ) ) {
	header( 'Content-Type: ' . $types[$match[1]] );
	header( "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'" );
	readfile( __DIR__ . $path );
	return true;
}
http_response_code( 404 );
header( 'Content-Type: text/plain' );
echo "Not found\n";
"""

_SETTINGS = r"""
# What follows was added by wikibridge.
$wgShowExceptionDetails = true;
# One cache for the web server's processes and the maintenance scripts, so that neither sees what the other has changed too late.
$wgMainCacheType = CACHE_DB;
$wgSessionCacheType = CACHE_DB;
$wgCacheDirectory = __DIR__ . '/cache';
$wgLocalisationCacheConf['store'] = 'array';
$wgTmpDirectory = __DIR__ . '/cache';
# Jobs (links and categories after a template was changed) are done after the answer to a POST: by itself MediaWiki does that
# for its pages only, not for the API. Not after a GET: its SQLite transactions are deferred, a job may find a locked database.
$wgJobRunRate = 0;
if ( ( $_SERVER['REQUEST_METHOD'] ?? '' ) === 'POST' ) {
	$wgJobRunRate = 20;
	$wgHooks['APIAfterExecute'][] = static function () {
		DeferredUpdates::addUpdate( new TransactionRoundDefiningUpdate( static function () {
			MediaWiki\MediaWikiServices::getInstance()->getJobRunner()->run( [ 'maxJobs' => 1000, 'maxTime' => 5 ] );
		}, 'wikibridge' ) );
	};
}
$wgEnableBotPasswords = true;
$wgEnableEmail = false;
$wgEnableUserEmail = false;
$wgEnableUploads = true;
$wgFileExtensions = [ 'png', 'svg' ];
$wgUploadDirectory = __DIR__ . '/uploads';
$wgUploadPath = '/uploads';
# Browsers draw SVG themselves, as from MediaWiki 1.41 on: no program for it is needed.
$wgSVGNativeRendering = true;
# PNG is made smaller by PHP, or by the browser.
$wgUseImageMagick = false;
if ( version_compare( MW_VERSION, '1.41', '<' ) ) {
	class WikibridgeSvg extends SvgHandler {
		public function isEnabled() {
			return true;
		}

		public function doTransform( $image, $dstPath, $dstUrl, $params, $flags = 0 ) {
			return $this->normaliseParams( $image, $params )
				? new ThumbnailImage( $image, $image->getUrl(), false, $params ) : new TransformParameterError( $params );
		}
	}
	$wgMediaHandlers['image/svg+xml'] = WikibridgeSvg::class;
}
$wgPingback = false;
$wgRateLimits = [];
$wgPasswordAttemptThrottle = [];
$wgPasswordPolicy['policies'] = [ 'default' => [ 'MinimalPasswordLength' => 1 ] ];
foreach ( glob( __DIR__ . '/settings.d/*.php' ) as $wikibridgeFile ) {
	require $wikibridgeFile;
}
"""

# A shell leads the group. When its end of the pipe closes, which happens however this program ends, it asks PHP to finish.
_GUARD = """
trap '' INT
exec 3<&0
"$@" </dev/null 3<&- & php=$!
( read -r _ <&3; kill -INT 0 ) & reader=$!
wait $php; kill $reader 2>/dev/null; wait
"""


class ServerError(WikibridgeError):
    """The demo's MediaWiki could not be made, or does not answer."""

    def __init__(self, what: str, log: str) -> None:
        super().__init__("demo-server", what, log.strip()[-2000:])


@dataclass(frozen=True, slots=True)
class Account:
    """A name and a password that the wiki accepts."""

    name: str
    password: str


def missing() -> list[str]:
    """The Debian packages that are needed and not there."""
    php = shutil.which("php")
    if php is None:
        found = ["php-cli", *_MODULES.values()]
    else:
        try:
            loaded = subprocess.run([php, "-m"], capture_output=True, text=True, timeout=60, check=False).stdout
        except (OSError, subprocess.SubprocessError):
            loaded = ""
        there = loaded.casefold().split()
        found = [package for module, package in _MODULES.items() if module not in there]
    if not (PROGRAM / "maintenance" / "install.php").is_file():
        found.append("mediawiki")
    return found


class MediaWikiServer:
    """A running MediaWiki; made by ``start``. Ends with the ``with`` block, with ``stop`` or with this program."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.address = f"http://127.0.0.1:{port}/"
        self.admin = Account("Admin", secrets.token_hex(8))
        self._environment = {**os.environ, "MW_CONFIG_FILE": str(folder / "LocalSettings.php"),
                             "PHP_CLI_SERVER_WORKERS": str(WORKERS)}
        self._opener = build_opener(ProxyHandler({}))
        self._users: dict[str, Account] = {}
        self._groups: dict[str, set[str]] = {}
        self._bot_passwords: dict[str, Account] = {}
        self._install()
        self._end = self._serve()
        try:
            self._wait()
            self.user("Wikibridge", ("bot",))
            self.bot = self.bot_password("Wikibridge", "demo")
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> MediaWikiServer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """End all processes of the server; nothing happens when it has ended before."""
        self._end()

    def user(self, name: str, groups: Iterable[str] = ()) -> Account:
        """An ordinary account with its main password, in ``groups``; made when it does not exist yet."""
        name = self._canonical(name)
        lacking = set(groups) - self._groups.get(name, set())
        if name in self._users and not lacking:
            return self._users[name]
        account = self._users.get(name) or Account(name, secrets.token_hex(8))
        options = ["--custom-groups", ",".join(sorted(lacking))] if lacking else []
        self.maintenance("createAndPromote", "--force", *options, "--", account.name, account.password)
        self._groups.setdefault(name, set()).update(lacking)
        self._users[name] = account
        return account

    def bot_password(self, user: str, app: str = "test") -> Account:
        """The bot password ``user@app`` of an existing user: edits, creates and moves pages, deletes none."""
        name = f"{self._canonical(user)}@{app}"
        if name not in self._bot_passwords:
            account = Account(name, secrets.token_hex(16))
            user = name.removesuffix(f"@{app}")
            self.maintenance("createBotPassword", "--appid", app, "--grants", GRANTS, "--", user, account.password)
            self._bot_passwords[name] = account
        return self._bot_passwords[name]

    def maintenance(self, script: str, *args: str, stdin: str = "") -> str:
        """Run one of MediaWiki's maintenance scripts on this wiki; what it printed. Raises ServerError when it fails."""
        command = ["php", str(PROGRAM / "maintenance" / f"{script}.php"), *args]
        try:
            done = subprocess.run([each.encode() for each in command], input=stdin.encode(), env=self._environment,
                                  cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  timeout=SCRIPT_SECONDS, check=False)
        except (OSError, subprocess.SubprocessError) as error:
            raise ServerError(f"{script}.php", str(error)) from error
        output = done.stdout.decode(errors="replace")
        if done.returncode:
            raise ServerError(f"{script}.php", output)
        return output

    def settings(self, name: str, php: str | None) -> None:
        """Settings that count from the next request on, in place of those of the same name; None takes them away."""
        if not re.fullmatch(r"[\w-]+", name):
            raise ValueError(name)
        path = self.folder / "settings.d" / f"{name}.php"
        if php is None:
            path.unlink(missing_ok=True)
            return
        draft = path.with_suffix(".new")
        draft.write_text(php if php.startswith("<?php") else f"<?php\n{php}\n", encoding="utf-8")
        draft.replace(path)

    def _canonical(self, name: str) -> str:
        """The name as the wiki writes it."""
        found = self._api(action="query", list="users", ususers=f"\x1f{name}")["query"]["users"][0]
        if "invalid" in found:
            raise ServerError(name, "invalid username")
        return str(found["name"])

    def _api(self, **params: str) -> dict[str, dict[str, list[dict[str, object]]]]:
        query = urlencode({**params, "format": "json", "formatversion": "2"})
        with self._opener.open(f"{self.address}api.php?{query}", timeout=START_SECONDS) as answer:
            data: dict[str, dict[str, list[dict[str, object]]]] = json.load(answer)
        return data

    def _install(self) -> None:
        for name in ("cache", "settings.d", "uploads"):
            (self.folder / name).mkdir()
        (self.folder / ROUTER).write_text(_ROUTER, encoding="utf-8")
        extensions = [name for name in EXTENSIONS if (PROGRAM / "extensions" / name).is_dir()]
        self.maintenance(
            "install", "--dbtype", "sqlite", "--dbpath", str(self.folder / "data"), "--dbname", "wiki",
            "--server", self.address.rstrip("/"), "--scriptpath", "", "--lang", "en", "--skins", ",".join(SKINS),
            *(["--extensions", ",".join(extensions)] if extensions else []),
            "--pass", self.admin.password, "--confpath", str(self.folder), "wikibridge demo", self.admin.name)
        with open(self.folder / "LocalSettings.php", "a", encoding="utf-8") as file:
            file.write(_SETTINGS)
        self._users[self.admin.name] = self.admin
        self._groups[self.admin.name] = {"sysop", "bureaucrat", "interface-admin"}

    def _serve(self) -> weakref.finalize[..., MediaWikiServer]:
        uncached = self.folder / "uncached.txt"
        uncached.write_text(f"{self.folder}/settings.d/*\n", encoding="utf-8")
        php = {"display_errors": "0", "log_errors": "1", "error_log": "", "post_max_size": "32M", "max_input_vars": "10000",
               "opcache.revalidate_freq": "0", "opcache.blacklist_filename": str(uncached)}
        command = ["php", *(f"-d{key}={value}" for key, value in php.items()),
                   "-S", f"127.0.0.1:{self.port}", "-t", str(PROGRAM), str(self.folder / ROUTER)]
        with open(self.folder / "server.log", "wb") as log:
            self._process = subprocess.Popen(["/bin/sh", "-c", _GUARD, "sh", *command], stdin=subprocess.PIPE, stdout=log,
                                             stderr=log, cwd=self.folder, env=self._environment, start_new_session=True)
        pid_file = self.folder / "server.pid"
        pid_file.write_text(f"{self._process.pid}\n", encoding="utf-8")
        return weakref.finalize(self, _end, self._process, pid_file)

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        problem = ""
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                if "query" in self._api(action="query", meta="siteinfo"):
                    return
            except (OSError, ValueError) as error:
                problem = str(error)
            time.sleep(0.05)
        log = (self.folder / "server.log").read_text(encoding="utf-8", errors="replace")
        raise ServerError(self.address, f"{problem}\n{log}")


def _end(process: subprocess.Popen[bytes], pid_file: Path) -> None:
    """End the process group that ``process`` leads: PHP finishes its requests, and what stays after that is stopped."""
    if process.stdin:
        process.stdin.close()
    for number in (None, signal.SIGTERM, signal.SIGKILL):
        if number and _lives(process):
            os.killpg(process.pid, number)
        deadline = time.monotonic() + STOP_SECONDS
        while _lives(process) and time.monotonic() < deadline:
            time.sleep(0.01)
    pid_file.unlink(missing_ok=True)


def _lives(process: subprocess.Popen[bytes]) -> bool:
    """Whether the group still has a process; its leader is collected first, lest it stays as a zombie."""
    process.poll()
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    return True


def _port(wanted: int | None) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted or 0))
        except OSError as error:
            raise ServerError(f"127.0.0.1:{wanted}", str(error)) from error
        return int(probe.getsockname()[1])


def start(folder: Path, port: int | None = None) -> MediaWikiServer:
    """A fresh wiki in ``folder``, which is made, empty, or holds an earlier wiki of this kind that is replaced."""
    folder = folder.resolve()
    if folder.exists() and any(folder.iterdir()) and not (folder / ROUTER).is_file():
        raise SettingsError("demo-folder", folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    return MediaWikiServer(folder, _port(port))
