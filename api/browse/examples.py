"""Posts that hits should be like, and unlike: their topics are laid over those of the question."""

from collections.abc import Sequence
from dataclasses import replace

from api.errors import BadRequest, NotFound
from api.search.admission import Admitted
from compliance.facts import from_payload
from compliance.gate import Gate
from qdrant.engine.examples import blend
from qdrant.errors import ModelMissing
from qdrant.filters import Not, Posts, both
from qdrant.points import StoredPoint
from qdrant.store import Store


def with_examples(admitted: Admitted, store: Store, gate: Gate) -> Admitted:
    """Lay the topics of examples over a question; they themselves are no hits."""
    question = admitted.question
    if not question.like and not question.unlike:
        return admitted
    liked = _visible("like", question.like, admitted, store, gate)
    unliked = _visible("unlike", question.unlike, admitted, store, gate)
    own = [] if admitted.theta is None else [admitted.theta]
    thetas = [point.theta for point in liked if point.theta is not None] + own
    against = [point.theta for point in unliked if point.theta is not None]
    if not thetas:
        if store.active is None:
            raise ModelMissing("Examples are compared by topics, and no model is trained yet: run `photosense train`.")
        raise BadRequest("`unlike` needs a text, a photo or a post in `like` that has topics.", "wrong_field", 422)
    others = Not(Posts(frozenset((*question.like, *question.unlike))))
    question = replace(question, filter=both(question.filter, others))
    return replace(admitted, question=question, theta=blend(thetas, against))


def _visible(part: str, posts: Sequence[str], admitted: Admitted, store: Store, gate: Gate) -> list[StoredPoint]:
    """Read examples; one that is withheld is as one that is not there."""
    points = store.get(posts) if posts else []
    visible = [
        point for point in points if point is not None and gate.may_show(from_payload(point.facts), admitted.visit.rule)
    ]
    known = {point.id for point in visible}
    for number, post in enumerate(posts):
        if post not in known:
            raise NotFound(f"There is no post by the id in {part}[{number}]: name another one.")
    return visible
