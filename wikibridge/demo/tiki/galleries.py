"""File galleries of the server, which the API has from Tiki 27 on."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field

from wikibridge.demo.tiki.call import Answer, Call, Refusal, World


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was uploaded."""

    id: int
    gallery: int
    name: str
    title: str
    type: str
    data: bytes

    def as_json(self) -> dict[str, object]:
        """As the API shows it."""
        return {"fileId": self.id, "galleryId": self.gallery, "name": self.name, "title": self.title, "size": len(self.data),
                "type": self.type, "md5sum": hashlib.md5(self.data, usedforsecurity=False).hexdigest()}


@dataclass(slots=True)
class Galleries:
    """What the API does with galleries; the first one is there from the beginning."""

    world: World
    names: dict[int, str] = field(default_factory=lambda: {1: "File Galleries"})
    files: dict[int, File] = field(default_factory=dict)
    _last_file: int = 0

    def every(self, call: Call) -> object:
        """All galleries."""
        call.need("view_file_gallery")
        rows = [{"galleryId": id_, "id": id_, "name": name, "parentId": -1 if id_ == 1 else 1, "files": len(self._in(id_))}
                for id_, name in self.names.items()]
        return {"data": rows, "count" if self.world.profile.count else "cant": len(rows)}

    def create(self, call: Call) -> object:
        """A new gallery."""
        call.need("create_file_galleries")
        if not (name := call.text("name")):
            raise Refusal(409, f"<!--field[name]-->{call.say('required')}")
        id_ = max(self.names) + 1
        self.names[id_] = name
        return {"galleryId": id_, "info": {"galleryId": id_, "name": name}}

    def _in(self, gallery: int) -> list[File]:
        return [each for each in self.files.values() if each.gallery == gallery]

    def _gallery(self, call: Call) -> int:
        if (id_ := call.number("galleryId", 1)) not in self.names:
            raise Refusal(404, call.say("missing"), page=None)
        return id_

    def gallery(self, call: Call) -> object:
        """One gallery."""
        call.need("view_file_gallery")
        id_ = self._gallery(call)
        return {"galleryId": id_, "info": {"galleryId": id_, "name": self.names[id_]}}

    def list_files(self, call: Call) -> object:
        """The files of a gallery."""
        call.need("view_file_gallery")
        rows = [each.as_json() for each in self._in(self._gallery(call))]
        return {"data": rows, "count" if self.world.profile.count else "cant": len(rows)}

    def _file(self, call: Call) -> File:
        call.need("view_file_gallery")
        if (found := self.files.get(call.number("fileId"))) is None:
            raise Refusal(404, call.say("missing"), page=None)
        return found

    def file(self, call: Call) -> object:
        """What is known of a file."""
        return self._file(call).as_json()

    def download(self, call: Call) -> Answer:
        """The file itself."""
        found = self._file(call)
        return Answer(200, found.data, "application/octet-stream", {"Content-Disposition": "attachment"})

    def _uploaded(self, call: Call) -> tuple[str, str, bytes]:
        if "data" in call.request.files:
            return call.request.files["data"]
        try:
            data = base64.b64decode(call.raw("data") or "", validate=True)
        except ValueError:
            data = b""
        if not data or not call.text("name"):
            raise Refusal(409, f"<!--field[data]-->{call.say('required')}")
        return call.text("name") or "", call.text("type") or "", data

    def upload(self, call: Call) -> object:
        """A new file; with a ``fileId`` the new contents of one."""
        call.need("upload_files")
        gallery, (name, kind, data) = self._gallery(call), self._uploaded(call)
        if not (id_ := call.number("fileId")):
            self._last_file += 1
            id_ = self._last_file
        elif id_ not in self.files:
            raise Refusal(404, call.say("missing"), page=None)
        made = File(id_, gallery, name, call.text("title") or name, kind, data)
        self.files[id_] = made
        more = {"info": made.as_json()} if self.world.profile.count else {}
        return {**made.as_json(), "ticket": secrets.token_hex(16), **more}

    def delete(self, call: Call) -> object:
        """Remove a file."""
        found = self._file(call)
        call.need("remove_files")
        del self.files[found.id]
        return {"fileId": found.id}
