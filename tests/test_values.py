import pytest

from wikibridge.entries import values
from wikibridge.entries.types import shipped


@pytest.mark.parametrize("text,iso", [
    ("2020-11-03", "2020-11-03"), ("3/11/2020", "2020-11-03"), ("3 nov. 2020", "2020-11-03"),
    ("1er novembre 2020", "2020-11-01"), ("3 de novembro de 2020", "2020-11-03"),
    ("November 3, 2020", "2020-11-03"), ("3rd November 2020", "2020-11-03"), ("novembre 2020", "2020-11"),
    ("11/2020", "2020-11"), ("2020", "2020"), ("31/02/2020", "date-impossible"), ("hier", "date-relative"),
    ("3/11/20", "date-unreadable"), ("2020-13", "date-impossible"),
])
def test_dates(text, iso):
    found = values.read_date(text)
    assert (found.code if isinstance(found, values.Fault) else str(found)) == iso


@pytest.mark.parametrize("text,language,want", [
    ("1 234,5", "fr", "1234.5"), ("1.234,5", "pt", "1234.5"), ("1,234.5", "en", "1234.5"),
    ("1\u202f234", "fr", "1234"), ("1,234", "en", "1234"), ("1,234", "fr", "1.234"),
    ("1.234", "pt", "1234"), ("7 repas", "fr", "7"), ("about 7", "en", None),
])
def test_numbers(text, language, want):
    found = values.read_number(text, language, unit=True)
    assert (None if isinstance(found, values.Fault) else str(found)) == want


@pytest.mark.parametrize("text,want", [("4", 4), ("4/5", 4), ("★★★★☆", 4), ("quatro", 4), ("7", None)])
def test_ratings(text, want):
    found = values.read_rating(text)
    assert (None if isinstance(found, values.Fault) else int(found)) == want


def test_terms():
    found, faults = values.read_terms("la santé et le climat, energy and climate, fod", "theme", shipped(), "en")
    assert found == ("health", "energy_climate") and faults[0].suggestion == "food"
