"""The gate: the only place that decides what a visitor may ask and see."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from compliance.facts import UNKNOWN, Child, Facts
from compliance.lexicon import Lexicon
from compliance.policy import Policy, Rule, Treatment

T = TypeVar("T")


class Action(StrEnum):
    """What becomes of a query."""

    ALLOW = "allow"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision about a query; a refusal carries the lexicon's rule and the sentence to answer with."""

    action: Action
    rule: str | None = None
    sentence: str | None = None


class Gate:
    """Decides by the policy's rule for the visitor's country and by the lexicon."""

    def __init__(self, policy: Policy, lexicon: Lexicon) -> None:
        self.policy = policy
        self._lexicon = lexicon

    def query(self, text: str | None, rule: Rule) -> Verdict:
        """Refuses a query about a child where the rule refuses such queries."""
        if text is None or not rule.refuse_queries:
            return Verdict(Action.ALLOW)
        findings = self._lexicon.find(text)
        if not findings:
            return Verdict(Action.ALLOW)
        return Verdict(Action.REFUSE, findings[0].rule, rule.sentence)

    def shown(self, rule: Rule) -> frozenset[Child] | None:
        """The kinds of posts that may be shown; None means all of them, also posts without facts."""
        return frozenset(Child) - rule.withhold if rule.withhold else None

    def teaching(self) -> frozenset[Child]:
        """The kinds of posts that a model may learn from: those that no country withholds."""
        withheld = (rule.withhold for rule in (self.policy.strictest, *self.policy.groups))
        return frozenset(Child).difference(*withheld)

    def may_show(self, facts: Facts | None, rule: Rule) -> bool:
        """Whether a post with these facts may be shown; one without facts counts as waiting for review."""
        shown = self.shown(rule)
        return shown is None or (facts or UNKNOWN).child in shown

    def disclaims(self, rule: Rule) -> bool:
        """Whether a withheld hit appears as the sentence instead of being left out."""
        return bool(rule.withhold) and rule.treatment is Treatment.DISCLAIMER

    def redact_words(self, words: Iterable[T], rule: Rule, key: Callable[[T], str]) -> list[T]:
        """The words without those that speak of a child, where the rule withholds anything."""
        if not rule.withhold:
            return list(words)
        return [word for word in words if not self._lexicon.find(key(word))]
