"""An example of each answer that people read about, for the OpenAPI document."""

from collections.abc import Mapping

import msgspec

from api.answers import (
    Account,
    AnnotateAnswer,
    ArmRank,
    BackupStatus,
    CheckStatus,
    ClassifyAnswer,
    ClassShare,
    ConsentedPost,
    ConsentFields,
    ConsentsAnswer,
    DecisionResult,
    DeletedAnswer,
    DeletionsAnswer,
    FacetAnswer,
    FacetValue,
    FactsAnswer,
    FactsFields,
    FeedbackAnswer,
    GroupAnswer,
    HealthAnswer,
    Highlight,
    Hit,
    HomeAnswer,
    Keyword,
    LifeAnswer,
    LifeEventFields,
    LineAnswer,
    MatchAnswer,
    ModelRow,
    ModelsAnswer,
    ModelStatus,
    MultiSearchAnswer,
    OneAnswer,
    OriginalPost,
    PolicyStatus,
    PostAnswer,
    PostCaption,
    PostFields,
    PostsAnswer,
    Problem,
    QualityRemark,
    QueryTerms,
    QueueAnswer,
    RecordStatus,
    RenditionStatus,
    ReviewAnswer,
    ReviewDay,
    RuleCount,
    RuleReason,
    SearchAnswer,
    SessionAnswer,
    StatusAnswer,
    StoredAnswer,
    StoreStatus,
    SuggestAnswer,
    Suggestion,
    TakedownAnswer,
    TakedownPreview,
    TakedownsAnswer,
    TasksAnswer,
    TokenAnswer,
    Topic,
    TopicsAnswer,
    Understood,
    VisitorCountry,
    WaitingPost,
    Why,
    Withheld,
)
from api.tasks.task import TaskAnswer, TaskKind, TaskProgress, TaskState
from compliance.policy import SENTENCE
from topic_model.match.mass import Fit

_RUSSIA = VisitorCountry("RU", "site", "disclaimer", None)
_SUNSET = Why(12, 0.56, ["закат", "sea", "#sunset"])
_POST = PostFields(captions=[PostCaption("Тихий закат", "u1")], tags=["sunset"])
_HIT = Hit(
    id="p1",
    match=0.65,
    fit=Fit.GOOD,
    why=[_SUNSET],
    looks_like=0.48,
    words=["закат"],
    highlights=[Highlight(0, 6, 11)],
    post=_POST,
)
_ACCOUNT = Account(
    ordered_by="odds",
    arms=[ArmRank("words", 1, None), ArmRank("theta", 4, 0.56), ArmRank("aligned", 2, 0.48)],
    topics=0.56,
    match=0.65,
    kind="words, placed",
    lift=4.1,
    own=0.5,
    cosine=0.48,
    odds=0.619,
)
_PLACES = FacetAnswer(
    facet="attrs.place",
    values=[FacetValue("Karelia", 31, {"field": "attrs.place", "equals": "Karelia"})],
    others=17,
)
_FACTS = FactsFields(child="review", source="text", rules=["boy-girl-en"])
_REASON = RuleReason("boy-girl-en", "Boys and girls.", ["boy"])
_WAITING = PostFields(captions=[PostCaption("A boy at the sea", "u1")])
_TAKEDOWN = TakedownAnswer(
    "t1", "2026-05-01T12:00:00+00:00", "moderator-7", "order 31", ["post:9f2c"], 1, None, "0" * 64
)
_MODEL = ModelRow(
    id="m1",
    learned="2026-05-01T12:00:00+00:00",
    topics=100,
    live_topics=97,
    documents=48_210,
    perplexity={"text": 812.4},
    usual={"text": 2105.0},
    verdict=[
        QualityRemark("good", "The topics are good: they are about something, and tell much of what a post says.")
    ],
    state="in_force",
)
_TASK = TaskAnswer(
    id="t_5f0c2b7d9a413e68",
    kind=TaskKind.TRAIN,
    state=TaskState.RUNNING,
    options={"topics": 100},
    by="ps_1a2b3c4d",
    enqueued="2026-05-01T12:00:00+00:00",
    began="2026-05-01T12:00:01+00:00",
    starts=1,
    progress=TaskProgress("passes", 12, 25, "perplexity 812.4"),
)

EXAMPLES: Mapping[type[msgspec.Struct], msgspec.Struct] = {
    type(example): example
    for example in (
        SearchAnswer(
            hits=[
                Hit(
                    id="p1",
                    match=0.65,
                    fit=Fit.GOOD,
                    why=[_SUNSET],
                    looks_like=0.48,
                    words=["закат"],
                    highlights=[Highlight(0, 6, 11)],
                    post=_POST,
                    account=_ACCOUNT,
                ),
                Withheld(SENTENCE),
            ],
            fit=Fit.GOOD,
            total=41,
            more=True,
            cursor="q3kK2wVd8WtbIjQ0",
            facets=[_PLACES],
            groups=[
                GroupAnswer(value="u1", posts=7, hits=["p1"], filter={"field": "authors", "equals": "u1"}),
            ],
            query=QueryTerms(
                text="закат над морем",
                mode="hybrid",
                respelled={},
                known_terms=["закат", "морем"],
                unknown_terms=[],
                understood=[Understood("закат", ["sunset"]), Understood("морем", ["sea"])],
                topics=[_SUNSET],
            ),
            country=_RUSSIA,
            took_ms=2.1,
        ),
        AnnotateAnswer(
            keywords=[Keyword("закат", 0.08, 12.5)],
            tags=[Keyword("#sunset", 0.11, 9.1)],
            topics=[_SUNSET],
            country=_RUSSIA,
            took_ms=1.2,
        ),
        ClassifyAnswer(
            modality="album", classes=[ClassShare("Karelia 2024", 0.71), ClassShare("Bridges", 0.18)], country=_RUSSIA
        ),
        SuggestAnswer(suggestions=[Suggestion("тихий закат", "word")], country=_RUSSIA, took_ms=0.8),
        PostsAnswer(posts=[PostAnswer("p1", 3, _POST)], total=1000, cursor="q3kK2wVd8WtbIjQ0", country=_RUSSIA),
        MultiSearchAnswer(
            [
                OneAnswer(answer=SearchAnswer(country=_RUSSIA, notice="Nothing here matches.", took_ms=1.4)),
                OneAnswer(
                    problem=Problem(
                        title="Unprocessable Entity",
                        status=422,
                        code="wrong_filter",
                        detail="$.field must be one of tags, authors, text, added, changed, or `attrs.` and the "
                        "name of a field of yours.",
                    )
                ),
            ]
        ),
        MatchAnswer(match=0.83, method="trained", fit=Fit.GOOD, why=[_SUNSET], country=_RUSSIA, took_ms=1.9),
        TopicsAnswer(
            model="m1", topics=[Topic(12, 0.04, ["закат", "sea"], ["#sunset"], False, 0.31, 0.74)], country=_RUSSIA
        ),
        PostAnswer("p1", 3, _POST),
        DeletedAnswer("p1"),
        StoredAnswer(id="p1", status="stored"),
        DeletionsAnswer(total=2, deleted=2, ids=["p1", "p2"], missing=["p3"]),
        FeedbackAnswer(),
        LineAnswer(line=1, id="p1", status="stored"),
        QueueAnswer(
            posts=[WaitingPost("p2", "2026-05-01T12:00:00+00:00", _FACTS, [_REASON], _WAITING)],
            total=1,
            more=False,
            found=1,
            unseen=0,
            rules=[RuleCount(_REASON.rule, _REASON.says, 1)],
            authors={"u2": 1},
        ),
        TakedownPreview([OriginalPost("p2", _FACTS, _WAITING)], 1),
        ConsentsAnswer(
            [ConsentedPost("p4", ConsentFields("form-4711", "2026-05-01T12:00:00+00:00", ["RU"], None), False, _POST)],
            1,
            False,
        ),
        ReviewDay("2026-05-01", 12, 1, {"moderator-7": 12}),
        LifeAnswer(
            id="p2",
            added="2026-05-01T12:00:00+00:00",
            version=None,
            facts=_FACTS,
            events=[LifeEventFields(at="2026-05-01T12:05:00+00:00", event="looked", by="moderator-7")],
        ),
        ReviewAnswer([DecisionResult(id="p2", status="decided", child="clear")]),
        FactsAnswer("p2", _FACTS),
        _TAKEDOWN,
        TakedownsAnswer([_TAKEDOWN], 1),
        StatusAnswer(
            version="1.0.0",
            welcome=None,
            posts=1000,
            model=ModelStatus(
                id="m1", topics=100, committee=1, aligned=True, vocabulary={"text": 9120}, encoder="patches-2"
            ),
            encoder="patches-2",
            dual_encoder=None,
            store=StoreStatus("qdrant-edge", {"m1": 100}, "m1"),
            policy=PolicyStatus(1, "9f2c1ab04de7735e"),
        ),
        TokenAnswer("eyJhbGciOiJIUzI1NiIsImtpZCI6ImE...", 3600),
        SessionAnswer(["review", "takedown"], "5f0c2b7e91d34a60b8c7e2f15a9d03b4c6e8f071"),
        HomeAnswer(
            models=[_MODEL],
            renditions=RenditionStatus(1000, 48_000_000),
            records=[RecordStatus("audit.ndjson", 5120, True)],
            backup=BackupStatus("2026-05-01T03:00:00+00:00", 1000, "m1"),
            check=CheckStatus("2026-05-01T04:00:00+00:00", []),
        ),
        _TASK,
        TasksAnswer([_TASK]),
        ModelsAnswer([_MODEL], "m0"),
        HealthAnswer("ok"),
    )
}
