"""Tiki's dialect, seen from outside; the matcher is held against one that tries every end tag, as Tiki does."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wikibridge.markup import tikitext

PLUGINS = {
    "long": ('{ENTRY(id="x")}text{ENTRY}', ["ENTRY"]),
    "without a body": ('{ENTRY(id="x")/}{B()/}', ["ENTRY", "B"]),
    "short": ("{maketoc}{img src=a.png}", ["MAKETOC", "IMG"]),
    "no underscore, hyphen or accent in a name": ("{A_B()}x{A_B}{A-B()}x{A-B}{É()}x{É}", []),
    "a long name begins behind the brace": ("{ AB()}x{AB}", []),
    "a short one may not, and takes what follows": ("{ see {ENTRY()}x{ENTRY}", ["SEE"]),
    "forty-nine letters": (f"{{{'A' * 49}()}}x{{{'A' * 49}}}", ["A" * 49]),
    "fifty letters": (f"{{{'A' * 50}()}}x{{{'A' * 50}}}", []),
    "the bracket follows at once": ("{A ()}x{A}", []),
    "blanks before the closing brace": ("{A(x=1) \n}b{A}{E(a=\"1\") /}", ["A", "E"]),
    "a name without a small letter is long": ("{A1 x=1}", []),
    "with one it is short": ("{a1 x=1}", ["A1"]),
    "mixed case is short, twice": ('{Entry(id="x")}b{Entry}', ["ENTRY", "ENTRY"]),
    "alone it is nothing": ("{ENTRY}", []),
    "the end tag is upper case": ("{A()}x{a}", ["A"]),
    "unclosed is text, what is in it is read": ("{A()} {B()/}", ["B"]),
    "an unclosed one kills the one around it": ('{ENTRY(id="x")}text {BOX(a="1")} no end{ENTRY}', []),
    "a formula does so too": ('{ENTRY(id="x")}math {X(t)} dt{ENTRY}', []),
    "unless it is hidden": ('{ENTRY(id="x")}math ~np~{X(t)}~/np~ dt{ENTRY}', ["ENTRY"]),
    "or in a comment": ('{ENTRY(id="x")}math ~tc~{X(t)}~/tc~ dt{ENTRY}', ["ENTRY"]),
    "the second of three is unclosed": ("{ENTRY()}a{ENTRY}{ENTRY()}b {ENTRY()}c{ENTRY}", ["ENTRY", "ENTRY"]),
    "harmless in a body": ('{A()} { } " {1,2,3} {B} {B,C} ~np~ {A}', ["A"]),
    "a lone brace before the end": ("{A()} {n {A}", ["A"]),
    "an odd quote before the end": ('{A()} {n 5" {A} x" }', ["A"]),
    "short ones in a body": ('{A()}{foo} {n | n>2} {{page}} {syntax type="a"}{A}', ["A", "FOO", "N", "PAGE", "SYNTAX"]),
    "figures are a name": ("{123(a=1)}x{123}", ["123"]),
    "nought is none": ("{0()/}", []),
    "nesting": ("{A()}{B()}{A()}x{A}{B}{A}", ["A", "B", "A"]),
    "nothing in the body of CODE": ("{CODE()}{A()}x{A}{CODE}{B()/}", ["CODE", "B"]),
    "hidden end tags": ("{A()}~np~{A}~/np~ {B()/}{A}", ["A", "B"]),
    "preformatted": ("~pp~{A()/}~/pp~", []),
    "a comment of HTML": ("~hc~{A()/}~/hc~", []),
    "an unclosed comment hides nothing": ("~tc~{A()/}", ["A"]),
    "comments go before what is not parsed": ("~np~ ~tc~ ~/np~ {A()/} ~/tc~ {B()/}", ["B"]),
    "variables": ("{$a}{$A()}", []),
    "braces and brackets in quotes": ('{A(x="a } ) b")/}', ["A"]),
    "an odd quote swallows": ('{A(x=")/} {B(y="1)/}', ["A"]),
    "to nothing": ('{A(x=")/} {B(y="1")/}', ["B"]),
    "an escaped one does not count": ('{A(x="a \\" b")/}', ["A"]),
    "windows line ends": ('{A(x="1"\r\n)}\r\nb\r\n{A}\r\n', ["A"]),
    "a plugin in arguments is text": ('{A(x="{b}")/}', ["A"]),
    "an end tag in arguments ends": ('{A()}{b x="{A}"}', ["A"]),
}


@pytest.mark.parametrize(("text", "names"), PLUGINS.values(), ids=PLUGINS)
def test_calls_are_what_tiki_sees(text: str, names: list[str]) -> None:
    assert [call.name for call in tikitext.scan(text).calls] == names


def values(text: str) -> list[tuple[str | None, str]]:
    return [(a.name, a.value) for a in tikitext.scan(text).calls[0].arguments]


ARGUMENTS = {
    "quotes": ('{A(a="x y" b="z")/}', [("a", "x y"), ("b", "z")]),
    "commas and line breaks": ('{A(a="1",b="2"\n c="3", \r\nd="4")/}', [("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")]),
    "the old arrow": ("{A(a=>1,b=>\"2\")/}", [("a", "1"), ("b", "2")]),
    "anything in quotes": ('{A(a="1\n2=3, {4} )")/}', [("a", "1\n2=3, {4} )")]),
    "escaped quotes": ('{A(a="say \\"x\\" now")/}', [("a", 'say "x" now')]),
    "single quotes": ("{A(a='it\\'s \"so\"')/}", [("a", "it's \"so\"")]),
    "unquoted": ("{A(a=1 b=two words c=3)/}", [("a", "1"), ("b", "two words"), ("c", "3")]),
    "short": ("{img src=a.png alt=a b}", [("src", "a.png"), ("alt", "a b")]),
    "twice": ('{A(a="1" a="2")/}', [("a", "1"), ("a", "2")]),
    "case": ('{A(a="1" A="2")/}', [("a", "1"), ("A", "2")]),
    "a word without a value": ('{A(flag a="1")/}', [("flag a", "1")]),
    "nothing at the end": ("{A(b=1 a=)/}", [("b", "1")]),
    "empty": ('{A(a="")/}', [("a", "")]),
    "accents": ('{A(thème="x" été="y")/}', [("thème", "x"), ("été", "y")]),
    "an accented key ends no unquoted value": ('{A(a=1 thème="x")/}', [("a", '1 thème="x"')]),
    "references": ('{A(a="R&amp;D &eacute;&#233;&#xe9; &apos; &nope; &amp")/}', [("a", "R&D ééé &apos; &nope; &amp")]),
    "before quotes": ('{A(a="x &quot;y&quot;")/}', [("a", "x ")]),
    "brackets at the end go": ("{A(a=f(y))/}", [("a", "f(y")]),
    "an unclosed quote is a letter": ("{A(a='b c=d)/}", [("a", "'b"), ("c", "d")]),
    "not parsed": ('{A(a="x ~np~"} {B}~/np~ y")/}', [("a", 'x ~np~"} {B}~/np~ y')]),
    "comments go": ('{A(a="x~tc~ " ~/tc~y" b="z")/}', [("a", "xy"), ("b", "z")]),
    "body": ('{A(a="1")}\nthe body {B}{A}', [("a", "1"), ("", "\nthe body {B}")]),
    "blank body": ('{A(a="1")} \n{A}', [("a", "1")]),
    "a backslash at the end breaks": ('{A(a="x\\" b="y")/}', None),
}


@pytest.mark.parametrize(("text", "expected"), ARGUMENTS.values(), ids=ARGUMENTS)
def test_arguments_are_what_the_plugin_gets(text: str, expected: list[tuple[str, str]] | None) -> None:
    assert (values(text) if tikitext.scan(text).calls else None) == expected


def test_arguments_keep_their_place() -> None:
    text = 'x {A(a="&amp;&eacute;" b = &lt; two c=\'z\' ~tc~ n ~/tc~ d="~np~&amp;~/np~w")}body{A}'
    (call,) = tikitext.scan(text).calls
    assert [text[a.start :][:5] for a in call.arguments] == ["&amp;", "&lt; ", "z' ~t", "~np~&", "body{"]
    assert (call.start, call.end) == (2, len(text))


# A matcher that does what Tiki does: the next end tag, and the next, until the body alone leaves nothing open.

def naive(text: str, start: int, limit: int) -> tuple[bool, list[tuple[str, int, int]]]:
    found, whole, at = [], True, start
    while (at := text.find("{", at)) >= 0 and at < limit:
        begin, at = at, at + 1
        head = re.compile(r"(?!\$)([A-Za-z0-9]{1,49})(?=[ (}\n\r,]|\Z)").match(text, at)
        if not head or head[1] == "0":
            continue
        name, close = head[1], head.end()
        long = name == name.upper()
        if long and text[close : close + 1] != "(":
            continue
        while (close := text.find("}", close)) >= 0 and len(re.findall(r'(?<!\\)"', text[head.end() : close])) % 2:
            close += 1
        if close < 0 or close >= limit:
            continue
        slash = long and text[close - 1] == "/"
        if long and not text[: close - slash].rstrip(" \t\n\r\f\v").endswith(")"):
            continue
        if slash or not long:
            at = close + 1
            found.append((name.upper(), begin, at))
            continue
        tag = close
        while (tag := text.find("{" + name + "}", tag + 1)) >= 0 and tag + len(name) + 2 <= limit:
            inner_whole, inner = naive(text, close + 1, tag + len(name) + 1)
            if inner_whole:
                at = tag + len(name) + 2
                found += [(name, begin, at), *([] if name == "CODE" else inner)]
                break
        else:
            whole = False
    return whole, found


FRAGMENTS = ["{A(", "{A()}", ")}", "{A}", '{B(x="1")}', "{B(", "{B}", "/}", '"', "{b ", "{c}", "}", "{", "\n", "word", "x=", "{A()}{A}",
             "{CODE()}", "{CODE}", "(", ")", "\\", "{$v}", "{A"]


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=18).map("".join))
@settings(max_examples=1500, deadline=None, derandomize=True)
def test_matches_are_those_of_trying_every_end_tag(text: str) -> None:
    # Before a name Tiki drops blanks and brackets; the simple matcher does not.
    text = re.sub(r"\{(?=[ (}\n,])", "{.", text)
    assert [(c.name, c.start, c.end) for c in tikitext.scan(text).calls] == sorted(naive(text, 0, len(text))[1], key=lambda c: c[1])


@given(st.lists(st.sampled_from([*FRAGMENTS, "~np~", "~/np~"]), max_size=20).map("".join))
@settings(max_examples=500, deadline=None, derandomize=True)
def test_what_is_not_parsed_is_as_if_it_were_not_there(text: str) -> None:
    text = re.sub(r"\{(?=[ (}\n,~])", "{.", text)
    bare = re.sub("~np~.*?~/np~", lambda m: "\0" * len(m[0]), text, flags=re.DOTALL)
    assert [(c.name, c.start, c.end) for c in tikitext.scan(text).calls] == sorted(naive(bare, 0, len(bare))[1], key=lambda c: c[1])


@given(st.lists(st.sampled_from([*FRAGMENTS, "~np~", "~/np~", "~tc~", "~/tc~", "~pp~", "~/pp~", "&amp;", "!h", "=", "é", "\ufdd0", "[", "|", "]", "((", "))", "<i", ">", "__"])).map("".join) | st.text())
@settings(max_examples=500, deadline=None, derandomize=True)
def test_any_text_is_scanned_and_spans_are_in_it(text: str) -> None:
    found = tikitext.scan(text)
    for call in (*found.calls, *found.unclosed):
        assert 0 <= call.start < call.end <= len(text) and text[call.start] == "{"
        assert all(call.start < a.start <= call.end for a in call.arguments)
    assert all(text[c.end - 1] == "}" for c in found.calls)
    assert all(one[1] <= two[0] for one, two in zip(found.hidden, found.hidden[1:], strict=False))
    assert {c.start for c in found.calls}.isdisjoint(c.start for c in found.unclosed)
    tikitext.plain(text)


def test_hostile_text_is_scanned_in_linear_steps() -> None:
    n = 10_000
    deep = tikitext.scan("{A()}" * n + "{A}" * n)
    assert len(deep.calls) == tikitext.DEPTH and not deep.unclosed and deep.calls[0].end == 8 * n
    assert len(tikitext.scan("{A()}" * n + "{A}").calls) == 1
    assert len(tikitext.scan("{A(" * n).unclosed) == n
    assert len(tikitext.scan("{A()}" * n + "{B()/}" * n + "{B}" * n).calls) == n
    assert len(tikitext.scan("{A()}x{A}" * 200_000).calls) == 200_000
    assert len(tikitext.scan("{A()}x{A}" * 20_000 + "{A()}").calls) == 20_000
    names = [f"A{i}" for i in range(n)]
    assert len(tikitext.scan("".join(f"{{{x}()}}" for x in names) + "".join(f"{{{x}}}" for x in names)).calls) == 1
    crossed = "".join(f'{{{x}(" {{s {{E}}' for x in names) + '")}' + "{s}" * n + "".join(f"{{{x}}}" for x in names)
    for text in (crossed, "{" * 500_000, '{A("' * 100_000, "{a " * 100_000 + "}", '{s " {A()} {E} " }' * n + "{A}", "~np~" * 200_000, "~tc~" * 100_000
                 + "~/tc~~/np~" * 100_000, "{A(" + " " * 500_000 + "}", "{A(" * n + " " * 100_000 + "}", "!" * 500_000, "!\n" * 200_000,
                 "{A(" + "a='" * 200_000 + ")/}", "{A(" + "a=b " * 100_000 + ")/}", "{A(" + "&amp;" * 200_000 + ")/}", "[" * 200_000, "((" * 200_000,
                 "__" * 100_001, "--a" * 100_000, "~~a:" * 100_000, "<a" * 200_000, "(a" * 100_000, "~np~x~/np~{a}" * 20_000):
        tikitext.scan(text)
        tikitext.plain(text)


def test_what_nothing_closes_is_read_as_far_as_it_goes() -> None:
    text = '{ENTRY(id="x" n=2)}text {BOX(a="1")} no end\n\nmore {ENTRY(id="y" {C}'
    assert [(c.name, [(a.name, a.value) for a in c.arguments], text[c.start : c.end]) for c in tikitext.scan(text).unclosed] == [
        ("ENTRY", [("id", "x"), ("n", "2"), ("", "text ")], '{ENTRY(id="x" n=2)}text '),
        ("BOX", [("a", "1"), ("", " no end")], '{BOX(a="1")} no end'),
        ("ENTRY", [("id", "y")], '{ENTRY(id="y" '),
    ]


def test_headings() -> None:
    text = "! One __b__\n!!#two\n!!!+ [http://a|three]\r\n!!!!!!!seven\n!-# five\nno !\n{A(x=\"\n! no\")/}~np~\n!no~/np~\n{CODE()}\n!no\n{CODE}\n!!!!!!six"
    assert [(h.level, h.text) for h in tikitext.scan(text).headings] == [
        (1, "One b"), (2, "two"), (3, "three"), (6, "!seven"), (1, "five"), (6, "six")]
    assert all(text[h.start : h.end].startswith("!") and "\n" not in text[h.start : h.end] for h in tikitext.scan(text).headings)


def test_comments_and_what_is_hidden() -> None:
    text = "a ~tc~ b ~/tc~ ~hc~c~/hc~ ~np~ ~tc~d~/tc~ ~/np~ ~pp~e~/pp~ {CODE()}f{CODE}"
    found = tikitext.scan(text)
    assert [text[c.start : c.end] for c in found.comments] == ["~tc~ b ~/tc~", "~hc~c~/hc~", "~tc~d~/tc~"]
    assert [text[start:end] for start, end in found.hidden] == ["~tc~ b ~/tc~", "~hc~c~/hc~", "~np~ ~tc~d~/tc~ ~/np~", "~pp~e~/pp~", "f"]


PLAIN = {
    "__b__ ''i'' ===u=== --s-- ~~red:c~~": "b i u s c",
    "By bike__": "By bike",
    "((Page|label)) ((Page)) ((Page|a|b))": "label Page b",
    "[http://a.org|label] [http://a.org] [[x]": "label http://a.org [x]",
    "~np~__a__ ((b)) {c()} ~lt~ ~tc~d~/tc~~/np~": "__a__ ((b)) {c()} ~lt~",
    "~lt~b~GT~ ~65~ &eacute; ~amp~lt; a~hs~b": "<b> A é &lt; a b",
    "a~tc~ n ~/tc~b ~hc~x~/hc~": "ab",
    "x{A()}y{A}z{b c=1} ~np~1~/np~{A()}~np~2~/np~{A}~np~3~/np~": "xz 13",
    "[http://a/~np~x~/np~|b] <i ~np~>~/np~> ((~np~c~/np~|~np~d~/np~))": "b d",
    "<b>bold</b><br/>5 < 6 > 3%%%x": "bold\n5 < 6 > 3\nx",
    "  two\n  lines  ": "two\nlines",
    "Cafe\u0301\u200b": "Café",
    "\ud800": "\ufffd",
}


@pytest.mark.parametrize(("value", "shown"), PLAIN.items())
def test_plain_is_what_a_reader_sees(value: str, shown: str) -> None:
    assert tikitext.plain(value) == shown


def words(text: str) -> str:
    text = re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufdd0\ufffe\uffff]", "", text)
    return " ".join(re.sub("[\xad\u200b\u2060\ufeff]", "", unicodedata.normalize("NFC", re.sub("[\ud800-\udfff]", "\ufffd", " ".join(text.split())))).split())


SIGNS = st.lists(st.sampled_from([*FRAGMENTS, *"_'-=~:![]|<>&;*#%@^+(), ", "tc", "/tc", "np", "lt", "c", "((", "WikiWord", "http://a", "~np~", "{maketoc}", "||"])).map("".join)


@given(st.text() | SIGNS)
@settings(max_examples=1000, deadline=None, derandomize=True)
def test_escaped_text_is_shown_and_holds_no_markup(text: str) -> None:
    shown = tikitext.escape(text)
    assert not set("<>[]{}|\n") & set(shown) and not re.search(r"''|__|--|===|::|\(\(|\)\)|[a-z_-][A-Z]|~/?(tc|np|pp|hc|c|bs|hs)~", shown)
    assert shown[:1] not in {*"!*#;+-"}
    assert tikitext.scan(f"{shown}\n{shown}") == tikitext.Scan((), (), (), (), ())
    assert tikitext.plain(shown) == words(text)


def test_words_between_two_codes_make_no_third() -> None:
    assert tikitext.escape("[tc[x[/tc[") == "~91~~116~~99~~91~~120~~91~~47~~116~~99~~91~"
    assert tikitext.escape("Plain text, 3 nov. 2020 (really) – 50% of 2020-11") == "Plain text, 3 nov. 2020 (really) – 50% of 2020-11"


@given(st.dictionaries(st.sampled_from(["id", "thème", "b2"]), st.text() | SIGNS), st.text() | SIGNS)
@settings(max_examples=700, deadline=None, derandomize=True)
def test_a_call_reads_back(arguments: dict[str, str], body: str) -> None:
    written = tikitext.call("Entrée", {**arguments, "": body})
    assert not set("<>") & set(written)
    call = tikitext.scan(f"a {written} b").calls[0]
    assert (call.name, call.start, call.end) == ("ENTREE", 2, len(written) + 2)
    carried = [(k, re.sub("~(?=/?(tc|np|pp|hc)~)", "~126~", v) + " " * v.endswith("\\")) for k, v in arguments.items()]
    assert [(a.name, a.value) for a in call.arguments if a.name] == carried
    again = "".join(a.value for a in call.arguments if not a.name)
    assert not body.strip() or again in {body.replace("<", "~lt~").replace(">", "~gt~"), tikitext.escape(body)}


def test_a_body_that_would_break_the_call_is_shown() -> None:
    assert tikitext.call("a", {"": "{B()/} x"}) == "{A()}{B()/} x{A}"
    assert tikitext.call("a", {"": "{X(t)} dt"}) == "{A()}~123~X(t)~125~ dt{A}"
    assert tikitext.call("a", {"x": 'R&D &lt; "q"'}) == '{A(x="R&D &amp;lt; \\"q\\"")/}'


def test_links_comments_and_tables() -> None:
    # "c" between two codes would be the code of a copyright sign.
    assert tikitext.link("Some page", "a|b (c)") == "((Some page|a~124~b ~40~~99~~41~))"
    for title in ("a|b", "<b>", "", "a\nb", "{x}"):
        assert tikitext.link(title, "label") == "label"
    assert tikitext.comment("x ~/tc~/tc~ <y>") == "~tc~ x ~ /tc~ /tc~ ~lt~y~gt~ ~/tc~"
    assert [c.end for c in tikitext.scan(tikitext.comment("~/tc~ a")).comments] == [len(tikitext.comment("~/tc~ a"))]
    assert tikitext.table(("a", ""), (("1\n2", ""), ("((p|q))", "4")), frozenset({1})) == "||__a__| \n1%%%2| \n((p|q))|4||"


@pytest.mark.parametrize("title", ["R&D", "C++", "Why?", "A (b)", "a))b", "a--b", 'a "b"', "a^b", "~np~", "notes.txt", "a#b", "(a", "a -=b=-", "a__b__", "100%", "a :-) b", "a (:b"])
def test_pages_that_tiki_itself_does_not_link_to_are_linked_by_their_address(title: str) -> None:
    made = tikitext.link(title, "label")
    assert re.fullmatch(r"\[tiki-index\.php\?page=[A-Za-z0-9%.]+\|label\]", made)
    assert tikitext.plain(made) == "label" and tikitext.aimed(made) == title
    assert not set(tikitext.titled("R&D, C++: why?")) & set("&+?")
    assert tikitext.titled("a\u202eb") == "ab"


def test_what_was_typed_becomes_no_picture_of_a_face() -> None:
    # Patterns of Tiki 24.1, of which each puts a picture in the place of what it finds.
    faces = re.compile(r"\(:[^:]+:\)|(?:\s|^)(?:[:=!]-?[()DSs]|:['_]\(|(?:B-?|8-|i-)\)|[8=]-[Oo]|LOL(?=\s|$))")
    for text in (":-) :) x :( :-D x :D :S", "suite :suite", "a :-s b 8-) B) B-) 8-O =-o c", "!) i-) x :'( :_( LOL a LOL", "=D =-D (:smile:)"):
        assert faces.search(f"- {text} -") and not faces.search(tikitext.escape(text)), text
        assert tikitext.plain(tikitext.escape(text)) == text
    assert tikitext.escape("8 i is BOX Bo LOLA =x : so") == "8 i is BOX Bo LOLA =x : so"


def test_what_is_shown_as_typed_begins_behind_a_blank_in_a_table() -> None:
    assert tikitext.table(("a", "b"), (("x", tikitext.typed("3f9a")),)) == "||__a__|__b__\nx| -+3f9a+-||"


def test_a_table_that_nothing_closes_ends_at_an_empty_line() -> None:
    def cells(text: str) -> list[list[list[str]]]:
        return [[[cell.text for cell in row] for row in table.rows] for table in tikitext.tables(text)]

    assert cells("||a|b\nc|d\n\ntext\n\n||e|f\ng|h||\n") == [[["a", "b"], ["c", "d"]], [["e", "f"], ["g", "h"]]]
    assert cells("||a|b\n\nc|d\n||\n||e|f||") == [[["a", "b"], ["c", "d"]], [["e", "f"]]]
    assert cells("a || b\n||c|d\ne|f") == [[["c", "d"], ["e", "f"]]]
    assert cells("||a\n\n|| b") == []
    assert tikitext.tables("||" * 200_000 + "\n\n" + "||a\n" * 100_000) is not None


MEANT = {
    '{A1(x=“a” y=”b c”)}“d”{A1}': '{A1(x="a" y="b c")}“d”{A1}',
    '{BOX(x="a y="b" z="c")/}': '{BOX(x="a"y="b" z="c")/}',
    '{BOX(x=a" y="b")/}': '{BOX(x="a"y="b")/}',
    '{BOX(x="a" y="b)/}': '{BOX(x="a"y="b")/}',
    '{BOX(x: "a" y: "b")/}': '{BOX(x= "a" y= "b")/}',
    '{box(x="a")}b{/Box} c': '{BOX(x="a")}b{BOX}  c',
    '{CHOICE(x="a")}b{CHIOCE}': '{CHOICE(x="a")}b{CHOICE}',
    '{CHOICE(x="a")}b{CHOICE()}': '{CHOICE(x="a")}b{CHOICE}  ',
    '{REUNIÃO(x="a")}b{REUNIÃO}': '{REUNIAO(x="a")}b{REUNIAO}',
    '{BOX x="a" /}': '{box x="a" /}',
    '{BOX(x="a \\" y="b")/}{BOX(x="\\"=1" y="2")/}': None,
    '{A(x="a )} b" y="1=" z="2")/} {BOX(t="say “so” now")}{maketoc}{BOX} “x=“ {box x="y"}': None,
}


@pytest.mark.parametrize(("typed", "meant"), MEANT.items())
def test_what_was_plainly_meant(typed: str, meant: str | None) -> None:
    assert tikitext.narrow(typed) == (meant or typed)


@given(st.lists(st.sampled_from([*FRAGMENTS, "“", "”", "{AB(x=", '{AB(x="', "{/AB}", "{ab}", "é", " y=", ":"])).map("".join) | st.text())
@settings(max_examples=500, deadline=None, derandomize=True)
def test_what_was_meant_is_as_long(text: str) -> None:
    assert len(tikitext.narrow(text)) == len(text)


def test_hostile_text_is_mended_in_linear_steps() -> None:
    n = 20_000
    for text in ("{AB(x=“" * n, '{AB(x="a)}' * n, '{CHOICE(title="a)}x{choice}' * n, '="' * n * 5 + "”", '{AB(x="' + "a " * 50_000 + ")}",
                 ('{AB(x="' + " " * 4900 + ")}") * 50, '{CHOICE(title="a")}{CHOIC' * n, "{AB(x=1)}" + "{c}" * n * 5, '{AB(x=' + " " * 50_000 + "}"):
        tikitext.narrow(text)
        tikitext.scan(text)
