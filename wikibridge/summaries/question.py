"""A summary is a question, not a program: of which entries, grouped by what, showing what."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wikibridge.yaml_text import Strict


class Question(Strict):
    """One question: ``of`` an entry type, grouped ``by`` a vocabulary field, shown ``as`` bars, table or list.

    Without ``by`` the answer is a list of the latest entries. ``limit`` bounds the rows.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
    of: str = "choice"
    by: str | None = None
    shown_as: Annotated[Literal["bars", "table", "list"], Field(alias="as")] = "table"
    limit: Annotated[int, Field(ge=1, le=500)] = 50
