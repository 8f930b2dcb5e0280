"""The gate before: a question is admitted or refused, once, and nothing but an admitted question can be searched."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain

from api.access.fence import Fence
from api.errors import BadRequest
from api.search.question import Question
from api.search.ranking import WEIGHTS
from api.visitor import Guest
from common.arrays import Float32
from compliance.country import Country
from compliance.gate import Action, Verdict
from compliance.law import Law
from compliance.policy import Rule
from ingest.document import make_document
from ingest.photos.photo_parts import PhotoParts
from topic_model.document import IMAGE, MODALITIES, Document
from topic_model.ideas.widening import NOTHING_MORE, Widening, widen
from topic_model.model import POST_ITERATIONS, QUERY_ITERATIONS
from topic_model.models import Models
from topic_model.tokens import tokenize
from vision.encoder import Features, Pixels
from vision.look import encode_looks


@dataclass(frozen=True, slots=True)
class Visit:
    """Where a visitor comes from, the rule that holds there, and the fence that a token puts around him."""

    country: Country
    rule: Rule
    fence: Fence | None = None


@dataclass(frozen=True, slots=True)
class PhotoView:
    """What the photo of a question came to; `score` is what the detector says of a child in it, None without one."""

    words: Mapping[str, float]
    features: Features
    pixels: Pixels | None
    score: float | None


@dataclass(frozen=True, slots=True)
class Admitted:
    """A question that the gate let pass, with what the gate looked at; also a stored post that the visitor may see.

    `narrowed` tells that nobody is sure about its photo: the rule of the visit then shows only what is known to be
    clear. `theta` is None when the model knows nothing of it. `document` has the question's own words, `widening` those
    that say the same.
    """

    question: Question
    visit: Visit
    document: Document
    theta: Float32 | None
    photo: PhotoView | None = None
    narrowed: bool = False
    widening: Widening = NOTHING_MORE


@dataclass(frozen=True, slots=True)
class Refused:
    """A question that is answered with the sentence alone."""

    visit: Visit
    sentence: str


class Admission:
    """Asks the gate about questions, whatever they will be used for."""

    def __init__(
        self,
        models: Models,
        photos: PhotoParts,
        law: Law,
        knows: Callable[[str, frozenset[str] | None], bool] = lambda *_: True,
    ) -> None:
        """`knows` says whether a field can be filtered by."""
        self._topics = models.topics
        self._knows = knows
        self._ideas = models.ideas
        self._photos = photos
        self._decoder = photos.open_decoder()
        self._law = law
        self._of_word = lru_cache(maxsize=1 << 15)(law.gate.query)  # words of ideas alone, never a visitor's

    def visit(self, country: Country) -> Visit:
        """Find the rule for a visitor."""
        rule = self._law.gate.policy.rule_for(country)
        if isinstance(country, Guest) and country.within is not None:
            return Visit(country, rule, Fence(country.within, self._knows))
        return Visit(country, rule)

    def ask(
        self, question: Question, visit: Visit, photo: PhotoView | None = None, *, on_record: bool = True
    ) -> Admitted | Refused:
        """Ask about the words first, then about the photo, or about the topics of the words.

        `photo` is what was seen in the question's photo already, when a mended question asks again. A question that is
        not asked, but told of, is not `on_record`.
        """
        gate, rule = self._law.gate, visit.rule
        verdict = gate.query(question.wording, rule)
        if verdict.action is Action.REFUSE:
            return self._refused(question, visit, verdict, on_record)
        widening = widen(_texts(question), self._ideas)
        verdict = self._heard(widening, rule)
        if verdict.action is Action.REFUSE:
            return self._refused(question, visit, verdict, on_record)
        self._check_weights(question)
        if question.photo is not None and photo is None:
            photo = self._view(question.photo)
        document = make_document([question.text] if question.text else [], (), photo.words if photo else None)
        theta = self._theta(widening.document(document, self._topics), question.weights)
        verdict = gate.topics(theta, rule) if photo is None else gate.photo(photo.score, rule)
        if verdict.action is Action.REFUSE:
            return self._refused(question, visit, verdict, on_record)
        narrowed = verdict.action is Action.NARROW
        if narrowed:
            visit = replace(visit, rule=rule.narrowed())
        return Admitted(question, visit, document, theta, photo, narrowed, widening)

    def _heard(self, widening: Widening, rule: Rule) -> Verdict:
        """Ask about all that is searched beside the question's own words: word by word, and as a text of a language."""
        verdicts: Iterator[Verdict] = chain(
            (self._law.gate.query(text, rule) for text in widening.translations),
            (self._of_word(text, rule) for text in widening.texts()),
        )
        return next((verdict for verdict in verdicts if verdict.action is Action.REFUSE), Verdict(Action.ALLOW))

    def _refused(self, question: Question, visit: Visit, verdict: Verdict, on_record: bool) -> Refused:
        if on_record:
            self._law.audit.refused(question.wording, verdict.rule or "", visit.country)
        return Refused(visit, verdict.sentence or visit.rule.sentence)

    def _view(self, photo: bytes) -> PhotoView:
        look = self._decoder.look_now(photo)
        encoding = encode_looks([look], self._photos.encoder)
        detector = self._photos.detector
        score = None
        if detector:
            numbers, features = self._photos.evidence.beside(encoding.features, [look])
            score = float(detector.scores(features, numbers)[0])
        return PhotoView(encoding.words[0], encoding.features[0], look.pixels, score)

    def _theta(self, document: Document, weights: Mapping[str, float]) -> Float32 | None:
        if self._topics is None:
            return None
        iterations = POST_ITERATIONS if document.get(IMAGE) else QUERY_ITERATIONS
        return self._topics.theta(document, weights, iterations)

    def _check_weights(self, question: Question) -> None:
        known = {
            *MODALITIES,
            *(kind.name for kind in WEIGHTS),
            *(self._topics.vocabulary.tokens if self._topics else ()),
        }
        strange = ", ".join(question.weights.keys() - known)
        if strange:
            names = ", ".join(sorted(known))
            raise BadRequest(f"weights: {strange} is no modality here, these are: {names}.", "wrong_field", 422)


def _texts(question: Question) -> list[str]:
    """What a question says in words; those within a hashtag are words too."""
    text = question.text or ""
    return [*(tag.replace("_", " ") for tag in tokenize(text).tag), text]
