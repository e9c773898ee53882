"""Invented participants and what they type: their choices, spelt and misspelt as people do, and their later edits."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import accumulate
from random import Random

import yaml

from wikibridge.entries.spelling import fold, without_accents
from wikibridge.markup import regions, wikitext
from wikibridge.markup.parts import Argument, Call

LANGUAGES = ("en", "fr", "pt")
CALLS = frozenset({"Choice", "Choix", "Escolha"})

# In the order of ``kinds`` in texts.yml: citizen, family, association, school, company, local authority.
_SHARES = tuple(accumulate((75, 9, 6, 4, 3, 3)))
_INITIALS = "ABCDEFGHJLMNPRSTV"
_WRONG = (
    "date-impossible", "date-relative", "date-unreadable", "theme", "rating", "field-misspelt", "field-unknown", "number", "title"
)


@dataclass(frozen=True, slots=True)
class Person:
    """A participant as in the CSV file, column by column; ``kind`` is a word of their language, ``user`` may be empty."""

    name: str
    kind: str
    language: str
    territory: str
    group: str
    user: str


@dataclass(frozen=True, slots=True)
class _Situation:
    """Something that somebody does, with all that they could say of it."""

    title: str
    theme: Sequence[str]
    level: str
    beneficiaries: str
    description: str
    result: str
    difficulties: str
    indicator: str
    before: float
    after: float
    unit: str
    tool: str = ""


@dataclass(frozen=True, slots=True)
class _Words:
    """What texts.yml holds for a language."""

    call: str
    heading: str
    kinds: Mapping[str, Sequence[str]]
    fields: Mapping[str, Sequence[str]]
    statuses: Mapping[str, Sequence[str]]
    ratings: Sequence[str]
    months: Sequence[str]
    short: Sequence[str]
    dates: Sequence[str]
    impossible: Sequence[str]
    join: str
    other_words: Mapping[str, str]
    first: Sequence[str]
    family: Sequence[str]
    territories: Sequence[str]
    groups: Sequence[str]
    families: Sequence[str]
    associations: Sequence[str]
    schools: Sequence[str]
    companies: Sequence[str]
    authorities: Sequence[str]
    asides: Sequence[str]
    later: Sequence[str]
    unreadable: Sequence[str]
    relative: Sequence[str]
    many: Sequence[str]
    unknown: Mapping[str, str]
    misspelt: Mapping[str, str]
    misspelt_themes: Mapping[str, str]
    contact: str
    situations: Sequence[_Situation]

    def names(self, kind: int) -> Sequence[str]:
        """The patterns of names of a kind (by its place in ``kinds``); none for citizens."""
        return ((), self.families, self.associations, self.schools, self.companies, self.authorities)[kind]

    def field(self, label: str) -> str:
        """The field that a label stands for."""
        return next(name for name, labels in self.fields.items() if label in labels)


@cache
def _texts() -> dict[str, _Words]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data = yaml.load((files("wikibridge.demo") / "texts.yml").read_text(encoding="utf-8"), Loader=loader)
    return {
        language: _Words(**{**words, "situations": tuple(_Situation(**item) for item in words["situations"])})
        for language, words in data.items()
    }


# Names


def _citizen(rng: Random, language: str, words: _Words, taken: set[str]) -> str:
    """A name that nobody has yet: an initial is added where needed, then a second family name."""
    first, family = rng.choice(words.first), rng.choice(words.family)
    between = " " if language == "pt" else "-"
    double = [f"{first} {rng.choice(words.family)}{between}{family}" for _ in range(3)]
    tries = [f"{first} {family}", *(f"{first} {rng.choice(_INITIALS)}. {family}" for _ in range(3)), *double]
    if language == "pt" and rng.random() < 0.4:
        tries = double + tries
    for name in tries:
        if name not in taken and f" {family}{between}{family}" not in name:
            return name
    while (name := f"{rng.choice(words.first)} {rng.choice(_INITIALS)}. {rng.choice(words.family)}{between}{family}") in taken:
        pass
    return name


def _named(rng: Random, kind: int, language: str, words: _Words, place: str, taken: set[str]) -> str:
    """A free name for a family or a body; empty when none turned up."""
    between = " " if language == "pt" else "-"
    for attempt in range(6):
        name = rng.choice(words.family)
        if attempt > 2:
            name += between + rng.choice([other for other in words.family if other != name])
        found = rng.choice(words.names(kind)).format(name=name, place=place)
        if found not in taken:
            return found
    return ""


def people(count: int, seed: int = 1) -> tuple[Person, ...]:
    """So many invented participants, no two of one name, the languages in turn. Fewer people are the first of more."""
    rng = Random(f"{seed}/people")
    texts = _texts()
    taken: set[str] = set()
    crowd = []
    for number in range(count):
        language = LANGUAGES[number % len(LANGUAGES)]
        words = texts[language]
        place = rng.choice(words.territories)
        draw = rng.random() * _SHARES[-1]
        kind = next(index for index, share in enumerate(_SHARES) if draw < share)
        name = _named(rng, kind, language, words, place, taken) if kind else ""
        if not name:
            kind, name = 0, _citizen(rng, language, words, taken)
        taken.add(name)
        group = rng.choice(words.groups) if not kind and rng.random() < 0.6 else ""
        user = re.sub(r"[\s.]", "", name) if not kind and rng.random() < 0.15 else ""
        crowd.append(Person(name, tuple(words.kinds)[kind], language, place, group, user))
    return tuple(crowd)


# What they type


@dataclass(frozen=True, slots=True)
class _Hand:
    """How somebody types, on every one of their entries."""

    lines: float
    spaced: bool
    aligned: bool
    capitals: bool
    accents: bool
    curly: bool
    lower: bool
    dates: Sequence[str]

    def text(self, text: str) -> str:
        """A text as this hand writes it."""
        if not self.accents:
            text = without_accents(text)
        if self.curly:
            text = text.replace("'", "’")
        return text[:1].lower() + text[1:] if self.lower and text[1:2].islower() else text


def _hand(rng: Random, words: _Words) -> _Hand:
    manner = rng.choice(("careful", "careful", "phone", "phone", "pasted", "plain"))
    return _Hand(
        lines={"careful": 0.95, "phone": 0.15, "pasted": 0.8, "plain": 0.5}[manner],
        spaced=rng.random() < 0.3,
        aligned=manner == "careful" and rng.random() < 0.25,
        capitals=manner != "careful" and rng.random() < 0.3,
        accents=manner != "phone" or rng.random() < 0.6,
        curly=manner == "pasted" or (manner == "careful" and rng.random() < 0.4),
        lower=manner == "phone" and rng.random() < 0.5,
        dates=rng.sample(words.dates, 3),
    )


def _date(rng: Random, hand: _Hand, words: _Words) -> str:
    year, month, day = rng.choice((2020, 2021)), rng.randint(1, 12), rng.randint(1, 28)
    pattern = rng.choice(hand.dates)
    if "{d}th" in pattern and day in (1, 2, 3, 21, 22, 23):
        day = 12
    shown = str(day)
    if pattern.startswith(("{d} {month}", "le {d}")) and day == 1 and words.join == "et":
        shown = "1er"
    names = {"month": words.months[month - 1], "short": words.short[month - 1]}
    if words.short[month - 1].rstrip(".") == words.months[month - 1]:
        pattern = pattern.replace("{short}.", "{short}")
    text = pattern.format(d=shown, m=month, dd=f"{day:02}", mm=f"{month:02}", y=year, **names)
    return text if hand.accents else without_accents(text)


def _number(rng: Random, value: float, hand: _Hand, language: str) -> str:
    text = f"{value:,}"
    if language != "en":
        blank = "\u00a0" if hand.curly else " "
        text = text.translate({ord(","): rng.choice((blank, blank, "")), ord("."): ","})
    elif rng.random() < 0.4:
        text = text.replace(",", "")
    return text


def _numbers(rng: Random, situation: _Situation) -> tuple[float, float]:
    """Before and after, not the same for everybody who does this."""
    before, after = situation.before, situation.after
    if situation.unit == "%":
        return before, after
    factor = rng.choice((0.75, 1, 1, 1.25, 1.5) if max(before, after) > 7 else (0.75, 1, 1))
    digits = 0 if isinstance(before, int) and isinstance(after, int) else 1
    changed = [round(value * factor, digits) for value in (before, after)]
    if changed[0] == changed[1]:
        return before, after
    first, second = (int(value) if value == int(value) else value for value in changed)
    return first, second


def _themes(rng: Random, themes: Sequence[str], hand: _Hand, words: _Words) -> str:
    said = [words.other_words.get(theme, theme) if rng.random() < 0.2 else theme for theme in themes]
    if rng.random() < 0.3:
        said = said[:1]
    if hand.capitals or rng.random() < 0.2:
        said = [theme.capitalize() for theme in said]
    joined = rng.choice((", ", ", ", "; ", ",")).join(said)
    if len(said) > 1 and rng.random() < 0.3 and not any(f" {words.join} " in theme for theme in said):
        joined = ", ".join(said[:-1]) + f" {words.join} {said[-1]}"
    return joined if hand.accents else without_accents(joined)


def _mail(person: Person) -> str:
    return ".".join(fold(person.name).split()[:2]) + "@example.org"


def _fields(rng: Random, person: Person, situation: _Situation, hand: _Hand, words: _Words) -> dict[str, str]:
    """The fields that somebody fills in, in the order of the form."""
    status = rng.choice(("done",) * 9 + ("begun",) * 7 + ("planned",) * 3 + ("given_up",) * 2)
    tried = status in ("done", "begun")
    before, after = _numbers(rng, situation)
    shown = [_number(rng, value, hand, person.language) for value in (before, after)]
    with_unit = rng.random() < 0.25
    if with_unit:
        shown = [f"{value} {situation.unit}" for value in shown]
    stars = rng.choice((2, 3, 3, 4, 4, 4, 5, 5))
    rating = rng.choice(words.ratings).format(n=stars, stars="★" * stars)
    level = situation.level.capitalize() if hand.capitals else situation.level
    state = rng.choice(words.statuses[status])
    say = hand.text

    def description() -> str:
        return say(situation.description.replace("{place}", person.territory))

    parts: list[tuple[str, float, Callable[[], str]]] = [
        ("title", 1, lambda: say(situation.title)),
        ("date", 0.85, lambda: _date(rng, hand, words)),
        ("theme", 0.93, lambda: _themes(rng, situation.theme, hand, words)),
        ("level", 0.6, lambda: level if hand.accents else without_accents(level)),
        ("beneficiaries", 0.5, lambda: say(situation.beneficiaries.replace("{place}", person.territory))),
        ("description", 0.92, description),
        ("difficulties", 0.95 if status == "given_up" else 0.5, lambda: say(situation.difficulties)),
        ("result", {"done": 0.85, "begun": 0.4}.get(status, 0), lambda: say(situation.result)),
    ]
    if rng.random() < 0.6:
        parts += [
            ("indicator", 0.95, lambda: say(situation.indicator)),
            ("before", 0.95, lambda: shown[0]),
            ("after", 0.95 if tried else 0, lambda: shown[1]),
            ("unit", 0 if with_unit else 0.8, lambda: say(situation.unit)),
        ]
    parts += [
        ("rating", 0.45 if tried else 0.05, lambda: rating),
        ("status", 0.75, lambda: state.capitalize() if hand.capitals else state),
        ("tool", 0.6 if situation.tool else 0, lambda: say(situation.tool)),
        ("links", 0.04, lambda: f"https://example.org/{fold(situation.title).replace(' ', '-')}"),
    ]
    return {name: value() for name, share, value in parts if rng.random() < share}


def _spoil(
    rng: Random, wrong: str, fields: dict[str, str], labels: dict[str, str], situation: _Situation, person: Person
) -> None:
    """Put one human mistake into the fields or their labels."""
    words = _texts()[person.language]
    if wrong == "date-impossible":
        fields["date"] = rng.choice(words.impossible)
    elif wrong == "date-relative":
        fields["date"] = rng.choice(words.relative)
    elif wrong == "date-unreadable":
        fields["date"] = rng.choice(words.unreadable)
    elif wrong == "theme":
        near = [typed for typed, meant in words.misspelt_themes.items() if meant in situation.theme]
        fields["theme"] = rng.choice(near or list(words.misspelt_themes))
    elif wrong == "rating":
        fields["rating"] = rng.choice(("7", "7", "8/10", "6"))
    elif wrong == "number":
        fields.setdefault("indicator", situation.indicator)
        fields[rng.choice(("before", "after"))] = rng.choice(words.many)
    elif wrong == "field-misspelt":
        typed = rng.choice(list(words.misspelt))
        name = words.field(words.misspelt[typed])
        fields.setdefault(name, getattr(situation, name).replace("{place}", person.territory))
        labels[name] = typed
    elif wrong == "field-unknown":
        label, value = rng.choice(list(words.unknown.items()))
        fields[label] = value
        labels[label] = label


def _call(rng: Random, fields: Mapping[str, str], labels: Mapping[str, str], hand: _Hand, words: _Words) -> str:
    """A template call in somebody's way of laying it out."""
    equals = " = " if hand.spaced or hand.aligned else "="
    width = max(map(len, labels.values()), default=0) if hand.aligned else 0
    rows = [f"{labels[name]:{width}}{equals}{value}" for name, value in fields.items()]
    if hand.aligned or rng.random() < hand.lines:
        bar = "\n| " if hand.spaced or hand.aligned else "\n|"
        return "{{" + words.call + "".join(bar + row for row in rows) + "\n}}"
    bar = " | " if hand.spaced else "|"
    return "{{" + words.call + "".join(bar + row for row in rows) + "}}"


def _piece(rng: Random, person: Person, situation: _Situation, hand: _Hand, words: _Words, wrong: str = "") -> str:
    """One choice as wikitext, with the mistake ``wrong`` in it if any."""
    fields = _fields(rng, person, situation, hand, words)
    labels = {name: rng.choice(names) for name, names in words.fields.items()}
    if not hand.accents:
        labels = {name: without_accents(label) for name, label in labels.items()}
    if hand.capitals:
        labels = {name: label.capitalize() for name, label in labels.items()}
    _spoil(rng, wrong, fields, labels, situation, person)
    if wrong == "email":
        fields["description"] = f"{fields.get('description', '')} {words.contact.format(mail=_mail(person))}".strip()
    heading = ""
    if wrong == "title":
        del fields["title"]
        heading = f"== {words.heading} ==\n" if rng.random() < 0.4 else ""
    elif rng.random() < 0.5:
        title = fields["title"]
        heading = rng.choice((f"== {title} ==\n", f"== {title} ==\n", f"=={title}==\n", f"=== {title} ===\n"))
        if rng.random() < 0.75:
            del fields["title"]
    call = _call(rng, fields, labels, hand, words)
    if wrong == "unclosed":
        return heading + call[:-2].rstrip()
    if rng.random() < 0.12:
        aside = hand.text(rng.choice(words.asides))
        return heading + (f"{aside}\n\n{call}" if rng.random() < 0.5 else f"{call}\n\n{aside}")
    return heading + call


def _order(rng: Random, person: Person, words: _Words) -> list[_Situation]:
    """All situations, those that become this kind of person first."""
    levels = words.kinds[person.kind]
    near = [item for item in words.situations if item.level in levels]
    far = [item for item in words.situations if item.level not in levels]
    return rng.sample(near, len(near)) + rng.sample(far, len(far))


def choices(person: Person, number: int, seed: int = 1) -> tuple[str, ...]:
    """So many pieces of wikitext, a choice in each; about one in ten holds a mistake, never one that swallows the next."""
    words = _texts()[person.language]
    rng = Random(f"{seed}/{person.name}/{person.territory}")
    hand = _hand(rng, words)
    order = _order(rng, person, words)
    pieces = []
    for index in range(number):
        draw = rng.random()
        wrong = "email" if draw < 0.01 else rng.choice(_WRONG) if draw < 0.1 else ""
        # A forgotten end would swallow what follows: only the last piece may have it, so that it is one in a hundred.
        if index == number - 1 and rng.random() < min(0.05, number / 100):
            wrong = "unclosed"
        pieces.append(_piece(rng, person, order[index % len(order)], hand, words, wrong))
    return tuple(pieces)


# What they change later


def _own(text: str) -> list[Call]:
    """The calls on a page that people typed: those in managed regions are not theirs to change."""
    managed, _ = regions.find(text)
    return [
        call
        for call in wikitext.calls(text)
        if call.name in CALLS and not any(region.start <= call.start < region.end for region in managed)
    ]


def _argument(call: Call, labels: Sequence[str]) -> Argument | None:
    wanted = {fold(label) for label in labels}
    return next((found for found in call.arguments if found.name is not None and fold(found.name) in wanted), None)


def _insert(text: str, call: Call, label: str, value: str) -> str:
    """The text with one more field at the end of a call, laid out as the others are."""
    end = call.end - 2
    source = text[call.start : end]
    spaced = "| " in source
    row = f"| {label} = {value}" if spaced else f"|{label}={value}"
    if "\n" in source:
        return text[:end] + ("" if source.endswith("\n") else "\n") + row + "\n" + text[end:]
    return text[:end] + (" " if spaced and not source.endswith(" ") else "") + row + text[end:]


def _change(text: str, argument: Argument, value: str) -> str:
    """The text with another value in a field; the blanks around it stay."""
    old = argument.value.strip()
    if not old:
        return text[: argument.start] + value + text[argument.start :]
    begin = argument.start + len(argument.value) - len(argument.value.lstrip())
    return text[:begin] + value + text[begin + len(old) :]


def _fill(text: str, call: Call, found: Argument | None, label: str, value: str) -> str:
    """The text with a field filled in: the one that stands there empty, or a new one."""
    return _insert(text, call, label, value) if found is None else _change(text, found, value)


def _labels(words: _Words, field: str) -> list[str]:
    """All names of a field: people copy from pages in other languages."""
    return [*words.fields[field], *(label for other in _texts().values() for label in other.fields[field]), field]


def _add_result(text: str, rng: Random, person: Person, words: _Words) -> str:
    calls = _own(text)
    for call in rng.sample(calls, len(calls)):
        found = _argument(call, _labels(words, "result"))
        status = _argument(call, _labels(words, "status"))
        planned = status is not None and fold(status.value) in map(fold, words.statuses["planned"])
        if planned or (found is not None and found.value.strip()):
            continue
        title = _argument(call, _labels(words, "title"))
        bare = fold(title.value) if title else ""
        known = [item.result for item in words.situations if fold(item.title) == bare]
        return _fill(text, call, found, words.fields["result"][0], rng.choice(known or words.later))
    return text


def _move_on(text: str, rng: Random, person: Person, words: _Words) -> str:
    following = {"planned": "begun", "begun": "done", "given_up": "begun"}
    calls = _own(text)
    for call in rng.sample(calls, len(calls)):
        found = _argument(call, _labels(words, "status"))
        if found is None or not found.value.strip():
            return _fill(text, call, found, words.fields["status"][0], words.statuses["done"][0])
        for status, after in following.items():
            if fold(found.value) in map(fold, words.statuses[status]):
                return _change(text, found, words.statuses[after][0])
    return text


def _redate(text: str, rng: Random, person: Person, words: _Words) -> str:
    date = _date(rng, _hand(rng, words), words)
    calls = _own(text)
    if not calls:
        return text
    call = rng.choice(calls)
    found = _argument(call, _labels(words, "date"))
    if found is not None and re.search(r"[<>{}\[\]\n]", found.value.strip()):
        return text
    return _fill(text, call, found, words.fields["date"][0], date)


def _close(text: str) -> str:
    """The text with the choice closed that stands open at its end."""
    left = [call for call in wikitext.unclosed(text) if call.name in CALLS]
    if not left or text[left[-1].end :].strip():
        return text
    end = len(text.rstrip())
    return text[:end] + ("\n}}" if "\n" in text[left[-1].start : end] else "}}") + text[end:]


def _correct(text: str, rng: Random, person: Person, words: _Words) -> str:
    """Mend one misspelt field or theme."""
    for call in _own(text):
        for argument in call.arguments:
            meant = words.misspelt.get(argument.name or "")
            begin = text.rfind(argument.name or "", call.start, argument.start)
            if meant and argument.name and begin > 0:
                return text[:begin] + meant + text[begin + len(argument.name) :]
            if meant := words.misspelt_themes.get(argument.value.strip()):
                return _change(text, argument, meant)
    return text


def _add_choice(text: str, rng: Random, person: Person, words: _Words) -> str:
    page = fold(text)
    order = _order(rng, person, words)
    situation = next((item for item in order if fold(item.title) not in page), order[0])
    gap = "\n" * (2 - min(2, len(text) - len(text.rstrip("\n")))) if text else ""
    return text + gap + _piece(rng, person, situation, _hand(rng, words), words) + "\n"


def edits(person: Person, text: str, seed: int) -> str:
    """The page after that person came back and changed one thing; never the same text, nothing of others' is lost."""
    words = _texts()[person.language]
    rng = Random(f"{seed}/{person.name}/{person.territory}/edit")
    closed = _close(text)
    if closed != text:
        return closed
    ways = [_add_result, _move_on, _redate, _correct, _add_choice]
    rng.shuffle(ways)
    for way in [*ways, _add_choice]:
        changed = way(text, rng, person, words)
        if changed != text:
            return changed
    raise AssertionError("one more choice always changes a page")
