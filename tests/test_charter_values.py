"""Articles, wordings, votes and results as values: the laws that they keep."""

from __future__ import annotations

import random
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wikibridge.charters import articles
from wikibridge.charters.articles import Article, Draft
from wikibridge.charters.results import OTHER, Tally, Terms, count, folded, short, state
from wikibridge.charters.show import Teller
from wikibridge.charters.votes import ANSWERS, Origin, Rules, Standing, Verdict, Vote, Voter, refers, user_name, verdicts, written
from wikibridge.entries.types import shipped
from wikibridge.markup import tikitext, wikitext
from wikibridge.markup.parts import Dialect
from wikibridge.mirror.pasts import Version, grown

DAY = datetime(2021, 5, 1, 12, tzinfo=UTC)
DIALECTS = pytest.mark.parametrize("dialect", [wikitext, tikitext], ids=["mediawiki", "tiki"])


def article(number: int, title: str, said: str, dialect: Dialect = wikitext) -> str:
    source = articles.source_line("Minutes: A", "Conclusions", "en", dialect)
    return articles.written(number, title, said, ("abc123", "def456"), source, "en", dialect)


def page(dialect: Dialect = wikitext) -> str:
    return "\n\n".join(["Preamble.", dialect.heading("Food", 2), article(1, "Gardens", "One garden.\nFor all.", dialect),
                        article(2, "Bread & wine", "Bread = life | yes", dialect), dialect.heading("Other", 2),
                        article(3, "Time", "Less haste.", dialect)])


# Articles and their wordings

@DIALECTS
def test_articles_are_found_with_number_title_and_origin(dialect: Dialect) -> None:
    found = articles.read(page(dialect), dialect)
    assert [(each.id, each.number, each.title, each.origin) for each in found.articles] == [
        (1, 1, "Gardens", ("abc123", "def456")), (2, 2, "Bread & wine", ("abc123", "def456")), (3, 3, "Time", ("abc123", "def456"))]
    assert not any(each.shows for each in found.articles) and not found.doubled
    assert articles.from_mark(articles.to_mark(found)) == found


@DIALECTS
@given(st.data())
def test_white_space_keeps_a_wording_and_any_word_changes_it(dialect: Dialect, data: st.DataObject) -> None:
    before = articles.read(page(dialect), dialect)
    text = page(dialect)
    places = [match.end() for match in re.finditer(r"(?<=One garden\.)\n|(?<=Less) |(?<=For) ", text)]
    at = data.draw(st.sampled_from(places))
    blanks = data.draw(st.text(" \n\t", max_size=4))
    assert articles.read(text[:at] + blanks.replace("\n\n", "\n") + text[at:], dialect).digest == before.digest
    word = data.draw(st.sampled_from(["garden", "all", "haste", "Time", "Gardens", "Bread"]))
    changed = articles.read(text.replace(word, word + "s", 1), dialect)
    assert sum(one.digest != other.digest for one, other in zip(before.articles, changed.articles, strict=True)) == 1
    assert changed.digest != before.digest and changed.code != before.code


@DIALECTS
def test_comments_and_the_line_of_the_source_are_no_part_of_a_wording_but_what_is_slipped_into_it_is(dialect: Dialect) -> None:
    text, before = page(dialect), articles.read(page(dialect), dialect)
    noted = text.replace("Less haste.", f"{dialect.COMMENT[0]} ask Ana {dialect.COMMENT[1]}Less haste.")
    assert articles.read(noted, dialect).digest == before.digest
    line = articles.source_line("Minutes: A", "Conclusions", "en", dialect)
    other = articles.source_line("Minutes of Tuesday", "", "fr", dialect)
    assert articles.read(text.replace(line, other, 1), dialect).digest == before.digest
    for slipped in (line + " and all our money", f"{line} {line}", f"{line}\n{line}", f"{line}\n\nAll our money.",
                    f"{dialect.SLANTED}Source: all our money{dialect.SLANTED}"):
        assert articles.read(text.replace(line, slipped, 1), dialect).digest != before.digest, slipped
    odd = articles.source_line("Bread & wine (1)", "", "en", dialect)
    assert articles.read(text.replace(line, odd, 1), dialect).digest == before.digest
    if dialect is tikitext:
        assert "[tiki-index.php?page=Bread%20%26%20wine%20%281%29|" in odd
        older = "''Source: ((Bread & wine|Bread ~38~ wine))''"
        assert articles.read(text.replace(line, older, 1), dialect).digest == before.digest
        for label in (odd.replace("|Bread", "|all our money, Bread"), older.replace("|Bread", "|all our money, Bread")):
            assert articles.read(text.replace(line, label, 1), dialect).digest != before.digest
    if dialect is wikitext:
        label = line.replace("|Minutes&#58; A]]", "|all our money]]")
        assert label != line and articles.read(text.replace(line, label, 1), dialect).digest != before.digest


@DIALECTS
def test_an_article_keeps_its_number_whatever_its_heading_says_and_is_known_by_it_without_a_mark(dialect: Dialect) -> None:
    text, before = page(dialect), articles.read(page(dialect), dialect)
    moved = articles.read(text.replace("Article 2.", "Article 7."), dialect)
    assert [(each.id, each.number) for each in moved.articles] == [(1, 1), (2, 7), (3, 3)]
    assert moved.digest == before.digest
    bare = re.sub(re.escape(dialect.COMMENT[0]) + r" wikibridge article 2 .*?\n", "", text)
    assert [each.id for each in articles.read(bare, dialect).articles] == [1, 2, 3]
    assert articles.read(bare, dialect).digest == before.digest
    french = text.replace("Article 3. Time", "Artigo 3.º – Time")
    assert articles.read(french, dialect).digest == before.digest


@DIALECTS
def test_of_two_articles_with_one_number_the_second_is_none(dialect: Dialect) -> None:
    found = articles.read(page(dialect) + "\n\n" + article(2, "Forged", "All our money.", dialect), dialect)
    assert [each.title for each in found.articles] == ["Gardens", "Bread & wine", "Time"]
    assert [each.replace("Article 2. ", "") for each in found.doubled] == ["Forged"]
    hand = articles.read(page(dialect) + "\n\n" + dialect.heading("Article 3. Ours", 3) + "\nText", dialect)
    assert len(hand.articles) == 3 and len(hand.doubled) == 1


def test_what_no_reader_sees_makes_no_article() -> None:
    assert articles.read("<nowiki>== A ==\n<!-- wikibridge article 1 aa bb --></nowiki>").articles == ()
    assert articles.read("<!-- wikibridge article 1 aa bb -->\ntext").articles == ()
    shown = articles.read("== Article 1. A ==\n{{Other page}}").articles
    assert [each.shows for each in shown] == [True]


def test_two_articles_that_say_the_same_are_two() -> None:
    found = articles.read(article(1, "A", "same") + "\n\n" + article(2, "A", "same"))
    assert [each.id for each in found.articles] == [1, 2] and found.articles[0].digest == found.articles[1].digest


@DIALECTS
@given(title=st.text(max_size=40), said=st.text(max_size=80))
def test_whatever_somebody_typed_is_one_article(dialect: Dialect, title: str, said: str) -> None:
    made = article(4, title, said, dialect)
    found = articles.read(f"{article(1, 'A', 'a', dialect)}\n\n{made}\n\n{article(5, 'B', 'b', dialect)}", dialect)
    assert [each.id for each in found.articles] == [1, 4, 5]
    assert not any(each.shows for each in found.articles)


def test_the_record_of_an_adoption_is_read_back() -> None:
    draft = articles.read(page())
    made = articles.Adopted("2021-05-31", draft.digest, 77, {each.id: each.digest for each in draft.articles}, draft.rest)
    for dialect in (wikitext, tikitext):
        assert articles.adopted(f"Adopted.\n{articles.record(made, dialect)}") == made
    assert articles.adopted("wikibridge adopted soon") is None


# Votes

def draft(*words: str) -> Draft:
    return Draft(tuple(Article(number, number, f"Title {number}", articles.wording(f"Title {number}", each))
                       for number, each in enumerate(words, 1) if each))


def standing(day: int, *words: str) -> Standing:
    return Standing(draft(*words), day * 10, DAY + timedelta(days=day))


def a_vote(name: str, day: float, said: str = "1", answer: str = "yes", wording: str = "", number: int = 1, editor: str = "") -> Vote:
    return Vote(name, number, said, answer, "", wording, Origin(int(day * 10), DAY + timedelta(days=day), editor))


VOTERS = {name: Voter(name, kind, owner) for name, kind, owner in (
    ("Ana", "citizen", "Ana"), ("Bo", "citizen", ""), ("Cy", "school", "Cy"), ("Di", "company", ""))}
TEXTS = (standing(1, "a", "b"), standing(3, "a", "b2", "c"), standing(5, "a2", "b", "c"))
UNTIL = date(2021, 5, 20)


def judged(*votes: Vote, until: date | None = None) -> list[tuple[int, str, str]]:
    return [(each.article, each.state, each.reason) for each in verdicts(votes, VOTERS, TEXTS, Rules(until, "Europe/Brussels"))]


@pytest.mark.parametrize(("vote", "expected"), [
    (a_vote("Ana", 2), [(1, "earlier", "")]),
    (a_vote("Ana", 6), [(1, "counts", "")]),
    (a_vote("Ana", 2, "2"), [(2, "counts", "")]),  # the wording came back
    (a_vote("Ana", 4, "2"), [(2, "earlier", "")]),
    (a_vote("Ana", 4, ""), [(1, "earlier", ""), (2, "earlier", ""), (3, "counts", "")]),
    (a_vote("Ana", 2, ""), [(1, "earlier", ""), (2, "counts", "")]),
    (a_vote("Ana", 6, "Article 3."), [(3, "counts", "")]),
    (a_vote("Ana", 6, "title 3"), [(3, "counts", "")]),
    (a_vote("Ana", 6, "1-3"), [(1, "counts", ""), (2, "counts", ""), (3, "counts", "")]),
    (a_vote("Ana", 2, "3"), [(0, "void", "article")]),
    (a_vote("Ana", 0), [(0, "void", "before")]),
    (a_vote("Ana", 6, "9"), [(0, "void", "article")]),
    (a_vote("Ana", 6, answer=""), [(0, "void", "unreadable")]),
    (a_vote("Eve", 6), [(0, "void", "elsewhere")]),
    (a_vote("Ana", 6, editor="Mallory"), [(0, "void", "stranger")]),
    (a_vote("Ana", 6, editor="ana"), [(1, "counts", "")]),
    (a_vote("Bo", 6, editor="Mallory"), [(1, "counts", "")]),
    (a_vote("Ana", 40), [(0, "void", "late")]),
    (a_vote("Ana", 2, wording=TEXTS[2].draft.articles[0].code), [(1, "counts", "")]),
    (a_vote("Ana", 6, wording=TEXTS[0].draft.articles[0].code), [(1, "earlier", "")]),
    (a_vote("Ana", 6, "", wording=TEXTS[1].draft.code), [(1, "earlier", ""), (2, "earlier", ""), (3, "counts", "")]),
    (a_vote("Ana", 6, wording="00000000"), [(0, "void", "wording")]),
    (a_vote("Ana", 6, wording="what?"), [(0, "void", "wording")]),
])
def test_what_becomes_of_a_vote(vote: Vote, expected: list[tuple[int, str, str]]) -> None:
    assert judged(vote, until=UNTIL) == expected


def test_the_last_moment_of_the_last_day_is_that_of_the_site() -> None:
    rules = Rules(date(2021, 5, 31), "Europe/Brussels")
    assert not rules.late(datetime(2021, 5, 31, 21, 59, 59, tzinfo=UTC)) and rules.late(datetime(2021, 5, 31, 22, tzinfo=UTC))


def test_a_vote_on_an_article_that_was_taken_out_does_not_count() -> None:
    texts = (*TEXTS, standing(7, "a2", "", "c"))
    (found,) = verdicts([a_vote("Ana", 6, "2")], VOTERS, texts, Rules())
    assert (found.state, found.reason) == ("void", "removed")


def test_the_later_of_two_votes_counts_and_one_on_the_article_before_one_on_the_whole() -> None:
    first, second = a_vote("Ana", 6, "1", "no", number=1), a_vote("Ana", 7, "1", "yes", number=2)
    assert judged(first, second) == [(1, "void", "twice"), (1, "counts", "")]
    whole = a_vote("Ana", 6, "", "yes", number=2)
    assert judged(first, whole)[:2] == [(1, "counts", ""), (1, "void", "twice")]
    same = a_vote("Ana", 6, "1", "no", number=1), a_vote("Ana", 6, "1", "yes", number=2)
    assert judged(*same) == [(1, "void", "twice"), (1, "counts", "")]
    # What does not count does not push out what does.
    forged = a_vote("Ana", 8, "1", "no", number=3, editor="Mallory")
    assert judged(second, forged) == [(1, "counts", ""), (0, "void", "stranger")]


def test_a_number_means_the_article_that_showed_it_when_the_vote_was_written() -> None:
    first = Draft((Article(1, 1, "A", "a" * 32), Article(2, 2, "B", "b" * 32)))
    moved = Draft((Article(9, 1, "New", "c" * 32), Article(1, 2, "A", "a" * 32), Article(2, 3, "B", "b" * 32)))
    texts = (Standing(first, 1, DAY), Standing(moved, 50, DAY + timedelta(days=5)))
    assert [each.article for each in verdicts([a_vote("Ana", 2, "2")], VOTERS, texts, Rules())] == [2]
    assert [each.article for each in verdicts([a_vote("Ana", 6, "2")], VOTERS, texts, Rules())] == [1]


@pytest.mark.parametrize(("words", "found"), [
    ("2", [2]), ("art. 2", [2]), ("Artigo 2.º", [2]), ("1, 3", [1, 3]), ("1 et 2", [1, 2]), ("1 e 3", [1, 3]), ("nos 1-2", [1, 2]),
    ("article", []), ("4", []), ("1, 4", []), ("TITLE 2", [2]), ("title", []), ("", []), ("1" * 5000, []), ("1-9999", []),
])
def test_how_people_name_articles(words: str, found: list[int]) -> None:
    assert refers(words, draft("a", "b", "c")) == found


ANY_VOTE = st.builds(
    a_vote, st.sampled_from(["Ana", "Bo", "Cy", "Di", "Eve"]), st.integers(0, 25),
    st.sampled_from(["", "1", "2", "3", "4", "1, 2", "Title 2", "nothing"]), st.sampled_from([*ANSWERS, ""]),
    st.sampled_from(["", "", TEXTS[0].draft.code, TEXTS[1].draft.articles[1].code, "12345678"]),
    st.integers(1, 9), st.sampled_from(["", "Ana", "Cy", "Mallory"]))


@given(st.lists(ANY_VOTE, max_size=12, unique_by=lambda vote: (vote.page, vote.number)), st.randoms(use_true_random=False))
def test_laws_of_counting(votes: list[Vote], chance: random.Random) -> None:
    rules = Rules(UNTIL, "Europe/Brussels")
    found = verdicts(votes, VOTERS, TEXTS, rules)
    mixed, people = votes[:], list(VOTERS.items())
    chance.shuffle(mixed)
    chance.shuffle(people)
    assert verdicts(mixed, dict(people), TEXTS, rules) == found, "the order of votes and pages does not matter"
    # Every vote is told of; each ballot once.
    assert {(each.vote.page, each.vote.number) for each in found} == {(vote.page, vote.number) for vote in votes}
    ballots = [(each.vote.page, each.vote.number, each.article) for each in found]
    assert len(set(ballots)) == len(ballots)
    assert all((each.state == "void") == bool(each.reason) for each in found)
    valid = [(each.vote.page, each.article) for each in found if each.state != "void"]
    assert len(set(valid)) == len(valid), "at most once a participant and article"
    tallies = count(found, VOTERS, TEXTS[-1].draft)
    for number, kinds in tallies.items():
        total = sum(kinds.values(), Tally())
        assert total.yes + total.reservation + total.no + total.again + total.none == len(VOTERS)
        assert total.votes == sum(1 for each in found if each.article == number and each.state == "counts")
        assert total.again == sum(1 for each in found if each.article == number and each.state == "earlier")


# Who wrote a vote

def past(*versions: tuple[str, str]) -> tuple[Version, ...]:
    return grown((), (Version(number, DAY + timedelta(hours=number), editor, tuple(marks.split()))
                      for number, (editor, marks) in enumerate(versions, 1)))


@pytest.mark.parametrize(("versions", "revision", "editor"), [
    ([("Bot", ""), ("Ana", "yes"), ("Bo", "yes")], 2, "Ana"),
    ([("Bot", ""), ("Mallory", "yes"), ("Ana", "yes")], 2, "Mallory"),  # Ana saved the page without writing it
    ([("Ana", "yes"), ("Ana", "no"), ("Mallory", "yes")], 3, "Mallory"),  # what she took back is not hers any more
    ([("Ana", "yes"), ("Mallory", ""), ("Admin", "yes")], 1, "Ana"),  # a revert gives her words back
    ([("Ana", "yes"), ("Mallory", ""), ("Ana", "yes")], 3, "Ana"),
    ([("Ana", "yes"), ("Mallory", "no"), ("Ana", "no"), ("Admin", "yes")], 4, "Admin"),
    ([("Mallory", "yes"), ("Ana", ""), ("Mallory", "yes")], 3, "Mallory"),
])
def test_who_wrote_a_vote(versions: list[tuple[str, str]], revision: int, editor: str) -> None:
    found = written(past(*versions), "yes", "Ana")
    assert found and (found.revision, found.editor) == (revision, editor)


def test_of_an_unknown_owner_a_vote_is_as_old_as_it_has_stood() -> None:
    found = written(past(("Ana", "yes"), ("Bo", ""), ("Cy", "yes"), ("Di", "yes other")), "yes", "")
    assert found and (found.revision, found.editor) == (3, "Cy")
    assert written(past(("Ana", "")), "yes", "") is None


@pytest.mark.parametrize(("typed", "name"), [("ana_silva", "Ana silva"), ("User:Ana", "Ana"), (" Utilisateur : ana ", "Ana"), ("", "")])
def test_names_of_users(typed: str, name: str) -> None:
    assert user_name(typed) == name


# Results

def test_small_groups_are_put_together() -> None:
    assert folded({"citizen": 9, "school": 2, "company": 1}, 3) == {"citizen": "citizen", "school": OTHER, "company": OTHER}
    assert folded({"citizen": 9, "school": 5, "company": 1}, 3) == {"citizen": "citizen", "school": OTHER, "company": OTHER}
    assert folded({"citizen": 9}, 3) == {"citizen": "citizen"}
    assert folded({"citizen": 1}, 3) == {"citizen": OTHER}


@pytest.mark.parametrize(("tally", "why"), [
    (Tally(yes=2, no=1), []), (Tally(reservation=2, no=1), []), (Tally(yes=1, no=1, again=5), ["votes"]), (Tally(), ["votes"]),
    (Tally(yes=3, no=2), ["share"]), (Tally(yes=66, no=34), []),
])
def test_what_an_article_takes(tally: Tally, why: list[str]) -> None:
    assert [each.why for each in short({1: tally}, Terms(Decimal("0.66"), 3))] == why


def test_a_charter_is_adopted_after_the_last_day_or_not() -> None:
    terms = Terms(Decimal("0.5"), 1, UNTIL)
    text = draft("a")
    lacking = short({1: Tally()}, terms)
    assert state(text, (), terms, UNTIL) == "open" and state(text, (), terms, UNTIL + timedelta(days=1)) == "adopted"
    assert state(text, lacking, terms, UNTIL + timedelta(days=1)) == "failed"
    assert state(Draft(), (), terms, UNTIL + timedelta(days=1)) == "failed"
    assert state(text, (), Terms(Decimal("0.5")), date(2999, 1, 1)) == "open"


def test_a_verdict_tells_whether_the_writer_could_be_checked() -> None:
    found: tuple[Verdict, ...] = verdicts([a_vote("Ana", 6, editor="Ana"), a_vote("Bo", 6, editor="X")], VOTERS, TEXTS, Rules())
    assert [each.checked for each in found] == [True, False]


@pytest.mark.parametrize(("revision", "shown"), [(4711, "Revision 4711."), (1_200_000_000, "Revision 1200000000."), (77 << 39 | 12 << 22 | 5, "Revision 12.")])
def test_people_are_told_the_version_that_a_tiki_shows_them(revision: int, shown: str) -> None:
    teller = Teller("en", shipped(), tikitext)
    assert shown in teller.adopted(articles.Adopted("2021-05-31", "a" * 32, revision, {1: "b" * 32}, "c" * 32), (), {})
