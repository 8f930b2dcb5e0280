"""A home that the command itself filled and taught, which tests copy."""

import json
from pathlib import Path
from typing import Any

from tests.support.command import in_this_process
from tests.support.crawl import crawl


def write(file: Path, *sent: dict[str, Any]) -> Path:
    """Write posts as lines of JSON."""
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in sent), "utf-8")
    return file


def teach(folder: Path, *further: dict[str, Any]) -> Path:
    """Make a home below a folder, of the crawl and further posts."""
    for step in (
        ("ingest", write(folder / "posts.ndjson", *crawl(), *further)),
        ("train", "--topics", "6", "--passes", "8"),
    ):
        result = in_this_process(*step, "--home", folder / "home", folder=folder, PHOTOSENSE_THREADS="1")
        assert result.code == 0, result.err
    return folder / "home"
