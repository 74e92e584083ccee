"""Files that people upload: whatever the bytes, a table comes of them, or a sentence."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from core.datasets.tables import reading
from core.datasets.tables.profile import profile
from core.datasets.tables.reading import as_number, is_gap, read_table, split_row
from core.datasets.tables.text import MAX_BYTES, shown
from core.errors import InvalidInput
from tests.support.tables import fruit

# Pieces of which files are made that are nearly tables.
PIECES = some.sampled_from(
    [
        *(b"a", b"1", b"1,5", b"2.5", b"1e999", b"nan", b"", b",", b";", b"\t", b"\n", b"\r\n"),
        *(b'"', b'"a\n;b"', b"\xff", b"\xef\xbb\xbf", b"\0", "ä".encode(), b"2026-01-02", b"-"),
        b" ",
    ]
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some.binary(max_size=200) | some.lists(PIECES, max_size=60).map(b"".join))
def test_any_bytes_are_a_table_or_refused_with_a_sentence(data):
    problem = ""
    try:
        table = read_table(data)
        profile(table)
    except InvalidInput as error:
        problem = str(error)
    if problem:
        assert 10 < len(problem) < 400
        return
    assert len({column.name for column in table.columns}) == len(table.columns) >= 2
    for column in table.columns:
        assert len(column.cells) == len(table) > 0
        assert column.name.isprintable()
        known = ~(column.gaps | np.isnan(column.numbers))
        assert np.isfinite(column.numbers[known]).all()


@pytest.mark.parametrize(
    ("text", "delimiter", "header", "numbers"),
    [
        ("a,b\n1.5,x\n2.5,y\n", ",", True, [1.5, 2.5]),
        ("a;b\n1,5;x\n2,5;y\n", ";", True, [1.5, 2.5]),
        ("a\tb\n1,5\tx\n2,5\ty\n", "\t", True, [1.5, 2.5]),
        ("1,5;x\n2,5;y\n", ";", False, [1.5, 2.5]),
        ("1.5,x\n2.5,y", ",", False, [1.5, 2.5]),
        ("a;b\n1.234,5;x\n2.000,25;y\n", ";", True, [1234.5, 2000.25]),
        ('a,b\n"1,234.5",x\n2.25,y\n', ",", True, [1234.5, 2.25]),
        ("a,b\n-1e3,x;1\n+.5,y;2\n", ",", True, [-1000, 0.5]),
        ("a;b\n\u22121,5;x\n2,5;y\n", ";", True, [-1.5, 2.5]),
        ('a,b\n"1,5","x"\n"2,5","y"\n', ",", True, [1.5, 2.5]),
        ("a,b\r1.5,x\r2.5,y\r", ",", True, [1.5, 2.5]),
        ("\n\na,b\n\n1.5,x\n2.5,y\n\n", ",", True, [1.5, 2.5]),
    ],
)
def test_delimiter_header_and_decimals_follow_from_the_content(text, delimiter, header, numbers):
    table = read_table(text.encode())
    assert (table.delimiter, table.header) == (delimiter, header)
    assert table.columns[0].numbers.tolist() == numbers
    assert table.columns[0].name == ("a" if header else "column 1")


def test_a_person_can_say_whether_there_is_a_header():
    words = b"red,apple\ngreen,pear\nred,pear\n"
    assert not read_table(words).header
    assert [c.name for c in read_table(words, header=True).columns] == ["red", "apple"]
    assert len(read_table(b"a,b\n1,2\n", header=False)) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_umlauts_are_read_in_each_usual_encoding(encoding):
    table = read_table("größe,sorte\n1,süß\n2,sauer\n".encode(encoding))
    assert [column.name for column in table.columns] == ["größe", "sorte"]
    assert table.columns[1].cells == ("süß", "sauer")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n;;\n", "empty"),
        (b"a,b\n", "no rows"),
        (b"a,b\n1,2\n3,4,5\n", "Row 3: expected 2 fields, as in the first row. Found: 3."),
        (b'a,b\n"x\ny",2\n3\n', "Row 4: expected 2 fields"),
        (b'a,b\n1,2\n"3,4\n', "a quotation mark is not closed"),
        (b'a,b\n1,"2"x\n', "Row 2 cannot be read"),
        (b"one column\n1\n2\n", "single column"),
        (b"a,b\n1,\x002\n", "Line 2 holds a zero byte"),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        ("a,b\n1,2\n".encode("utf-16-le"), "UTF-16"),
        (b"PK\x03\x04rest", "Excel"),
        (b"\x89PNG\r\n", "a picture"),
        (b"\x01\x02\x03,\x04\n" * 9, "not a text file"),
        (b"a," * 600 + b"a\n", "601 columns"),
        (b"a,b\n" + b"1,2\n" * 100_001, "more than 100,000 rows"),
        (b"x" * (MAX_BYTES + 1), "20 MB"),
        (b"a,b\n1," + b"x" * 200_000 + b"\n", "Row 2 cannot be read"),
    ],
)
def test_a_bad_file_gets_a_sentence_with_its_row(data, words):
    with pytest.raises(InvalidInput) as raised:
        read_table(data)
    assert words in str(raised.value)


def test_a_million_columns_are_refused_before_they_are_taken_apart(monkeypatch):
    def taken(*arguments, **options):
        raise AssertionError("taken apart")

    monkeypatch.setattr(reading, "find_delimiter", lambda text: ",")
    monkeypatch.setattr(reading, "one_line", taken)
    with pytest.raises(InvalidInput, match="1,000,001 columns"):
        read_table(b"," * 1_000_000 + b"\n1\n")
    monkeypatch.undo()
    with pytest.raises(InvalidInput, match="columns"):
        read_table(b"," * 1_000_000 + b"\n1\n")
    wide = b",".join([b"1"] * 20) + b"\n"
    monkeypatch.setattr(reading, "MAX_CELLS", 200)
    with pytest.raises(InvalidInput, match="may have 10 rows"):
        read_table(wide * 12)


@pytest.mark.parametrize("cell", ["inf", "-inf", "1e999", "1e16", "0x10", "1_000", "١", "1,2,3"])
def test_what_only_looks_like_a_number_is_none(cell):
    assert np.isnan(as_number(cell, comma=False))


@pytest.mark.parametrize("cell", ["", "NA", "n/a", "NaN", "null", "?", "-"])
def test_words_for_gaps_are_gaps(cell):
    assert is_gap(cell)


def test_hostile_names_are_shown_as_plain_text_and_stay_apart():
    names = ["<b>x</b>", "[a](http://x)", "=1+1", "\x07bell", "", "x", "x", "n" * 10_000]
    line = ",".join(f'"{name}"' for name in names)
    table = read_table(f"{line}\n1,2,3,4,5,6,7,8\n2,3,4,5,6,7,8,9\n".encode())
    found = [column.name for column in table.columns]
    assert found[0] == "‹b›x‹/b›"
    assert found[1] == "(a)(http://x)"
    assert found[2] == "'=1+1"
    assert [shown(text) for text in ("-1", "+2,5", "@x", "-x")] == ["-1", "+2,5", "'@x", "'-x"]
    assert found[3:7] == ["bell", "column 5", "x", "x (2)"]
    assert len(set(found)) == len(found)
    assert max(map(len, found)) <= 61
    assert not set("<>[]`*$|~\\") & set("".join(found))
    assert shown("a\u202eb") == "a b"  # no turning of the writing direction


def test_a_pasted_row_has_as_many_fields_as_the_table():
    assert split_row("1,5; 2 ;rot;", 4, ";") == ["1,5", "2", "rot", ""]
    with pytest.raises(InvalidInput, match=r"parted by a semicolon\. Found: 2"):
        split_row("1;2", 3, ";")


def test_the_largest_table_that_fits_is_read_with_its_lines():
    table = read_table(fruit(500))
    assert len(table) == 500
    assert table.place(0) == "Row 2"
    assert table.delimiter == ";"
