from hypothesis import given
from hypothesis import strategies as st

from wikibridge.entries.identity import Known, keys

FIELDS = st.dictionaries(st.sampled_from(["title", "date", "theme", "result"]), st.text("abc", max_size=2), max_size=4)
ENTRIES = st.lists(st.tuples(st.sampled_from(["choice", "tool"]), FIELDS), max_size=8)


def known(entries, given_keys=None):
    return [Known(key, type_, fields) for key, (type_, fields) in zip(given_keys or [""] * len(entries), entries, strict=True)]


@given(ENTRIES, st.randoms())
def test_entries_that_move_keep_their_keys(entries, random):
    first = keys([], known(entries))
    assert len(set(first)) == len(first)
    order = list(range(len(entries)))
    random.shuffle(order)
    moved = keys(known(entries, first), known([entries[i] for i in order]))
    assert sorted(moved) == sorted(first)
    for i, key in zip(order, moved, strict=True):
        assert entries[first.index(key)] == entries[i]


@given(ENTRIES, ENTRIES)
def test_no_key_is_given_twice_and_equal_entries_always_keep_theirs(before, now):
    first = keys([], known(before))
    second = keys(known(before, first), known(now))
    assert len(set(second)) == len(second)
    for entry in now:
        if now.count(entry) == before.count(entry) == 1:
            assert second[now.index(entry)] == first[before.index(entry)]


def test_a_mended_entry_is_the_same_one_and_a_new_one_is_not():
    meat = ("choice", {"title": "Less meat", "date": "2020", "theme": "food"})
    bike = ("choice", {"title": "By bike", "date": "2021", "theme": "transport"})
    first = keys([], known([meat, bike]))
    retitled = ("choice", {"title": "Much less meat", "date": "2020", "theme": "food"})
    redated = ("choice", {"title": "By bike", "date": "2022", "result": "fit"})
    new = ("choice", {"title": "Shared garden", "date": "2020-05"})
    second = keys(known([meat, bike], first), known([new, redated, retitled]))
    assert second[1:] == [first[1], first[0]]
    assert second[0] not in first


def test_a_mirror_filled_anew_gives_the_same_keys():
    entries = [("choice", {"title": "A"}), ("choice", {"title": "A"}), ("tool", {"title": "A"})]
    assert keys([], known(entries)) == keys([], known(entries))
