"""Indexing posts for a while: the house's own pipeline, model and rules over a store that is gone afterwards."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from compliance.consent import ConsentEnds
from compliance.records.audit import Audit
from compliance.records.tombstones import Tombstones
from ingest.bulk.run import line_batches
from ingest.draft import REJECTED
from ingest.photos.photo_source import PhotoSource
from ingest.post import Post
from ingest.vectors import add_vectors
from photosense.evaluation.corpus import as_line
from photosense.house import House
from photosense.progress import progress
from qdrant.open_store import open_folder


@dataclass(frozen=True, slots=True)
class Indexed:
    """A house whose store holds only these posts; `rejected` counts by reason those that were turned away."""

    house: House
    rejected: Counter[str]


@contextmanager
def indexed(house: House, posts: Sequence[Post], photos: PhotoSource) -> Iterator[Indexed]:
    """Take posts into a temporary store; nothing of the home changes, its records included."""
    with (
        TemporaryDirectory(prefix="photosense-evaluate-") as folder,
        closing(open_folder(Path(folder) / "store", house.settings.bounds)) as store,
    ):
        if house.models.topics is not None:
            add_vectors(store, house.models.topics)
            store.activate(house.models.topics.id)
        # A site may want words with every photo; here they were taken away on purpose.
        settings = house.settings.model_copy(update={"min_words_with_photo": 0})
        law = replace(house.law, audit=Audit(None), tombstones=Tombstones(), ends=ConsentEnds())
        photos_there = replace(house.photos, renditions=None)  # the home's are of its own posts
        there = replace(house, settings=settings, store=store, law=law, photos=photos_there)
        yield Indexed(there, _taken(there, posts, photos))


def _taken(there: House, posts: Sequence[Post], photos: PhotoSource) -> Counter[str]:
    """Take posts in; gives the reasons of those that were turned away."""
    rejected: Counter[str] = Counter()
    lines = (as_line(number, post) for number, post in enumerate(posts, 1))
    done = 0
    with progress("indexed", len(posts)) as update:
        for drafts in there.pipeline().flow(line_batches(lines), photos):
            results = [draft.result for draft in drafts if draft.result is not None]
            rejected.update(result.reason for result in results if result.status == REJECTED and result.reason)
            done += len(results)
            update(done)
    return rejected
