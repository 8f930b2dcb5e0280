"""Renditions of a batch of posts: put in place before the posts are stored, and cleared of what they replaced after."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from ingest.draft import Draft
from ingest.photos.rendition_folder import RenditionFolder, shown_photo
from ingest.steps.copies import keys_of
from qdrant.engine.write_plan import Written
from qdrant.points import StoredPoint

NO_RENDITIONS: Final = "no_renditions"  # the mark of a post that was stored without the ones that were made
_AT_ONCE: Final = 8  # files that are waited for together until they are safe on disk


class RenditionShelf:
    """Keeps what is shown in small beside what is stored."""

    def __init__(self, folder: RenditionFolder) -> None:
        self._folder = folder

    def put(self, drafts: Sequence[Draft]) -> None:
        """Write what was made of the photos of posts; a post whose cannot be kept is stored without, and marked."""
        made = [draft for draft in drafts if draft.renditions]
        if made:
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                list(pool.map(self._write, made))

    def clear(self, drafts: Sequence[Draft], stored: Mapping[str, StoredPoint]) -> None:
        """Remove what posts show no more, now that it is known what became of them; `stored` is what was before."""
        shown = {post: shown_photo(point) for post, point in stored.items()}
        touched: set[str] = set()
        for draft in drafts:
            post = draft.sent.id
            if draft.renditions or post in stored:
                touched.add(post)
            if draft.result is not None and draft.result.status == Written.STORED.value:
                shown[post] = _photo_of(draft)
            draft.renditions = {}
        for post in touched:
            self._folder.remove([post], but=shown.get(post, ""))

    def _write(self, draft: Draft) -> None:
        post, photo = draft.sent.id, _photo_of(draft)
        try:
            if not self._folder.has(post, photo):
                self._folder.write(post, photo, draft.renditions)
        except OSError as error:
            draft.marks[NO_RENDITIONS] = f"Small copies of its photo cannot be kept ({error.strerror}); send it again."


def _photo_of(draft: Draft) -> str:
    return keys_of(draft.sent, draft.photo).photo.removeprefix("photo:")
