"""The service: question in, answer out, with the gate before, the filter inside and the disclaimer after."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from api.errors import NotFound, Withheld
from api.search.candidates import Found, find, withheld
from api.search.explain import Explainer
from api.search.match import Measure, photo_of, shown_of
from api.search.notice import NO_MODEL, NOTHING, UNKNOWN, looks_like, said, too_little, why_nothing
from api.search.query import Asked, Detect, LookAt, Mode, Query, make_query, placed, placed_before
from api.search.respell import Respeller
from compliance.country import Country
from compliance.facts import from_payload
from compliance.gate import Action, Gate, Verdict
from compliance.policy import Rule
from compliance.records.audit import Audit
from ingest.sparse_words import asked_words
from moderation.desk import Desk
from qdrant.points import StoredPoint
from qdrant.store import Store
from topic_model.document import TAG, TEXT
from topic_model.match.cues import PostSide
from topic_model.match.mass import Fit, best_fit
from topic_model.match.matcher import Matcher
from topic_model.model import TopicModel
from vision.dual.dual_encoder import DualEncoder
from vision.make_encoder import Encoder

_NOTHING = {"hits": [], "fit": Fit.NONE, "total": 0, "more": False, "query": None}


class Service:
    """Searches, compares and annotates for a visitor of a country; every answer passes the gate."""

    def __init__(
        self,
        store: Store,
        model: TopicModel | None,
        encoder: Encoder,
        gate: Gate,
        audit: Audit | None = None,
        look: LookAt | None = None,
        detect: Detect | None = None,
        desk: Desk | None = None,
        matcher: Matcher | None = None,
        dual: DualEncoder | None = None,
    ) -> None:
        self.store = store
        self.model = model
        self.encoder = encoder
        self.gate = gate
        self.audit = audit or Audit(None)
        self.dual = dual
        self._look = look  # in processes of their own, where a photo that brings one down costs one answer
        self._detect = detect
        self.desk = desk or Desk(store, self.audit, gate.now)
        self._explainer = Explainer(model, gate) if model else None
        self._respeller = Respeller(model) if model else None
        self._measure = Measure(model, matcher)

    def warm_up(self) -> None:
        """Load dictionaries and compiled code now, so that the first visitor does not wait for them."""
        self._query(Asked(text="тепло warm"), self.dual)

    def search(self, asked: Asked, country: Country) -> dict[str, Any]:
        """Find posts by text, photo or both."""
        start = time.perf_counter()
        rule = self._rule(country)
        answer = self._opened(asked.said, country, rule)
        if answer["disclaimer"]:
            return {**answer, **_NOTHING, "took_ms": _ms(start)}
        query = self._query(asked, self.dual)
        verdict = self._seen(query, asked, country, rule)
        if verdict.action is Action.REFUSE:
            return {**answer, **_NOTHING, "disclaimer": verdict.sentence, "took_ms": _ms(start)}
        if verdict.action is Action.NARROW:
            rule = rule.narrowed()
        hits = self._find(query, asked, rule)
        unknown = self._unheard(query, hits, rule)
        respelled: dict[str, str] = {}
        meant = self._respeller.meant(query, unknown) if self._respeller and asked.respell and unknown else {}
        if self._respeller and meant:
            verdict = self.gate.query(self._respeller.said(asked.said or "", query, meant), rule)
            respelt = self._respeller.respelled(query, meant, asked.weights)
            if verdict.action is Action.ALLOW and asked.photo is None:
                verdict = self.gate.topics(respelt.theta, rule)
            if verdict.action is Action.REFUSE:
                self.audit.refused(asked.said, verdict.rule or "", country)
                return {**answer, **_NOTHING, "disclaimer": verdict.sentence, "took_ms": _ms(start)}
            respelled = {query.as_typed(token): self._respeller.label(near) for token, near in meant.items()}
            if asked.photo is None:
                said = self._respeller.said(asked.text or "", query, meant)
                respelt = replace(respelt, foreign=placed(said, None, self.dual))
            query, hits = respelt, self._find(respelt, asked, rule)
            unknown = self._unheard(query, hits, rule)
        found = self._page(hits, query, asked, country, rule)
        found["query"] = {
            "text": asked.text,
            "mode": query.mode.value,
            "respelled": respelled,
            "known_terms": [word for word in map(query.as_typed, query.words) if word not in unknown],
            "unknown_terms": unknown,
            "topics": self._topics(query, rule),
        }
        notice = None if found["hits"] else why_nothing(query, self.store.count(), self.model)
        if not hits and asked.min_match:
            left_out = self._find(query, replace(asked, min_match=None, offset=0), rule)
            found["fit"] = best_fit(self._measure.fits(query, left_out))
            notice = too_little(left_out, asked.min_match) or notice
        return {**answer, **found, "notice": notice, "took_ms": _ms(start)}

    def similar(self, post: str, asked: Asked, country: Country) -> dict[str, Any]:
        """Find posts whose topics are nearest to those of a stored post."""
        start = time.perf_counter()
        rule = self._rule(country)
        point = self._shown_point(post, rule)
        foreign = placed_before(point, self.dual)
        query = Query(point.document(), {}, point.theta, Mode.TOPICS, {}, (), None, point.aligned, foreign)
        if point.theta is None:  # stored before any model: its words, and its look to a dual encoder, are all there is
            mode = Mode.HYBRID if foreign else Mode.WORDS
            query = Query(query.document, asked_words(query.document), None, mode, {}, (), foreign=foreign)
        hits = [found for found in self._find(query, asked, rule, extra=1) if found.point.id != post]
        found = self._page(hits, query, asked, country, rule)
        found["query"] = {
            "text": None,
            "mode": query.mode.value,
            "respelled": {},
            "known_terms": [],
            "unknown_terms": [],
            "topics": self._topics(query, rule),
        }
        notice = None if found["hits"] else NOTHING
        return {**self._opened(None, country, rule), **found, "notice": notice, "took_ms": _ms(start)}

    def annotate(self, asked: Asked, country: Country) -> dict[str, Any]:
        """Propose keywords and hashtags for a text, a photo or both."""
        start = time.perf_counter()
        rule = self._rule(country)
        answer: dict[str, Any] = {"keywords": [], "tags": [], "topics": [], **self._opened(asked.text, country, rule)}
        if not answer["disclaimer"]:
            query = self._query(asked)
            verdict = self._seen(query, asked, country, rule)
            if verdict.action is Action.REFUSE:
                answer["disclaimer"] = verdict.sentence
            elif self._explainer is None:
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
        rule = self._rule(country)
        answer: dict[str, Any] = {"match": None, "method": self._measure.method, "fit": Fit.NONE, "why": []}
        answer |= self._opened(text, country, rule)
        if not answer["disclaimer"]:
            said, verdict = self._judged(Asked(text=text), country, rule)
            if photo is None:
                seen = shown_of(self._shown_point(post or "", rule))
            elif verdict.action is not Action.REFUSE:
                asked, verdict = self._judged(Asked(photo=photo), country, rule)
                seen = photo_of(asked)
            if verdict.action is Action.REFUSE:
                answer["disclaimer"] = verdict.sentence
            elif self._explainer is None:
                answer["notice"] = NO_MODEL
            else:
                answer |= self._matched(said, seen, rule)
        return {**answer, "took_ms": _ms(start)}

    def post(self, post: str, country: Country) -> dict[str, Any]:
        """Read one post, unless the visitor's country forbids it."""
        point = self._shown_point(post, self._rule(country))
        return {"id": point.id, "version": point.version, "post": {**point.post, "attrs": point.attrs}}

    def topics(self, country: Country) -> dict[str, Any]:
        """List the topics of the model."""
        rule = self._rule(country)
        topics = self._explainer.topics(rule) if self._explainer else []
        return {**self._opened(None, country, rule), "model": self.model.id if self.model else None, "topics": topics}

    def delete(self, post: str) -> None:
        """Remove a post for good."""
        if self.store.delete([post]) == [False]:
            raise NotFound(f"There is no post {post[:80]!r}.")
        self.audit.deleted(post)

    def _matched(self, said: Query, seen: PostSide, rule: Rule) -> dict[str, Any]:
        found = self._measure.of(said, seen)
        value = None if found.value is None else round(found.value, 4)
        answer: dict[str, Any] = {"match": value, "method": found.method, "fit": found.fit}
        if seen.theta is None:
            answer["notice"] = NO_MODEL
        elif said.theta is None:
            answer["notice"] = UNKNOWN
        elif self._explainer is not None:
            answer["why"] = self._explainer.shared(said.theta, seen.theta, rule)
        return answer

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

    def _rule(self, country: Country) -> Rule:
        """The rule for a visitor; consents that have ended by now end in the store before it is applied."""
        self.desk.end_consents()
        return self.gate.policy.rule_for(country)

    def _query(self, asked: Asked, dual: DualEncoder | None = None) -> Query:
        return make_query(asked, self.model, self.encoder, self._look, self._detect, dual)

    def _judged(self, asked: Asked, country: Country, rule: Rule) -> tuple[Query, Verdict]:
        query = self._query(asked)
        return query, self._seen(query, asked, country, rule)

    def _seen(self, query: Query, asked: Asked, country: Country, rule: Rule) -> Verdict:
        """Ask the gate about the photo of a question, or about the topics of its words."""
        by_words = asked.photo is None
        verdict = self.gate.topics(query.theta, rule) if by_words else self.gate.photo(query.photo_score, rule)
        if verdict.action is Action.REFUSE:
            self.audit.refused(asked.text, verdict.rule or "", country)
        return verdict

    def _find(self, query: Query, asked: Asked, rule: Rule, extra: int = 0) -> list[Found]:
        return find(query, asked, rule, self.store, self.model, self.gate, extra)

    def _unheard(self, query: Query, hits: Sequence[Found], rule: Rule) -> list[str]:
        """The words that neither the model nor any post that may be shown has."""
        if not query.unknown:
            return []
        shown = (found.point for found in hits if self._may_show(found.point, rule))
        heard = {word for point in shown for word in said(query, point)}
        return [word for word in query.unknown if word not in heard]

    def _page(self, hits: Sequence[Found], query: Query, asked: Asked, country: Country, rule: Rule) -> dict[str, Any]:
        page = hits[asked.offset : asked.offset + asked.limit]
        fits = self._measure.fits(query, page)
        shown = [self._hit(found, query, fit, rule) for found, fit in zip(page, fits, strict=True)]
        fit = best_fit(hit["fit"] for hit in shown if "fit" in hit)
        instead = 0 if asked.offset else withheld(query, rule, self.store, self.gate)
        self.audit.withheld(instead, country)
        shown += [{"disclaimer": rule.sentence}] * instead
        more = len(hits) > asked.offset + asked.limit
        return {"hits": shown, "fit": fit, "total": len(hits), "more": more}

    def _hit(self, found: Found, query: Query, fit: Fit, rule: Rule) -> dict[str, Any]:
        """Show a hit, or nothing of it but the sentence."""
        return self.gate.redact(from_payload(found.point.facts), rule, lambda: self._shown_hit(found, query, fit, rule))

    def _shown_hit(self, found: Found, query: Query, fit: Fit, rule: Rule) -> dict[str, Any]:
        point = found.point
        why = []
        if self._explainer and query.theta is not None and point.theta is not None:
            why = self._explainer.shared(query.theta, point.theta, rule)
        return {
            "id": point.id,
            "match": None if found.match is None else round(found.match, 4),
            "fit": fit,
            "why": why,
            "looks_like": looks_like(query, point),
            "words": said(query, point),
            "post": {**point.post, "attrs": point.attrs},
        }

    def _shown_point(self, post: str, rule: Rule) -> StoredPoint:
        (point,) = self.store.get([post])
        if point is None:
            raise NotFound(f"There is no post {post[:80]!r}.")
        if not self._may_show(point, rule):
            raise Withheld(rule.sentence)
        return point

    def _may_show(self, point: StoredPoint, rule: Rule) -> bool:
        return self.gate.may_show(from_payload(point.facts), rule)

    def _topics(self, query: Query, rule: Rule) -> list[dict[str, Any]]:
        return self._explainer.of(query.theta, rule) if self._explainer and query.theta is not None else []


def _ms(start: float) -> float:
    return round((time.perf_counter() - start) * 1000, 2)
