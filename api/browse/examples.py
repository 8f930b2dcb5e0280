"""Posts and topics that hits should be like, and unlike: they are laid over the topics of the question."""

from collections.abc import Sequence
from dataclasses import replace

from api.errors import BadRequest, NotFound
from api.search.admission import Admitted
from api.search.candidates import is_within
from common.arrays import Float32
from compliance.facts import from_payload
from compliance.gate import Action, Gate
from compliance.policy import Rule
from qdrant.engine.examples import blend
from qdrant.errors import ModelMissing
from qdrant.filters import Not, Posts, both
from qdrant.points import StoredPoint
from qdrant.store import Store
from topic_model.document import TEXT
from topic_model.model import TopicModel

_TELLING = 10  # words that a topic is known by


def with_examples(admitted: Admitted, store: Store, gate: Gate, model: TopicModel | None) -> Admitted:
    """Lay the topics of examples, and those that are named, over a question; the examples themselves are no hits."""
    question, rule = admitted.question, admitted.visit.rule
    if not question.is_steered:
        return admitted
    liked = _visible("like", question.like, admitted, store, gate)
    unliked = _visible("unlike", question.unlike, admitted, store, gate)
    own = [] if admitted.theta is None else [admitted.theta]
    more = _topics("more_of", question.more_of, model, gate, rule)
    thetas = [point.theta for point in liked if point.theta is not None] + more + own
    against = [point.theta for point in unliked if point.theta is not None]
    against += _topics("less_of", question.less_of, model, gate, rule)
    if not thetas:
        if store.active is None:
            raise ModelMissing("Examples are compared by topics, and no model is trained yet: run `photosense train`.")
        raise BadRequest(
            "`unlike` and `less_of` need a text, a photo, a post in `like` or a topic in `more_of`.", "wrong_field", 422
        )
    others = Not(Posts(frozenset((*question.like, *question.unlike))))
    question = replace(question, filter=both(question.filter, others))
    return replace(admitted, question=question, theta=blend(thetas, against))


def _visible(part: str, posts: Sequence[str], admitted: Admitted, store: Store, gate: Gate) -> list[StoredPoint]:
    """Read examples; one that is withheld is as one that is not there."""
    points = store.get(posts) if posts else []
    visible = [
        point
        for point in points
        if point is not None
        and gate.may_show(from_payload(point.facts), admitted.visit.rule)
        and is_within(point.id, admitted.visit, store, gate)
    ]
    known = {point.id for point in visible}
    for number, post in enumerate(posts):
        if post not in known:
            raise NotFound(f"There is no post by the id in {part}[{number}]: name another one.")
    return visible


def _topics(part: str, topics: Sequence[int], model: TopicModel | None, gate: Gate, rule: Rule) -> list[Float32]:
    """Topics as thetas, by their telling words; one that the law withholds is as one that is not there."""
    if topics and model is None:
        raise ModelMissing("There are no topics: no model is trained yet, run `photosense train`.")
    thetas = [None if model is None else _theta_of(topic, model, gate, rule) for topic in topics]
    for number, theta in enumerate(thetas):
        if theta is None:
            raise BadRequest(f"{part}[{number}] is no topic here: /v1/topics lists them.", "wrong_field", 422)
    return [theta for theta in thetas if theta is not None]


def _theta_of(topic: int, model: TopicModel, gate: Gate, rule: Rule) -> Float32 | None:
    """All members of a committee have their own topics: the words say the same to each of them."""
    member = model.members[0]
    if topic >= member.topics:
        return None
    words = gate.redact_words(member.topic_words(topic, TEXT, _TELLING), rule, lambda word: word.label)
    theta = model.theta({TEXT: {word.token: word.p for word in words}}) if words else None
    return None if gate.topics(theta, rule).action is Action.REFUSE else theta
