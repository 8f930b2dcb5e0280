"""Writing points: consents recorded before they hold, photos shown before a post is acknowledged, gaps filled in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from compliance.facts import Child, Facts, Source, from_payload
from compliance.records.audit import Audit
from ingest.draft import Draft
from ingest.photos.rendition_folder import RenditionFolder
from ingest.photos.rendition_shelf import RenditionShelf
from ingest.storage.appearance import appearance_of, is_same, is_seen_otherwise, stored_digest
from ingest.storage.new_point import new_point
from ingest.vectors import post_vectors, vector_sizes
from qdrant.engine.about import About
from qdrant.engine.checks import check
from qdrant.errors import PointRefused
from qdrant.points import PhotoPoint, StoredPoint
from qdrant.store import Store
from qdrant.vector_kind import DUAL
from topic_model.model import TopicModel
from vision.dual.dual_encoder import DualEncoder

SEEN_ANEW = "seen_anew"  # the mark of a post that is unchanged, but for what another encoder saw in its photo


class PointWriter:
    """Writes drafts whose facts are weighed already."""

    def __init__(
        self,
        store: Store,
        model: TopicModel | None,
        audit: Audit,
        dual: DualEncoder | None,
        renditions: RenditionFolder | None,
    ) -> None:
        self._store = store
        self._model = model
        self._audit = audit
        self._dual = dual
        self._shelf = RenditionShelf(renditions) if renditions else None
        self._about = About(vector_sizes(model, dual))

    def write(
        self, drafts: Sequence[Draft], facts: Mapping[int, Facts], stored: Mapping[str, StoredPoint]
    ) -> list[tuple[Draft, PhotoPoint]]:
        """Document -> theta + words -> point -> flushed; gives what could be stored, with what became of it."""
        points: list[tuple[Draft, PhotoPoint]] = []
        room = self._store.vectors()  # whoever publishes a model lets go of older ones, and fills in what has none
        for draft, vectors in zip(drafts, post_vectors(drafts, self._model, self._dual), strict=True):
            own = {vector: one for vector, one in vectors.items() if vector in room}
            point = new_point(draft, facts[draft.line.number], own)
            if is_seen_otherwise(draft, stored.get(point.id)):
                point = replace(point, digest=stored_digest(stored[point.id]))  # unchanged, as far as facts go
            try:
                check(point, self._about)
                points.append((draft, point))
            except PointRefused as refused:
                draft.reject("cannot_store", str(refused))
        self._record_consents(points, facts, stored)
        if self._shelf:
            self._shelf.put([draft for draft, _ in points])  # first: what is acknowledged has what it shows
        outcomes = self._store.upsert([point for _, point in points])
        for (draft, _), outcome in zip(points, outcomes, strict=True):
            draft.become(outcome.value)
        if self._shelf:
            self._shelf.clear([draft for draft, _ in points], stored)
        return points

    def record_openings(self, facts: Mapping[str, Facts]) -> None:
        """Record which posts are open by the word of the site alone."""
        for child in (Child.CLEAR, Child.CONSENTED):
            by_site = [post for post, its in facts.items() if (its.child, its.source) == (child, Source.HOST)]
            self._audit.site_opened(by_site, child)

    def _record_consents(
        self, points: Sequence[tuple[Draft, PhotoPoint]], facts: Mapping[int, Facts], stored: Mapping[str, StoredPoint]
    ) -> None:
        """Record the consents that the site gives, before they hold: one that cannot be recorded is refused."""
        for draft, point in points:
            consent, there = facts[draft.line.number].consent, stored.get(point.id)
            if there is not None and not appearance_of(draft).replaces(appearance_of(there)):
                continue
            if consent is not None and (there is None or consent != from_payload(there.facts).consent):
                self._audit.consented(point.id, consent)

    def _is_late(self, point: StoredPoint, draft: Draft) -> bool:
        """Whether a post is stored as it is sent, and was not embedded by the dual encoder yet."""
        return self._dual is not None and point.vector(DUAL, self._dual.id) is None and is_same(point, draft)

    def see_anew(self, unchanged: Sequence[tuple[Draft, PhotoPoint]], stored: Mapping[str, StoredPoint]) -> None:
        """Write what another encoder saw in the photos of posts that are unchanged; facts are those of the store."""
        seen = {point.id: (draft, point) for draft, point in unchanged if is_seen_otherwise(draft, stored[point.id])}
        points = []
        for there in self._store.get(list(seen)) if seen else ():
            if there is not None:
                draft, point = seen[there.id]
                points.append(new_point(draft, from_payload(there.facts), point.vectors))
                draft.marks[SEEN_ANEW] = "Another encoder saw its photo."
        if points:
            self._store.upsert(points)

    def fill_in(self, points: Sequence[tuple[Draft, PhotoPoint]], stored: Mapping[str, StoredPoint]) -> None:
        """Fill in the dual encoder's embeddings of posts that were stored before it was named."""
        if self._dual:
            vector = DUAL.of(self._dual.id)
            late = [point for draft, point in points if self._is_late(stored[point.id], draft)]
            self._store.put_vectors(
                vector, [(point.id, point.vectors[vector]) for point in late if vector in point.vectors]
            )
