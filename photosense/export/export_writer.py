"""Writing an export: files, then posts, then records, which so know of all that happened to the posts meanwhile."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from common.files import new_file
from compliance.records.volumes import volumes, whole_lines
from photosense.errors import PhotosenseError
from photosense.export.lines import FORMAT, Kind, LineWriter
from photosense.export.post_line import post_line
from photosense.settings import Settings
from qdrant.engine.about import About
from qdrant.store import Store

RECORDS: Final = ("takedowns.ndjson", "tombstones.ndjson", "audit.ndjson", "audit.salt")


def write_export(
    settings: Settings, store: Store, file: Path, *, model: bool, progress: Callable[[int], None] = lambda _: None
) -> dict[Kind, int]:
    """Write everything of a home that is open; tells how many lines of each kind."""
    info = store.info()
    if model and info.active is not None and not (settings.models_path / info.active).is_dir():
        raise PhotosenseError(f"{settings.models_path / info.active}, the model in force, is missing: train anew.")
    active = info.active if model else None
    about = About(info.vectors)
    about = about.without(*about.of_models(*(owner for owner in about.models if owner != active)))
    names = set(about.names)
    try:
        with new_file(file) as aside, aside.open("wb") as out:
            aside.chmod(0o600)
            lines = LineWriter(out)
            lines.write(
                Kind.HEAD,
                {
                    "format": FORMAT,
                    "version": version("photosense"),
                    "at": datetime.now(UTC).isoformat(timespec="seconds"),
                    "active": active,
                    "vectors": about.pack()["vectors"],
                },
            )
            for path in _files(settings, active):
                name = str(path.relative_to(settings.home))
                lines.write(Kind.FILE, {"path": name, "data": b64encode(path.read_bytes()).decode()})
            for point in store.scroll(features=True):
                line = post_line(point)
                line["vectors"] = {name: packed for name, packed in line["vectors"].items() if name in names}
                lines.write(Kind.POST, line)
                progress(lines.counts[Kind.POST])
            for name in RECORDS:
                for text in _lines_of(settings.home / name):
                    lines.write(Kind.RECORD, {"of": name, "line": text})
            lines.end()
    except OSError as error:
        raise PhotosenseError(f"{file} cannot be written: {error.strerror}. Give a writable place.") from None
    return lines.counts


def _files(settings: Settings, model: str | None) -> Iterator[Path]:
    """What was learned, where it is asked for; the photos' small copies come again with their posts."""
    if model is None:
        return
    for folder in (settings.models_path / model, settings.encoders_path, settings.detector_path):
        yield from sorted(path for path in folder.rglob("*") if path.is_file())
    if settings.ads_path.is_file():
        yield settings.ads_path


def _lines_of(path: Path) -> Iterator[str]:
    """The whole lines of a file of records, as they stand: the hashes that chain them go on."""
    if path.is_file():
        yield from (line.decode() for file in volumes(path) for line in whole_lines(file))
