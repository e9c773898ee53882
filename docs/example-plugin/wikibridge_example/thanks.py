"""Job kind ``thanks``: a page that thanks everybody who wrote a choice.

    # jobs/thanks.yml
    kind: thanks
    page: Thank you
    words: Thank you for your choices
"""

from __future__ import annotations

from wikibridge.extend import Context, JobOptions, Mirror, Selection, SiteJob, WantedPage

REGION = "thanks"


class Options(JobOptions):
    """What jobs/thanks.yml may say, beside kind, title and every."""

    page: str
    words: str = "Thank you"


class Thanks(SiteJob):
    """The job: what it wants is computed from the mirror, and written by wikibridge if it is not there yet."""

    model = Options
    order = 60
    options: Options

    def selection(self, context: Context) -> Selection:
        """The page that we write, so that it is mirrored."""
        return Selection(titles=frozenset({context.title(self.options.page)}))

    def wanted(self, context: Context, mirror: Mirror) -> list[WantedPage]:
        """The page, with one managed region: text that people put around it stays."""
        names = sorted(mirror.fields("choice"))
        if not names:
            return []
        # Titles of pages are text that people typed: escaped where it is written elsewhere.
        links = [f"* {context.dialect.link(name, name)}" for name in names]
        lines = [f"{context.dialect.escape(self.options.words)}:", "", *links]
        text = "\n".join(lines)
        return [WantedPage(
            context.title(self.options.page), context.region(REGION, text), self.name, "thanks", {REGION: text})]
