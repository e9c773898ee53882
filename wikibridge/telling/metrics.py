"""Figures of the last run for Prometheus, as a text file that its node exporter collects. Pure.

The format: https://prometheus.io/docs/instrumenting/exposition_formats/ ; the names: https://prometheus.io/docs/practices/naming/
"""

from __future__ import annotations

from collections.abc import Mapping

_METRICS = {
    "last_run_timestamp_seconds": "When the last run ended.",
    "last_success_timestamp_seconds": "When a run last ended with all done.",
    "exit_code": "What the last run ended with: 0 done, 1 failed, 2 settings, 3 done in part, 4 locked, 75 try later.",
    "run_duration_seconds": "How long the last run took.",
    "requests": "Requests that the last run sent to the wiki.",
    "pages_read": "Pages that the last run read.",
    "pages_created": "Pages that the last run created.",
    "pages_changed": "Pages that the last run changed.",
    "files_uploaded": "Files that the last run uploaded.",
    "not_written": "Things that the last run could not write.",
    "left_alone": "Pages that the last run left alone, such as those that somebody edited.",
    "entries": "Entries on the wiki's pages.",
    "problems": "Details on the wiki's pages that could not be read.",
}


def text(values: Mapping[str, float], site: str) -> str:
    """The file: a gauge for each of the values that is known, by its name without ``wikibridge_``. ``site`` tells sites apart."""
    label = site.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
    lines = []
    for name, about in _METRICS.items():
        if name in values:
            full = f"wikibridge_{name}"
            lines += [f"# HELP {full} {about}", f"# TYPE {full} gauge", f'{full}{{site="{label}"}} {values[name]:.15g}']
    return "\n".join([*lines, ""])
