"""Units of quantities: the symbols of the known ones by any spelling, and conversion between them. Pure; pint comes late."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import cached_property
from itertools import count
from typing import Any

from wikibridge.entries.faults import Fault
from wikibridge.entries.spelling import without_accents
from wikibridge.model import Quantity

_TIMES: dict[str, tuple[tuple[str, ...], str]] = {
    "h": (("hour", "hr", "heure", "hora"), "hour"),
    "day": (("d", "jour", "journée", "j", "dia"), "day"),
    "week": (("wk", "semaine", "sem", "semana"), "week"),
    "month": (("mois", "mês"), "month"),
    "year": (("yr", "annum", "an", "ans", "année", "ano"), "year"),
}
"""The units of time that rates are told in: always known."""
_RATES = {
    word: symbol
    for symbol, words in {
        "h": "hourly horaire horaires horario",
        "day": "daily quotidien quotidienne quotidiens quotidiennes quotidiennement journalier journaliere diario diaria diarios"
               " diarias diariamente",
        "week": "weekly hebdomadaire hebdomadaires hebdo semanal semanais semanalmente",
        "month": "monthly mensuel mensuelle mensuels mensuelles mensuellement mensal mensais mensalmente",
        "year": "yearly annual annually annuel annuelle annuels annuelles annuellement anual anuais anualmente",
    }.items() for word in words.split()
}
_PER = re.compile(r"\s*/\s*|(?:^|\s)(?:(?:and|et|e)\s)?(?:par|per|por|each|every|chaque|cada|p)\s", re.IGNORECASE)
_A = re.compile(r"(.*?)(?:^|\s)(?:(?:an?|à la|à|ao|la|le|aux?|às)\s|(?:à\s?)?l['’])\s?(\w+)", re.IGNORECASE)


def _key(text: str) -> str:
    """What spellings of a symbol have in common: no accents, case, blanks, full stops or hyphens; its signs stay."""
    return re.sub(r"[\s.\-_·’']+", "", without_accents(text).casefold())


def _stem(text: str) -> str:
    """What singular and plural have in common, near enough in the three languages; of use to compare only."""
    words = []
    for word in re.findall(r"[^\s.\-_·’']+", without_accents(text).casefold()):
        if len(word) > 3:
            word = re.sub(r"oes$", "ao", re.sub(r"ens$", "em", word))
            word = re.sub(r"(?<=u)x$|(?<!s)s$", "", word)
            word = word[:-1] if len(word) > 3 and word.endswith("e") else word
        words.append(word)
    return "".join(words)


@dataclass(frozen=True, eq=False)
class Units:
    """The known units by symbol: their names, and what pint calls them.

    A name that pint does not know, such as ``EUR`` or ``CO2e``, is a dimension of its own: it converts to nothing else. The
    units of time h, day, week, month and year are always known. Written together, symbols have a stroke: ``kg CO2e/year``.
    """

    known: Mapping[str, tuple[tuple[str, ...], str]]

    def __reduce__(self) -> tuple[type[Units], tuple[Mapping[str, tuple[tuple[str, ...], str]]]]:
        # What was computed from them stays here: pint's registry cannot travel to another process.
        return Units, (self.known,)

    @cached_property
    def _pint_names(self) -> dict[str, str]:
        return {symbol: pint for symbol, (_, pint) in {**_TIMES, **self.known}.items()}

    @cached_property
    def _symbols(self) -> dict[str, str]:
        """Symbols by spelling: as it is, then folded, then in the singular; the site's before the times of this module."""
        found: dict[str, str] = {}
        rows = [(symbol, (symbol, *names)) for known in (self.known, _TIMES) for symbol, (names, _) in known.items()]
        for spelt in (str, _key, _stem):
            for symbol, names in rows:
                for name in names:
                    if spelling := spelt(name):
                        found.setdefault(spelling, symbol)
        return found

    def _simple(self, text: str) -> str | None:
        return next((self._symbols[s] for s in (text, _key(text), _stem(text)) if s in self._symbols), None)

    def _parts(self, text: str) -> list[str]:
        """What is divided and what by: known parts as symbols, others as typed."""
        text = " ".join(text.split())
        if (whole := self._simple(text)) is not None:
            return [whole]
        last = text.rpartition(" ")[2]
        if rate := _RATES.get(_key(last)):
            return [*self._parts(text[: -len(last)]), rate]
        if (m := _A.fullmatch(text)) and (time := self._simple(m[2])) in _TIMES:
            return [*self._parts(re.sub(r"\s(?:par|per|por)$", "", m[1])), str(time)]
        first, *others = _PER.split(text)
        if not others:
            return [text]
        found = [self._simple(part) for part in others]
        # "visits per person": not ours to rewrite.
        if "/" not in text and not any(found):
            return [text]
        # "meals a day per person" has a rate within its first part.
        return [*self._parts(first), *(known or part.strip() for known, part in zip(found, others, strict=True))]

    def find(self, text: str) -> str | None:
        """The canonical symbol of a known unit, or of known units divided by known units; None for any other text."""
        if len(text) > 100:
            return None
        parts = self._parts(text)
        return "/".join(parts) if all(part in self._pint_names for part in parts) else None

    def name(self, text: str) -> str:
        """The symbol of a known unit. Any other text as typed, but the known units that it is divided by as symbols.

        So ``repas par semaine`` is ``repas/week``, as ``repas hebdomadaires`` is: what is counted stays the people's own word,
        and the rate can be compared and converted. ``par semaine`` alone is ``/week``.
        """
        return "/".join(self._parts(text)) if len(text) <= 100 else " ".join(text.split())

    @cached_property
    def _registry(self) -> Any:
        from pint import UnitRegistry

        return UnitRegistry(non_int_type=Decimal, cache_folder=None)

    @cached_property
    def _made(self) -> dict[str, Any]:
        return {}

    def _unit(self, symbol: str) -> Any:
        """A symbol's unit in pint. What is no symbol, and the site's names that pint does not know, become dimensions."""
        if symbol in self._made:
            return self._made[symbol]
        registry, expression = self._registry, self._pint_names[symbol]
        for name in re.findall(r"[^\W\d]\w*", expression):
            if name not in registry:
                registry.define(f"{name} = [{name}]")
        try:
            unit = registry.parse_units(expression)
        except ValueError:
            # With a factor, such as liter / (100 * kilometer).
            name = next(f"wikibridge_{n}" for n in count() if f"wikibridge_{n}" not in registry)
            registry.define(f"{name} = {expression}")
            unit = registry.parse_units(name)
        self._made[symbol] = unit
        return unit

    def _divided(self, parts: list[str]) -> Any:
        unit = self._registry.dimensionless
        for at, part in enumerate(parts):
            if part in self._pint_names:
                step = self._unit(part)
                unit = (step if at == 0 else unit / step)
        return unit

    def convert(self, quantity: Quantity, symbol: str) -> Quantity | Fault:
        """The quantity in another unit, exact to 24 figures; one of an unknown unit only as its rate. Fault: unit-mixed.

        Texts that are no unit are the same when they are but for case, accents and plural.
        """
        source, target = self._parts(quantity.unit), self._parts(symbol)
        unit = "/".join(target)
        if source == target or list(map(_stem, source)) == list(map(_stem, target)):
            return Quantity(quantity.amount, unit)
        mixed = Fault("unit-mixed", (quantity.unit, unit))
        strange, wanted = ([(at == 0, _stem(part)) for at, part in enumerate(parts) if part not in self._pint_names]
                           for parts in (source, target))
        if strange != wanted:
            return mixed
        from pint import PintError

        try:
            amount = self._registry.Quantity(quantity.amount, self._divided(source)).to(self._divided(target)).magnitude
        except (PintError, ArithmeticError):
            return mixed
        return Quantity(_tidy(amount), unit)


def _tidy(amount: Decimal) -> Decimal:
    """Without the last figures, which dividing leaves, and without zeros at the end."""
    rounded = Context(prec=24).plus(amount).normalize(Context(prec=24))
    return Decimal(int(rounded)) if rounded == rounded.to_integral_value() else rounded
