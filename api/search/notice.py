"""Notices: what an answer says to people beside its hits, and what it says of a hit beside its fields."""

import numpy as np

from api.search.candidates import Shortlist
from api.search.query import Query
from qdrant.points import StoredPoint
from qdrant.vector_kind import ALIGNED, DUAL
from topic_model.document import IMAGE
from topic_model.model import TopicModel

NO_POSTS = "There are no posts yet that may be shown here: send some to /v1/posts:bulk, or run `photosense ingest`."
NO_MODEL = "No topic model is trained yet, so posts are found by their words only: run `photosense train`."
UNKNOWN = "None of these words is known here. Try other words, or a photo."
NOTHING = "Nothing here matches."
PAST_THE_END = "This page is behind the last hit: ask for an earlier one."
UNLEARNED = "The model has not learned this modality: run `photosense model add-modality`, or train anew."
UNSURE = "Nobody is sure that this photo shows no child, so nothing is said about it."
_CODES = {
    NO_POSTS: "no_posts",
    NO_MODEL: "no_model",
    UNKNOWN: "unknown_words",
    NOTHING: "nothing_matches",
    PAST_THE_END: "past_the_end",
    UNLEARNED: "unlearned_modality",
    UNSURE: "unsure_photo",
}
_TOO_LITTLE = "too_little_match"


def code_of(notice: str | None) -> str | None:
    """The word for programs that stands beside a notice; a page says it in its own language."""
    return None if notice is None else _CODES.get(notice, _TOO_LITTLE)


def words_in_common(query: Query, point: StoredPoint) -> list[str]:
    """List the query's words that the post itself holds, as the visitor typed them, then those that say the same."""
    own = [query.as_typed(token) for token in query.words if token in point.words]
    others = (token for token in query.sought if token not in query.words and token in point.words)
    return [*own, *dict.fromkeys(map(query.widening.as_said, others))]


def looks_like(query: Query, point: StoredPoint) -> float | None:
    """Cosine of question and post to the dual encoder where it knows both, else to the model."""
    for kind in (DUAL, ALIGNED):
        target = query.near.get(kind)
        embedding = point.vector(kind, target.owner) if target else None
        if target is not None and embedding is not None:
            return round(float(target.values @ embedding), 4)
    return None


def too_little(left_out: Shortlist, least: float) -> str | None:
    """Say how near the best came that `min_match` left out."""
    best = float(np.nan_to_num(left_out.matches).max(initial=0.0))
    return (
        f"Nothing here matches that much: the best match is {best:.2f}, min_match is {least:g}." if best > 0 else None
    )


def why_nothing(query: Query, model: TopicModel | None) -> str:
    """Say why nothing was found where there is something to be found."""
    if query.theta is None and not query.document.get(IMAGE):
        return UNKNOWN
    return NOTHING if model else NO_MODEL
