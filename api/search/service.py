"""The service: question in, answer out, with the gate before, the filter inside and the disclaimer after."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from msgspec import structs

from api.answers import (
    AnnotateAnswer,
    ClassifyAnswer,
    ClassShare,
    FacetAnswer,
    Hit,
    MatchAnswer,
    PostAnswer,
    PostsAnswer,
    QueryTerms,
    SearchAnswer,
    SuggestAnswer,
    TopicsAnswer,
    VisitorCountry,
    Why,
)
from api.browse.account import Accounts
from api.browse.classifier import Classifier
from api.browse.cursor import Cursors, PageStart
from api.browse.examples import with_examples
from api.browse.facets import Facets
from api.browse.groups import Groups, HitGroup, first_of, leaders_of
from api.browse.order import by_field, listable, listed
from api.browse.suggest import Suggester
from api.errors import BadRequest, NotFound, PostWithheld
from api.photo_addresses import PhotoAddresses
from api.search.admission import Admission, Admitted, Refused, Visit
from api.search.candidates import GROUPED, Pool, Shortlist, find, is_within, visible
from api.search.entries import read
from api.search.explain import Explainer
from api.search.match import Match, MatchMeasure, side_of, side_of_photo
from api.search.notice import (
    NO_MODEL,
    NO_POSTS,
    NOTHING,
    PAST_THE_END,
    UNKNOWN,
    UNLEARNED,
    UNSURE,
    code_of,
    too_little,
    why_nothing,
)
from api.search.ordered import ordered
from api.search.page import PageMaker, post_fields
from api.search.query import Query, make_query, query_of_post, without_floor
from api.search.question import Question
from api.search.respell import Respeller
from api.search.understood import understood
from api.telemetry.metrics import REFUSED, WITHHELD, stage
from common.album import load_loops
from compliance.country import Country
from compliance.facts import Vis, from_payload, vis
from compliance.law import Law
from compliance.policy import Rule
from ingest.photos.photo_parts import PhotoParts
from ingest.photos.rendition_folder import shown_photo
from moderation.desk import Desk
from qdrant.filters import Contains, Filter, Posts, both
from qdrant.grammar import FacetWish
from qdrant.points import Fields, StoredPoint
from qdrant.store import Store
from topic_model.ideas.idea import Language
from topic_model.match.cues import PostSide
from topic_model.match.mass import best_fit
from topic_model.models import Models
from vision.dual.dual_encoder import DualEncoder
from vision.smear import smear

_BROWSED = QueryTerms(text=None, mode="browse", respelled={}, known_terms=(), unknown_terms=(), topics=())
_REMEMBERED = 3  # hits at the end of a page, by which the next one is found
_AT_ONCE = 10  # posts that are read to see whether one of them may be shown


class Service:
    """Searches, compares and annotates for a visitor of a country; every question is admitted first."""

    def __init__(self, store: Store, models: Models, photos: PhotoParts, law: Law) -> None:
        self.store = store if models.topics is None else store.of_model(models.topics.id)
        self.models = models
        self.photos = photos
        self.law = law
        store = self.store
        self._admission = Admission(models, photos, law, store.knows)
        self._desk = Desk(store, law)
        self._explainer = Explainer(models.topics, law.gate, models.ideas) if models.topics else None
        self._respeller = Respeller(models.topics) if models.topics else None
        self._measure = MatchMeasure(models)
        self._suggester = Suggester(store, law.gate, models)
        self._facets = Facets(store, law.gate)
        self._groups = Groups(store, law.gate, self._facets)
        self._accounts = Accounts(models.topics)
        self._classifier = Classifier(store, law.gate)
        self._cursors = Cursors(models.topics.id if models.topics else None, law.gate.policy.hash)
        self.addresses = PhotoAddresses(photos.renditions, law.gate.now)
        self._pages = PageMaker(store, law.gate, self._measure, self._explainer, self.addresses)

    def warm_up(self) -> None:
        """Load dictionaries and compiled code now, so that the first visitor does not wait for them."""
        load_loops()
        visit = self._visit(Country(None, "unknown"))
        self._suggester.suggest("тепл", 1, visit)
        admitted = self._admission.ask(Question(text="тепло warm"), visit)
        if isinstance(admitted, Admitted):
            self._query(admitted)

    @property
    def is_calm(self) -> bool:
        """Whether a question is answered at once: nothing slow is done in the store, and no consent is to be ended."""
        return self.store.is_calm and not self._desk.may_wait

    def search(self, question: Question, country: Country) -> SearchAnswer:
        """Find posts by text, photo or both; without either, list those that pass the filter."""
        start = time.perf_counter()
        with stage("admit"):
            admission = self._admission.ask(question, self._visit(country))
        if isinstance(admission, Refused):
            return _refused_search(admission, start)
        mark = self._cursors.read(question, admission.visit) or PageStart(offset=question.offset, moment=None)
        if question.browses:
            return self._browse(admission, mark, start)
        admission = replace(admission, question=_from(mark, question))
        admission = with_examples(admission, self.store, self.law.gate, self.models.topics)
        query = self._query(admission)
        candidates, pool = self._candidates(query)
        unknown = self._unknown(query, candidates)
        respelled = self._respeller.mended(query, unknown) if self._respeller and question.respell and unknown else None
        if respelled is not None:  # the question as it was meant goes the same way again
            admission = self._admission.ask(respelled.question, self._visit(country), admission.photo)
            if isinstance(admission, Refused):
                return _refused_search(admission, start)
            admission = with_examples(admission, self.store, self.law.gate, self.models.topics)
            query = self._query(admission)
            candidates, pool = self._candidates(query)
            unknown = self._unknown(query, candidates)
        groups = None
        if question.group_by:
            groups = self._groups.of(question.group_by, candidates.ids, query.visit.rule)
        if mark.shown:
            leaders = candidates.ids if groups is None else leaders_of(groups)
            query = query.at(mark.offset_among(leaders))
        answer = self._page(query, candidates, pool.withheld, groups)
        if question.explain:
            answer = self._accounted(answer, query, pool, candidates)
        fit, notice = answer.fit, UNSURE if query.admitted.narrowed else None
        if not answer.hits:
            notice = PAST_THE_END if candidates else self._why_nothing(query)
        if not candidates and question.min_match:
            left_out, _ = self._candidates(without_floor(query))
            fit = best_fit(self._measure.fits(query, list(read(left_out, self.store))))
            notice = too_little(left_out, question.min_match) or notice
        terms = QueryTerms(
            text=question.text,
            mode=query.mode.value,
            respelled=respelled.words if respelled else {},
            known_terms=[word for word in map(query.as_typed, query.words) if word not in unknown],
            unknown_terms=unknown,
            understood=understood(
                query,
                self.models.topics,
                self.law.gate,
                lambda token: self._is_known(token, candidates, query.visit.rule),
            ),
            topics=self._topics(query),
        )
        following = None
        if answer.more:
            offset = query.question.offset + question.limit
            ids = [hit.id for hit in answer.posts] if groups is None else leaders_of(groups[:offset])
            shown = tuple(ids[-_REMEMBERED:])
            mark = PageStart(offset=offset, moment=mark.moment or self.law.gate.now(), shown=shown)
            following = self._cursors.write(mark, question, query.visit)
        facets = self._facets_of(query, candidates)
        return structs.replace(
            answer,
            fit=fit,
            query=terms,
            notice=notice,
            notice_code=code_of(notice),
            cursor=following,
            facets=facets,
            took_ms=_ms(start),
        )

    def similar(self, post: str, question: Question, country: Country) -> SearchAnswer:
        """Find posts whose topics are nearest to those of a stored post."""
        start = time.perf_counter()
        visit = self._visit(country)
        query = query_of_post(self._visible_point(post, visit), question, visit, self.photos.dual)
        others, pool = self._candidates(query, extra=1)
        candidates = others.of(other for other in others.ids if other != post)
        answer = self._page(query, candidates, pool.withheld)
        terms = QueryTerms(
            text=None, mode=query.mode.value, respelled={}, known_terms=(), unknown_terms=(), topics=self._topics(query)
        )
        notice = None if answer.hits else NOTHING
        return structs.replace(answer, query=terms, notice=notice, notice_code=code_of(notice), took_ms=_ms(start))

    def annotate(self, question: Question, country: Country, language: Language | None = None) -> AnnotateAnswer:
        """Propose keywords, in a language where one is wanted, and hashtags for a text, a photo or both."""
        start = time.perf_counter()
        admission = self._admission.ask(question, self._visit(country))
        visitor = _visitor(admission.visit)
        if isinstance(admission, Refused):
            return AnnotateAnswer(country=visitor, disclaimer=admission.sentence, took_ms=_ms(start))
        theta, rule, explainer = admission.theta, admission.visit.rule, self._explainer
        notice = UNSURE if admission.narrowed else NO_MODEL if explainer is None else UNKNOWN if theta is None else None
        if notice is not None or explainer is None or theta is None:
            return AnnotateAnswer(country=visitor, notice=notice, took_ms=_ms(start))
        return AnnotateAnswer(
            keywords=explainer.keywords(theta, rule, question.limit, language),
            tags=explainer.tags(theta, rule, question.limit),
            topics=explainer.of(theta, rule),
            country=visitor,
            took_ms=_ms(start),
        )

    def classify(
        self, question: Question, modality: str, modalities: Mapping[str, str], country: Country
    ) -> ClassifyAnswer:
        """Say how likely a text, a photo or both are of each class of a modality that the site declares."""
        start = time.perf_counter()
        if modality not in modalities:
            declared = ", ".join(modalities) or "none is"
            raise BadRequest(
                f"{modality[:80]!r} is no modality that the settings declare: {declared}.", "wrong_field", 422
            )
        admission = self._admission.ask(question, self._visit(country))
        visitor, model = _visitor(admission.visit), self.models.topics
        if isinstance(admission, Refused):
            return ClassifyAnswer(modality=modality, country=visitor, disclaimer=admission.sentence, took_ms=_ms(start))
        classes: Sequence[ClassShare] = ()
        notice = UNSURE if admission.narrowed else NO_MODEL if model is None else None
        if notice is None and model is not None and modality not in model.vocabulary.tokens:
            notice = UNLEARNED
        if notice is None and model is not None:
            theta, where = admission.theta, modalities[modality]
            if theta is not None:
                classes = self._classifier.shares(theta, model, modality, where, question.limit, admission.visit)
            notice = UNKNOWN if theta is None else None if classes else NOTHING
        return ClassifyAnswer(modality=modality, classes=classes, country=visitor, notice=notice, took_ms=_ms(start))

    def match(self, text: str, photo: bytes | None, post: str | None, country: Country) -> MatchAnswer:
        """Score how well a text fits a photo or a stored post, 0 to 1."""
        start = time.perf_counter()
        visit, method = self._visit(country), self._measure.method.value
        admission = self._admission.ask(Question(text=text), visit)
        if isinstance(admission, Refused):
            return _refused_match(admission, method, start)
        narrowed, dual = False, self._calibrated_dual()
        measure = self._measure.of_post if photo is None else self._measure.of_photo
        if photo is None:
            other = side_of(self._visible_point(post or "", visit), dual.id if dual else "")
        else:
            pictured = self._admission.ask(Question(photo=photo), visit)
            if isinstance(pictured, Refused):
                return _refused_match(pictured, method, start)
            other, narrowed = side_of_photo(make_query(pictured, self.models.topics, dual)), pictured.narrowed
        if self._explainer is None:
            return MatchAnswer(method=method, country=_visitor(visit), notice=NO_MODEL, took_ms=_ms(start))
        text_query = make_query(admission, self.models.topics, dual)
        return self._matched(text_query, other, measure(text_query, other), narrowed, start)

    def suggest(self, text: str, limit: int, country: Country) -> SuggestAnswer:
        """Complete what is being typed."""
        start = time.perf_counter()
        visit = self._visit(country)
        suggestions = self._suggester.suggest(text, limit, visit)
        return SuggestAnswer(suggestions=suggestions, country=_visitor(visit), took_ms=_ms(start))

    def posts(self, question: Question, country: Country) -> PostsAnswer:
        """List posts as a search without words does, each as it is read by its id."""
        admission = self._admission.ask(question, self._visit(country))
        visitor = _visitor(admission.visit)
        if isinstance(admission, Refused):
            return PostsAnswer(country=visitor, disclaimer=admission.sentence)
        visit, gate = admission.visit, self.law.gate
        start = self._cursors.read(question, visit) or PageStart()
        found = listed(question, visit, self.store, gate, question.limit + 1, start.behind)
        page = found[: question.limit]
        points = self.store.get([one.id for one in page]) if page else []
        return PostsAnswer(
            posts=[
                PostAnswer(
                    point.id,
                    point.version,
                    post_fields(point, self.addresses.of(point, visit.country), question.fields),
                )
                for point in points
                if point is not None and gate.may_show(from_payload(point.facts), visit.rule)
            ],
            total=self.store.count(listable(question, visit, gate)),
            cursor=self._cursors.write(PageStart(page[-1]), question, visit) if len(found) > len(page) else None,
            country=visitor,
        )

    def post(self, post: str, country: Country) -> PostAnswer:
        """Read one post, unless the visitor's country forbids it."""
        visit = self._visit(country)
        point = self._visible_point(post, visit)
        return PostAnswer(point.id, point.version, post_fields(point, self.addresses.of(point, visit.country)))

    def rendition(self, post: str, size: int, country: Country | None, by: str | None) -> bytes:
        """A post's photo in small, unless the visitor's country forbids it; without a country, for a reviewer.

        `by` is who looks at what is held, for the record. None: it is smeared, and nobody is known in it.
        """
        point = self._stored_point(post) if country is None else self._visible_point(post, self._visit(country))
        folder = self.photos.renditions
        file = folder.read(point.id, shown_photo(point), size) if folder else None
        if file is None:
            raise NotFound(
                f"Of post {post[:80]!r} no photo is kept in this size: `renditions = true` and the same lines once "
                "more make those of the photos that came in before."
            )
        if by is None:
            return smear(file)
        if country is None and vis(from_payload(point.facts).child) is not Vis.OPEN:
            self.law.audit.looked(post, by)
        return file

    def could_show(self, post: str, text: str, country: Country) -> bool:
        """Whether a visitor may have been shown a post for a question; nobody is told, and nothing is on record."""
        visit = self._visit(country)
        if isinstance(self._admission.ask(Question(text=text or None), visit, on_record=False), Refused):
            return False
        (point,) = self.store.get([post])
        if point is None or not self.law.gate.may_show(from_payload(point.facts), visit.rule):
            return False
        return is_within(post, visit, self.store, self.law.gate)

    def topics(self, country: Country) -> TopicsAnswer:
        """List the topics of the model."""
        visit, model = self._visit(country), self.models.topics
        topics = self._explainer.topics(visit.rule) if self._explainer else ()
        return TopicsAnswer(model=model.id if model else None, topics=topics, country=_visitor(visit))

    def count(self, country: Country | None, where: Filter | None = None) -> int:
        """Count the posts that a visitor may see; without a country all of them, for the site."""
        allowed = None if country is None else visible(self._visit(country), self.law.gate)
        return self.store.count(both(allowed, where))

    def _visit(self, country: Country) -> Visit:
        """Find a visitor's rule; consents that have ended by now end in the store before it is applied."""
        self._desk.end_consents()
        return self._admission.visit(country)

    def _calibrated_dual(self) -> DualEncoder | None:
        """The dual encoder, where captions have told what its cosines mean."""
        dual, model = self.photos.dual, self.models.topics
        return dual if dual and model and model.ranking.dual_id == dual.id else None

    def _query(self, admitted: Admitted) -> Query:
        return make_query(admitted, self.models.topics, self.photos.dual)

    def _candidates(self, query: Query, extra: int = 0) -> tuple[Shortlist, Pool]:
        """Candidates in the order of the answer, and what the arms found."""
        with stage("find"):
            pool = find(query, self.store, self.law.gate, extra)
        with stage("order"):
            candidates = ordered(pool, query, self.models.topics)
        if candidates and query.question.sort:
            audience = self.law.gate.audience(query.visit.rule)
            candidates = by_field(candidates, query.question.sort, self.store, audience)
        return candidates, pool

    def _browse(self, admitted: Admitted, mark: PageStart, start: float) -> SearchAnswer:
        """List posts that nobody asked for by a word: the newest first, or in another order."""
        question, visit = admitted.question, admitted.visit
        if question.group_by is not None:
            return self._browse_groups(admitted, mark, start, question.group_by)
        end = mark.offset + question.limit
        found = listed(question, visit, self.store, self.law.gate, end + 1, mark.behind)
        hits = self._pages.shelf([one.id for one in found[mark.offset : end]], visit, question.fields)
        more = len(found) > end
        where = listable(question, visit, self.law.gate)
        total, facets = self._facets.count(
            question.facets, question.facet_limit, question.facet_query, where, visit.rule
        )
        notice = None if hits else PAST_THE_END if total else self._nothing_here(visit)
        return SearchAnswer(
            hits=hits,
            fit=None,
            total=total,
            more=more,
            cursor=self._cursors.write(PageStart(found[end - 1]), question, visit) if more else None,
            facets=facets,
            query=_BROWSED,
            country=_visitor(visit),
            notice=notice,
            notice_code=code_of(notice),
            took_ms=_ms(start),
        )

    def _browse_groups(self, admitted: Admitted, mark: PageStart, start: float, wish: FacetWish) -> SearchAnswer:
        """List groups of the first posts of an order; in what is counted by facets is all that passes the filter."""
        question, visit = _from(mark, admitted.question), admitted.visit
        posts = [one.id for one in listed(question, visit, self.store, self.law.gate, GROUPED)]
        groups = self._groups.of(wish, posts, visit.rule)
        begin = mark.offset_among(leaders_of(groups))
        end = begin + question.limit
        page = groups[begin:end]
        hits = self._pages.shelf(first_of(page, question.group_limit), visit, question.fields)
        shown = {hit.id for hit in hits if isinstance(hit, Hit)}
        where = listable(question, visit, self.law.gate)
        total, facets = self._facets.count(
            question.facets, question.facet_limit, question.facet_query, where, visit.rule
        )
        cursor = None
        if len(groups) > end:
            leaders = tuple(leaders_of(page)[-_REMEMBERED:])
            behind = PageStart(offset=end, moment=mark.moment or self.law.gate.now(), shown=leaders)
            cursor = self._cursors.write(behind, admitted.question, visit)
        notice = None if hits else PAST_THE_END if groups else self._nothing_here(visit)
        return SearchAnswer(
            hits=hits,
            fit=None,
            total=total,
            more=cursor is not None,
            cursor=cursor,
            facets=facets,
            groups=[group.answer(shown) for group in page],
            query=_BROWSED,
            country=_visitor(visit),
            notice=notice,
            notice_code=code_of(notice),
            took_ms=_ms(start),
        )

    def _facets_of(self, query: Query, candidates: Shortlist) -> Sequence[FacetAnswer]:
        """Count all that was found, as far as the visitor may see it by now."""
        question, rule = query.question, query.visit.rule
        if not question.facets:
            return ()
        found = Posts(frozenset(candidates.ids))
        where = both(visible(query.visit, self.law.gate), found)
        return self._facets.count(question.facets, question.facet_limit, question.facet_query, where, rule)[1]

    def _accounted(self, answer: SearchAnswer, query: Query, pool: Pool, candidates: Shortlist) -> SearchAnswer:
        """Add an account to each hit that is shown."""
        told = self._accounts.of(query, pool, candidates.of(hit.id for hit in answer.posts))
        hits = [
            structs.replace(hit, account=told[hit.id]) if isinstance(hit, Hit) and hit.id in told else hit
            for hit in answer.hits
        ]
        return structs.replace(answer, hits=hits)

    def _page(
        self, query: Query, candidates: Shortlist, withheld: int, groups: Sequence[HitGroup] | None = None
    ) -> SearchAnswer:
        # Within a fence a sentence would tell that what is withheld is within, too.
        disclaims = self.law.gate.disclaims(query.visit.rule) and query.visit.fence is None
        sentences = withheld if disclaims else 0
        self.law.audit.withheld(sentences, query.visit.country)
        self.law.audit.omitted(withheld - sentences, query.visit.country)
        WITHHELD.labels(query.visit.rule.group).inc(withheld)
        with stage("page"):
            if groups is None:
                page = self._pages.page(query, candidates, sentences)
            else:
                page = self._pages.grouped(query, candidates, groups, sentences)
        visitor = _visitor(query.visit)
        return SearchAnswer(
            hits=page.hits, fit=page.fit, total=page.total, more=page.more, groups=page.groups, country=visitor
        )

    def _matched(self, text: Query, other: PostSide, measured: Match, narrowed: bool, start: float) -> MatchAnswer:
        notice = NO_MODEL if other.theta is None else UNKNOWN if text.theta is None else UNSURE if narrowed else None
        why: Sequence[Why] = ()
        if notice is None and self._explainer and text.theta is not None and other.theta is not None:
            why = self._explainer.shared(text.theta, other.theta, text.visit.rule)
        return MatchAnswer(
            match=None if measured.value is None else round(measured.value, 4),
            method=measured.method.value,
            fit=measured.fit,
            why=why,
            country=_visitor(text.visit),
            notice=notice,
            took_ms=_ms(start),
        )

    def _why_nothing(self, query: Query) -> str:
        """What is withheld is as if it were not there."""
        return why_nothing(query, self.models.topics) if self._has_posts(query.visit) else NO_POSTS

    def _nothing_here(self, visit: Visit) -> str:
        return NOTHING if self._has_posts(visit) else NO_POSTS

    def _has_posts(self, visit: Visit) -> bool:
        return self.store.any(visible(visit, self.law.gate))

    def _unknown(self, query: Query, candidates: Shortlist) -> list[str]:
        """The words that neither the model nor any post that may be shown has, nor another that says the same."""
        tokens = [token for token in query.words if query.as_typed(token) in query.unknown]
        rule = query.visit.rule
        known = {
            query.as_typed(token)
            for token in tokens
            if any(self._is_known(one, candidates, rule) for one in (token, *query.widening.tokens(token)))
        }
        return [word for word in query.unknown if word not in known and not self._is_said(word, query.visit)]

    def _is_said(self, word: str, visit: Visit) -> bool:
        """Whether a post that may be shown says a word, found or not: a filter, or a floor, makes no word unknown."""
        return self.store.any(both(visible(visit, self.law.gate), Contains(Fields.TEXT, word)))

    def _is_known(self, token: str, candidates: Shortlist, rule: Rule) -> bool:
        """Whether a post that may be shown has a word; the first one that has it nearly always may."""
        holders = candidates.take(candidates.holding(token))
        return any(
            token in entry.point.words and self.law.gate.may_show(entry.facts, rule)
            for start in range(0, len(holders), _AT_ONCE)
            for entry in read(holders[start : start + _AT_ONCE], self.store)
        )

    def _topics(self, query: Query) -> Sequence[Why]:
        if self._explainer is None or query.theta is None or query.admitted.narrowed:
            return ()
        return self._explainer.of(query.theta, query.visit.rule)

    def _stored_point(self, post: str) -> StoredPoint:
        (point,) = self.store.get([post])
        if point is None:
            raise _absent(post)
        return point

    def _visible_point(self, post: str, visit: Visit) -> StoredPoint:
        point = self._stored_point(post)
        if not is_within(point.id, visit, self.store, self.law.gate):
            raise _absent(post)
        if not self.law.gate.may_show(from_payload(point.facts), visit.rule):
            self.law.audit.blocked(post, visit.country)
            raise PostWithheld(visit.rule.sentence)
        return point


def _absent(post: str) -> NotFound:
    return NotFound(f"There is no post {post[:80]!r}.")


def _from(mark: PageStart, question: Question) -> Question:
    """The question for the page that a cursor, or its offset, leads to."""
    return replace(question, offset=mark.offset, filter=mark.within(question.filter))


def _visitor(visit: Visit) -> VisitorCountry:
    """Whose law an answer keeps."""
    country = visit.country
    return VisitorCountry(country.code, country.source, visit.rule.group, country.note)


def _refused_search(refused: Refused, start: float) -> SearchAnswer:
    REFUSED.labels(refused.visit.rule.group).inc()
    return SearchAnswer(country=_visitor(refused.visit), disclaimer=refused.sentence, took_ms=_ms(start))


def _refused_match(refused: Refused, method: str, start: float) -> MatchAnswer:
    return MatchAnswer(method=method, country=_visitor(refused.visit), disclaimer=refused.sentence, took_ms=_ms(start))


def _ms(start: float) -> float:
    return round((time.perf_counter() - start) * 1000, 2)
