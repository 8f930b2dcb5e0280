"""Classes: how likely a text or photo is of each album, genre or other value that posts which may be seen have."""

from collections.abc import Mapping
from typing import Final

from api.answers import ClassShare
from api.search.admission import Visit
from api.search.candidates import visible
from common.arrays import Float32
from compliance.gate import Gate
from ingest.document import value_tokens
from qdrant.attrs import AttrKind
from qdrant.grammar import read_facet
from qdrant.points import kind_of
from qdrant.store import Facet, Store
from topic_model.model import TopicModel

_MOST: Final = 10_000  # classes that are looked at, those of most posts
_AUTHORS: Final = {"captions.author": "authors"}  # a modality's field, as filters call it


class Classifier:
    """Shares of classes among those of posts that this visitor may see now: of all others nothing is told.

    A class whose posts are withheld, outside a fence or gone has no share, and none is missing from the others' sum.
    """

    def __init__(self, store: Store, gate: Gate) -> None:
        self._store, self._gate = store, gate

    def shares(
        self, theta: Float32, model: TopicModel, modality: str, where: str, limit: int, visit: Visit
    ) -> list[ClassShare]:
        """The likeliest classes of a modality that is read from the field `where`."""
        seen = self._seen(where, visit)
        known = model.classify(theta, modality, limit=len(model.vocabulary.tokens.get(modality, ())))
        there = [(seen[one.token], one.p) for one in known if one.token in seen]
        whole = sum(p for _, p in there)
        return [ClassShare(value, round(p / whole, 6)) for value, p in there[:limit]] if whole > 0 else []

    def _seen(self, where: str, visit: Visit) -> Mapping[str, str]:
        """The values of posts that may be seen, as the most posts write them, by what they are as a token."""
        audience = self._gate.audience(visit.rule)
        fields = [field for field in read_facet(_AUTHORS.get(where, where)).fields if kind_of(field) is AttrKind.WORD]
        facets = [Facet(field, _MOST) for field in fields if self._store.knows(field, audience)]
        _, counted = self._store.tally(facets, visible(visit, self._gate), audience)
        seen: dict[str, str] = {}
        for counts in counted:
            for value in self._gate.redact_words([str(one.value) for one in counts.counts], visit.rule, str):
                for token in value_tokens((value,)):
                    seen.setdefault(token, value)
        return seen
