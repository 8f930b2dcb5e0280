"""Opening a source: the format is seen from what was named, its ending and its first bytes."""

import re
from pathlib import Path
from typing import Final

from ingest.errors import InputBroken
from ingest.sources.folder import FolderSource
from ingest.sources.ndjson import NdjsonSource
from ingest.sources.parquet import MAGIC, ParquetSource
from ingest.sources.source import PostSource
from ingest.sources.stream import Stream, head_of
from ingest.sources.table import Table, TableSource
from ingest.sources.with_sense import COLUMNS, WithSenseSource

_TABLES: Final = frozenset({".csv", ".tsv"})
_PACKED: Final = frozenset({".gz", ".zst"})
# How files begin that people send for posts, and what to do with them; line by line they would only be noise.
_STRANGE: Final = {
    rb"PK\x03\x04": "a ZIP archive or an Excel workbook: unpack the archive, or save the sheet as CSV",
    rb"\xd0\xcf\x11\xe0": "an old Excel workbook: save the sheet as CSV",
    rb"BZh[1-9]|\xfd7zXZ|7z\xbc\xaf|Rar!": "packed in a way that is not read: unpack it, or pack it with gzip or zstd",
    rb"\xff\xfe|\xfe\xff": "written in UTF-16: save it as UTF-8",
    rb"(\xef\xbb\xbf)?\s*\[\s*\{": "one JSON array: write a post a line, as `jq -c '.[]'` does",
}


def open_source(path: Path) -> PostSource:
    """Choose the reader of a file or folder; what is no other format is read as NDJSON."""
    if path.is_dir():
        return FolderSource(path)
    head = head_of(path)
    if head.startswith(MAGIC):
        return ParquetSource(path)
    for beginning, what in _STRANGE.items():
        if re.match(beginning, head):
            raise InputBroken(f"{path} is {what}. Nothing was taken.")
    endings = [ending.lower() for ending in path.suffixes]
    if endings and endings[-1] in _PACKED:
        endings.pop()
    if not endings or endings[-1] not in _TABLES:
        return NdjsonSource(path)
    header = Table(Stream(path), path).header
    return WithSenseSource(path) if set(header) >= COLUMNS else TableSource(path)


def folder_of(source: PostSource) -> Path:
    """Where the photos of a source lie, unless it is said otherwise."""
    return source.file if source.file.is_dir() else source.file.parent
