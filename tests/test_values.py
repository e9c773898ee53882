import pytest

from wikibridge.entries import values
from wikibridge.entries.types import shipped


@pytest.mark.parametrize("text,iso", [
    ("2020-11-03", "2020-11-03"), ("3/11/2020", "2020-11-03"), ("3 nov. 2020", "2020-11-03"),
    ("1er novembre 2020", "2020-11-01"), ("3 de novembro de 2020", "2020-11-03"),
    ("November 3, 2020", "2020-11-03"), ("3rd November 2020", "2020-11-03"), ("novembre 2020", "2020-11"),
    ("11/2020", "2020-11"), ("2020", "2020"), ("31/02/2020", "date-impossible"), ("hier", "date-relative"),
    ("3/11/20", "date-unreadable"), ("2020-13", "date-impossible"),
    ("Tuesday, November 3, 2020", "2020-11-03"), ("segunda-feira, 3 de novembro de 2020", "2020-11-03"), ("le lundi 3 novembre 2020", "2020-11-03"),
    ("le 3/11/2020", "2020-11-03"), ("terça, 3 nov 2020", "2020-11-03"), ("en 2020", "2020"), ("em 2020.", "2020"), ("2020-11-03 10:00", "2020-11-03"),
    ("03 11 2020", "2020-11-03"), ("3-5 November 2020", "date-unreadable"), ("not 3 november 2020", "date-unreadable"),
])
def test_dates(text, iso):
    found = values.read_date(text)
    assert (found.code if isinstance(found, values.Fault) else str(found)) == iso


@pytest.mark.parametrize("text,language,want", [
    ("1 234,5", "fr", "1234.5"), ("1.234,5", "pt", "1234.5"), ("1,234.5", "en", "1234.5"),
    ("1\u202f234", "fr", "1234"), ("1,234", "en", "1234"), ("1,234", "fr", "1.234"),
    ("1.234", "pt", "1234"), ("7 repas", "fr", "7"), ("about 7", "en", None), ("5 meals a week", "en", "5"), ("30 m2", "fr", "30"), ("30 m", "fr", "30"),
    ("12 kg CO2e/an", "fr", "12"), ("20%", "en", "20"), ("2 millions", "fr", None), ("3 mil", "pt", None), ("2k", "en", None), ("3½", "en", None),
    ("2h30", "fr", None), ("5 or 6", "en", None), ("2 à 3 fois", "fr", None), ("1e3", "en", None),
])
def test_numbers(text, language, want):
    found = values.read_number(text, language, unit=True)
    assert (None if isinstance(found, values.Fault) else str(found)) == want


@pytest.mark.parametrize("text,want", [("4", 4), ("4/5", 4), ("★★★★☆", 4), ("quatro", 4), ("7", None), ("4 étoiles", 4), ("4.0", 4), ("4 sobre 5", 4), ("4.5", None)])
def test_ratings(text, want):
    found = values.read_rating(text)
    assert (None if isinstance(found, values.Fault) else int(found)) == want


@pytest.mark.parametrize("text", ["food & health", "#food #health", "food • health", "food+health", "alimentation et santé", "Alimentação; saúde"])
def test_several_terms_however_they_are_joined(text):
    assert values.read_terms(text, "theme", shipped(), "en") == (("food", "health"), [])


def test_the_opposite_is_not_suggested():
    found = values.read_term("non réalisé", "status", shipped(), "fr")
    assert isinstance(found, values.Fault) and found.suggestion == ""


def test_terms():
    found, faults = values.read_terms("la santé et le climat, energy and climate, fod", "theme", shipped(), "en")
    assert found == ("health", "energy_climate") and faults[0].suggestion == "food"
