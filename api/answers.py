"""What is answered: the type of every answer, which the OpenAPI document, the commands and the tests share."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from api.tasks.task import TaskAnswer
from topic_model.match.mass import Fit

T = TypeVar("T")


class PostCaption(msgspec.Struct, frozen=True):
    """What somebody wrote under a photo."""

    text: str
    author: str | None = None


class PhotoLinks(msgspec.Struct, frozen=True):
    """Addresses of a post's photo in small, below that of the service; good for some minutes, for who got them."""

    small: str
    large: str


class PostFields(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown of a post; `consented` says that it shows a child, and that a parent agreed."""

    captions: Sequence[PostCaption] = ()
    tags: Sequence[str] = ()
    link: str | None = None
    thumb: str | None = None
    photo: PhotoLinks | None = None
    attrs: Mapping[str, Any] = {}
    consented: bool = False


class ChosenFields(PostFields, frozen=True, kw_only=True, omit_defaults=True):
    """What was asked for of a post, and nothing else."""


class Highlight(msgspec.Struct, frozen=True):
    """Where a caption, by its number from 0, has a word of the question: characters of it, the end not included."""

    caption: int
    start: int
    end: int


class FacetValue(msgspec.Struct, frozen=True):
    """A value, how many posts have it, and the filter that leaves these."""

    value: str
    posts: int
    filter: Mapping[str, Any]


class FacetAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What posts were counted by: the most frequent values, or steps in order, and the ends of numbers and times.

    `others` is how many further values there are.
    """

    facet: str
    values: Sequence[FacetValue] = ()
    others: int = 0
    least: float | str | None = None
    most: float | str | None = None


class Why(msgspec.Struct, frozen=True):
    """A topic that question and post have in common, the share of the match that it makes up, its telling words."""

    topic: int
    share: float
    words: Sequence[str]


class Topic(msgspec.Struct, frozen=True):
    """A topic of the model; `background` ones are what every post has.

    `x` and `y`, from 0 to 1, are its place on the map, where topics with words in common lie near one another.
    """

    topic: int
    share: float
    words: Sequence[str]
    tags: Sequence[str]
    background: bool
    x: float | None = None
    y: float | None = None


class Keyword(msgspec.Struct, frozen=True):
    """A word to propose, its probability, and how much likelier it is here than elsewhere."""

    word: str
    p: float
    lift: float


class ArmRank(msgspec.Struct, frozen=True):
    """At which rank an arm found a hit, 1 is the first, and how like it is by that arm, where that is of it alone."""

    arm: str
    rank: int
    score: float | None


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Why a hit stands where it does, for engineers.

    `kind` names the line of odds that holds for such a post, `own` is the share of the words that it says itself,
    `dual` how near it lies to a dual encoder that the model is calibrated with.
    """

    ordered_by: str
    arms: Sequence[ArmRank]
    topics: float | None
    match: float | None
    kind: str | None = None
    lift: float | None = None
    own: float | None = None
    cosine: float | None = None
    dual: float | None = None
    odds: float | None = None


class GroupAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Posts that share a value: how many were found, the ids of the hits that are given, and the filter for all."""

    value: str | None
    posts: int
    hits: Sequence[str]
    filter: Mapping[str, Any] | None = None


class AnyHit:
    """An entry among the hits: a Hit, or Withheld in place of one."""


class Hit(msgspec.Struct, AnyHit, frozen=True, kw_only=True):
    """A post that was found, how well it matches, and why; where nothing was looked for it neither matches nor fits."""

    id: str
    match: float | None
    fit: Fit | None
    why: Sequence[Why]
    looks_like: float | None
    words: Sequence[str]
    highlights: Sequence[Highlight] = ()
    post: PostFields
    account: Account | None = None


class Withheld(msgspec.Struct, AnyHit, frozen=True):
    """What stands in for a post that the visitor's law withholds: the sentence, and nothing of the post."""

    disclaimer: str


class VisitorCountry(msgspec.Struct, frozen=True):
    """Whose law holds: the country, who says so, the group of its rule, and a note for people."""

    code: str | None
    source: str
    rule: str
    note: str | None


class Understood(msgspec.Struct, frozen=True):
    """Words of a question, as typed, and those of the same idea, in both languages, that it was searched by as well."""

    typed: str
    words: Sequence[str]


class QueryTerms(msgspec.Struct, frozen=True, kw_only=True):
    """How a question was understood: the words that are known here and those that are not, as typed, and its topics."""

    text: str | None
    mode: str
    respelled: Mapping[str, str]
    known_terms: Sequence[str]
    unknown_terms: Sequence[str]
    understood: Sequence[Understood] = ()
    topics: Sequence[Why]


class SearchAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Hits, the best first, and a `cursor` for more. A `disclaimer` beside them: the question was refused."""

    hits: Sequence[AnyHit] = ()
    fit: Fit | None = Fit.NONE
    total: int = 0
    more: bool = False
    cursor: str | None = None
    facets: Sequence[FacetAnswer] = ()
    groups: Sequence[GroupAnswer] | None = None
    query: QueryTerms | None = None
    country: VisitorCountry
    disclaimer: str | None = None
    notice: str | None = None
    notice_code: str | None = None
    took_ms: float = 0.0

    @property
    def posts(self) -> list[Hit]:
        """The hits that are posts, without what stands in for others."""
        return [hit for hit in self.hits if isinstance(hit, Hit)]


class AnnotateAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Keywords and hashtags to propose, and the topics that they come from."""

    keywords: Sequence[Keyword] = ()
    tags: Sequence[Keyword] = ()
    topics: Sequence[Why] = ()
    country: VisitorCountry
    disclaimer: str | None = None
    notice: str | None = None
    took_ms: float = 0.0


class ClassShare(msgspec.Struct, frozen=True):
    """A class as posts have it, such as an album, and how likely it is among those that are listed and all others."""

    value: str
    share: float


class ClassifyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Classes of a modality of the site's own, the likeliest first; the shares of all that may be shown make 1."""

    modality: str
    classes: Sequence[ClassShare] = ()
    country: VisitorCountry
    disclaimer: str | None = None
    notice: str | None = None
    took_ms: float = 0.0


class Suggestion(msgspec.Struct, frozen=True):
    """A question to ask, as far as it is typed and as it may go on, and what completes it: a word or a tag."""

    text: str
    kind: str


class SuggestAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How a question may go on, the most common way first."""

    suggestions: Sequence[Suggestion] = ()
    country: VisitorCountry
    took_ms: float = 0.0


class MatchAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How well a text fits, 0 to 1, what kind of number that is, the same in a word, and the topics in common."""

    match: float | None = None
    method: str
    fit: Fit = Fit.NONE
    why: Sequence[Why] = ()
    country: VisitorCountry
    disclaimer: str | None = None
    notice: str | None = None
    took_ms: float = 0.0


class TopicsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The topics of the model, the largest first."""

    model: str | None
    topics: Sequence[Topic]
    country: VisitorCountry
    disclaimer: str | None = None
    notice: str | None = None


class PostAnswer(msgspec.Struct, frozen=True):
    """One post."""

    id: str
    version: int | None
    post: PostFields


class PostsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Posts in an order, how many there are in all, and a `cursor` for more."""

    posts: Sequence[PostAnswer] = ()
    total: int = 0
    cursor: str | None = None
    country: VisitorCountry
    disclaimer: str | None = None


class DeletedAnswer(msgspec.Struct, frozen=True):
    """A post that is gone."""

    id: str
    status: str = "deleted"


class StoredAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a post that was sent alone: stored, or unchanged; and what was noticed."""

    id: str
    status: str
    marks: Mapping[str, str] = {}


class FeedbackAnswer(msgspec.Struct, frozen=True):
    """That feedback came in; whether it is kept is not told."""

    status: str = "taken"


class DeletionsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How many posts were meant and how many are gone, the first ids; `more` are left, `missing` were not there."""

    total: int
    deleted: int
    ids: Sequence[str]
    missing: Sequence[str] = ()
    more: bool = False
    dry_run: bool = False


class LineAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a line of a bulk: stored, unchanged, stale, rejected or failed, and why."""

    line: int
    id: str | None
    status: str
    reason: str | None = None
    detail: str | None = None
    marks: Mapping[str, str] = {}


class ConsentFields(msgspec.Struct, frozen=True):
    """A parent's consent: the site's record of it, when it was noted, for which countries (none: all), until when."""

    by: str
    at: str
    countries: Sequence[str]
    until: str | None


class FactsFields(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a post and children, who says so, and what held before, the latest last."""

    child: str
    source: str
    rules: Sequence[str]
    score: float | None = None
    by: str | None = None
    at: str | None = None
    consent: ConsentFields | None = None
    history: Sequence["FactsFields"] = ()


class RuleReason(msgspec.Struct, frozen=True):
    """A rule that found a post, its sentence for people, and the words that it found there."""

    rule: str
    says: str
    words: Sequence[str]


class FaceCount(msgspec.Struct, frozen=True):
    """How many faces a network found in a photo, and how old, in years, the youngest of them looks."""

    faces: int
    youngest: float | None = None


class WaitingPost(msgspec.Struct, frozen=True):
    """A post that waits for a person: what is known of it, why it waits, and what a visitor would see of it.

    `pictured` tells that it has a photo, also where no small one is kept of it. `revision` names what is shown of it
    and known, by which a decision says what it is about.
    """

    id: str
    added: str
    facts: FactsFields
    reasons: Sequence[RuleReason]
    post: PostFields
    originals: Sequence["OriginalPost"] = ()
    faces: FaceCount | None = None
    pictured: bool = False
    revision: str = ""


class TakedownPreview(msgspec.Struct, frozen=True):
    """The stored posts that a takedown would remove: the first of them, and how many there are."""

    posts: Sequence["OriginalPost"]
    total: int


class ConsentedPost(msgspec.Struct, frozen=True):
    """A post that a parent's consent stands on, and whether that has ended by now."""

    id: str
    consent: ConsentFields
    ended: bool
    post: PostFields


class ConsentsAnswer(msgspec.Struct, frozen=True):
    """Consents that stand on stored posts, those that end soonest first."""

    consents: Sequence[ConsentedPost]
    total: int
    more: bool


class OriginalPost(msgspec.Struct, frozen=True):
    """A post as it is stored now, for whoever decides: a held one that a waiting one is a copy of, or one to go."""

    id: str
    facts: FactsFields
    post: PostFields


class RuleCount(msgspec.Struct, frozen=True):
    """A rule, its sentence for people, and how many of the posts that wait it found."""

    rule: str
    says: str
    posts: int


class QueueAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for review, the most urgent first: `total` of what was asked for.

    Of all that waits: in how many posts something was found, how many photos nobody looked at, and what posts may be
    chosen by, the most frequent first.
    """

    posts: Sequence[WaitingPost]
    total: int
    more: bool
    found: int
    unseen: int
    rules: Sequence[RuleCount]
    authors: Mapping[str, int]


class ReviewDay(msgspec.Struct, frozen=True):
    """What was decided and taken back on a day (UTC), in all and by whom."""

    day: str
    decided: int
    undone: int
    by: Mapping[str, int]


class LifeEventFields(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that happened to a post: when, what, by whom, and what it counted as from then on.

    `count` is how often, of what is counted; `subject` the id of a takedown, `until` when all of it was gone.
    """

    at: str
    event: str
    by: str = ""
    child: str = ""
    consent: ConsentFields | None = None
    subject: str = ""
    reason: str = ""
    until: str = ""
    count: int = 1


class LifeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A post's whole life: since when it is stored, what is known of it, what the records say was done to it.

    `faults` are sentences about records that cannot be trusted.
    """

    id: str
    added: str | None
    version: int | None
    facts: FactsFields | None
    events: Sequence[LifeEventFields]
    faults: Sequence[str] = ()


class DecisionResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a decision: decided, undone, nothing_to_undo, changed, not_found; and the post's revision."""

    id: str
    status: str
    child: str | None = None
    detail: str | None = None
    revision: str | None = None


class ReviewAnswer(msgspec.Struct, frozen=True):
    """A result for each post that was named, in order."""

    posts: Sequence[DecisionResult]


class FactsAnswer(msgspec.Struct, frozen=True):
    """The facts of one post, and its revision."""

    id: str
    facts: FactsFields
    revision: str = ""


class TakedownAnswer(msgspec.Struct, frozen=True):
    """The proof record of a takedown; `marks` are hashes of what it covers, `before` that of the line before it.

    `done` is when all was gone: none where that was not recorded yet, and the next start sees to it.
    """

    id: str
    at: str
    by: str
    reason: str
    marks: Sequence[str]
    posts: int
    done: str | None
    before: str | None


class TakedownsAnswer(msgspec.Struct, frozen=True):
    """The proof records, the latest first."""

    takedowns: Sequence[TakedownAnswer]
    total: int


class ExampleQuestion(msgspec.Struct, frozen=True):
    """A question to try, by its name, text and the address of a photo; `labels` name it in further languages."""

    label: str
    text: str | None = None
    photo: str | None = None
    labels: Mapping[str, str] = {}


class ChoosableCountry(msgspec.Struct, frozen=True):
    """A country that a visitor of the page may visit from; `labels` name it in further languages."""

    code: str | None
    label: str
    labels: Mapping[str, str] = {}


class Welcome(msgspec.Struct, frozen=True):
    """What the page offers to whoever opens it, where a site wants that: countries to choose, questions to try."""

    countries: Sequence[ChoosableCountry]
    examples: Sequence[ExampleQuestion]


class StoreStatus(msgspec.Struct, frozen=True):
    """The engine, the models whose topics are stored (with their number), and the one that is searched."""

    engine: str
    models: Mapping[str, int]
    active: str | None


class DualStatus(msgspec.Struct, frozen=True):
    """The dual encoder, and how many posts it has seen."""

    id: str
    posts: int


class PolicyStatus(msgspec.Struct, frozen=True):
    """The rules in force: their version, their hash, and a sentence when their file says something else by now."""

    version: int
    hash: str
    notice: str | None = None


class ModelStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Which model answers: how many topics, of how many members, over how many tokens of each modality."""

    id: str
    topics: int
    committee: int
    aligned: bool
    vocabulary: Mapping[str, int]
    encoder: str


class StatusAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored, which model answers, which rules are in force."""

    version: str
    welcome: Welcome | None
    posts: int
    model: ModelStatus | None
    encoder: str
    dual_encoder: DualStatus | None
    store: StoreStatus
    policy: PolicyStatus


class TokenAnswer(msgspec.Struct, frozen=True):
    """A token for the browser of one visitor, and how many seconds it is good for."""

    token: str
    seconds: int


class SessionAnswer(msgspec.Struct, frozen=True):
    """What a browser may do for the site, and the word that it sends as `X-Desk-Token` when it writes."""

    scopes: Sequence[str]
    token: str | None


class QualityRemark(msgspec.Struct, frozen=True):
    """A remark on a model: `code` is for programs, `says` for people."""

    code: str
    says: str


class ModelRow(msgspec.Struct, frozen=True, kw_only=True):
    """A model of the home: when it was learned, how well, and where it stands.

    `state` is `in_force`, `ready` (its vectors are filled in: it can be put in force at once) or `kept`. `topics` are
    told of those whose vectors are filled in. `perplexity` is how surprised it was by words, `usual` how surprised one
    is who knows no topics; `verdict` says what that means.
    """

    id: str
    learned: str
    topics: int | None
    live_topics: int | None = None
    documents: int | None = None
    perplexity: Mapping[str, float]
    usual: Mapping[str, float] = {}
    verdict: Sequence[QualityRemark] = ()
    state: str


class RenditionStatus(msgspec.Struct, frozen=True):
    """Of how many photos small copies are kept, and how many bytes they take."""

    photos: int
    bytes: int


class RecordStatus(msgspec.Struct, frozen=True):
    """A file of records: how many lines it has, and whether its chain is whole."""

    file: str
    lines: int
    sound: bool


class BackupStatus(msgspec.Struct, frozen=True):
    """When the last backup was made, of how many posts, with which model."""

    at: str
    posts: int
    model: str | None


class CheckStatus(msgspec.Struct, frozen=True):
    """When the home was last read through, and which of its parts were damaged: `photosense verify` says how."""

    at: str
    damaged: Sequence[str]


class HomeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a home holds beside its posts: models, the newest first, small photos, records, last backup, last check.

    `parts` are those of the store, with where each lies and how it is, where it has several.
    """

    models: Sequence[ModelRow]
    parts: Sequence[str] = ()
    renditions: RenditionStatus | None
    records: Sequence[RecordStatus]
    backup: BackupStatus | None
    check: CheckStatus | None


class ModelsAnswer(msgspec.Struct, frozen=True):
    """The models of the home, the newest first, and which one would come back by a rollback."""

    models: Sequence[ModelRow]
    before: str | None


class TasksAnswer(msgspec.Struct, frozen=True):
    """Tasks, the latest first."""

    tasks: Sequence[TaskAnswer]


class HealthAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether the process lives (ok), or searches can be answered (ready, words_only, down)."""

    status: str
    detail: str | None = None


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """An error, as RFC 9457 has it: `code` is for programs, `detail` for people."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str


class OneAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one of several searches: its answer, or the problem with it."""

    answer: SearchAnswer | None = None
    problem: Problem | None = None


class MultiSearchAnswer(msgspec.Struct, frozen=True):
    """An answer for each search, in order."""

    answers: Sequence[OneAnswer]


def decode_answer(answer: bytes, kind: type[T]) -> T:
    """Read an answer back from JSON, as a client does."""
    return msgspec.json.decode(answer, type=kind, dec_hook=_read_hit)


def _read_hit(_: type[AnyHit], fields: Mapping[str, Any]) -> AnyHit:
    if set(fields) == {"disclaimer"}:
        return msgspec.convert(fields, Withheld)
    return msgspec.convert(fields, Hit)
