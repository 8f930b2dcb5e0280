"""Every format gives the same posts: Parquet, a folder of photos, With Sense's layout, and how each is told."""

import datetime as dt
import gzip
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import ExtraMissing, InputBroken, InputMissing
from ingest.photos.photo_source import FolderPhotos, InlinePhotos
from ingest.reading.lines import InputLine, data_of
from ingest.reading.post_json import decode_post
from ingest.sources.folder import FolderSource
from ingest.sources.ndjson import NdjsonSource
from ingest.sources.open_source import folder_of, open_source
from ingest.sources.parquet import ParquetSource
from ingest.sources.table import TableSource
from ingest.sources.with_sense import WithSenseSource


def posts(lines: list[InputLine]) -> list[dict[str, Any]]:
    return [json.loads(data_of(line)) for line in lines]


def write(file: Path, text: str | bytes) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


class TestStrange:
    @pytest.mark.parametrize("name", ["posts.ndjson", "posts.csv"])
    @pytest.mark.parametrize(
        ("begins", "says"),
        [
            pytest.param(b"PK\x03\x04\x14\x00", "a ZIP archive or an Excel workbook", id="zip, xlsx"),
            pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1", "save the sheet as CSV", id="xls"),
            pytest.param(b"BZh91AY", "pack it with gzip or zstd", id="bzip2"),
            pytest.param(b"\xfd7zXZ\x00", "pack it with gzip or zstd", id="xz"),
            pytest.param('{"id": "p1"}'.encode("utf-16"), "save it as UTF-8", id="UTF-16"),
            pytest.param(b' [\n  {"id": "p1"}\n]', "a post a line", id="a JSON array"),
            pytest.param(b'\xef\xbb\xbf[{"id": "p1"}]', "a post a line", id="a JSON array behind a BOM"),
        ],
    )
    def test_a_file_of_another_kind_is_refused_as_a_whole(
        self, tmp_path: Path, name: str, begins: bytes, says: str
    ) -> None:
        """With what to do, instead of a dead letter for each of its thousands of lines."""
        file = write(tmp_path / name, begins)
        with pytest.raises(InputBroken, match=says) as raised:
            open_source(file)
        assert name in str(raised.value)

    @pytest.mark.parametrize("line", [b"[1, 2]", b"[]", b"BZ", b"\xff", b"PKW"], ids=str)
    def test_a_strange_line_is_only_a_line(self, tmp_path: Path, line: bytes) -> None:
        """The posts after it are read."""
        source = open_source(write(tmp_path / "posts.ndjson", line + b'\n{"id": "p1"}\n'))
        assert [one.number for one in source.lines()] == [1, 2]


class TestParquet:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        arrow = pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
        parquet = pytest.importorskip("pyarrow.parquet")
        table = arrow.table(
            {
                "id": [f"p{number}" for number in range(200)],
                "photo": [{"bytes": b"abc", "path": "1.jpg"}] * 100 + [{"bytes": None, "path": "2.jpg"}] * 100,
                "captions": [[{"text": "море", "author": None}, {"text": "sea", "author": "u1"}]] * 200,
                "tags": [["море"]] * 200,
                "text": [None] * 200,
                "attrs": [{"year": 2023, "place": None}] * 200,
                "attrs.taken": [dt.datetime(2024, 6, 1, 21, 40, tzinfo=dt.UTC)] * 200,
                "version": [1] * 200,
            }
        )
        parquet.write_table(table, tmp_path / "posts.parquet", row_group_size=90)
        return tmp_path / "posts.parquet"

    def test_a_row_is_a_post(self, file: Path) -> None:
        """Structs, lists, bytes and times come out as a post has them; an empty cell is no field."""
        source = open_source(file)
        lines = list(source.lines())
        assert [line.number for line in lines] == list(range(1, 201))
        assert lines[4].place == "row 5"
        assert posts(lines)[0] == {
            "id": "p0",
            "photo": "data:;base64,YWJj",
            "captions": [{"text": "море", "author": None}, {"text": "sea", "author": "u1"}],
            "tags": ["море"],
            "attrs": {"year": 2023, "taken": "2024-06-01T21:40:00Z"},
            "version": 1,
        }
        first, last = decode_post(data_of(lines[0])), decode_post(data_of(lines[-1]))
        assert InlinePhotos().read(first.photo or "") == b"abc"
        assert last.photo == "2.jpg"
        assert source.share == 1.0

    @pytest.mark.parametrize("after", [1, 63, 64, 65, 90, 150, 199, 200, 999])
    def test_reading_goes_on_after_a_row(self, file: Path, after: int) -> None:
        """Wherever the batches end, the rows that come after keep their numbers."""
        rows = [(line.number, json.loads(data_of(line))["id"]) for line in ParquetSource(file).lines(after)]
        assert rows == [(number, f"p{number - 1}") for number in range(after + 1, 201)]

    def test_a_strange_cell_fails_its_row_alone(self, tmp_path: Path) -> None:
        """A time between two microseconds, for which Python has no value: it ended the run, and rows before it."""
        arrow = pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
        parquet = pytest.importorskip("pyarrow.parquet")
        times = arrow.array([1_000, 1_001, 2_000], arrow.timestamp("ns"))
        parquet.write_table(arrow.table({"id": ["a", "b", "c"], "attrs.at": times}), tmp_path / "posts.parquet")
        first, broken, last = ParquetSource(tmp_path / "posts.parquet").lines()
        assert [one["id"] for one in posts([first, last])] == ["a", "c"]
        assert (broken.number, broken.fault and broken.fault.reason) == (2, "broken_row")

    def test_a_broken_file_is_told(self, file: Path) -> None:
        """A file that is cut is no Parquet any more."""
        file.write_bytes(file.read_bytes()[:-20])
        with pytest.raises(InputBroken, match="no whole Parquet file"):
            list(open_source(file).lines())

    def test_the_missing_extra_is_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without the package the error says what to install."""
        monkeypatch.setitem(sys.modules, "pyarrow", None)
        file = write(tmp_path / "posts.parquet", b"PAR1....PAR1")
        with pytest.raises(ExtraMissing, match=r"pip install 'photosense\[parquet\]'"):
            list(open_source(file).lines())


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without the rights of root, where the tests have them."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


class TestFolder:
    def test_each_photo_is_a_post(self, tmp_path: Path) -> None:
        """What a file of the same name says belongs to it; the id is the path of the photo, unless it says another."""
        for name in ("b.jpg", "a/2.png", "a/1.JPG", "c.webp", "c.heic", ".hidden.jpg", ".git/x.jpg", "notes.md"):
            write(tmp_path / name, b"photo")
        write(tmp_path / "b.txt", "\ufeffЗакат над морем\n")
        write(tmp_path / "a/1.json", '{"id": "p1", "captions": [{"text": "sea"}], "tags": ["x"]}')
        write(tmp_path / "a/1.txt", "тихие волны")
        write(tmp_path / "a/2.png.txt", "лодка")
        source = open_source(tmp_path)
        assert isinstance(source, FolderSource)
        lines = list(source.lines())
        assert posts(lines) == [
            {"id": "b.jpg", "photo": "b.jpg", "text": "Закат над морем"},
            {"id": "c.heic", "photo": "c.heic"},
            {"id": "c.webp", "photo": "c.webp"},
            {"id": "p1", "photo": "a/1.JPG", "captions": [{"text": "sea"}], "tags": ["x"], "text": "тихие волны"},
            {"id": "a/2.png", "photo": "a/2.png", "text": "лодка"},
        ]
        assert [line.place for line in lines] == ["b.jpg", "c.heic", "c.webp", "a/1.JPG", "a/2.png"]
        assert [line.number for line in source.lines(3)] == [4, 5]
        assert FolderPhotos(folder_of(source)).read("a/1.JPG") == b"photo"

    @pytest.mark.parametrize(
        ("name", "content", "reason"),
        [
            pytest.param("a.json", "{", "broken_sidecar", id="broken JSON"),
            pytest.param("a.json", "[]", "broken_sidecar", id="other JSON"),
            pytest.param("a.txt", b"\xff\xfe", "broken_sidecar", id="no UTF-8"),
            pytest.param("a.txt", b"x" * (2**20 + 1), "broken_sidecar", id="too much text"),
            pytest.param("b.txt", "море", "photo_missing", id="no photo beside it"),
        ],
    )
    def test_what_lies_beside_may_be_wrong(self, tmp_path: Path, name: str, content: str | bytes, reason: str) -> None:
        """The photo it belongs to is turned away with the reason, not passed over."""
        write(tmp_path / "a.jpg", b"photo")
        write(tmp_path / name, content)
        assert [line.fault.reason for line in FolderSource(tmp_path).lines() if line.fault] == [reason]

    def test_names_are_taken_as_people_give_them(self, tmp_path: Path) -> None:
        """Endings in capitals, and a name as long as a disk takes."""
        long = "щ" * 125 + ".jpg"
        write(tmp_path / "a.jpg", b"")
        write(tmp_path / "a.TXT", "Морской берег")
        write(tmp_path / long, b"")
        assert posts(list(FolderSource(tmp_path).lines())) == [
            {"id": "a.jpg", "photo": "a.jpg", "text": "Морской берег"},
            {"id": long, "photo": long},
        ]

    def test_a_folder_without_rights_is_told(self) -> None:
        """What cannot be looked into has a reason; the rest is read."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            folder.chmod(0o755)
            for photo in ("a/1.jpg", "b/2.jpg"):
                write(folder / photo, b"photo")
            (folder / "a").chmod(0)
            with as_nobody():
                fault, line = FolderSource(folder).lines()
            assert fault.fault is not None
            assert fault.fault.reason == "unreadable"
            assert f"{folder}/a: Permission denied" in fault.fault.detail
            assert posts([line])[0]["id"] == "b/2.jpg"
            (folder / "a").chmod(0o755)

    def test_another_photo_makes_it_another_folder(self, tmp_path: Path) -> None:
        """A run that was stopped does not go on by number when photos have come in between."""
        write(tmp_path / "b.jpg", b"photo")
        before = FolderSource(tmp_path).signature()
        assert FolderSource(tmp_path).signature() == before
        write(tmp_path / "a.jpg", b"photo")
        assert FolderSource(tmp_path).signature() != before


class TestWithSense:
    TABLE = "image,query_id,query_text\na.jpg,1,sea\na.jpg,2,beach\na.jpg,3,sea\nb.jpg,4,snow\n1,2\nc.jpg,5,\n"

    def test_the_captions_of_a_photo_are_one_post(self, tmp_path: Path) -> None:
        """Rows of one image are gathered, the same caption once; a broken row does not touch its neighbours."""
        file = write(tmp_path / "captions.csv", self.TABLE)
        source = open_source(file)
        assert isinstance(source, WithSenseSource)
        lines = list(source.lines())
        assert [(line.number, line.fault and line.fault.reason) for line in lines] == [
            (4, None),
            (5, None),
            (6, "broken_row"),
            (7, None),
        ]
        assert posts([line for line in lines if not line.fault]) == [
            {"id": "a.jpg", "photo": "a.jpg", "captions": [{"text": "sea"}, {"text": "beach"}]},
            {"id": "b.jpg", "photo": "b.jpg", "captions": [{"text": "snow"}]},
            {"id": "c.jpg", "photo": "c.jpg", "captions": []},
        ]

    def test_a_broken_row_parts_no_captions(self, tmp_path: Path) -> None:
        """They came as two posts of one id, and the second took the place of the first; whatever it goes on after."""
        rows = ["image,query_id,query_text", "a.jpg,0,one", "a.jpg,1", "a.jpg,2,two", "b.jpg,0", "b.jpg,1,three"]
        source = WithSenseSource(write(tmp_path / "queries.csv", "\n".join(rows)))
        lines = list(source.lines())
        numbers = [line.number for line in lines]
        assert (numbers, [bool(line.fault) for line in lines]) == ([3, 4, 5, 6], [True, False, True, False])
        texts = [[caption["text"] for caption in one["captions"]] for one in posts([lines[1], lines[3]])]
        assert texts == [["one", "two"], ["three"]]
        for after in range(7):
            assert [line.number for line in source.lines(after)] == [number for number in numbers if number > after]

    @pytest.mark.parametrize("after", [0, 4, 5, 6, 7])
    def test_reading_goes_on_after_a_post(self, tmp_path: Path, after: int) -> None:
        """A post is numbered by its last row, so that it comes whole or not at all."""
        file = write(tmp_path / "captions.csv", self.TABLE)
        whole = list(WithSenseSource(file).lines())
        assert list(WithSenseSource(file).lines(after)) == [line for line in whole if line.number > after]


class TestOpening:
    @pytest.mark.parametrize(
        ("name", "data", "kind"),
        [
            pytest.param("posts.ndjson", b'{"id": "1"}', NdjsonSource, id="NDJSON"),
            pytest.param("posts", b"", NdjsonSource, id="no ending, empty"),
            pytest.param("posts.jsonl.gz", gzip.compress(b"{}"), NdjsonSource, id="packed NDJSON"),
            pytest.param("posts.CSV", b"id,text\n", TableSource, id="CSV"),
            pytest.param("posts.tsv.gz", gzip.compress(b"id\ttext\n"), TableSource, id="packed TSV"),
            pytest.param("posts.csv", b"query_id,image,query_text\n", WithSenseSource, id="With Sense"),
            pytest.param("posts.dat", b"PAR1", ParquetSource, id="Parquet"),
        ],
    )
    def test_the_format_is_seen(self, tmp_path: Path, name: str, data: bytes, kind: type) -> None:
        """By the ending and by what is in it."""
        assert isinstance(open_source(write(tmp_path / name, data)), kind)

    def test_what_is_not_there_is_named(self, tmp_path: Path) -> None:
        """The error says what to give."""
        with pytest.raises(InputMissing, match=r"none cannot be read: No such file or directory\. Give a file or a f"):
            open_source(tmp_path / "none")
