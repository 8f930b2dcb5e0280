"""The page of an answer: the hits that are shown, each with why, and the sentences that stand in for others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from api.answers import AnyHit, ChosenFields, GroupAnswer, Hit, PhotoLinks, PostFields, Why, Withheld
from api.browse.groups import HitGroup, first_of
from api.browse.highlights import highlights
from api.photo_addresses import PhotoAddresses
from api.search.admission import Visit
from api.search.candidates import Shortlist
from api.search.entries import Entry, read
from api.search.explain import Explainer
from api.search.match import MatchMeasure
from api.search.notice import looks_like, words_in_common
from api.search.query import Query
from compliance.facts import Child, Facts, from_payload
from compliance.gate import Gate
from qdrant.points import StoredPoint
from qdrant.store import Store
from topic_model.match.mass import Fit, best_fit


@dataclass(frozen=True, slots=True)
class Page:
    """What one page shows of all that was found."""

    hits: list[AnyHit]
    fit: Fit
    total: int
    more: bool
    groups: Sequence[GroupAnswer] | None = None


@dataclass(frozen=True, slots=True)
class PageMaker:
    """Makes pages: only what is shown is read whole and explained, and nothing that is withheld is ever built."""

    store: Store
    gate: Gate
    measure: MatchMeasure
    explainer: Explainer | None
    addresses: PhotoAddresses

    def page(self, query: Query, candidates: Shortlist, sentences: int = 0) -> Page:
        """Show the candidates of the page that was asked for, and so many sentences behind them."""
        question = query.question
        end = question.offset + question.limit
        hits, fit = self._hits(query, candidates[question.offset : end])
        behind = [Withheld(query.visit.rule.sentence)] * sentences
        return Page([*hits, *behind], fit, len(candidates), len(candidates) > end)

    def grouped(self, query: Query, candidates: Shortlist, groups: Sequence[HitGroup], sentences: int = 0) -> Page:
        """Show the groups of the page, the first hits of each, group behind group."""
        question = query.question
        end = question.offset + question.limit
        page = groups[question.offset : end]
        hits, fit = self._hits(query, candidates.of(first_of(page, question.group_limit)))
        shown = {hit.id for hit in hits if isinstance(hit, Hit)}
        behind = [Withheld(query.visit.rule.sentence)] * sentences
        answers = [group.answer(shown) for group in page]
        return Page([*hits, *behind], fit, sum(len(group.posts) for group in groups), len(groups) > end, answers)

    def _hits(self, query: Query, candidates: Shortlist) -> tuple[list[AnyHit], Fit]:
        """Read what is shown, and say how well the best of it fits."""
        rule, entries = query.visit.rule, list(read(candidates, self.store))
        whys = self._whys(query, entries)
        hits: list[AnyHit] = [
            self.gate.redact(entry.facts, rule, lambda: self._hit(query, entry, fit, whys), Withheld)  # noqa: B023
            for entry, fit in zip(entries, self.measure.fits(query, entries), strict=True)
        ]
        return hits, best_fit(hit.fit for hit in hits if isinstance(hit, Hit) and hit.fit)

    def shelf(self, posts: Sequence[str], visit: Visit, fields: frozenset[str] | None) -> list[AnyHit]:
        """Show posts that were listed, for which nothing was looked for."""
        points = self.store.get(posts) if posts else []
        return [self._shelved(point, visit, fields) for point in points if point is not None]

    def _shelved(self, point: StoredPoint, visit: Visit, fields: frozenset[str] | None) -> AnyHit:
        def show() -> Hit:
            shown = post_fields(point, self.addresses.of(point, visit.country), fields)
            return Hit(id=point.id, match=None, fit=None, why=(), looks_like=None, words=(), post=shown)

        return self.gate.redact(from_payload(point.facts), visit.rule, show, Withheld)

    def _whys(self, query: Query, entries: Sequence[Entry]) -> Mapping[str, Sequence[Why]]:
        """Explain all hits that may be shown at once, by their ids."""
        if self.explainer is None or query.admitted.narrowed or query.theta is None:
            return {}
        rule = query.visit.rule
        shown = [entry.point for entry in entries if self.gate.may_show(entry.facts, rule)]
        thetas = {point.id: point.theta for point in shown if point.theta is not None}
        return dict(zip(thetas, self.explainer.shared_by(query.theta, list(thetas.values()), rule), strict=True))

    def _hit(self, query: Query, entry: Entry, fit: Fit, whys: Mapping[str, Sequence[Why]]) -> Hit:
        point = entry.point
        photo = self.addresses.of(point, query.visit.country)
        post = post_fields(point, photo, query.question.fields, entry.facts)
        spans = highlights(post_fields(point, None).captions, query.sought) if query.question.highlight else ()
        return Hit(
            id=point.id,
            match=None if entry.match is None else round(entry.match, 4),
            fit=fit,
            why=whys.get(point.id, ()),
            looks_like=looks_like(query, point),
            words=words_in_common(query, point),
            highlights=spans,
            post=post,
        )


def post_fields(
    point: StoredPoint, photo: PhotoLinks | None, chosen: frozenset[str] | None = None, facts: Facts | None = None
) -> PostFields:
    """What is shown of a stored post, with addresses of its photo: all of it, or the fields that were chosen.

    `facts` are those of the post, where they were read already.
    """
    if chosen is None:
        consented = (facts or from_payload(point.facts)).child is Child.CONSENTED
        fields = {**point.post, "photo": photo, "attrs": point.attrs, "consented": consented}
        return msgspec.convert(fields, PostFields)
    post = {name: value for name, value in {**point.post, "photo": photo}.items() if name in chosen}
    attrs = point.attrs if "attrs" in chosen else {k: v for k, v in point.attrs.items() if f"attrs.{k}" in chosen}
    return msgspec.convert({**post, "attrs": attrs}, ChosenFields)
