"""How a post stands in the store: its facts, where it may be shown, and its words where they may be found."""

from compliance.facts import Facts, Vis, to_payload, vis
from ingest.sparse_words import words_of
from qdrant.points import StoredPoint
from qdrant.store import Standing


def standing(facts: Facts, point: StoredPoint) -> Standing:
    """How facts stand in the store; no score may tell of a held post's words."""
    child, ways = facts.visibility
    words = {} if vis(facts.child) is Vis.HELD or len(ways) > 1 else words_of(point.document())
    return Standing(ways[0] if len(ways) == 1 else ways, child, to_payload(facts), words)
