"""Pages as a Tiki 24.1 exports them, for tests: compared with what a running one gave."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from wikibridge.demo.tiki.pages import BLANKS


def part(name: str, text: str, version: int, modified: datetime, author: str = "Ana", summary: str = "") -> str:
    """One version of a page, with its header."""
    parameters = {"pagename": name, "flags": "", "author": author, "version": str(version),
                  "lastmodified": str(int(modified.timestamp())), "author_id": "192.0.2.1", "summary": summary, "hits": "3",
                  "description": "", "charset": "utf-8"}
    told = ";\r\n".join(f"  {key}={quote(value, safe='') or chr(34) * 2}" for key, value in parameters.items())
    body = "".join(f"{line.rstrip(BLANKS)}\r\n" for line in text.split("\n"))
    return f"Content-Type: application/x-tikiwiki;\r\n{told}\r\nContent-Transfer-Encoding: binary\r\n\r\n{body}"


def export(*parts: str, made: datetime | None = None) -> bytes:
    """The export of one version, or of all, the newest first (which a Tiki gives twice)."""
    date = f"Date: {made:%a, %d %b %Y %H:%M:%S} %+0000\r\n" if made else ""
    head = f"{date}Mime-Version: 1.0 (Produced by Tiki)\r\n"
    if len(parts) == 1:
        return (head + parts[0]).encode()
    border = "=_multipart_boundary_1"
    inside = f"\r\n--{border}\r\n".join(parts)
    return f'{head}Content-Type: multipart/mixed;\r\n  boundary="{border}"\r\n\r\n--{border}\r\n{inside}\r\n--{border}--\r\n'.encode()
