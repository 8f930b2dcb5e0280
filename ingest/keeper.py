"""Keeping: drafts to acknowledged points, copies turned away, and whatever is said of children held at once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from common.arrays import Float32
from compliance.facts import Child, Facts, Source, Vis, from_payload, to_payload, vis
from compliance.law import Law
from compliance.precedence import COPY_OF, look_again, settle, stricter
from ingest.draft import Draft
from ingest.post import digest, plain_attrs
from ingest.reason import Reason
from ingest.settings import IngestSettings
from ingest.sparse_words import words_of
from ingest.standing import standing
from ingest.steps.copies import Keys, Known, find_known, keys_of
from ingest.steps.duplicate_photo import duplicate_photo, near_duplicate
from ingest.steps.duplicate_text import duplicate, duplicate_text
from ingest.vectors import post_vectors, vector_sizes
from qdrant.engine.about import About
from qdrant.engine.checks import check
from qdrant.engine.write_plan import Written
from qdrant.errors import PointRefused
from qdrant.points import Fields, PhotoPoint, StoredPoint
from qdrant.store import Standing, Store
from qdrant.vector_kind import DUAL, NamedVector
from topic_model.model import TopicModel
from vision.dual.dual_encoder import DualEncoder
from vision.fingerprint import Fingerprint

# Somebody has to look: another post with this photo or these words is withheld.
_LIKE_A_HELD_POST = Facts(Child.REVIEW, Source.HOST)

STORED, UNCHANGED = Written.STORED.value, Written.UNCHANGED.value


class Settle(Protocol):
    """How new facts stand against stored ones."""

    def __call__(self, stored: Facts, sent: Facts, *, same: bool, silent: bool = False) -> Facts:
        """Give what holds."""
        ...


class Keeper:
    """Puts posts into the store, each one once."""

    def __init__(
        self,
        store: Store,
        model: TopicModel | None,
        settings: IngestSettings,
        law: Law,
        dual: DualEncoder | None = None,
    ) -> None:
        self._store = store
        self._model = model
        self._settings = settings
        self._takedowns = law.takedowns
        self._audit = law.audit
        self._dual = dual
        self._about = About(vector_sizes(model, dual))
        self._turn = law.turn  # two batches at once could store the same post under two ids

    def keep(self, drafts: list[Draft]) -> list[Draft]:
        """Give every draft its result; those that are stored are safe on disk by then."""
        posts = [draft for draft in drafts if draft.post is not None]
        with self._turn:
            self._turn_away_taken_down(posts)
            self._hold({draft.sent.id: draft for draft in posts if vis(draft.facts.child) is Vis.HELD})
            alike = self._turn_away_copies([draft for draft in posts if draft.result is None])
            self._store_points([draft for draft in posts if draft.result is None])
            self._hold_all(*_not_taken_back(posts, alike))
        return drafts

    def has(self, post: str) -> bool:
        """Whether a post is stored."""
        return self._store.get([post]) != [None]

    def _turn_away_taken_down(self, drafts: Sequence[Draft]) -> None:
        """Reject what was taken down, whoever sends it again; a line that was rejected already stays so."""
        for draft in drafts:
            if draft.result is None:
                keys = keys_of(draft.sent, draft.photo)
                look = int(keys.look.removeprefix("look:"), 16) if keys.look else None
                exact = keys.photo.removeprefix("photo:") or None
                takedown = self._takedowns.match(draft.sent.id, draft.sent.link, exact, look)
                if takedown:
                    draft.reject("taken_down", f"This post, its link or its photo was taken down ({takedown}).")

    def _hold(self, drafts: Mapping[str, Draft]) -> None:
        """Withhold the stored posts that are found to be about a child; only a newer post may open them again."""
        self._settle(drafts, {post: draft.facts for post, draft in drafts.items()}, stricter)

    def _hold_all(self, lines: Mapping[str, Draft], alike: Mapping[str, Facts]) -> None:
        """Withhold what lines that were not stored speak of, and the posts that are like one about a child."""
        self._hold(lines)
        self._settle({}, alike, stricter)

    def _settle(self, drafts: Mapping[str, Draft], facts: Mapping[str, Facts], how: Settle) -> None:
        """Weigh facts against those of the stored posts, and write what changed."""
        changed: dict[str, Standing] = {}
        for point in self._store.get(list(facts)) if facts else ():
            if point is None:
                continue
            before = from_payload(point.facts)
            draft = drafts.get(point.id)
            same, silent = draft is not None and _is_same(point, draft), draft is None or _is_silent(draft)
            after = how(before, facts[point.id], same=same, silent=silent)
            if after != before:
                changed[point.id] = standing(after, point)
        if changed:
            self._store.set_facts(changed)

    def _turn_away_copies(self, drafts: Sequence[Draft]) -> dict[int, list[str]]:
        """Reject or mark what another post shows or says already; gives those others, for each such line."""
        keys = [keys_of(draft.sent, draft.photo) for draft in drafts]
        known = find_known(self._store, drafts, keys)
        alike: dict[int, list[str]] = {}
        for draft, its in zip(drafts, keys, strict=True):
            others = self._compare(draft, its, known)
            if others:
                alike[draft.line.number] = others
            if draft.result is None:
                held = [other for other in others if known.is_held(other)]
                if held and vis(draft.facts.child) is not Vis.HELD:  # whatever the site says: a person looks at both
                    draft.facts = replace(_LIKE_A_HELD_POST, rules=(f"{COPY_OF}{held[0]}",))
                known.add(draft.sent.id, its.stored(), held=vis(draft.facts.child) is Vis.HELD)
        return alike

    def _compare(self, draft: Draft, keys: Keys, known: Known) -> list[str]:
        """Take the steps that compare a post with others; gives all others that are like it."""
        findings = (
            duplicate(draft, keys, known),
            duplicate_text(draft, keys, known),
            duplicate_photo(draft, keys, known, self._settings.same_photo),
            near_duplicate(draft, keys, known, self._settings.near_photo),
        )
        alike: dict[str, None] = {}
        for verdict, others in findings:
            alike.update(dict.fromkeys(others))
            if verdict is None or draft.result is not None:
                continue
            if isinstance(verdict, Reason):
                draft.reject(*verdict)
            else:
                draft.marks[verdict.mark] = verdict.detail
        return list(alike)

    def _store_points(self, drafts: Sequence[Draft]) -> None:
        """Document -> theta + words -> point -> flushed."""
        points: list[tuple[Draft, PhotoPoint]] = []
        late: set[str] = set()  # what is stored as it is sent, and was not embedded by the dual encoder yet
        for draft, stored in zip(drafts, self._store.get([draft.sent.id for draft in drafts]), strict=True):
            if stored is not None:
                same = _is_same(stored, draft)
                draft.facts = settle(from_payload(stored.facts), draft.facts, same=same, silent=_is_silent(draft))
                if same and self._dual and stored.vector(DUAL, self._dual.id) is None:
                    late.add(draft.sent.id)
        for draft, vectors in zip(drafts, post_vectors(drafts, self._model, self._dual), strict=True):
            point = _point(draft, vectors)
            try:
                check(point, self._about)
                points.append((draft, point))
            except PointRefused as refused:
                draft.reject("cannot_store", str(refused))
        outcomes = self._store.upsert([point for _, point in points])
        for (draft, _), outcome in zip(points, outcomes, strict=True):
            draft.become(outcome.value)
        self._record_openings([draft for draft, _ in points if draft.result and draft.result.status == STORED])
        unchanged = {draft.sent.id: draft for draft, _ in points if draft.result and draft.result.status == UNCHANGED}
        self._settle(unchanged, {post: draft.facts for post, draft in unchanged.items()}, look_again)
        self._fill_in([point for _, point in points if point.id in late & unchanged.keys()])

    def _record_openings(self, drafts: Sequence[Draft]) -> None:
        """Record which posts are open by the word of the site alone."""
        for child in (Child.CLEAR, Child.CONSENTED):
            by_site = [draft for draft in drafts if (draft.facts.child, draft.facts.source) == (child, Source.HOST)]
            self._audit.site_opened([draft.sent.id for draft in by_site], child)

    def _fill_in(self, points: Sequence[PhotoPoint]) -> None:
        """Fill in the dual encoder's embeddings of posts that were stored before it was named."""
        if self._dual:
            vector = DUAL.of(self._dual.id)
            self._store.put_vectors(
                vector, [(point.id, point.vectors[vector]) for point in points if vector in point.vectors]
            )


def _point(draft: Draft, vectors: Mapping[NamedVector, Float32]) -> PhotoPoint:
    post, facts = draft.sent, draft.facts
    child, ways = facts.visibility
    is_held = vis(facts.child) is Vis.HELD or len(ways) > 1
    return PhotoPoint(
        id=post.id,
        vis=ways[0] if len(ways) == 1 else ways,
        child=child,
        facts=to_payload(facts),
        post=post.display_fields(),
        attrs=plain_attrs(post),
        document=draft.document,
        words={} if is_held else words_of(draft.document),  # no score may tell of a held post's words
        vectors=vectors,
        features=draft.features,
        version=post.version,
        digest=digest(post, _exact(draft.photo)),
        content=keys_of(post, draft.photo).stored(),
        marks=draft.marks,
    )


def _exact(photo: Fingerprint | None) -> str:
    return photo.exact if photo else ""


def _is_same(point: StoredPoint, draft: Draft) -> bool:
    """Whether a line shows what the stored post does, down to its authors, tags, addresses and fields."""
    photo = keys_of(draft.sent, draft.photo).photo
    stored = next((key for key in point.payload.get(Fields.CONTENT) or () if key.startswith("photo:")), "")
    return (photo, draft.sent.display_fields(), plain_attrs(draft.sent)) == (stored, point.post, point.attrs)


def _is_silent(draft: Draft) -> bool:
    """Whether the site says nothing of a child this time."""
    return draft.sent.child is None and draft.sent.consent is None


def _not_taken_back(
    posts: Sequence[Draft], alike: Mapping[int, Sequence[str]]
) -> tuple[dict[str, Draft], dict[str, Facts]]:
    """What is said of children by lines that were not stored, unless a later line stored the post again.

    A post that is about a child puts the posts that are like it on review, stored or not.
    """
    lines: dict[str, Draft] = {}
    facts: dict[str, Facts] = {}
    for draft in posts:
        held = vis(draft.facts.child) is Vis.HELD
        if draft.result is not None and draft.result.status == Written.STORED.value:
            lines.pop(draft.sent.id, None)
            facts.pop(draft.sent.id, None)
        elif held:
            lines[draft.sent.id] = draft
        if held:
            facts.update(dict.fromkeys(alike.get(draft.line.number, ()), _LIKE_A_HELD_POST))
    return lines, facts
