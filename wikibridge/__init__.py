"""wikibridge drives an existing wiki through its API: participant pages, entries that people type, summary pages.

    from pathlib import Path
    from wikibridge import Session, Site

    with Session(Site(Path("my-wiki"))) as session:
        result = session.run()
    print(result.entries, "entries,", result.changed, "pages changed")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wikibridge.jobs.result import Result
    from wikibridge.jobs.runner import Session
    from wikibridge.site import Site

__version__ = "0.1.0"
__all__ = ["Result", "Session", "Site", "__version__"]


def __getattr__(name: str) -> Any:
    # Imported when asked for, so that "wikibridge --help" does not load what it does not use.
    if name == "Site":
        from wikibridge.site import Site

        return Site
    if name == "Session":
        from wikibridge.jobs.runner import Session

        return Session
    if name == "Result":
        from wikibridge.jobs.result import Result

        return Result
    raise AttributeError(name)
