"""Packed files are unpacked in pieces; what breaks off, grows or only pretends is told."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from backports import zstd

from ingest.errors import InputBroken, InputMissing
from ingest.reading.lines import InputLine
from ingest.sources.ndjson import NdjsonSource
from ingest.sources.stream import BOMB_SIZE, CHUNK, Stream

LINES = b"".join(b'{"id": "p%d"}\n' % number for number in range(5000))
Pack = Callable[[bytes], bytes]


def with_checksum(data: bytes) -> bytes:
    """As the command `zstd` packs a file."""
    return zstd.compress(data, options={int(zstd.CompressionParameter.checksum_flag): 1})


PACKERS = [pytest.param(gzip.compress, id="gzip"), pytest.param(zstd.compress, id="zstd")]


def numbers(lines: list[InputLine]) -> list[int]:
    return [line.number for line in lines]


class TestPacked:
    @pytest.mark.parametrize("pack", [*PACKERS, pytest.param(bytes, id="not packed")])
    def test_the_same_lines_come_out(self, tmp_path: Path, pack: Pack) -> None:
        """Whatever the file is called, its first bytes tell how it is packed."""
        file = tmp_path / "posts"
        file.write_bytes(pack(LINES))
        source = NdjsonSource(file)
        lines = list(source.lines())
        assert [line.data for line in lines] == LINES.splitlines()
        assert source.share == 1.0

    @pytest.mark.parametrize("pack", PACKERS)
    def test_files_that_were_joined_are_read_on(self, tmp_path: Path, pack: Pack) -> None:
        """Packed files written one behind the other are one file."""
        file = tmp_path / "posts"
        file.write_bytes(pack(LINES) + pack(LINES))
        assert len(list(NdjsonSource(file).lines())) == 10_000

    @pytest.mark.parametrize("pack", PACKERS)
    def test_what_breaks_off_is_told_after_what_is_whole(self, tmp_path: Path, pack: Pack) -> None:
        """The lines before the break come out; then the error says that the file is not whole."""
        file = tmp_path / "posts"
        packed = pack(b"first" + os.urandom(2**21).hex().encode().replace(b"7", b"\n"))
        file.write_bytes(packed[: len(packed) * 3 // 4])
        lines = NdjsonSource(file).lines()
        assert next(lines).number == 1
        with pytest.raises(InputBroken, match=r"does not unpack to its end .*what came before was taken"):
            list(lines)

    @pytest.mark.parametrize("pack", [gzip.compress, with_checksum], ids=["gzip", "zstd"])
    def test_noise_in_the_middle_is_told(self, tmp_path: Path, pack: Pack) -> None:
        """Damaged bytes end in a sentence."""
        file = tmp_path / "posts"
        packed = bytearray(pack(LINES))
        packed[100:1100] = b"\xff" * 1000
        file.write_bytes(packed)
        with pytest.raises(InputBroken, match="does not unpack"):
            list(Stream(file).chunks())

    @pytest.mark.parametrize("pack", PACKERS)
    def test_a_bomb_is_left_alone(self, tmp_path: Path, pack: Pack) -> None:
        """A file that unpacks to hundreds of times its size is read no further."""
        file = tmp_path / "posts"
        zeros = pack(bytes(2**24))
        file.write_bytes(zeros * (2 * BOMB_SIZE // 2**24))
        chunks = Stream(file).chunks()
        unpacked = sum(len(next(chunks)) for _ in range(BOMB_SIZE // CHUNK))
        assert unpacked <= BOMB_SIZE
        with pytest.raises(InputBroken, match="unpacks to more than 200 times its size"):
            list(chunks)

    def test_a_window_that_would_fill_the_memory_is_refused(self, tmp_path: Path) -> None:
        """A zstd file that wants 128 MB to unpack is told so instead of getting them."""
        file = tmp_path / "posts"
        options = {
            int(zstd.CompressionParameter.window_log): 27,
            int(zstd.CompressionParameter.enable_long_distance_matching): 1,
        }
        with zstd.ZstdFile(file, "w", options=options) as packed:
            packed.write(LINES)
        with pytest.raises(InputBroken, match="does not unpack"):
            list(Stream(file).chunks())


class TestGrowing:
    def test_a_file_that_grows_is_read_to_the_line_where_it_ended(self, tmp_path: Path) -> None:
        """The line that was being written comes whole, those after it are for the next run."""
        file = tmp_path / "posts.ndjson"
        file.write_bytes(b'{"id": "p1"}\n{"id": ')
        lines = NdjsonSource(file).lines()
        assert next(lines).data == b'{"id": "p1"}'
        with file.open("ab") as more:
            more.write(b'"p2"}\n{"id": "p3"}\n')
        assert [line.data for line in lines] == [b'{"id": "p2"}']
        assert numbers(list(NdjsonSource(file).lines(2))) == [3]

    def test_a_file_that_shrinks_ends_there(self, tmp_path: Path) -> None:
        """What is cut away while it is read is not waited for."""
        file = tmp_path / "posts.ndjson"
        file.write_bytes(LINES * 100)
        chunks = Stream(file).chunks()
        first = next(chunks)
        os.truncate(file, len(first))
        assert list(chunks) == [b""]

    def test_a_file_that_vanishes_is_read_on(self, tmp_path: Path) -> None:
        """An open file is not lost when its name is."""
        file = tmp_path / "posts.ndjson"
        file.write_bytes(LINES * 100)
        lines = NdjsonSource(file).lines()
        next(lines)
        file.unlink()
        assert sum(1 for _ in lines) == 500_000 - 1

    def test_a_file_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        """The error says what to give."""
        with pytest.raises(InputMissing, match=r"none cannot be read: No such file.*docs/posts\.md"):
            list(Stream(tmp_path / "none").chunks())
