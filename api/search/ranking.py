"""The last ordering: how likely a candidate is to have said or shown what was asked, and how much it looks like it."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from qdrant.points import StoredPoint
from qdrant.store import Foreign
from topic_model.document import IMAGE, TAG, TEXT, Document, own_words
from topic_model.model import TopicModel
from topic_model.ranking.likelihood import of_photo, of_words

Floats = NDArray[np.float64]
Place = NDArray[np.float32]

ALIGNED, FOREIGN = "aligned", "foreign"  # their weights stand among those of the modalities
PHOTO_TO_PHOTO = 1.0  # what the aligned arm weighs for a photo: found on photos whose captions are alike


def order(
    query: Document,
    points: Sequence[StoredPoint],
    model: TopicModel,
    weights: Mapping[str, float],
    place: Place | None = None,
    foreign: Foreign | None = None,
) -> list[int]:
    """Order candidates by the likelihood of the query's words and of its photo, and by cosines; ties by id.

    Each part is brought to one scale and weighted; `place` is where the query lies among the photos, `foreign` where a
    dual encoder places it.
    """
    thetas = np.array([np.zeros(model.topics, np.float32) if point.theta is None else point.theta for point in points])
    total = np.zeros(len(points))
    mixture = model.ranking.mixture
    words = own_words({modality: query.get(modality, {}) for modality in (TEXT, TAG)})
    if words:
        own = [own_words({TEXT: point.tokens(TEXT), TAG: point.tokens(TAG)}) for point in points]
        likelihood = of_words(list(words), thetas, own, model, mixture).sum(axis=1)
        total += weights.get(TEXT, 1.0) * _standard(likelihood)
    if query.get(IMAGE):
        total += weights.get(IMAGE, 1.0) * _standard(of_photo(query[IMAGE], thetas, model, mixture))
    if place is not None:
        near = likeness(place, [point.aligned for point in points])
        usual = PHOTO_TO_PHOTO if query.get(IMAGE) else model.ranking.aligned
        total += weights.get(ALIGNED, usual) * _standard(near)
    if foreign is not None:
        near = likeness(foreign.place, [point.foreign.get(foreign.encoder) for point in points])
        total += weights.get(FOREIGN, model.ranking.foreign) * _standard(near)
    return sorted(range(len(points)), key=lambda rank: (-total[rank], points[rank].id))


def likeness(place: Place, others: Sequence[Place | None]) -> Floats:
    """Cosine of a place with those of posts; a post without one is as near as the mean of the others."""
    near = np.array([np.nan if other is None else float(place @ other) for other in others])
    seen = ~np.isnan(near)
    return np.where(seen, near, near[seen].mean() if seen.any() else 0.0)


def _standard(scores: Floats) -> Floats:
    """Bring words and photo to one scale: zero mean, unit spread over the candidates."""
    spread = scores.std()
    return np.asarray((scores - scores.mean()) / (spread if spread > 0 else 1.0))
