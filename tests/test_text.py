"""Text: what is refused and in which words, and that every place leads to what it speaks of."""

import os
import pickle
import re
from pathlib import Path as Folder
from unittest import mock

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import payfs.text.reading
from payfs.text import Document, Finding, Refused, decode, dotted, nearest, read_file, read_yaml, suggest

LOADERS = [loader for loader in (getattr(yaml, "CSafeLoader", None), yaml.SafeLoader) if loader]


@pytest.fixture(params=LOADERS, ids=lambda loader: loader.__name__)
def _either_parser(request, monkeypatch):
    monkeypatch.setattr(payfs.text.reading, "LOADER", request.param)


def refusal(source) -> str:
    with pytest.raises(Refused) as caught:
        read_yaml(source, "x.yaml")
    return str(caught.value)


# -- findings


def test_a_finding_reads_place_path_fact_and_remedy():
    path = ("rules", "jail_days", "tiers", 1)
    assert str(Finding("starts at 29%", "make them meet", path, "x.yaml", 42, 9)) == (
        "x.yaml:42:9: rules.jail_days.tiers.2: starts at 29%; make them meet"
    )


@pytest.mark.parametrize(
    ("finding", "text"),
    [
        (Finding("it is wrong"), "it is wrong"),
        (Finding("it is wrong", file="x.yaml"), "x.yaml: it is wrong"),
        (Finding("it is wrong", file="x.csv", line=3), "x.csv:3: it is wrong"),
        (Finding("it is wrong", "mend it", ("a", 0)), "a.1: it is wrong; mend it"),
    ],
)
def test_a_finding_leaves_out_what_it_has_not(finding, text):
    assert str(finding) == text


def test_places_in_a_list_count_from_one():
    assert dotted(("rules", "jail_days", "tiers", 1)) == "rules.jail_days.tiers.2"
    assert dotted(()) == ""


def test_a_refusal_says_everything_at_once_and_survives_pickling():
    refused = Refused(finding for finding in (Finding("one"), Finding("two")))
    assert str(refused) == "one\ntwo"
    assert pickle.loads(pickle.dumps(refused)).findings == refused.findings


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("pirce", "price"),
        ("Price", "price"),
        ("most units", "most_units"),
        ("MOST-UNITS", "most_units"),
        ("zebra", None),
    ],
)
def test_the_nearest_word_is_the_one_that_was_meant(word, meant):
    known = ["price", "most_units", "metric"]
    assert nearest(word, known) == meant
    assert suggest(word, known) == (f"did you mean '{meant}'" if meant else "")


def test_nothing_is_suggested_for_a_word_of_absurd_length_or_from_nothing():
    assert suggest("a" * 100_000, ["price"]) == ""
    assert suggest("price", []) == ""


# -- values


@pytest.mark.usefixtures("_either_parser")
def test_every_value_stays_the_text_that_was_written():
    written = ["1.10", "NO", "010", ".nan", "~", "null", "1e400", "2017-10-31", "yes", "0x1F", "1_000", "=", "５"]
    source = "a: [" + ", ".join(written) + "]\nempty:\nquoted: '5'\ndouble: \"\\u00e9\"\nflow: {x, y: }\n"
    data = read_yaml(source + "block: |\n  two\n  lines\nfolded: one\n  text\n", "x.yaml").data
    assert data == {
        "a": written,
        "empty": "",
        "quoted": "5",
        "double": "é",
        "flow": {"x": "", "y": ""},
        "block": "two\nlines\n",
        "folded": "one text",
    }


@pytest.mark.usefixtures("_either_parser")
def test_keys_are_text_too():
    assert read_yaml("2016: 1\nno: 2\n'on': 3\n", "x.yaml").data == {"2016": "1", "no": "2", "on": "3"}


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm():
    document = read_yaml(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n", "x.yaml")
    assert document.data == {"a": "1", "b": "2"}
    assert document.places[("b",)] == (2, 1)
    assert read_yaml("\ufeffa: 1", "x.yaml").places[("a",)] == (1, 1)


# -- what is refused

FAULTS = {
    "x.yaml: the file is empty; write what it should say, or name another file": ["", "  \n", "# a remark\n", "---\n"],
    "x.yaml:1:1: the file is a list, not keys and values; write each entry as 'key: value'": ["- a\n- b\n", "[]"],
    "x.yaml:1:1: the file is a single text, not keys and values; write each entry as 'key: value'": ["hello"],
    "x.yaml:1:1: a space is missing after the colon of 'price:2900'; write 'price: 2900'": [
        "price:2900",
        "price:2900\nmost: 5\n",
        "price:2900  # a note\nmost: 5\n",
    ],
    "x.yaml:2:3: a space is missing after the colon of 'price:2900'; write 'price: 2900'": [
        "a:\n  price:2900\n  most: 5\n",
        "a:\n  price:2900\n\n  most: 5\n",
    ],
    "x.yaml:2:1: a space is missing after the colon of 'price:2900'; write 'price: 2900'": ["most: 5\nprice:2900\n"],
    "x.yaml:1:5: a space is missing after the colon of 'price:2900'; write 'price: 2900'": ["a: {price:2900}\n"],
    "x.yaml:2:1: the line is indented with a tab; indent it with spaces": ["a:\n\tb: 1\n", "a: |\n\ttext\n"],
    "x.yaml:3:3: the line is indented with a tab; indent it with spaces": ["a:\n  b: 1\n  \tc: 2\n"],
    "x.yaml:1:4: the quotation mark that is opened here is never closed; close it at the end of the text": [
        'a: "abc\nb: 1\n',
        "a: 'abc\n",
        'a: "x\n---\ny"\n',
    ],
    "x.yaml:1:4: the '[' that is opened here is never closed; close it with ']'": ["a: [1, 2\n", "a: ["],
    "x.yaml:1:4: the '{' that is opened here is never closed; close it with '}'": ["a: {b: 1", "a: {"],
    "x.yaml:1:4: the '[' that is opened here is not closed, or a comma is missing, by line 2; "
    "close it with ']', or add the comma": ["a: [1, 2\nb: 3\n"],
    "x.yaml:1:11: a comma or the closing '}' is missing here; add it, or put the text in quotes": ["a: {b: 1 c: 2}\n"],
    "x.yaml:1:13: a comma or the closing ']' is missing here; add it, or put the text in quotes": ["a: [b c: d e: f]"],
    "x.yaml:1:4: ']' closes a bracket that was never opened; take it out, or put the text in quotes": ["a: ]\n"],
    "x.yaml:1:7: ']' closes a bracket that was never opened; take it out, or put the text in quotes": ["a: [1]]\n"],
    "x.yaml:1:5: a value is missing before ','; add it, or put the text in quotes": ["a: [,]\n", "a: {,}\n"],
    "x.yaml:1:5: a list item with a dash stands inside brackets; leave the dash out": ["a: [- b]\n"],
    "x.yaml:1:11: a second colon stands on the line; put the text in quotes, or begin a new line": [
        "title: Foo: bar\n"
    ],
    "x.yaml:2:3: the line is indented as if it went on with the text above; indent it like its fellow keys": [
        "a: 1\n  b: 2\n"
    ],
    "x.yaml:1:1: 'foo' has no colon; write it as 'key: value'": ["foo\nbar: 1\n"],
    "x.yaml:2:1: 'foo bar' has no colon; write it as 'key: value', or indent it below the text it continues": [
        "a: 1\nfoo bar\nb: 2\n",
        "a: 1\nfoo bar\n",
    ],
    "x.yaml:1:1101: a colon stands where no key can be; put the text in quotes": ["a" * 1100 + ": 1\n"],
    "x.yaml:1:4: a list begins on the line of its key; begin the list on the next line": ["a: - b\n"],
    "x.yaml:3:3: this line stands among list items and is not one; begin it with '- ', or indent it like its key": [
        "a:\n  - b\n  c: 1\n"
    ],
    "x.yaml:2:1: a list item stands where a key should; indent it below the key that it belongs to": ["a: 1\n- b\n"],
    "x.yaml:3:3: the line does not line up with the lines above; "
    "indent it exactly like the keys that it belongs with": ["a:\n    b: 1\n  c: 2\n"],
    "x.yaml:1:8: 'y' goes on after the value has ended; put the whole value in one pair of quotes": ['a: "x" y\n'],
    "x.yaml:1:8: 'b' goes on after the value has ended; put the whole value in one pair of quotes": ["{a: 1} b\n"],
    "x.yaml:2:5: the document has ended above, and more follows; take out the line with the three dots": [
        "a: 1\n... b\n"
    ],
    "x.yaml:1:4: a value cannot begin with '@'; put the text in quotes": ["a: @x\n"],
    "x.yaml:1:4: a value cannot begin with '%'; put the text in quotes": ["a: %x\n"],
    "x.yaml:1:3: the file ends in the middle of a value; close every bracket that is open": ["[?"],
    "x.yaml:1:4: a value cannot begin with '?'; put the text in quotes": ["a: ? x\n"],
    "x.yaml:2:1: a line cannot begin with '%'; put the text in quotes": ["a: 1\n% b\n"],
    "x.yaml:1:4: a value cannot begin with '*'; put the text in quotes": ["a: * x\n"],
    "x.yaml:1:4: a value cannot begin with '&'; put the text in quotes": ["a: & x\n"],
    "x.yaml:1:4: a backslash in this text begins a code that means nothing; "
    "write two backslashes, or put the text in single quotes": ['a: "\\d"\n', 'a: "\\xZZ"\n'],
    "x.yaml:1:4: '|' begins a text on the lines below, but more stands beside it; "
    "begin the text on the next line, or put the text in quotes": ["a: |foo\n  x\n", "a: |0\n  x\n"],
    "x.yaml:1:4: a: '&b' marks a value for reuse (an anchor), which is not allowed; "
    "leave it out, or put the text in quotes if the & belongs to it": ["a: &b 1\n", "a: &b [1]\n"],
    "x.yaml:1:4: a: '*b' repeats a value from elsewhere (an alias), which is not allowed; "
    "write the value out in full, or put the text in quotes if the * belongs to it": ["a: *b\n"],
    "x.yaml:1:4: a: '!!python/object:os.system' is a YAML tag, which is not allowed; "
    "leave it out, or put the text in quotes if the ! belongs to it": ["a: !!python/object:os.system 1\n"],
    "x.yaml:1:4: a: '!x' is a YAML tag, which is not allowed; "
    "leave it out, or put the text in quotes if the ! belongs to it": ["a: !x 1\n", "a: !x {}\n"],
    "x.yaml:1:4: '!x!y' is a YAML tag, which is not allowed; "
    "leave it out, or put the text in quotes if the ! belongs to it": ["a: !x!y 1\n"],
    "x.yaml:1:1: '%YAML 1.2' is a YAML directive, which is not allowed; "
    "leave the line out, or make it a comment with #": ["%YAML 1.2\n---\na: 1\n"],
    "x.yaml:2:1: '%TAG ! !x' is a YAML directive, which is not allowed; "
    "leave the line out, or make it a comment with #": ["# a remark\n%TAG ! !x\n---\na: 1\n"],
    "x.yaml:1:1: '%FOO x' is a YAML directive, which is not allowed; leave the line out, or make it a comment with #": [
        "%FOO x\n---\na: 1\n"
    ],
    "x.yaml:3:1: a: 'a' already stands on line 1; keep one of the two": ["a: 1\nb: 2\na: 3\n"],
    "x.yaml:2:10: rules.b: 'b' already stands on line 2; keep one of the two": ["rules:\n  {b: 1, b: 2}\n"],
    "x.yaml:2:1: a second document begins here; keep one document in a file": ["a: 1\n---\nb: 2\n", "a: 1\n---\n"],
    "x.yaml:1:1: a key is empty; name the key with a plain text before the colon": ["'': 1\n"],
    "x.yaml:2:1: a key is missing before the colon; name it, or put the text in quotes": ["a: 1\n: 1\n"],
    "x.yaml:2:5: a: a key is empty; name the key with a plain text before the colon": ["a:\n    ' ': 1\n"],
    "x.yaml:1:3: a key is a mapping or a list, not a text; name the key with a plain text before the colon": [
        "? [a, {b: c}]\n: 1\n"
    ],
    "x.yaml:1:5: a: a key is a mapping or a list, not a text; name the key with a plain text before the colon": [
        "a: {{b: c}: 1}\n"
    ],
    "x.yaml:1:3: a key runs over more than one line; name the key with a plain text before the colon": [
        "? |\n  a\n: 1"
    ],
    "x.yaml:2:3: a: '<<' merges one mapping into another, which is not allowed; write out what it stands for": [
        "a:\n  <<: {b: 1}\n"
    ],
    "x.yaml:1:161: values are nested more than 40 deep; write them with fewer levels": ["{a: " * 100_000],
    "x.yaml:1:43: values are nested more than 40 deep; write them with fewer levels": ["a: " + "[" * 100_000],
    "x.yaml:1:41: values are nested more than 40 deep; write them with fewer levels": ["[" * 100_000],
    "x.yaml:1:4: a: the text in quotes holds a code for a character that cannot be seen; leave the code out": [
        'a: "\\e[31m"\n',
        'a: "\\0"\n',
        'a: "\\L"\n',
    ],
    "x.yaml:2:5: the text holds a character that cannot be seen (U+0000); save it as plain text in UTF-8": [
        "a: 1\nb: 2\0\n"
    ],
    "x.yaml:1:4: the text holds a character that cannot be seen (U+202E); "
    "take it out, and save it as plain text in UTF-8": ["a: \u202e1\n"],
    "x.yaml:1:4: the text holds a character that cannot be seen (U+D800); "
    "take it out, and save it as plain text in UTF-8": ["a: \ud800\n"],
    "x.yaml:1:4: the text holds a character that cannot be seen (U+2028); "
    "take it out, and save it as plain text in UTF-8": ["a: \u2028b\n"],
    "x.yaml: the file is larger than 1,000,000 bytes; split it": ["a: " + "é" * 500_000],
}


@pytest.mark.usefixtures("_either_parser")
@pytest.mark.parametrize(
    ("source", "message"),
    [
        pytest.param(source, message, id=f"{message[:60]} {number}")
        for message, sources in FAULTS.items()
        for number, source in enumerate(sources)
    ],
)
def test_a_fault_is_told_with_its_place_the_fact_and_the_remedy(source, message):
    assert refusal(source) == message


@pytest.mark.skipif(len(LOADERS) < 2, reason="there is no C parser here")
def test_a_missing_space_before_a_bracket_is_noticed():
    assert refusal("a: {b:[ 1]}\n") == (
        "x.yaml:1:6: a space is missing after this colon; add it, or put the text in quotes"
    )


def test_the_python_parser_refuses_what_it_cannot_read(monkeypatch):
    monkeypatch.setattr(payfs.text.reading, "LOADER", yaml.SafeLoader)
    assert refusal("a:\tb\n") == "x.yaml:1:3: a tab stands where only spaces may stand; replace it with a space"
    assert refusal('a: "\\UFFFFFFFF"\n') == (
        "x.yaml: this is not valid YAML; check the codes that begin with a backslash"
    )


def test_a_file_may_not_hold_more_than_200_000_values():
    message = refusal("a: [" + "x," * 200_000 + "]")
    assert message.endswith("a.199998: the file holds more than 200,000 values; split it")


def test_a_key_may_not_hold_more_than_200_000_values_either():
    message = refusal("? [" + "x," * 200_000 + "]")
    assert message.endswith("the file holds more than 200,000 values; split it")


@pytest.mark.usefixtures("_either_parser")
def test_nesting_is_counted_inside_a_key_too():
    assert "values are nested more than 40 deep" in refusal("? " * 1_000)


def test_forty_levels_are_allowed():
    assert read_yaml("a: " + "[" * 39 + "]" * 39, "x.yaml").data["a"]
    assert "nested more than 40" in refusal("a: " + "[" * 40 + "]" * 40)


@pytest.mark.usefixtures("_either_parser")
def test_everything_wrong_is_said_at_once():
    assert refusal("%YAML 1.1\n---\na: &x 1\nb: *x\na: !t 2\nc: {d:1}\ne: [\n").splitlines() == [
        "x.yaml:1:1: '%YAML 1.1' is a YAML directive, which is not allowed; "
        "leave the line out, or make it a comment with #",
        "x.yaml:3:4: a: '&x' marks a value for reuse (an anchor), which is not allowed; "
        "leave it out, or put the text in quotes if the & belongs to it",
        "x.yaml:4:4: b: '*x' repeats a value from elsewhere (an alias), which is not allowed; "
        "write the value out in full, or put the text in quotes if the * belongs to it",
        "x.yaml:5:1: a: 'a' already stands on line 3; keep one of the two",
        "x.yaml:5:4: a: '!t' is a YAML tag, which is not allowed; "
        "leave it out, or put the text in quotes if the ! belongs to it",
        "x.yaml:6:5: a space is missing after the colon of 'd:1'; write 'd: 1'",
        "x.yaml:7:4: the '[' that is opened here is never closed; close it with ']'",
    ]


def test_a_hopeless_file_gets_a_hundred_findings_and_no_more():
    lines = refusal("a: 1\n" * 5_000).splitlines()
    assert len(lines) == 101
    assert lines[-1] == "x.yaml: more than 100 findings; correct these first"
    assert refusal("a: 1\n" * 101 + "b: [").splitlines()[-1] == lines[-1]
    assert len(refusal("a: \a\n" * 5_000).splitlines()) == 20


def test_a_long_text_is_cut_in_messages():
    assert refusal("a: *" + "b" * 500).startswith(f"x.yaml:1:4: a: '*{'b' * 39}…' repeats a value")


# -- files and encodings


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("a: 1".encode("utf-16"), "x.yaml: the file is saved as UTF-16; save it as UTF-8"),
        (b"a: 1\nb: caf\xe9\n", "x.yaml:2:7: a character here is not UTF-8 text (byte 0xe9); save the file as UTF-8"),
        (b"\xef\xbb\xbfa\xff", "x.yaml:1:2: a character here is not UTF-8 text (byte 0xff); save the file as UTF-8"),
        (b"PK\x03\x04", "x.yaml: this is a workbook, a document or an archive, not plain text; "
         "save what it holds as plain text"),
        (b"a\0", "x.yaml:1:2: the text holds a character that cannot be seen (U+0000); save it as plain text in UTF-8"),
        (b"a\r\nb\r\x7f", "x.yaml:3:1: the text holds a character that cannot be seen (U+007F); "
         "take it out, and save it as plain text in UTF-8"),
    ],
)  # fmt: skip
def test_only_text_in_utf_8_is_read(data, message):
    with pytest.raises(Refused) as caught:
        decode(data, "x.yaml")
    assert str(caught.value) == message


def test_text_in_any_script_is_read():
    text = "八王子市\tŽižek – “quoted” 👩‍👩‍👧 \u200f\n"
    assert decode(text.encode(), "x.yaml") == text
    assert decode(b"\xef\xbb\xbf" + text.encode(), "x.yaml") == text


def said(path, **limits) -> str:
    with pytest.raises(Refused) as caught:
        read_file(path, **limits)
    return str(caught.value).removeprefix(f"{os.fspath(path)}: ")


def test_a_file_is_read_whole(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"a: 1\r\n")
    assert read_file(tmp_path / "a.yaml", most_bytes=6) == b"a: 1\r\n"
    assert read_file(str(tmp_path / "a.yaml")) == b"a: 1\r\n"


def test_files_that_cannot_be_read_are_refused_plainly(tmp_path):
    (tmp_path / "denver-sib.yaml").write_bytes(b"a: 1\n")
    assert said(tmp_path / "denver-sip.yaml") == "there is no such file; did you mean 'denver-sib.yaml'"
    assert said(tmp_path / "zzz") == "there is no such file; check its name and folder"
    assert said(tmp_path / "nowhere" / "a") == "there is no such file; check its name and folder"
    assert said(tmp_path / "denver-sib.yaml" / "a") == "there is no such file; check its name and folder"
    assert said(tmp_path) == "this is a folder, not a file; name a file in it"
    assert said(tmp_path / "denver-sib.yaml", most_bytes=4) == (
        "the file is larger than 4 bytes; split it, or leave out what is not needed"
    )
    assert said("a\0b") == "the file cannot be read (embedded null byte); check its name and folder"
    assert said("") == "there is no such file; check its name and folder"
    assert said("a" * 5_000) == "the file cannot be read (file name too long); check its name and folder"


def test_a_file_that_may_not_be_opened_is_refused(tmp_path, monkeypatch):
    def forbidden(*_):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.yaml").write_bytes(b"a: 1\n")
    monkeypatch.setattr(os, "open", forbidden)
    assert said(tmp_path / "a.yaml") == "the file may not be opened; ask for permission to read it"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes or devices that look like files")
def test_devices_and_pipes_are_refused_and_never_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    expected = "this is not an ordinary file; save what it holds in a file and name that file"
    assert said(tmp_path / "pipe") == expected
    assert said("/dev/zero") == expected


# -- places

SPEC = """\
rules:
  housing:
    price: 15.12
    tiers:
      - {below: 20%, pays: 0}
      - from: 20%
        pays: 1
    most: 10
amendments:
  - effective: 2018-07-01
    changes:
      rules:
        housing: {price: 16.00, tiers: [{pays: 2}], most: none}
  - changes: {rules: {housing: {tiers: none, gate: {metric: x}}}}
"""


@pytest.mark.usefixtures("_either_parser")
def test_an_entry_stands_at_its_key_and_its_value_beside_it():
    document = read_yaml(SPEC, "x.yaml")
    assert document.places[()] == (1, 1)
    assert document.places["rules", "housing", "price"] == (3, 5)
    assert document.values["rules", "housing", "price"] == (3, 12)
    assert document.places["rules", "housing", "tiers", 1] == (6, 9)
    assert document.places["rules", "housing", "tiers", 1, "pays"] == (7, 9)
    assert document.values["rules", "housing", "tiers", 0] == (5, 9)


def test_what_has_no_place_is_found_at_what_is_around_it():
    document = read_yaml(SPEC, "x.yaml")
    assert document.find(("rules", "housing", "metric")) == (2, 3)
    assert document.find(("parties", "city")) == (1, 1)
    assert Document("x.yaml", {}, {}, {}).find(("a",)) == (0, 0)
    finding = document.finding(("rules", "housing", "pirce"), "there is no such key", "did you mean 'price'")
    assert str(finding) == "x.yaml:2:3: rules.housing.pirce: there is no such key; did you mean 'price'"


# -- amendments


def amended(document: Document, number: int) -> Document:
    return document.merged(document.data["amendments"][number]["changes"], ("amendments", number, "changes"))


def test_changes_merge_mappings_replace_the_rest_and_lead_to_the_amendment():
    document = read_yaml(SPEC, "x.yaml")
    first = amended(document, 0)
    assert first.data["rules"] == {"housing": {"price": "16.00", "tiers": [{"pays": "2"}], "most": "none"}}
    assert first.data["amendments"] == document.data["amendments"]
    assert first.find(("rules", "housing", "price")) == (13, 19)
    assert first.values["rules", "housing", "price"] == (13, 26)
    assert first.find(("rules", "housing", "tiers", 0, "pays")) == (13, 42)
    assert ("rules", "housing", "tiers", 1) not in first.places
    assert first.find(("rules", "housing")) == (2, 3)
    assert document.data["rules"]["housing"]["price"] == "15.12"
    assert document.find(("rules", "housing", "price")) == (3, 5)


def test_none_removes_a_key_and_later_changes_lie_on_earlier_ones():
    second = amended(amended(read_yaml(SPEC, "x.yaml"), 0), 1)
    assert second.data["rules"] == {"housing": {"price": "16.00", "most": "none", "gate": {"metric": "x"}}}
    assert second.find(("rules", "housing", "tiers")) == (14, 33)
    assert second.find(("rules", "housing", "gate", "metric")) == (14, 53)
    assert second.find(("rules", "housing", "price")) == (13, 19)


def test_most_units_may_be_none_and_a_new_mapping_takes_the_place_of_a_text():
    document = read_yaml("most_units: 5\nprice: 1\nchanges: {most_units: none, price: {starts_at: 1}}\n", "x.yaml")
    merged = document.merged(document.data["changes"], ("changes",))
    assert merged.data["most_units"] == "none"
    assert merged.data["price"] == {"starts_at": "1"}


@pytest.mark.parametrize("nothing", ["", " {}"])
def test_no_changes_change_nothing(nothing):
    document = read_yaml(f"a: 1\nchanges:{nothing}\n", "x.yaml")
    assert document.merged(document.data["changes"], ("changes",)) == document


def test_removing_what_is_not_there_is_refused_with_the_likely_name():
    document = read_yaml("rules: {gate: 1}\nchanges: {rules: {gaet: none, x: {y: none}}}\n", "x.yaml")
    with pytest.raises(Refused) as caught:
        document.merged(document.data["changes"], ("changes",))
    assert str(caught.value).splitlines() == [
        "x.yaml:2:19: changes.rules.gaet: none removes 'gaet', which is not there; did you mean 'gate'",
        "x.yaml:2:35: changes.rules.x.y: none removes 'y', which is not there; leave it out",
    ]


def test_changes_that_are_not_a_mapping_are_refused():
    document = read_yaml("a: 1\nchanges: [a]\n", "x.yaml")
    with pytest.raises(Refused) as caught:
        document.merged(document.data["changes"], ("changes",))
    assert str(caught.value) == (
        "x.yaml:2:1: changes: changes are not keys and values; write them in the shape of the whole file"
    )


# -- laws

PIECES = st.sampled_from(
    [
        *"abc:-?[]{},&*!|>'\"%@`#~ \n\t\r\\.0<",
        ": ",
        "- ",
        "\n  ",
        "\n    ",
        "---\n",
        "...\n",
        "key: ",
        "\0",
        "\u2028",
        "é",
        "<<: ",
    ]
)
SOUP = st.one_of(st.text(), st.binary(), st.lists(PIECES, max_size=60).map("".join))
KEYS = st.from_regex(r"[A-Za-z][A-Za-z0-9_ ./-]{0,8}[a-z0-9]|[0-9]{4}", fullmatch=True)
LEAVES = st.one_of(
    KEYS, st.sampled_from(["", "1.10", "NO", "~", "it's", "a: b", "- x", "# y", "5%", "two\nlines", "é"])
)
TREES = st.dictionaries(
    KEYS,
    st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)),
    min_size=1,
    max_size=4,
)


def outcome(source):
    try:
        return read_yaml(source, "x.yaml"), ()
    except Refused as refused:
        return None, refused.findings


@pytest.mark.parametrize("loader", LOADERS, ids=lambda loader: loader.__name__)
@given(source=SOUP)
def test_any_text_is_read_or_refused_with_places_that_exist(loader, source):
    with mock.patch.object(payfs.text.reading, "LOADER", loader):
        document, findings = outcome(source)
    assert (document is None) != (findings == ())
    if document is not None:
        assert set(document.places) == set(document.values)
    for finding in findings:
        assert finding.what
        assert finding.remedy
        assert finding.file == "x.yaml"
        assert "\n" not in str(finding)
        if isinstance(source, str):
            assert finding.line <= len(re.split(r"\r\n?|\n", source))


@given(words=st.lists(st.text(max_size=20), max_size=5), word=st.text(max_size=20))
def test_only_known_words_are_suggested(words, word):
    assert nearest(word, words) in [None, *words]


def texts(value):
    """The tree as reading gives it back."""
    if isinstance(value, dict):
        return {key: texts(under) for key, under in value.items()}
    return [texts(under) for under in value] if isinstance(value, list) else value


def paths(value, path=()):
    yield path
    if isinstance(value, dict | list):
        for key, under in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths(under, (*path, key))


@given(tree=TREES, flow=st.sampled_from([True, False, None]), width=st.sampled_from([20, 80, 1000]))
def test_what_was_written_is_read_and_every_place_points_at_its_key(tree, flow, width):
    source = yaml.safe_dump(tree, default_flow_style=flow, width=width, allow_unicode=True, sort_keys=False)
    document = read_yaml(source, "x.yaml")
    lines = source.split("\n")
    assert document.data == tree
    assert set(document.places) == set(document.values) == set(paths(tree))
    for path, (line, column) in document.places.items():
        if path and isinstance(path[-1], str):
            found = lines[line - 1][column - 1 :]
            assert found.startswith((path[-1], f"'{path[-1]}'", f'"{path[-1]}"'))


@given(tree=TREES, changes=TREES)
def test_after_a_merge_every_place_is_known_and_changes_have_theirs_under_the_amendment(tree, changes):
    whole = {**{key: value for key, value in tree.items() if key != "changes"}, "changes": changes}
    source = yaml.safe_dump(whole, allow_unicode=True, sort_keys=False)
    document = read_yaml(source, "x.yaml")
    begins, _ = document.places[("changes",)]
    merged = document.merged(document.data["changes"], ("changes",))
    assert set(merged.places) == set(merged.values) == set(paths(merged.data))
    for path in paths(changes):
        if path and path[0] != "changes":
            assert merged.find(path)[0] > begins or isinstance(at(tree, path), dict)


def at(tree, path):
    for key in path:
        if not isinstance(tree, dict | list) or (isinstance(tree, dict) and key not in tree):
            return None
        tree = tree[key]
    return tree


@pytest.mark.parametrize(
    "file", sorted((Folder(__file__).parents[1] / "contract_specs").glob("*.yaml")), ids=lambda f: f.stem
)
def test_both_parsers_read_every_contract_alike(file, monkeypatch):
    documents = []
    for loader in LOADERS:
        monkeypatch.setattr(payfs.text.reading, "LOADER", loader)
        documents.append(read_yaml(read_file(file), file.name))
    assert all(document == documents[0] for document in documents)
