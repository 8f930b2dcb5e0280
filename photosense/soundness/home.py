"""A home as a whole: every part against itself, one after the other; a part that is damaged hides no other."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Final, NamedTuple

from compliance.errors import ComplianceError
from compliance.records.takedown_register import Takedowns
from compliance.records.tombstones import Tombstones
from ingest.photos.rendition_folder import RenditionFolder, shown_photo
from photosense.house import APPLIED
from photosense.settings import Settings
from photosense.soundness.law import LawCheck, check_records, check_salt
from photosense.soundness.learned import check_learned
from photosense.soundness.mapped import check_mapped
from photosense.soundness.store import check_store
from photosense.soundness.verdict import RESTORE, PartVerdict
from qdrant.errors import StoreError
from qdrant.open_store import open_server, open_shared
from qdrant.points import StoredPoint
from qdrant.store import Store


class Rests(NamedTuple):
    """What is told of each post, and of each file's bytes, and may rest."""

    posts: Callable[[float], None]
    bytes: Callable[[float], None]


NO_RESTS: Final = Rests(lambda _: None, lambda _: None)


def home_verdicts(
    settings: Settings, progress: Callable[[int], None] = lambda _: None, rests: Rests = NO_RESTS
) -> Iterator[PartVerdict]:
    """Give what is found of each part, as soon as it is known; beside a service as well."""
    yield check_records([settings.takedowns_path, settings.tombstones_path, settings.audit_path])
    yield check_salt(settings.audit_path)
    active: str | None = None
    store: Store | None = None
    try:
        store = _open(settings)
        if store is None:
            yield PartVerdict("store", "there is none yet")
        else:
            with closing(store):
                active = store.info().active
                yield from content_verdicts(settings, store, progress, rests)
    except (StoreError, ComplianceError) as error:
        verdict = PartVerdict("store")
        verdict.add(str(error), f"{RESTORE}, or move the folder away and send the posts again")
        yield verdict
    yield from check_learned(settings, active)


def content_verdicts(
    settings: Settings, store: Store, progress: Callable[[int], None] = lambda _: None, rests: Rests = NO_RESTS
) -> list[PartVerdict]:
    """Check what is stored: posts, what the law says of them, and the small copies of their photos."""
    law = LawCheck(Takedowns(settings.takedowns_path), Tombstones(settings.tombstones_path))
    renditions = _RenditionCheck(RenditionFolder(settings.renditions_path))
    count = 0

    def watch(point: StoredPoint) -> None:
        nonlocal count
        law.watch(point)
        renditions.watch(point)
        count += 1
        progress(count)
        rests.posts(1)

    verdicts = [
        check_store(store, watch),
        check_mapped(settings, store, rests.bytes),
        law.verdict(),
        renditions.verdict(),
    ]
    if not verdicts[2].is_whole:
        (settings.store_path / APPLIED).unlink(missing_ok=True)  # whoever opens the home next applies the records
    return verdicts


class _RenditionCheck:
    """Reads every small copy of a photo."""

    def __init__(self, folder: RenditionFolder) -> None:
        self._folder = folder
        self._having = 0

    def watch(self, point: StoredPoint) -> None:
        self._having += self._folder.has(point.id, shown_photo(point))

    def verdict(self) -> PartVerdict:
        verdict = PartVerdict("renditions", f"of the photos of {self._having:,} posts, each as it was written")
        damage = self._folder.damaged()
        for file in damage[:5]:
            verdict.add(f"{file.name} is not what was written.", "it goes when it is asked for; send its post again")
        if len(damage) > 5:
            verdict.add(f"{len(damage) - 5:,} more are not what was written.", "send their posts again")
        return verdict


def _open(settings: Settings) -> Store | None:
    if settings.qdrant_url is not None:
        key = settings.qdrant_api_key.get_secret_value() if settings.qdrant_api_key else None
        return open_server(settings.qdrant_url, key, settings.server_settings, bounds=settings.bounds)
    return open_shared(settings.store_path, settings.bounds) if settings.store_path.exists() else None
