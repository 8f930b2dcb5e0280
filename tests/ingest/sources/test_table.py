"""Tables give posts: a header names the fields, a row that is none has a reason, the others are not touched by it."""

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import InputMissing
from ingest.reading.lines import InputLine, data_of
from ingest.reading.post_json import decode_post
from ingest.sources.table import TableSource


def read(tmp_path: Path, text: str | bytes, after: int = 0) -> list[InputLine]:
    file = tmp_path / "posts.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(TableSource(file).lines(after))


def posts(lines: list[InputLine]) -> list[dict[str, Any]]:
    return [json.loads(data_of(line)) for line in lines]


@pytest.mark.parametrize("cell", ["123e4567", "9" * 30, "[" * 2000], ids=["infinite", "too large", "deep"])
def test_what_no_post_can_hold_is_text(tmp_path: Path, cell: str) -> None:
    """An article of letters and digits, a long row of digits, a thousand brackets; the rows after it are read."""
    first, second = posts(read(tmp_path, f"id,attrs.sku\n1,{cell}\n2,7\n"))
    assert (first["attrs"]["sku"], second["attrs"]["sku"]) == (cell, 7)


def test_a_cell_of_brackets_fails_no_other_row(tmp_path: Path) -> None:
    """Where JSON is expected it is a broken row, and once ended the run."""
    broken, whole = read(tmp_path, f'id,captions\n1,{"[" * 2000}\n2,"[{{""text"": ""sea""}}]"\n')
    assert (broken.fault and broken.fault.reason, posts([whole])[0]["captions"]) == ("broken_row", [{"text": "sea"}])


def test_a_name_stands_over_one_column(tmp_path: Path) -> None:
    """The first of two was lost without a word."""
    with pytest.raises(InputMissing, match="two columns 'text'"):
        read(tmp_path, "id,text,text\n1,a,b\n")


@pytest.mark.parametrize("between", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "marked"])
def test_a_row_is_a_post(tmp_path: Path, between: str, mark: str) -> None:
    """Cells become fields of their kinds, whatever stands between them; an empty cell is no field."""
    rows = [
        ["id", "text", "tags", "version", "child", "attrs.year", "attrs.code", "attrs.at", "link"],
        ["1", '"Море| ""тихое"""', "#море закат", "3", "false", "2023", "007", '"{""lat"":1|""lon"":2}"', ""],
        ["2", "5", "", "", "", "1e3", "true", "x", "/p/2"],
    ]
    text = mark + "".join(between.join(row).replace("|", ",") + "\n" for row in rows)
    lines = read(tmp_path, text)
    assert [line.number for line in lines] == [2, 3]
    assert posts(lines) == [
        {
            "id": "1",
            "text": 'Море, "тихое"',
            "tags": ["#море", "закат"],
            "version": 3,
            "child": False,
            "attrs": {"year": 2023, "code": "007", "at": {"lat": 1, "lon": 2}},
        },
        {"id": "2", "text": "5", "attrs": {"year": 1e3, "code": True, "at": "x"}, "link": "/p/2"},
    ]
    assert [decode_post(data_of(line)).id for line in lines] == ["1", "2"]


def test_blanks_within_a_cell_stay(tmp_path: Path) -> None:
    """Blank lines and blanks at the end of a line belong to the cell; blank lines between rows are no rows."""
    lines = read(tmp_path, 'id,text\r\n\r\n1,"a \t\r\n\r\n b"\r\n\r\n2,c\r\n')
    assert posts(lines) == [{"id": "1", "text": "a \t\n\n b"}, {"id": "2", "text": "c"}]


def test_a_cell_may_hold_several_lines(tmp_path: Path) -> None:
    """A row is counted by its last line, and the next one by its own."""
    lines = read(tmp_path, 'id,text\n1,"a\nb"\n2,c\n')
    assert [line.number for line in lines] == [3, 4]
    assert [post["text"] for post in posts(lines)] == ["a\nb", "c"]
    assert [line.number for line in read(tmp_path, 'id,text\n1,"a\nb"\n2,c\n', after=3)] == [4]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        pytest.param(b"1", "has 1 cells, its header 3", id="too few cells"),
        pytest.param(b"1,2,3,4", "has 4 cells, its header 3", id="too many cells"),
        pytest.param(b"1,\xff\xfe,", "no UTF-8", id="no UTF-8"),
        pytest.param(b"1,a,[{", "`captions` is no JSON", id="captions that are no JSON"),
    ],
)
def test_a_broken_row_has_a_reason(tmp_path: Path, row: bytes, says: str) -> None:
    """It is given by its number, and the rows around it are read."""
    first, broken, last = read(tmp_path, b"id,text,captions\n0,a,\n" + row + b"\n9,a,\n")
    assert broken.number == 3
    assert broken.fault is not None
    assert broken.fault.reason == "broken_row"
    assert says in broken.fault.detail
    assert [post["id"] for post in posts([first, last])] == ["0", "9"]


def test_a_row_over_the_cap_is_told(tmp_path: Path) -> None:
    """A row of 33 MB is not read; the next one is."""
    lines = read(tmp_path, b"id,text\n1," + b"x" * (33 << 20) + b"\n2,a\n")
    assert [line.fault and line.fault.reason for line in lines] == ["line_too_long", None]


@pytest.mark.parametrize(
    ("rows", "read_as"),
    [
        ('1,"a\n2,b\n3,"c\n d"\n', [(2, "broken_row"), (3, "b"), (5, "c\n d")]),
        ('1,"a\n2,"b"\n3,c\n', [(2, "broken_row"), (3, "b"), (4, "c")]),
        ('1,a\n2,"b', [(2, "a"), (3, "broken_row")]),
        ('1,"a\n2,"b\n3,c\n', [(2, "broken_row"), (3, "broken_row"), (4, "c")]),
        ('1,"5 "inches" wide"\n2,b "c\n', [(2, '5 inches" wide"'), (3, 'b "c')]),
    ],
    ids=["to the end", "to the next quote", "in the last row", "twice", "loosely, within the row"],
)
def test_a_quote_that_does_not_end_takes_no_other_row_with_it(
    tmp_path: Path, rows: str, read_as: list[tuple[int, str]]
) -> None:
    """Its line is broken, by its own number, and what follows is read as rows again."""
    lines = read(tmp_path, f"id,text\n{rows}")
    assert [
        (line.number, line.fault.reason if line.fault else json.loads(data_of(line))["text"]) for line in lines
    ] == read_as
    faults = [line.fault.detail for line in lines if line.fault]
    assert all("a quote opens and does not end: close it" in detail for detail in faults)


def test_many_quotes_that_do_not_end_take_no_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From so much that was read again on a row is a line: whoever sends such a table cannot keep the reader busy."""
    monkeypatch.setattr("ingest.sources.table._READ_AGAIN", 2_000)
    lines = read(tmp_path, "id,text\n" + 'a","b\n' * 1_000)
    assert [line.number for line in lines] == list(range(2, 1_002))
    assert {line.fault.reason for line in lines if line.fault} == {"broken_row"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has no header"),
        ("\n\n", "has no header"),
        ("id\rtext\n1\n", "has no header"),
        ("name,text\n1,a\n", "none of them is `id`"),
    ],
    ids=["empty", "blank", "a lone carriage return", "no id"],
)
def test_a_table_without_a_header_is_refused(tmp_path: Path, text: str, says: str) -> None:
    """The error names what there is, and what to name the columns."""
    with pytest.raises(InputMissing, match=says):
        read(tmp_path, text)


def test_unknown_columns_are_errors_of_the_row(tmp_path: Path) -> None:
    """They reach the decoder, which is strict or lenient as it was asked to be."""
    (line,) = read(tmp_path, "id,text,likes\n1,a,3\n")
    assert decode_post(data_of(line), lenient=True).attrs == {"likes": 3}
