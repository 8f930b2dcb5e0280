"""Opening a source: the format is seen from what was named, its ending and its first bytes."""

from pathlib import Path
from typing import Final

from ingest.sources.folder import FolderSource
from ingest.sources.ndjson import NdjsonSource
from ingest.sources.parquet import MAGIC, ParquetSource
from ingest.sources.source import Source
from ingest.sources.stream import Stream, head_of
from ingest.sources.table import Table, TableSource
from ingest.sources.with_sense import COLUMNS, WithSenseSource

_TABLES: Final = frozenset({".csv", ".tsv"})
_PACKED: Final = frozenset({".gz", ".zst"})


def open_source(path: Path) -> Source:
    """Choose the reader of a file or folder; what is no other format is read as NDJSON."""
    if path.is_dir():
        return FolderSource(path)
    if head_of(path).startswith(MAGIC):
        return ParquetSource(path)
    endings = [ending.lower() for ending in path.suffixes]
    if endings and endings[-1] in _PACKED:
        endings.pop()
    if not endings or endings[-1] not in _TABLES:
        return NdjsonSource(path)
    header = Table(Stream(path), path).header
    return WithSenseSource(path) if set(header) >= COLUMNS else TableSource(path)


def folder_of(source: Source) -> Path:
    """Where the photos of a source lie, unless it is said otherwise."""
    return source.file if source.file.is_dir() else source.file.parent
