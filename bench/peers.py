"""The peers of the benches, logged in: a bare session of requests, mwclient, pywikibot."""

from __future__ import annotations

import os
import tempfile
from typing import Any
from urllib.parse import urlsplit

import requests


def bare(state: dict[str, str]) -> requests.Session:
    """A session that keeps its connection and cookies, and knows nothing of wikis."""
    session = requests.Session()
    session.headers["Accept-Encoding"] = "gzip"
    token = session.get(state["api"], params={"action": "query", "meta": "tokens", "type": "login", "format": "json"}).json()
    session.post(state["api"], {"action": "login", "lgname": state["account"], "lgpassword": state["password"], "format": "json",
                                "lgtoken": token["query"]["tokens"]["logintoken"]})
    return session


def mwclient_site(state: dict[str, str]) -> Any:
    """As in its documentation."""
    import mwclient

    site = mwclient.Site(urlsplit(state["api"]).netloc, path="/", scheme="http")
    site.login(state["account"], state["password"])
    return site


def pywikibot_site(state: dict[str, str]) -> Any:
    """As in its documentation, its throttle off. For writing it logs in with the bot password."""
    os.environ["PYWIKIBOT_NO_USER_CONFIG"] = "2"
    os.chdir(tempfile.mkdtemp())
    import pywikibot as bot
    from pywikibot import config, family
    from pywikibot.login import ClientLoginManager

    class Bench(family.Family):
        name = "bench"
        langs = dict(en=urlsplit(state["api"]).netloc)  # noqa: RUF012

        def protocol(self, code: str) -> str:
            return "http"

        def scriptpath(self, code: str) -> str:
            return ""

    config.minthrottle = config.maxthrottle = config.put_throttle = 0
    user = state["account"].partition("@")[0]
    site = bot.Site("en", Bench(), user=user)
    site.throttle.set_delays(delay=0, writedelay=0, absolute=True)
    if state.get("write"):
        manager = ClientLoginManager(site=site, user=user)
        manager.password = state["password"]
        manager.login_name = state["account"]
        manager.login()
        site.login()
    _ = site.siteinfo
    return site
