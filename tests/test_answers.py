"""Questions that people put on pages, and the answers behind them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.places import Place
from wikibridge import Session, Site
from wikibridge.markup import regions, wikitext
from wikibridge.model import Edit
from wikibridge.publish.answers import place as put

FIVE = """Before.

{{Wikibridge|of=choice|by=theme}}

== En français ==
{{Wikibridge|de=choix|par=niveau|montrer=nombre}} et la suite.

{{Wikibridge|de=escolhas|onde=tema: saúde|como=lista}}

* {{Wikibridge|of=choice|by=tehme}}
{{Wikibridge
|of=choice
|where=theme: food
|show=count
}}
After."""


def begin(place: Place) -> None:
    (place.site.folder / "jobs" / "answers.yml").write_text("kind: answers\n", encoding="utf-8")
    place.site = Site(place.site.folder)
    place.citizen.write(Edit(f"{place.prefix}Portal", FIVE, "", None))
    for name, theme, level in (("Ana Silva", "food", "family"), ("Rui Costa", "health", "citizen")):
        title = f"{place.prefix}P/{name}"
        text = f"{{{{Choice|title=By {name}|theme={theme}|level={level}}}}}"
        place.citizen.write(Edit(title, text, "", None))


def settle(place: Place) -> int:
    """Run until nothing is written any more: a server's list of changes follows an edit by a moment. Answers the pages changed."""
    changed = quiet = 0
    for _ in range(20):
        result = place.run()
        assert not result.failed
        changed += result.changed
        quiet = 0 if result.created or result.changed else quiet + 1
        if quiet == 2:
            return changed
    raise AssertionError("it goes on writing")


def answers(place: Place) -> list[str]:
    found, broken = regions.find(place.page(f"{place.prefix}Portal").text)
    assert not broken and all(region.ours for region in found)
    return [region.content for region in found]


def test_five_questions_right_and_wrong_in_three_languages(place: Place) -> None:
    begin(place)
    settle(place)
    text = place.page(f"{place.prefix}Portal").text
    first, second, third, wrong, last = answers(place)
    for shown, answer in (("| Food\n", first), ("| Health\n", first), ("Niveau", second), ("Famille", second),
                          ("<bdi>By Rui Costa</bdi>", third), ("Escolhas", third), ("“theme”", wrong), ("cannot be answered", wrong),
                          ("Choices: '''1'''", last)):
        assert shown in answer
    assert "<bdi>By Ana" not in third
    # What people wrote stands as it stood.
    assert regions.replace(text, {}) == text and "".join(_outside(text)) == FIVE
    with Session(place.site) as session:
        again = session.run()
    assert (again.created, again.changed) == (0, 0)


def _outside(text: str) -> list[str]:
    found, at = [], 0
    for region in regions.find(text)[0]:
        found.append(text[at : region.start].removesuffix("\n") if text[region.start - 1] == "\n" else text[at : region.start])
        at = region.end
    return [*found, text[at:]]


def test_an_edit_of_an_entry_changes_only_the_answers_that_it_concerns(place: Place) -> None:
    begin(place)
    settle(place)
    before = answers(place)
    place.type(f"{place.prefix}P/Rui Costa", lambda text: text.replace("title=By Rui", "result=Better|title=By Rui"))
    assert settle(place) == 0
    assert answers(place) == before
    place.type(f"{place.prefix}P/Rui Costa", lambda text: text.replace("level=citizen", "level=family"))
    settle(place)
    after = answers(place)
    assert [new == old for new, old in zip(after, before, strict=True)] == [True, False, True, True, True]


def test_a_question_that_is_changed_moved_or_taken_away(place: Place) -> None:
    begin(place)
    settle(place)
    title = f"{place.prefix}Portal"
    place.type(title, lambda text: text.replace("{{Wikibridge|of=choice|by=theme}}", "{{Wikibridge|of=choice|by=level}}"))
    settle(place)
    assert "| Family\n" in answers(place)[0] and len(answers(place)) == 5
    place.type(title, lambda text: text.replace("{{Wikibridge|of=choice|by=level}}", "") + "\n{{Wikibridge|of=choice|by=level}}")
    settle(place)
    assert "| Family\n" in answers(place)[-1] and len(answers(place)) == 5
    place.type(title, lambda text: text.replace("* {{Wikibridge|of=choice|by=tehme}}", "* nothing"))
    settle(place)
    assert len(answers(place)) == 4 and "tehme" not in place.page(title).text
    place.type(title, lambda text: text.replace("Choices: '''1'''", "Choices: '''many'''"))
    result = place.run()
    for _ in range(20):
        result = place.run() if not result.refused else result
    assert title in result.refused[0] and "many" in place.page(title).text


def test_more_questions_than_a_page_may_have(place: Place) -> None:
    begin(place)
    title = f"{place.prefix}Portal"
    place.type(title, lambda text: "\n".join(f"{{{{Wikibridge|of=choice|by=theme|title={n}}}}}" for n in range(12)))
    settle(place)
    assert [answer for answer in answers(place) if "first 10 are answered" in answer] == answers(place)[10:]


CALLS = ["{{Wikibridge|of=choice}}", "{{Wikibridge|of=tool}}", "{{Wikibridge}}"]
PIECES = st.sampled_from([*CALLS, "\n", "text", "{{", "}}", "<!--", "-->", "== H ==\n", "{|\n|", "<nowiki>", "</nowiki>", "|", "é"])


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join), st.lists(st.tuples(st.integers(0, 200), PIECES), max_size=4))
def test_answers_come_and_go_and_nothing_else_changes(text: str, edits: list[tuple[int, str]]) -> None:
    def filled(page: str) -> str:
        calls, seen = {}, dict.fromkeys(CALLS, 0)
        for call in wikitext.calls(page):
            source = page[call.start : call.end]
            if source in seen:
                seen[source] += 1
                calls[f"answer-{CALLS.index(source)}-{seen[source]}"] = source
        done, left = put(page, calls, dict.fromkeys(calls, "The answer."))
        assert not left and put(done, calls, dict.fromkeys(calls, "The answer."))[0] == done
        assert {region.name for region in regions.find(done)[0]} == calls.keys()
        assert put(done, {}, {})[0] == put(page, {}, {})[0]
        return done

    page = filled(text)
    for at, piece in edits:
        if "<!--" not in piece:
            found = regions.find(page)[0]
            at = min(at, len(page))
            at = next((region.end for region in found if region.start < at < region.end), at)
            page = page[:at] + piece + page[at:]
            if regions.find(page)[1] or len(regions.find(page)[0]) != len(found):
                return  # the piece hid a marker: the page is left alone
            page = filled(page)
