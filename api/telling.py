"""Telling: what an answer says of hits beside their fields."""

from collections.abc import Sequence

from api.asking import Query
from api.finding import Found
from qdrant.points import StoredPoint
from topic_model.document import TAG, TEXT, own_words


def said(query: Query, point: StoredPoint) -> list[str]:
    """List the query's words that the post itself holds, as the visitor typed them."""
    own = own_words({TEXT: point.tokens(TEXT), TAG: point.tokens(TAG)}) if query.words else {}
    return [query.as_typed(token) for token in query.words if token in own]


def looks_like(query: Query, point: StoredPoint) -> float | None:
    """Cosine of the question and the post where the model places both; None where it cannot."""
    if query.aligned is None or point.aligned is None:
        return None
    return round(float(query.aligned @ point.aligned), 4)


def too_little(left_out: Sequence[Found], least: float) -> str | None:
    """Say how near the best came that `min_match` left out."""
    best = max((found.match or 0.0 for found in left_out), default=0.0)
    return (
        f"Nothing here matches that much: the best match is {best:.2f}, min_match is {least:g}." if best > 0 else None
    )
