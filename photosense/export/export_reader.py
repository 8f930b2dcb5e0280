"""Reading an export into an empty home: records first, so that no post comes in that they hold or took down."""

from base64 import b64decode
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

from common.files import write_file
from moderation.returns import hold_returned
from moderation.takedowns import apply_register
from photosense.errors import PhotosenseError
from photosense.export.export_writer import RECORDS
from photosense.export.lines import Kind, check_export, read_lines
from photosense.export.post_line import point_from
from photosense.house import House, open_house
from photosense.settings import Settings
from qdrant.engine.about import About, unpack
from qdrant.engine.protocol import batches

_TOPS: Final = ("models", "encoders", "detector", "ads.json")


def read_export(
    settings: Settings, file: Path, progress: Callable[[int], None] = lambda _: None
) -> tuple[dict[str, Any], int]:
    """Bring everything into a home where nothing is yet; gives its head, and how many posts are stored by then."""
    head = check_export(file)
    _refuse_what_is_there(settings)
    _write_records(settings.home, file)
    for line in read_lines(file, Kind.FILE):
        _write_file(settings.home, line)
    with open_house(settings, with_model=False, with_detector=False, encoder_may_differ=True) as house:
        if house.store.count():
            raise PhotosenseError("The store holds posts already: import into an empty home, or an empty collection.")
        about = unpack({"vectors": head["vectors"], "active": None, "attrs": []})
        for vector, size in about.vectors.items():
            house.store.add_vector(vector, size)
        _store(house, file, about, progress)
        if head["active"] is not None:
            house.store.activate(head["active"])
        with house.law.turn:
            apply_register(house.store, house.law, house.photos.renditions)
            hold_returned(house.store, house.law)
        return head, house.store.count()


def _store(house: House, file: Path, about: About, progress: Callable[[int], None]) -> None:
    count = 0
    for part in batches(read_lines(file, Kind.POST)):
        try:
            points = [point_from(line, about, house.law.lexicon) for line in part]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise PhotosenseError(f"{file} holds a post that cannot be read ({error}): export again.") from None
        with house.law.turn:
            house.store.upsert(points)
        count += len(part)
        progress(count)


def _refuse_what_is_there(settings: Settings) -> None:
    names = {"store", *(_TOPS if settings.qdrant_url is None else ()), *RECORDS}
    there = sorted(entry.name for entry in settings.home.glob("*") if entry.name in names)
    if there:
        raise PhotosenseError(
            f"{settings.home} is not empty, {there[0]} exists: an import mixes nothing. Name an empty home."
        )


def _write_records(home: Path, file: Path) -> None:
    lines: dict[str, list[str]] = defaultdict(list)
    for line in read_lines(file, Kind.RECORD):
        if line["of"] in RECORDS:
            lines[line["of"]].append(line["line"])
    home.mkdir(parents=True, exist_ok=True)
    for name, own in lines.items():
        write_file(home / name, "".join(f"{line}\n" for line in own).encode("utf-8", "surrogatepass"))
        (home / name).chmod(0o600)


def _write_file(home: Path, line: Mapping[str, Any]) -> None:
    path = PurePosixPath(line["path"])
    if path.is_absolute() or ".." in path.parts or path.parts[0] not in _TOPS:
        raise PhotosenseError(f"The export names the file {line['path']!r}, which is none of a home: export again.")
    (home / path).parent.mkdir(parents=True, exist_ok=True)
    write_file(home / path, b64decode(line["data"]))
