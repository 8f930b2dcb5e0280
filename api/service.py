"""The service: question in, answer out, with the gate before, the filter inside and the disclaimer after."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from api.asking import Asked, Mode, Query, make_query
from api.errors import NotFound, Withheld
from api.explaining import Explainer
from api.ranking import order
from compliance.audit import Audit
from compliance.country import Country
from compliance.facts import Child, Vis, from_payload, vis
from compliance.gate import Action, Gate
from compliance.policy import Rule
from ingest.images.encoder import Encoder
from ingest.words import asked_words, own_words
from qdrant.filters import Filter, any_of
from qdrant.points import Fields, StoredPoint
from qdrant.store import Hit, Search, Store
from topic_model.document import IMAGE, TAG, TEXT
from topic_model.match import match
from topic_model.model import TopicModel

CANDIDATES = 200
MOST = 1000
OPEN = frozenset(child for child in Child if vis(child) is Vis.OPEN)
NO_POSTS = "There are no posts yet: send some to /v1/posts:bulk, or run `photosense ingest`."
NO_MODEL = "No topic model is trained yet, so posts are found by their words only: run `photosense train`."
UNKNOWN = "None of these words is known here. Try other words, or a photo."
NOTHING = "Nothing here matches."


class Service:
    """Searches, compares and annotates for a visitor of a country; every answer passes the gate."""

    def __init__(
        self, store: Store, model: TopicModel | None, encoder: Encoder, gate: Gate, audit: Audit | None = None
    ) -> None:
        self.store = store
        self.model = model
        self.encoder = encoder
        self.gate = gate
        self.audit = audit or Audit(None)
        self._explainer = Explainer(model, gate) if model else None

    def search(self, asked: Asked, country: Country) -> dict[str, Any]:
        """Find posts by text, photo or both."""
        start = time.perf_counter()
        rule = self.gate.policy.rule_for(country)
        answer = self._opened(asked.text, country, rule)
        if answer["disclaimer"]:
            return {**answer, "hits": [], "total": 0, "more": False, "query": None, "took_ms": _ms(start)}
        query = make_query(asked, self.model, self.encoder)
        hits = self._find(query, asked, rule)
        found = self._page(hits, query, asked, country, rule)
        heard = {word for _, point in hits for word in _said(query, point)} if query.unknown else set()
        unknown = [word for word in query.unknown if word not in heard]
        found["query"] = {
            "text": asked.text,
            "mode": query.mode.value,
            "known_terms": [word for word in map(query.as_typed, query.words) if word not in unknown],
            "unknown_terms": unknown,
            "topics": self._topics(query, rule),
        }
        notice = None if found["hits"] else self._why_nothing(query)
        return {**answer, **found, "notice": notice, "took_ms": _ms(start)}

    def similar(self, post: str, asked: Asked, country: Country) -> dict[str, Any]:
        """Find posts whose topics are nearest to those of a stored post."""
        start = time.perf_counter()
        rule = self.gate.policy.rule_for(country)
        point = self._shown_point(post, rule)
        document = point.document()
        query = Query(document, asked_words(document), point.theta, Mode.TOPICS, {}, ())
        if point.theta is None:
            query = Query(document, asked_words(document), None, Mode.WORDS, {}, ())
        hits = [hit for hit in self._find(query, asked, rule, extra=1) if hit[1].id != post]
        found = self._page(hits, query, asked, country, rule)
        found["query"] = {"text": None, "mode": query.mode.value, "topics": self._topics(query, rule)}
        notice = None if found["hits"] else NOTHING
        return {**self._opened(None, country, rule), **found, "notice": notice, "took_ms": _ms(start)}

    def annotate(self, asked: Asked, country: Country) -> dict[str, Any]:
        """Propose keywords and hashtags for a text, a photo or both."""
        start = time.perf_counter()
        rule = self.gate.policy.rule_for(country)
        answer: dict[str, Any] = {"keywords": [], "tags": [], "topics": [], **self._opened(asked.text, country, rule)}
        if not answer["disclaimer"]:
            query = make_query(asked, self.model, self.encoder)
            if self._explainer is None:
                answer["notice"] = NO_MODEL
            elif query.theta is None:
                answer["notice"] = UNKNOWN
            else:
                answer["keywords"] = self._explainer.words(query.theta, TEXT, rule, asked.limit)
                answer["tags"] = self._explainer.words(query.theta, TAG, rule, asked.limit)
                answer["topics"] = self._explainer.of(query.theta, rule)
        return {**answer, "took_ms": _ms(start)}

    def match(self, text: str, photo: bytes | None, post: str | None, country: Country) -> dict[str, Any]:
        """Score how well a text fits a photo or a stored post, 0 to 1."""
        start = time.perf_counter()
        rule = self.gate.policy.rule_for(country)
        answer: dict[str, Any] = {"match": None, "method": "shared mass", "why": []}
        answer |= self._opened(text, country, rule)
        if not answer["disclaimer"]:
            said = make_query(Asked(text=text), self.model, self.encoder).theta
            if photo is not None:
                seen = make_query(Asked(photo=photo), self.model, self.encoder).theta
            else:
                seen = self._shown_point(post or "", rule).theta
            if self._explainer is None:
                answer["notice"] = NO_MODEL
            elif said is None or seen is None:
                answer["notice"] = UNKNOWN if said is None else NO_MODEL
            else:
                answer["match"] = round(match(said, seen), 4)
                answer["why"] = self._explainer.shared(said, seen, rule)
        return {**answer, "took_ms": _ms(start)}

    def post(self, post: str, country: Country) -> dict[str, Any]:
        """Read one post, unless the visitor's country forbids it."""
        point = self._shown_point(post, self.gate.policy.rule_for(country))
        return {"id": point.id, "version": point.version, "post": {**point.post, "attrs": point.attrs}}

    def topics(self, country: Country) -> dict[str, Any]:
        """List the topics of the model."""
        rule = self.gate.policy.rule_for(country)
        topics = self._explainer.topics(rule) if self._explainer else []
        return {**self._opened(None, country, rule), "model": self.model.id if self.model else None, "topics": topics}

    def delete(self, post: str) -> None:
        """Remove a post for good."""
        if self.store.delete([post]) == [False]:
            raise NotFound(f"There is no post {post[:80]!r}.")
        self.audit.deleted(post)

    def _opened(self, text: str | None, country: Country, rule: Rule) -> dict[str, Any]:
        """Begin every answer: whose law, and the disclaimer when the question itself is refused."""
        verdict = self.gate.query(text, rule)
        refused = verdict.action is Action.REFUSE
        if refused:
            self.audit.refused(text, verdict.rule or "", country)
        return {
            "country": {"code": country.code, "source": country.source, "rule": rule.group, "note": country.note},
            "disclaimer": verdict.sentence if refused else None,
            "notice": None,
        }

    def _find(self, query: Query, asked: Asked, rule: Rule, extra: int = 0) -> list[Hit]:
        """Collect candidates of the arms that the mode asks for, inside the gate's filter, and order them."""
        search = Search(
            limit=min(max(CANDIDATES, asked.offset + asked.limit + 1), MOST) + extra,
            theta=query.theta if query.mode is not Mode.WORDS else None,
            words=query.words if query.mode is not Mode.TOPICS or query.theta is None else {},
            filter=self._filter(rule),
        )
        by_theta, by_words = self.store.candidates(search)
        hits = list({hit.point.id: hit for hit in [*by_theta, *by_words]}.values())
        if asked.min_match > 0:
            hits = [hit for hit in hits if (self._match(query, hit.point) or 0.0) >= asked.min_match]
        if query.mode is Mode.HYBRID and self.model is not None and len(hits) > 1:
            ranks = order(query.document, [hit.point for hit in hits], self.model, asked.weights)
            return [hits[rank] for rank in ranks]
        return hits

    def _filter(self, rule: Rule) -> Filter | None:
        """The gate's filter; where the sentence stands in for withheld hits they must be found first."""
        shown = self.gate.shown(rule)
        if shown is None or self.gate.disclaims(rule):
            return None
        return any_of(Fields.VIS, [Vis.OPEN]) if shown == OPEN else any_of(Fields.CHILD, shown)

    def _page(self, hits: Sequence[Hit], query: Query, asked: Asked, country: Country, rule: Rule) -> dict[str, Any]:
        page = hits[asked.offset : asked.offset + asked.limit]
        shown = [self._hit(hit.point, query, rule) for hit in page]
        self.audit.withheld(sum("disclaimer" in hit for hit in shown), country)
        more = len(hits) > asked.offset + asked.limit
        return {"hits": shown, "total": min(len(hits), MOST), "more": more}

    def _hit(self, point: StoredPoint, query: Query, rule: Rule) -> dict[str, Any]:
        """Show a hit, or nothing of it but the sentence."""
        if not self.gate.may_show(from_payload(point.facts), rule):
            return {"disclaimer": rule.sentence}
        shared = self._match(query, point)
        why = []
        if self._explainer and query.theta is not None and point.theta is not None:
            why = self._explainer.shared(query.theta, point.theta, rule)
        return {
            "id": point.id,
            "match": None if shared is None else round(shared, 4),
            "why": why,
            "words": _said(query, point),
            "post": {**point.post, "attrs": point.attrs},
        }

    def _shown_point(self, post: str, rule: Rule) -> StoredPoint:
        (point,) = self.store.get([post])
        if point is None:
            raise NotFound(f"There is no post {post[:80]!r}.")
        if not self.gate.may_show(from_payload(point.facts), rule):
            raise Withheld(rule.sentence)
        return point

    def _topics(self, query: Query, rule: Rule) -> list[dict[str, Any]]:
        return self._explainer.of(query.theta, rule) if self._explainer and query.theta is not None else []

    def _why_nothing(self, query: Query) -> str:
        if self.store.count() == 0:
            return NO_POSTS
        if query.theta is None and not query.document.get(IMAGE):
            return UNKNOWN
        return NOTHING if self.model else NO_MODEL

    @staticmethod
    def _match(query: Query, point: StoredPoint) -> float | None:
        return None if query.theta is None or point.theta is None else match(query.theta, point.theta)


def _said(query: Query, point: StoredPoint) -> list[str]:
    """List the query's words that the post itself holds, as the visitor typed them."""
    if not query.typed and not query.document.get(TAG):
        return []
    own: Mapping[str, float] = own_words({TEXT: point.tokens(TEXT), TAG: point.tokens(TAG)})
    return [query.as_typed(token) for token in query.words if token in own]


def _ms(start: float) -> float:
    return round((time.perf_counter() - start) * 1000, 2)
