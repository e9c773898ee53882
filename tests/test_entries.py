from hypothesis import given
from hypothesis import strategies as st

from wikibridge.entries.read import read
from wikibridge.entries.types import shipped

PAGE = "== Mes choix ==\n{{Choix|titre=Moins|date=3 nov. 2020|thème=Santé|avnt=7 repas|foo=x}}\n{{Choix}}\n"


def test_page():
    found = read(PAGE, shipped(), "fr")
    assert [e.fields["title"] for e in found.entries] == ["Moins"]
    assert {p.code for p in found.problems} >= {"field-unknown", "entry-empty"}


@given(st.text(), st.integers(0, len(PAGE)), st.integers(0, 20))
def test_never_raises(noise, at, cut):
    for text in (noise, PAGE[:at] + noise + PAGE[at + cut:]):
        for entry in read(text, shipped(), "fr").entries:
            assert 0 <= entry.span[0] <= entry.span[1] <= len(text)
