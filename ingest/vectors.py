"""The vectors of a post: what the model and the dual encoder give, and how long they are."""

from collections.abc import Iterator, Sequence

from common.arrays import Float32
from ingest.draft import Draft
from qdrant.store import Store
from qdrant.vector_kind import ALIGNED, DUAL, THETA, NamedVector
from topic_model.model import TopicModel
from vision.dual.dual_encoder import DualEncoder


def vector_sizes(model: TopicModel | None, dual: DualEncoder | None = None) -> dict[NamedVector, int]:
    """How long the vectors are that the two give."""
    sizes: dict[NamedVector, int] = {}
    if model is not None:
        sizes[THETA.of(model.id)] = model.topics
        if model.aligned_size:
            sizes[ALIGNED.of(model.id)] = model.aligned_size
    if dual is not None:
        sizes[DUAL.of(dual.id)] = dual.size
    return sizes


def add_vectors(store: Store, model: TopicModel | None, dual: DualEncoder | None = None) -> None:
    """Make room for what the two give; nothing changes where there is."""
    for vector, size in vector_sizes(model, dual).items():
        store.add_vector(vector, size)


def post_vectors(
    drafts: Sequence[Draft], model: TopicModel | None, dual: DualEncoder | None
) -> list[dict[NamedVector, Float32]]:
    """The vectors of each post, by which it is found."""
    thetas = model.thetas([draft.document for draft in drafts]) if model else [None] * len(drafts)
    vectors: list[dict[NamedVector, Float32]] = []
    for draft, theta in zip(drafts, thetas, strict=True):
        of_post = dict(_of_photo(draft, model, dual))
        if model is not None and theta is not None:
            of_post[THETA.of(model.id)] = theta
        vectors.append(of_post)
    return vectors


def _of_photo(
    draft: Draft, model: TopicModel | None, dual: DualEncoder | None
) -> Iterator[tuple[NamedVector, Float32]]:
    """The embeddings that take a photo."""
    aligned, features = model.aligned if model else None, draft.features
    # A photo that stays while its post is changed may have been measured by another encoder: then it has no place.
    if model is not None and aligned is not None and features is not None and len(features) == len(aligned.photo_mean):
        yield ALIGNED.of(model.id), aligned.of_posts(features[None], [draft.document])[0]
    if dual is not None and draft.dual is not None and draft.dual.any():
        yield DUAL.of(dual.id), draft.dual
