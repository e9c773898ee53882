"""Invented participants and what they typed, with the truth beside it; and the figures of an assessment worked out from that truth alone.

Nothing of wikibridge is used here: what it says of the pages is checked against this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

LANGUAGES = ("en", "fr", "pt")
THEMES = {"food": ("food", "alimentation", "alimentação"), "health": ("health", "santé", "saúde"), "time": ("time", "temps", "tempo"),
          "transport": ("transport", "transport", "transportes"), "energy_climate": ("energy and climate", "énergie et climat", "energia e clima"),
          "education": ("education", "éducation", "educação")}
LEVELS = {"citizen": ("citizen", "citoyen", "cidadão"), "family": ("family", "famille", "família"), "company": ("company", "entreprise", "empresa"),
          "local_community": ("local community", "collectivité locale", "comunidade local")}
STATES = {"planned": ("planned", "prévu", "previsto"), "begun": ("begun", "commencé", "iniciado"), "done": ("done", "réalisé", "realizado"),
          "given_up": ("given up", "abandonné", "abandonado")}
KINDS = {"citizen": ("citizen", "citoyen", "cidadão"), "family": ("family", "famille", "família"), "school": ("school", "école", "escola"),
         "company": ("company", "entreprise", "empresa"), "local_authority": ("local authority", "autorité locale", "autarquia local")}
PROPOSED = {"proposed": ("proposed", "proposée", "proposta"), "discussed": ("discussed", "en discussion", "em discussão"),
            "accepted": ("accepted", "acceptée", "aceite")}
TERRITORIES = ("Namur", "Cork", "Covilhã", "Praia", "Mulhouse", "Braine-l’Alleud", "Libreville", "Olinda", "Seraing")
TOOLS = ("SPIRAL", "Shared calendar", "Meat-free Monday")
INDICATORS = {"Meals with meat": "", "Kilometres by car": "km", "Waste": "kg", "Electricity": "kWh"}
MONTHS = {"en": ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
          "fr": ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"],
          "pt": ["janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"]}
WORDS = {"choice": ("Choice", "Choix", "Escolha"), "proposal": ("Proposal", "Proposition", "Proposta"),
         "participant": ("Participant", "Participant", "Participante")}
NAMES = {"title": ("title", "titre", "título"), "date": ("date", "date", "data"), "theme": ("theme", "thème", "tema"),
         "level": ("level", "niveau", "nível"), "status": ("status", "état", "estado"), "rating": ("rating", "évaluation", "avaliação"),
         "indicator": ("indicator", "indicateur", "indicador"), "before": ("before", "avant", "antes"), "after": ("after", "après", "depois"),
         "tool": ("tool", "outil", "ferramenta"), "result": ("result", "résultat", "resultado"),
         "difficulties": ("difficulties", "difficultés", "dificuldades"), "description": ("description", "description", "descrição"),
         "name": ("name", "nom", "nome"), "kind": ("kind", "type", "tipo"), "language": ("language", "langue", "língua"),
         "territory": ("territory", "territoire", "território")}


@dataclass(frozen=True)
class Choice:
    """A choice as it is meant. ``day`` is the day on which it begins, in ISO 8601; empty for none."""

    who: str
    day: str
    themes: tuple[str, ...]
    level: str
    status: str
    rating: int | None
    indicator: str
    before: Fraction | None
    after: Fraction | None
    tools: tuple[str, ...]
    result: str
    difficulties: str


@dataclass(frozen=True)
class Person:
    """A participant as meant, with the text of their page."""

    name: str
    kind: str
    territory: str
    language: str
    choices: tuple[Choice, ...]
    proposals: tuple[tuple[str, str], ...]
    """Day and status of each proposal."""
    about: str
    """What their page says of them."""
    typed: str
    """What they typed on it."""

    @property
    def text(self) -> str:
        """The whole page."""
        return f"{self.about}\n\n{self.typed}"


def _call(kind: str, number: int, fields: dict[str, str], tiki: bool) -> str:
    said = {NAMES[name][number]: value for name, value in fields.items() if value}
    if tiki:
        return f"{{{WORDS[kind][number].upper()}({' '.join(f'{name}={chr(34)}{value}{chr(34)}' for name, value in said.items())})/}}"
    return f"{{{{{WORDS[kind][number]}|{'|'.join(f'{name}={value}' for name, value in said.items())}}}}}"


def _typed_date(rng: Random, year: int, month: int, day: int, language: str) -> tuple[str, str]:
    """A date as somebody types it, and the day on which it begins."""
    iso, name = f"{year}-{month:02}-{day:02}", MONTHS[language][month - 1]
    of = " de " if language == "pt" else " "
    return rng.choice([
        (iso, iso), (f"{day}{of}{name}{of}{year}", iso), (f"{day:02}/{month:02}/{year}", iso), (f"{day}.{month}.{year}", iso),
        (f"{name}{of}{year}", f"{year}-{month:02}-01"), (str(year), f"{year}-01-01"), ("", "")])


def _number(value: Fraction, number: int) -> str:
    text = f"{float(value):g}"
    return text if number == 0 else text.replace(".", ",")


def people(count: int, each: int, seed: int = 4, tiki: bool = False) -> list[Person]:
    """So many participants with so many choices each, most of them; every seventh writes nothing. In the markup of a Tiki, if told."""
    rng, found = Random(seed), []
    for index in range(count):
        number = index % 3
        language, name = LANGUAGES[number], f"Person {index:04}"
        kind = rng.choices(list(KINDS), (60, 15, 10, 10, 2))[0]
        territory = rng.choices(TERRITORIES, (30, 20, 15, 10, 10, 8, 4, 1, 1))[0]
        about = _call("participant", number, {
            "name": name, "kind": KINDS[kind][number], "language": language, "territory": territory}, tiki)
        calls = []
        choices, proposals = [], []
        for place in range(each if index % 7 else 0):
            year, month = rng.choice([(2020, rng.randint(3, 12)), (2021, rng.randint(1, 8))])
            typed, day = _typed_date(rng, year, month, rng.randint(1, 28), language)
            themes = tuple(rng.sample(list(THEMES), rng.choice((0, 1, 1, 1, 2))))
            level, status = rng.choice([*LEVELS, ""]), rng.choice([*STATES, ""])
            rating = rng.choice((None, 1, 2, 3, 4, 5, 5))
            indicator = rng.choice([*INDICATORS, "", ""])
            before = Fraction(rng.randint(10, 400), 2) if indicator and rng.random() < 0.9 else None
            after = Fraction(rng.randint(10, 400), 2) if indicator and rng.random() < 0.8 else None
            tools = tuple(rng.sample(TOOLS, rng.choice((0, 0, 1, 2))))
            result = rng.choice(("", "It went well.", "Moins de déchets à la maison."))
            difficulties = rng.choice(("", "", "Not enough time."))
            unit = INDICATORS.get(indicator, "")
            amounts = {name: f"{_number(value, number)} {unit}".strip() for name, value in (("before", before), ("after", after)) if value is not None}
            calls.append(_call("choice", number, {
                "title": f"Choice {place} of {index}", "date": typed, "theme": ", ".join(THEMES[each][number] for each in themes),
                "level": LEVELS[level][number] if level else "", "status": STATES[status][number] if status else "",
                "rating": str(rating or ""), "indicator": indicator, **amounts, "tool": ", ".join(tools), "result": result,
                "difficulties": difficulties}, tiki))
            choices.append(Choice(name, day, themes, level, status, rating, indicator, before, after, tools, result, difficulties))
        if index % 5 == 1:
            day, status = f"2021-0{rng.randint(1, 9)}-15", rng.choice(list(PROPOSED))
            calls.append(_call("proposal", number, {
                "title": f"Proposal of {index}", "date": day, "status": PROPOSED[status][number], "description": "Lend tools."}, tiki))
            proposals.append((day, status))
        found.append(Person(name, kind, territory, language, tuple(choices), tuple(proposals), about, "\n\n".join(calls)))
    return found


# What an assessment must say


def participation(crowd: Iterable[Person], first: str, last: str) -> dict[str, int]:
    """Who took part in a period."""
    counts = {"pages": 0, "active": 0, "new": 0, "mute": 0, "silent": 0}
    for person in crowd:
        days = [day for day in (*(each.day for each in person.choices), *(day for day, _ in person.proposals)) if day]
        active = any(first <= day <= last for day in days)
        counts["pages"] += 1
        counts["active"] += active
        counts["new"] += active and min(days) >= first
        counts["silent"] += not active
        counts["mute"] += not (person.choices or person.proposals)
    return counts


def within(crowd: Iterable[Person], first: str, last: str) -> list[tuple[Person, Choice]]:
    """The choices of a period, with whose they are."""
    return [(person, each) for person in crowd for each in person.choices if each.day and first <= each.day <= last]


Groups = Callable[[Person, Choice], Iterable[str]]


def grouped(some: list[tuple[Person, Choice]], keys: Groups) -> dict[str | None, list[tuple[Person, Choice]]]:
    """Choices by group; those that say nothing under None."""
    groups: dict[str | None, list[tuple[Person, Choice]]] = {}
    for person, choice in some:
        for key in tuple(keys(person, choice)) or (None,):
            groups.setdefault(key, []).append((person, choice))
    return groups


def figures(some: list[tuple[Person, Choice]]) -> dict[str, Any]:
    """How many choices and participants, the mean rating and how many it is of."""
    ratings = [each.rating for _, each in some if each.rating is not None]
    return {"count": len(some), "participants": len({person.name for person, _ in some}), "rated": len(ratings),
            "mean": Fraction(sum(ratings), len(ratings)) if ratings else None}


def changes(some: list[tuple[Person, Choice]]) -> dict[str, tuple[Fraction, int]]:
    """Mean before, after and change, the least and the largest change, each with how many it is of; what nobody measured is missing."""
    before = [each.before for _, each in some if each.before is not None]
    after = [each.after for _, each in some if each.after is not None]
    moved = [each.after - each.before for _, each in some if each.before is not None and each.after is not None]
    found = {name: (sum(values, Fraction()) / len(values), len(values))
             for name, values in (("before", before), ("after", after), ("change", moved)) if values}
    return found | ({"min": (min(moved), len(moved)), "max": (max(moved), len(moved))} if moved else {})
