"""Vocabulary: which tokens of each modality the model knows, and where their rows lie in Phi."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from topic_model.document import Document
from topic_model.errors import CorpusError


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Tokens by modality; the rows of Phi are the modalities one after another."""

    tokens: Mapping[str, tuple[str, ...]]
    rows: Mapping[str, Mapping[str, int]] = field(init=False, repr=False, compare=False)
    slices: Mapping[str, slice] = field(init=False, repr=False, compare=False)
    size: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        rows: dict[str, dict[str, int]] = {}
        slices: dict[str, slice] = {}
        start = 0
        for modality, tokens in self.tokens.items():
            rows[modality] = {token: start + index for index, token in enumerate(tokens)}
            slices[modality] = slice(start, start + len(tokens))
            start += len(tokens)
        object.__setattr__(self, "rows", rows)
        object.__setattr__(self, "slices", slices)
        object.__setattr__(self, "size", start)

    def only(self, *modalities: str) -> "Vocabulary":
        """Some of the modalities."""
        return Vocabulary({name: tokens for name, tokens in self.tokens.items() if name in modalities})


@dataclass(frozen=True, slots=True)
class TokenBounds:
    """Which tokens are worth learning: seen in enough documents, not in nearly all, at most so many."""

    min_documents: int = 2
    max_share: float = 0.7
    limit: int = 50_000


def build_vocabulary(
    documents: Iterable[Document], modalities: Sequence[str], bounds: Mapping[str, TokenBounds] | None = None
) -> Vocabulary:
    """Collect the tokens of each modality that lie within its bounds, most common first."""
    document_counts: dict[str, Counter[str]] = {modality: Counter() for modality in modalities}
    total = 0
    for document in documents:
        total += 1
        for modality, tokens in document.items():
            if modality in document_counts:
                document_counts[modality].update(tokens.keys())
    bounds = bounds or {}
    kept = {
        modality: _within(counts, total, bounds.get(modality, TokenBounds()))
        for modality, counts in document_counts.items()
    }
    if not any(kept.values()):
        raise CorpusError(
            f"No token is left of {total} documents: each must occur in at least two documents and not in nearly all. "
            "Train on more posts, or on posts with captions, hashtags or photos."
        )
    return Vocabulary({modality: tokens for modality, tokens in kept.items() if tokens})


def _within(counts: Counter[str], total: int, bounds: TokenBounds) -> tuple[str, ...]:
    most = max(bounds.min_documents, bounds.max_share * total)
    fitting = [(-count, token) for token, count in counts.items() if bounds.min_documents <= count <= most]
    return tuple(token for _, token in sorted(fitting)[: bounds.limit])
