"""Somebody who edits the pages of a corner, in a process of their own.

``python -m tests.torture.people ADDRESS ACCOUNT PASSWORD PREFIX SEED EDITS``: tells of each edit that was saved, one a line:
``typed`` or ``removed``, the title, the word.
"""

from __future__ import annotations

import random
import sys

from wikibridge.errors import EditConflict
from wikibridge.model import Edit, Head
from wikibridge.wikis.mediawiki import MediaWikiWiki

PAGES = ("P/Ana Silva", "P/Ana Silva (Praia)", "P/École verte", "Summary en", "Summary fr")


def changed(text: str, word: str, how: str) -> str:
    """The text with the word typed somewhere, or taken out with its line."""
    before = {"inside": "<!-- wikibridge:end", "heading": "== ", "top": text[:1]}.get(how, "")
    if how == "remove":
        return "\n".join(line for line in text.split("\n") if word not in line)
    if how == "choice":
        return f"{text}\n\n{{{{Choice|title={word}|date=2021|theme=transport}}}}"
    if before and before in text:
        return text.replace(before, f"{word}\n{before}", 1)
    return f"{text}\n\n{word}"


def main() -> None:
    address, account, password, prefix, seed, edits = sys.argv[1:]
    moments = random.Random(seed)
    wiki = MediaWikiWiki(address, account, password)
    mine: list[tuple[str, str]] = []
    for number in range(int(edits)):
        how = moments.choice(["choice", "inside", "heading", "top", "end", "remove"])
        title, word = prefix + moments.choice(PAGES), f"word{seed}y{number}x"
        if how == "remove" and mine:
            title, word = mine.pop(moments.randrange(len(mine)))
        elif how in ("choice", "remove") and "/P/" not in title:
            how = "end"
        while True:
            (page,) = wiki.read(titles=[title])
            text = changed(page.text, word, how)
            try:
                if text != page.text:
                    wiki.write(Edit(title, text, "", Head(page.id, page.title, page.revision)))
            except EditConflict:
                continue
            break
        if how == "remove" and word in page.text:
            print("removed", title, word, sep="\t", flush=True)
        elif how != "remove":
            mine.append((title, word))
            print("typed", title, word, sep="\t", flush=True)
    wiki.close()


if __name__ == "__main__":
    main()
