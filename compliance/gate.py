"""The gate: the only place that decides what a visitor may ask and see."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, TypeVar

from common.arrays import AnyFloat
from compliance.age_fields import AGE_FIELD
from compliance.facts import UNKNOWN, Child, Facts, Thresholds, Vis, vis
from compliance.learned.telling_words import TellingWords
from compliance.learned.topic_net import TopicNet
from compliance.lexicon.lexicon import Lexicon, default_lexicon
from compliance.policy import Policy, Rule, Treatment

T = TypeVar("T")
S = TypeVar("S")

PHOTO_RULE, TOPICS_RULE, WORD_RULE = "photo", "topics", "telling-word"
SAYS = {  # to people, beside the sentences of the lexicon
    PHOTO_RULE: "The photo of the question shows a child.",
    TOPICS_RULE: "The topics of the question are those of posts about children.",
    AGE_FIELD: "A field of the site holds an age under 16.",
    WORD_RULE: "Hardly any posts have a word of the question but those about children.",
}


class Action(StrEnum):
    """What becomes of a query: narrowed, it finds only what is known to be clear."""

    ALLOW = "allow"
    NARROW = "narrow"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision about a query; all but `allow` carries the rule's id, and a refusal the sentence to answer with."""

    action: Action
    rule: str | None = None
    sentence: str | None = None


class Visible(NamedTuple):
    """What a store may give: points that are open in one of these ways, or of one of these kinds.

    None instead of it means everything, also points without facts.
    """

    ways: frozenset[str]
    kinds: frozenset[Child]


class Net(NamedTuple):
    """A topic net, and from which share of posts about children on a question is refused."""

    topics: TopicNet
    share: float


class Gate:
    """Decides by the policy's rule for the visitor's country, by the lexicon, and by what a detector saw in a photo."""

    def __init__(
        self,
        policy: Policy,
        lexicon: Lexicon | None = None,
        thresholds: Thresholds | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        net: Net | None = None,
        telling_words: TellingWords | None = None,
    ) -> None:
        self.policy = policy
        self.now = now
        self._own_lexicon = lexicon
        self._thresholds = thresholds
        self._net = net
        self._telling_words = telling_words

    @property
    def _lexicon(self) -> Lexicon:
        """The given one, else that which ships: a second's work, that most commands do without."""
        return self._own_lexicon or default_lexicon()

    def query(self, text: str | None, rule: Rule) -> Verdict:
        """Refuses a query about a child where the rule refuses such queries: by the lexicon, then by telling words."""
        if text is None or not rule.refuse_queries:
            return Verdict(Action.ALLOW)
        findings = self._lexicon.find(text)
        if findings:
            return Verdict(Action.REFUSE, findings[0].rule, rule.sentence)
        if self._telling_words and self._telling_words.tells(text, self._lexicon):
            return Verdict(Action.REFUSE, WORD_RULE, rule.sentence)
        return Verdict(Action.ALLOW)

    def photo(self, score: float | None, rule: Rule) -> Verdict:
        """Refuses a query by the photo of a child, and narrows one where nobody is sure."""
        if self._thresholds is None or score is None or not rule.refuse_queries or score < self._thresholds.review:
            return Verdict(Action.ALLOW)
        if score >= self._thresholds.child:
            return Verdict(Action.REFUSE, PHOTO_RULE, rule.sentence)
        return Verdict(Action.NARROW, PHOTO_RULE)

    def topics(self, theta: AnyFloat | None, rule: Rule) -> Verdict:
        """Refuses a question whose topics are those of posts about children, whatever its words."""
        if self._net is None or theta is None or not rule.refuse_queries:
            return Verdict(Action.ALLOW)
        if self._net.topics.share(theta) < self._net.share:
            return Verdict(Action.ALLOW)
        return Verdict(Action.REFUSE, TOPICS_RULE, rule.sentence)

    def visible_kinds(self, rule: Rule) -> frozenset[Child] | None:
        """The kinds of posts that may be shown; None means all of them, also posts without facts."""
        return _all_but(rule.withhold) if rule.withhold else None

    def visible(self, rule: Rule) -> Visible | None:
        """What the store may give to a visitor of the rule's country; None means everything."""
        kinds = self.visible_kinds(rule)
        if kinds is None:
            return None
        open_kinds = frozenset(child for child in Child if vis(child) is Vis.OPEN)
        ways = {way.value for way in (Vis.OPEN, Vis.UNSEEN) if {kind for kind in Child if vis(kind) is way} <= kinds}
        if Child.CONSENTED in kinds and rule.code:
            ways.add(rule.code)  # posts with a consent for this country
        rest = kinds - {Child.UNSEEN} - (open_kinds if Vis.OPEN.value in ways else frozenset())
        return Visible(frozenset(ways), rest)

    def audience(self, rule: Rule) -> frozenset[str] | None:
        """Whose posts' fields a visitor may filter by: the ways and kinds of those he may see; None means anybody's."""
        visible = self.visible(rule)
        return None if visible is None else visible.ways | {kind.value for kind in visible.kinds}

    @property
    def requires_detector(self) -> bool:
        """Whether some country withholds photos that nobody looked at."""
        return any(rule.requires_detector for rule in (self.policy.strictest, *self.policy.groups))

    def teaching(self) -> frozenset[Child]:
        """The kinds of posts that a model may learn from: those that no country withholds."""
        withheld = (rule.withhold for rule in (self.policy.strictest, *self.policy.groups))
        return frozenset(Child).difference(*withheld)

    def may_show(self, facts: Facts | None, rule: Rule) -> bool:
        """Whether a post with these facts may be shown now; one without facts counts as waiting for review."""
        kinds = self.visible_kinds(rule)
        return kinds is None or (facts or UNKNOWN).where(rule.code, self.now()) in kinds

    def redact(self, facts: Facts | None, rule: Rule, show: Callable[[], T], withhold: Callable[[str], S]) -> T | S:
        """What a hit looks like: itself, or the sentence and nothing else. A hit that is withheld is never built."""
        return show() if self.may_show(facts, rule) else withhold(rule.sentence)

    def disclaims(self, rule: Rule) -> bool:
        """Whether a withheld hit appears as the sentence instead of being left out."""
        return bool(rule.withhold) and rule.treatment is Treatment.DISCLAIMER

    def redact_words(self, words: Iterable[T], rule: Rule, key: Callable[[T], str]) -> list[T]:
        """The words without those that speak of a child, where the rule withholds anything."""
        if not rule.withhold:
            return list(words)
        return [word for word in words if not self._lexicon.find(key(word))]


@lru_cache(maxsize=64)
def _all_but(kinds: frozenset[Child]) -> frozenset[Child]:
    """The other kinds; it is asked for each hit."""
    return frozenset(Child) - kinds
