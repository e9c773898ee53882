"""What people type, in three languages, and what is read; and that nothing they type breaks a reader."""

import string
from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wikibridge.entries import values
from wikibridge.entries.dates import FIRST_YEAR, LAST_YEAR
from wikibridge.entries.types import shipped
from wikibridge.entries.units import Units
from wikibridge.i18n import LANGUAGES, message
from wikibridge.model import PartialDate, Period, Quantity


def said(found):
    return found.code if isinstance(found, values.Fault) else str(found)


def pairs(table):
    return [(text, want) for want, texts in table.items() for text in texts]


DATES = {
    "2020-11-03": ["2020-11-03", "3/11/2020", "3 nov. 2020", "3 de novembro de 2020", "November 3, 2020", "3rd November 2020", "3/11/20",
        "Tuesday, November 3, 2020", "segunda-feira, 3 de novembro de 2020", "le lundi 3 novembre 2020", "le 3/11/2020", "terça, 3 nov 2020",
        "2020-11-03 10:00", "2020-11-03T10:00:00Z", "03 11 2020", "3.11.2020", "3-11-2020", "3 / 11 / 2020", "2020/11/03", "2020.11.3",
        "03/11/2020 à 18h30", "3 nov 2020, 18h", "3 de novembro de 2020 às 18h", "Nov 3, 2020 at 6 pm", "3 November 2020, 10:00-12:00",
        "the 3rd of November 2020", "on 3 November, 2020", "Le 3 Novembre 2020.", "mardi 3 nov. 2020", "mar. 3 nov. 2020",
        "3ª feira, 3 de novembro de 2020", "dia 3 de Novembro de 2020", "3-nov-2020", "3/nov/2020", "2020 november 3", "3 nov '20", "3 nov 20",
        "a 3 de novembro de 2020"],
    "2020-11-01": ["1er novembre 2020", "1º de novembro de 2020", "1 de 11 de 2020"],
    "2020-11": ["novembre 2020", "11/2020", "nov. 2020", "Nov. 2020", "2020-11", "11-2020", "11.2020", "en novembre 2020",
        "no mês de novembro de 2020", "début novembre 2020", "fin novembre 2020", "mi-novembre 2020", "courant novembre 2020", "early November 2020",
        "mid-November 2020", "late November 2020", "início de novembro de 2020", "fim de novembro de 2020", "meados de novembro de 2020",
        "2020 novembre"],
    "2020": ["2020", "en 2020", "em 2020.", "em meados de 2020", "mid-2020", "à la fin de l'année 2020", "~2020", "2020?", "(2020)"],
    "2020-11-03/2020-11-05": ["3-5 November 2020"],
    "1975-11-03": ["3/11/75"],
    "2021-05-01": ["primeiro de maio de 2021", "premier mai 2021"],
    "2020-03-03": ["3 MARS 2020", "Mar 3, 2020"],
    "2020-08-03": ["3 août 2020", "3 aout 2020"],
    "2021-02-15": ["15 fév. 2021", "15 févr 2021"],
    "2021-09-02": ["2 sept. 2021"],
    "2020-10-12": ["12 out. 2020"],
    "2020-09-12": ["12 set 2020"],
    "2020-12-12": ["12 dez. 2020"],
    "2020-08-12": ["12 ago 2020"],
    "2020-03-05": ["5 março 2020"],
    "2021-22": ["été 2021", "summer 2021", "verão de 2021", "à l'été 2021", "no verão de 2021", "été 2021/2022"],
    "2021-21": ["au printemps 2021", "spring 2021", "primavera de 2021"],
    "2021-23": ["autumn 2021", "fall 2021", "automne 2021", "outono de 2021"],
    "2021-24": ["winter 2021"],
    "2020-24": ["hiver 2020-2021", "inverno de 2020/21"],
    "2020-10/2020-12": ["T4 2020", "Q4 2020", "2020 Q4", "2020-T4", "T4/2020", "4º trimestre de 2020", "4e trimestre 2020",
        "quatrième trimestre 2020", "fourth quarter of 2020", "4T 2020", "trimestre 4 2020"],
    "2021-01/2021-06": ["premier semestre 2021", "1er semestre 2021", "H1 2021", "first half of 2021"],
    "2021-07/2021-12": ["S2 2021", "second half of 2021", "segundo semestre de 2021", "segunda metade de 2021", "2.º semestre de 2021"],
    "2015": ["vers 2015"],
    "2020-03": ["around March 2020", "por volta de março de 2020", "mar 2020"],
    "2020/2021": ["2020-2021", "2020/21", "2020/2021", "2020-21", "année scolaire 2020-2021", "school year 2020/21", "ano letivo 2020/2021"],
    "2019-21": ["2019-21"],
    "2021/2022": ["2021-22"],
    "2019-22": ["2019-22"],
    "2019/2021": ["2019–21", "2019–2021", "de 2019 à 2021", "from 2019 to 2021", "de 2019 a 2021", "depuis 2019 jusqu'en 2021",
        "desde 2019 até 2021", "entre 2019 et 2021"],
    "2012-11": ["2012/11"],
    "2020/2022": ["2020 - 2022"],
    "2020-11/2021-02": ["novembre 2020 à février 2021", "2020-11/2021-02", "nov. 2020 - févr. 2021", "nov. 2020 – févr. 2021", "nov 2020—feb 2021",
        "nov 2020 -> feb 2021", "nov 2020 → feb 2021", "novembre à février 2021", "11/2020-02/2021", "11/2020 à 02/2021"],
    "2020-11-03/2020-11-10": ["du 3 au 10 novembre 2020", "3-10 novembre 2020", "3–10 Nov 2020", "de 3 a 10 de novembro de 2020",
        "3 a 10 de novembro de 2020", "do dia 3 ao dia 10 de novembro de 2020", "November 3-10, 2020", "Nov 3 to 10, 2020", "3/11/2020 - 10/11/2020",
        "03/11-10/11/2020", "du 3/11 au 10/11/2020", "du 3/11/2020 au 10/11/2020", "du 3 au 10/11/2020", "03.-10.11.2020"],
    "2021-03/2021-05": ["from March to May 2021", "de março a maio de 2021", "between March and May 2021", "entre mars et mai 2021",
        "entre março e maio de 2021"],
    "2020-03/..": ["2020-03/..", "since March 2020", "depuis mars 2020", "à partir de mars 2020", "desde março de 2020", "a partir de março de 2020",
        "dès mars 2020", "after March 2020"],
    "../2020-03": ["../2020-03", "until March 2020", "jusqu'en mars 2020", "jusqu’à mars 2020", "até março de 2020", "avant mars 2020"],
    "2020-03/2020-05": ["March 2020 until May 2020", "mars 2020 jusqu'à mai 2020", "mars 2020 jusqu’en mai 2020", "março de 2020 até maio de 2020"],
    "2021-02-28/2021-03-03": ["du 28 février au 3 mars 2021"],
    "2020-12-20/2021-01-03": ["du 20 décembre au 3 janvier 2021"],
    "2020-11-28/2020-12-03": ["Nov 28 - Dec 3, 2020"],
    "2020-21/2021-22": ["printemps 2020 - été 2021"],
    "2021-03/2021-04": ["mars/avril 2021", "mars-avril 2021"],
    "2021-05-03/2021-05-09": ["du lundi 3 au dimanche 9 mai 2021"],
    "2020-10/2021-03": ["T4 2020 - T1 2021"],
    "2020-05-03/..": ["depuis le 3 mai 2020", "à partir du 3 mai 2020", "from 3 May 2020 on"],
    "2020-05/..": ["from May 2020 onwards", "May 2020 to present"],
    "2015/..": ["desde 2015", "since 2015 until now"],
    "2020/..": ["depuis début 2020", "2020 em diante", "from 2020"],
    "2019/..": ["2019 - present", "de 2019 à aujourd'hui", "desde 2019 até hoje"],
    "../2020-03-03": ["jusqu'au 3 mars 2020"],
    "../2021-22": ["até ao verão de 2021"],
    "../2020": ["before 2020", "antes de 2020"],
    "2020-02-29": ["29/02/2020"],
    "2021-05-03": ["em 3 de maio de 2021 às 10h", "3/5/2021 à 14:00", "3 mai 2021 14h00 à 16h00", "3 mai 2021 de 14h à 16h",
        "3 de maio de 2021, das 14h às 16h", "du 3 mai 2021"],
    "2020-08/2020-09": ["fin août/début septembre 2020"],
    "2021-05-03/2021-05-10": ["entre le 3 et le 10 mai 2021", "between 3 and 10 May 2021", "from the 3rd to the 10th of May 2021"],
    "2021-05-03/2021-06-10": ["3 May to 10 June 2021"],
    "2021-05/2021-06": ["mai–juin 2021", "May/June 2021"],
    "2021-01/2021-03": ["1/2021-3/2021", "2021-01-2021-03"],
    "2021-01-03/2021-01-10": ["2021-01-03 - 2021-01-10", "2021-01-03/2021-01-10"],
    "2020-11-04": ["quarta-feira, 4 de novembro de 2020"],
    "2031-12-24": ["24/12/31"],
    "2020-21/2021-02": ["2020-21/2021-02"],
    "2020-06/..": ["juin 2020 à ce jour", "junho de 2020 até agora"],
    "2020-05-10": ["10 mai 2020 - 12h"],
}
DATES["2020-12/2021-01"] = ["dez 2020/jan 2021", "dez. 2020 a jan. 2021"]
DATES["2021-05-01"] = [*DATES["2021-05-01"], "1° de maio de 2021", "le 1 er mai 2021", "the first of May 2021"]
DATES["2021-04/2021-06"] = ["II trimestre de 2021", "2e trim. 2021", "2° trimestre 2021", "Q2-2021"]

NO_DATES = {
    "date-impossible": ["31/02/2020", "2020-13", "11/25/2020", "2020-25", "3 nov 1066", "31 novembre 2020", "29/02/2021", "0/5/2020", "3 nov 2150",
        "30 fevereiro 2020", "2020-11-31", "13/13/2020", "0/0/2020"],
    "date-backwards": ["mai 2021 - mars 2021", "du 10 au 3 novembre 2020", "2021-2020", "2021-05/2021-03"],
    "date-no-year": ["3 novembre", "since March", "mars", "March 3", "du 3 au 10 novembre", "3/11", "été", "desde março", "T4", "lundi 3 novembre",
        "novembre à février", "jusqu’au 3 mai", "20 novembre", "3 Novembro"],
    "date-relative": ["hier", "yesterday", "la semaine dernière", "il y a deux mois", "two months ago", "há dois meses", "next spring",
        "l'été dernier", "no próximo verão", "ontem", "depuis deux ans", "hoje", "ano passado", "last Monday", "lundi", "avant-hier", "this year",
        "no mês passado", "dans deux semaines", "soon", "en breve", "depuis 2 ans", "since 3 years", "il y a 3 ans", "3 years ago", "há 3 anos",
        "domingo", "samedi prochain", "próxima semana", "no próximo mês", "em março passado", "mars dernier", "next year"],
    "date-unreadable": ["2018-2019-2020", "2020–", "20 20", "2020 2021", "-", "not 3 november 2020", "2011/12", "for years", "12/2020/5", "hello", "", "?", "3-5/2021", "3/5-2021", "20201103",
        "3 novmbre 2020", "lundi 2020", "week 12 of 2020", "années 1990", "depuis toujours", "this is not a date", "2020 2021", "3, 4 et 5 mai 2021",
        "100 2020", "le 5 du mois", "Noël 2020", "12h", "3", "3 4", "12 mois", "2 ans", "em 2019 e 2020", "2019, 2020", "2019/2020/2021", "2020-W12",
        "2020-11-03/", "/2020", "2020-", "-2020", "1990's", "current", "T5 2020", "5º trimestre de 2020", "half of 2020", "3 semestre 2020"],
}


@pytest.mark.parametrize("text,want", pairs(DATES) + pairs(NO_DATES))
def test_dates(text, want):
    assert said(values.read_date(text)) == want


@pytest.mark.parametrize("text,want", [
    ("11/3/2020", "2020-11-03"), ("11-25-20", "2020-11-25"), ("25/11/2020", "date-impossible"), ("3 Nov 2020", "2020-11-03"),
    ("2020-11-03", "2020-11-03"), ("11/3-11/10/2020", "2020-11-03/2020-11-10"), ("11 25 2020", "2020-11-25"),
])
def test_the_month_first_where_the_site_says_so(text, want):
    assert said(values.read_date(text, day_first=False)) == want


@pytest.mark.parametrize("text,wrong,suggestion", [
    ("11/25/2020", "25", "25/11/2020"), ("31/02/2020", "31", ""), ("2020-13", "13", ""), ("3 Nov 1066", "1066", ""), ("2020-25", "25", "2020/2025"),
    ("32 mai 2020", "32", ""), ("13/13/2020", "13", ""), ("25 2020", "25", ""),
])
def test_what_is_wrong_with_a_date(text, wrong, suggestion):
    assert values.read_date(text) == values.Fault("date-impossible", (text, wrong), suggestion)


@pytest.mark.parametrize("text,suggestion", [
    ("3 novmbre 2020", "3 novembre 2020"), ("Septmber 2020", "september 2020"), ("2011/12", "2011/2012"), ("11/20", "11/2020"), ("hello 2020", ""),
    ("25/11/20 20", ""),
])
def test_what_date_may_be_meant(text, suggestion):
    assert values.read_date(text).suggestion == suggestion


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", ["full", "long", "medium", "short"])
def test_dates_as_each_language_writes_them(language, width):
    from babel.dates import format_date

    for month in range(1, 13):
        day = date(2020, month, 13 + month)
        text = format_date(day, width, locale=language)
        assert str(values.read_date(text, day_first=not (language == "en" and width == "short"))) == day.isoformat(), text


partial_dates = st.one_of(
    st.builds(PartialDate, st.integers(FIRST_YEAR, LAST_YEAR)),
    st.builds(PartialDate, st.integers(FIRST_YEAR, LAST_YEAR), st.one_of(st.integers(1, 12), st.integers(21, 24))),
    st.dates(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)).map(lambda day: PartialDate(day.year, day.month, day.day)),
)


@given(partial_dates)
def test_a_date_reads_back(day):
    assert values.read_edtf(str(day)) == day
    # A season that is written as people write a school year.
    school = (day.month or 0) > 12 and day.month == (day.year + 1) % 100
    assert values.read_date(str(day)) == (Period(PartialDate(day.year), PartialDate(day.year + 1)) if school else day)


@given(st.one_of(st.none(), partial_dates), st.one_of(st.none(), partial_dates))
def test_a_period_reads_back(start, end):
    found = values.read_date(str(Period(start, end)))
    assert found == Period(start, end) == values.read_edtf(str(Period(start, end))) or said(found) == "date-backwards"
    if start is None or end is None or start.year < end.year:
        assert found == Period(start, end)


NUMBERS = {
    "en": {"1234.5": ["1,234.5", "1234.5", "1 234.5", "1'234.5"], "1234": ["1,234", "1234", "+1234"], "1.5": ["1.5", "1,5"], "1234567": ["1,234,567", "1.234.567"],
           "7": ["7", "~7", "about 7", "About 7", "ca. 7", "±7", "≈ 7", "approx. 7", "seven", "7 or so", "7.", "nearly 7"], "1000000": ["1 million", "one million"],
           "3000": ["3k", "3 thousand", "3K", "three thousand"], "-5": ["-5", "−5"], "20": ["twenty"], "0": ["zero"], "1500000": ["1.5 million"]},
    "fr": {"1234.5": ["1 234,5", "1\u202f234,5", "1\u00a0234,5", "1\u2009234,5", "1’234.5", "1.234,5"], "1.234": ["1,234"], "1234": ["1.234", "1\u202f234"],
           "7": ["env. 7", "environ 7", "sept", "à peu près 7", "7 environ"], "4": ["quatre", "Quatre"], "17": ["dix-sept"], "2000": ["2 mille", "deux mille"],
           "1000": ["mille", "un millier"], "2000000": ["2 millions"], "1500000": ["1,5 million"]},
    "pt": {"1234.5": ["1.234,5", "1 234,5"], "1234": ["1.234"], "1.234": ["1,234"], "10": ["dez"], "7": ["cerca de 7", "aproximadamente 7", "quase 7", "mais ou menos 7"],
           "3000": ["3 mil", "três mil", "3k"], "1000": ["mil"], "2000000": ["2 milhões"], "1000000": ["um milhão", "1 milhao"], "16": ["dezasseis", "dezesseis"]},
}
NO_NUMBERS = ["7-8", "5 ou 6", "5 or 6", "5 to 6", "2 à 3 fois", "2h30", "1e3", "3½", "½", "1/2", "1 23", "1,23,4", "", "many", "un peu", "vingt et un", "vingt-cinq",
              "dix sept", "deux cents", "3 douzaines", "2 mil milhões", "3 milliards", "two or three", "um ou dois", "mil e quinhentos", "--5", "5 + 3", "9" * 41, "7 repas ou 8"]


@pytest.mark.parametrize("language,text,want", [(language, *pair) for language, table in NUMBERS.items() for pair in pairs(table)])
def test_numbers(language, text, want):
    assert said(values.read_number(text, language)) == want


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_not_one_number(text):
    for language in LANGUAGES:
        assert said(values.read_number(text, language, unit=True)) == "number-unreadable"


@pytest.mark.parametrize("text,want", [
    ("7 repas", "7"), ("5 meals a week", "5"), ("30 m2", "30"), ("12 kg CO2e/an", "12"), ("20%", "20"), ("30 m", "30"), ("€ 50", "50"), ("2 millions d'euros", "2000000"),
])
def test_words_after_a_number_where_they_may_be(text, want):
    assert said(values.read_number(text, "fr", unit=True)) == want and said(values.read_number(text, "fr")) == "number-unreadable"


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=4), st.sampled_from(LANGUAGES))
def test_a_number_reads_back_in_its_language(number, language):
    from babel.numbers import format_decimal

    assert values.read_number(format_decimal(number, "#,##0.####", locale=language), language) == number


UNITS = Units({
    "kg": (("kilo", "kilogramme", "quilo", "quilograma"), "kilogram"), "g": (("gram", "gramme", "grama"), "gram"),
    "km": (("kilometre", "kilomètre", "quilómetro"), "kilometer"), "m2": (("m²", "mètre carré"), "meter ** 2"), "L": (("litre", "litro"), "liter"),
    "L/100 km": ((), "liter / (100 * kilometer)"), "kWh": ((), "kilowatt_hour"), "kg CO2e": (("kg CO2", "kg de CO2"), "kilogram * CO2e"),
    "t CO2e": (("tonne CO2",), "tonne * CO2e"), "€": (("euro", "EUR"), "EUR"), "$": (("dollar", "USD"), "USD"), "R$": (("real", "reais", "BRL"), "BRL"),
    "°C": ((), "degC"), "°F": ((), "degF"), "%": (("percent", "pour cent"), "percent"),
})


@pytest.mark.parametrize("symbol,texts", {
    "kg": ["kg", "KG", "kilos", "Quilos", "kilogrammes"], "m2": ["m2", "m²", "mètres carrés"], "€": ["€", "euros", "EUR"], "R$": ["R$", "reais", "real"], "%": ["%"],
    "kg CO2e/year": ["kg CO2e/an", "kg CO2e par an", "kg CO₂e / year", "kgCO2e à l'année", "kg CO2 por ano", "kg CO2e per annum", "kg CO2e annuels"],
    "km/week": ["km a week", "km par semaine", "km à semana", "km/semana", "km weekly", "km each week"], "€/month": ["€ par mois", "euros mensais", "€/mês", "€ ao mês", "€ monthly"],
    "kWh/m2/year": ["kWh/m²/an", "kWh par m2 et par an"], "year": ["ans", "years", "anos"], "month": ["mois", "meses"], "L/100 km": ["l/100 km"], "h/day": ["h par jour", "hours a day"],
    None: ["repas", "meals", "", "repas/semaine", "x" * 200, "par ici"],
}.items())
def test_units_by_any_spelling(symbol, texts):
    for text in texts:
        assert UNITS.find(text) == symbol, text


@pytest.mark.parametrize("text,amount,unit", [
    ("€ 50", "50", "€"), ("R$ 50,00", "50.00", "R$"), ("50 €", "50", "€"), ("50€/mois", "50", "€/month"), ("€ 50 par mois", "50", "€/month"), ("EUR 50", "50", "€"),
    ("2k€", "2000", "€"), ("2 k€", "2000", "€"), ("2 M€", "2000000", "€"), ("mil reais", "1000", "R$"), ("env. 50 €", "50", "€"), ("cerca de 10 quilos", "10", "kg"),
    ("12 kg CO₂e/an", "12", "kg CO2e/year"), ("20 %", "20", "%"), ("5 l/100 km", "5", "L/100 km"), ("30 m²", "30", "m2"), ("3 ans", "3", "year"), ("7", "7", ""),
    ("7 repas", "7", "repas"), ("quatre repas par semaine", "4", "repas/week"), ("5 meals a week", "5", "meals/week"), ("5 refeições semanais", "5", "refeições/week"),
    ("1 million de repas", "1000000", "repas"), ("4 par semaine", "4", "/week"), ("4/semaine", "4", "/week"), ("une fois par mois", "1", "fois/month"),
    ("3 visites  par personne", "3", "visites par personne"), ("3 visites par personne et par an", "3", "visites/personne/year"), ("2 litros por dia.", "2", "L/day"),
])
def test_quantities(text, amount, unit):
    found = values.read_quantity(text, "fr", UNITS)
    assert isinstance(found, Quantity) and (str(found.amount), found.unit) == (amount, unit)


@pytest.mark.parametrize("text", ["", "kg", "4/5", "7-8 kg", "2 à 3 fois", "3 douzaines", "5 kg ou 6", "5 meals, but more when we have guests, which is not so often, alas"])
def test_what_is_not_one_quantity(text):
    assert said(values.read_quantity(text, "fr", UNITS)) == "number-unreadable"


@pytest.mark.parametrize("amount,unit,to,want", [
    ("1.5", "kg", "g", "1500"), ("12", "kg/year", "kg/month", "1"), ("7", "kg CO2e/day", "t CO2e/week", "0.049"), ("20", "°C", "°F", "68"), ("5", "L/100 km", "L/km", "0.05"),
    ("7", "day", "week", "1"), ("2", "kg", "kilos", "2"), ("3", "repas", "Repas", "3"), ("3", "meal", "meals", "3"), ("1", "refeição", "refeições", "1"),
    ("2", "repas/day", "repas/week", "14"), ("3", "", "", "3"), ("1", "/day", "/week", "7"),
    ("1", "kg", "km", None), ("1", "kg", "kg CO2e", None), ("1", "€", "$", None), ("1", "repas", "meals", None), ("1", "repas", "repas/week", None), ("1", "", "kg", None),
    ("1", "repas", "kg", None), ("1", "kg", "repas", None), ("1", "€", "repas", None),
])
def test_conversion_is_exact_and_mixes_nothing(amount, unit, to, want):
    found = UNITS.convert(Quantity(Decimal(amount), unit), to)
    assert found.code == "unit-mixed" if want is None else found == Quantity(Decimal(want), UNITS.name(to))


RATINGS = {
    4: ["4", "4/5", "4 / 5", "4,0", "4.0", "★★★★", "★★★★☆", "⭐⭐⭐⭐", "⭐️⭐️⭐️⭐️", "****", "quatre", "four stars", "quatro estrelas", "4 sur 5", "8/10", "16/20", "80 %", "4 out of 5",
        "4 sobre 5", "4 de 5", "quatre sur cinq", "4 étoiles", "4 étoiles sur 5", "4*", "4 ⭐"],
    1: ["1", "★", "une étoile", "2/10", "um"], 5: ["5", "10/10", "cinco", "★★★★★"],
    None: ["0", "6", "7", "4.5", "7/10", "★★★★★★", "★★★★☆☆", "☆☆☆☆☆", "4/0", "good", "", "-3", "4-5"],
}


@pytest.mark.parametrize("text,want", pairs(RATINGS))
def test_ratings(text, want):
    assert said(values.read_rating(text)) == (str(want) if want else "rating-range")


YES_NO = {
    True: ["yes", "Oui", "sim", "S", "o", "y", "true", "vrai", "x", "X", "[x]", "1", "✓", "✔️", "✔", "d'accord", "YES!", "ok"],
    False: ["no", "Non", "não", "nao", "n", "false", "faux", "0", "✗", "❌", "no.", "pas d'accord"],
    "yes-no-unreadable": ["", "maybe", "peut-être", "yes and no", "2", "x" * 1000],
}


@pytest.mark.parametrize("text,want", pairs(YES_NO))
def test_yes_and_no(text, want):
    assert said(values.read_yes_no(text)) == str(want)


LANGUAGES_TYPED = {
    "fr": ["fr", "FR", "fra", "français", "Francês", "French", "langue française", "en français", "fr-CA"], "pt": ["pt", "pt-BR", "pt_PT", "português", "Portuguese", "portugais", "em português"],
    "en": ["inglês", "anglais", "English", "en-GB", "eng"], "de": ["Deutsch", "allemand", "alemão"], "es": ["español", "castelhano"], "kea": ["kriolu"], "ca": ["català"], "zh": ["zh-Hant", "中文"],
    "ar": ["العربية", "arabe"], "wo": ["Wolof"], "language-unknown": ["", "xx", "hello", "créole", "français et anglais"],
}


@pytest.mark.parametrize("text,want", pairs(LANGUAGES_TYPED))
def test_languages(text, want):
    assert said(values.read_language(text)) == want


@pytest.mark.parametrize("text,suggestion", [("franccais", "français"), ("portugese", "Portuguese"), ("hello", "")])
def test_what_language_may_be_meant(text, suggestion):
    assert values.read_language(text).suggestion == suggestion


@pytest.mark.parametrize("text,want", [
    ("https://example.org/a?b=c#d", "https://example.org/a?b=c#d"), ("HTTP://Example.org", "http://Example.org"), ("www.example.org", "https://www.example.org"),
    ("example.org/x", "https://example.org/x"), ("example.org", "https://example.org"), ("//example.org", "https://example.org"), ("<https://a.org>", "https://a.org"),
    (" https://a.org. ", "https://a.org"), ("http://localhost:8000/x", "http://localhost:8000/x"), ("https://exemplo.pt/ação", "https://exemplo.pt/ação"),
])
def test_addresses(text, want):
    assert values.read_url(text) == want


@pytest.mark.parametrize("text,suggestion", [
    ("http:/example.org", "https://example.org"), ("http//example.org", "https://example.org"), ("see www.a.org", "https://www.a.org"), ("https://a .org/x", "https://a.org/x"),
    ("www,a.org", "https://www.a.org"), ("javascript:alert(1)", ""), ("data:text/html,x", ""), ("ftp://a.org", ""), ("ana@example.org", ""), ("mailto:ana@example.org", ""),
    ("https://a:b@c.org", ""), ("photo.jpg", ""), ("S.Paulo", ""), ("hello", ""), ("", ""), ("https://a.org/" + "x" * 3000, ""),
])
def test_what_is_no_address(text, suggestion):
    found = values.read_url(text)
    assert (found.code, found.suggestion) == ("url-unreadable", suggestion)


@pytest.mark.parametrize("text,want", [
    ("[[Page]]", "Page"), ("[[A|b]]", "A"), ("[[:Category:X]]", "Category:X"), (" A_b  c ", "A b c"), ("A<b", ("title-unreadable", "")), ("A#b", ("title-unreadable", "A")),
    ("[[A]] and [[B]]", ("title-unreadable", "")), ("https://w.org/wiki/Ana_Silva", ("title-unreadable", "Ana Silva")), ("é" * 200, ("title-unreadable", "")), ("", ("title-unreadable", "")),
])
def test_titles_of_pages(text, want):
    found = values.read_page(text)
    assert ((found.code, found.suggestion) if isinstance(found, values.Fault) else found) == want


@pytest.mark.parametrize("text", [
    "Ana", "@Ana", "User:Ana", "user: Ana", "[[User:Ana|me]]", "Utilisateur:Ana", "Utilisatrice:Ana", "Utilisateur : Ana", "Utilizador:Ana", "Utilizadora:Ana", "Utilizador(a):Ana",
    "Usuário:Ana", "Usuária:Ana", "Usuário(a):Ana", "User:Ana/drafts", "[[:Utilisateur:Ana]]",
])
def test_names_of_users(text):
    assert values.read_user(text) == "Ana" and said(values.read_user(text + "{")) == said(values.read_user("User:")) == "title-unreadable"


@pytest.mark.parametrize("kind,text,want", [
    ("language", "fr, en; pt/de et es e it and nl & gl + eu", "fr|en|pt|de|es|it|nl|gl|eu"), ("text", "a, b", "a|b"), ("text", "a, b; c", "a, b|c"), ("text", "* a\n*b, c", "a|b, c"),
    ("text", "pain et vin", "pain et vin"), ("text", "• a • b", "a|b"), ("text", "- low-tech\n- b", "low-tech|b"), ("long_text", "1\n2", "1|2"), ("url", "https://a.org, https://b.org/x,y\nc.org", "https://a.org|https://b.org/x,y|c.org"),
    ("date", "3/11/2020; 4/11/2020", "3/11/2020|4/11/2020"), ("date", "3 nov. 2020 et 4 nov. 2020", "3 nov. 2020|4 nov. 2020"), ("date", "entre mars et mai 2021", "entre mars et mai 2021"),
    ("date", "November 3, 2020", "November 3, 2020"), ("number", "1,5, 2,5 et 3", "1,5|2,5|3"), ("rating", "4/5, 3/5", "4/5|3/5"), ("page", "[[A & B]], [[C, d]], E/f", "[[A & B]]|[[C, d]]|E/f"),
    ("user", "@ana, @rui & zé", "@ana|@rui|zé"), ("term", "a/b", "a|b"), ("text", " ;; ", ""), ("text", "", ""),
])
def test_several_values(kind, text, want):
    assert "|".join(values.split_several(text, kind)) == want


@pytest.mark.parametrize("text", ["food & health", "#food #health", "food • health", "food+health", "alimentation et santé", "Alimentação; saúde"])
def test_several_terms_however_they_are_joined(text):
    assert values.read_terms(text, "theme", shipped(), "en") == (("food", "health"), [])


def test_the_opposite_is_not_suggested():
    found = values.read_term("non réalisé", "status", shipped(), "fr")
    assert isinstance(found, values.Fault) and found.suggestion == ""


def test_terms():
    found, faults = values.read_terms("la santé et le climat, energy and climate, fod", "theme", shipped(), "en")
    assert found == ("health", "energy_climate") and faults[0].suggestion == "food"


READERS = [
    values.read_date, partial(values.read_date, day_first=False), values.read_edtf, *(partial(values.read_number, language=language, unit=unit) for language in LANGUAGES for unit in (True, False)),
    partial(values.read_quantity, language="fr", units=UNITS), values.read_rating, values.read_yes_no, values.read_language, values.read_url, values.read_page, values.read_user,
    partial(values.read_term, vocabulary="theme", schema=shipped(), language="fr"), UNITS.find, UNITS.name,
    *(partial(values.split_several, kind=kind) for kind in ("text", "date", "number", "page", "user", "url", "term")),
]
words = st.lists(st.sampled_from([
    "3", "11", "2020", "31", "nov.", "mars", "de", "à", "to", "-", "–", "/", "until", "since", "depuis", "entre", "et", "e", "été", "T4", "1er", "semestre", "mi-", "lundi", ",", ".", "18h", "à",
    "present", "..", "half", "first", "€", "kg", "par", "semaine", "a", "mil", "k", "½", "environ", "(", "'21", "★", "5", "sur", "[[", "]]", "User:", "@", "www.", "a.org", "\n", "*",
]), max_size=12)


@settings(deadline=None)
@given(st.one_of(st.text(), words.map(" ".join), words.map("".join), st.text(string.digits + "/-. ,", max_size=12)))
def test_nothing_that_people_type_breaks_a_reader(text):
    for reader in READERS:
        found = reader(text)
        if isinstance(found, values.Fault):
            for language in LANGUAGES:
                assert message(f"problem-{found.code}", language, *found.params)
        if isinstance(found, PartialDate | Period) and said(found) != said(values.read_edtf(str(found))):
            raise AssertionError(text)


@pytest.mark.parametrize("piece", ["a", "1", "3-", "[[", "[[a", ",", "; ", "* ", "--\n", " et ", "1,", "1 ", "a.", "http://", "to ", "½", "ﷺ", "★", "<", "par ", "daily ", "a/", "zz,", "\t", "=>"])
def test_hostile_texts_end(piece):
    """Linear time: a pattern that goes back would take hours for the longest of them."""
    for reader in READERS:
        for length in (60, 150, 100_000):
            text = (piece * length)[:length]
            assert reader(text) == reader(text)
