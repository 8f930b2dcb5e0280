"""Why a post fits: the topics in common, with words a person reads, and never a word that the law withholds."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property, lru_cache

import numpy as np

from api.answers import Keyword, Topic, Why
from common.arrays import Float32
from compliance.gate import Gate
from compliance.policy import Rule
from topic_model.document import TAG, TEXT
from topic_model.ideas.idea import Language
from topic_model.ideas.ideas import Ideas
from topic_model.match.mass import matches, topics_in_common
from topic_model.model import TopicModel, TopicWord
from topic_model.topic_map import topic_plane


class Explainer:
    """Names topics by their most telling words, as far as a rule lets them be shown."""

    def __init__(self, model: TopicModel, gate: Gate, ideas: Ideas | None = None) -> None:
        self._whole = model
        self._model = model.members[0]
        self._gate = gate
        self._ideas = ideas
        self._names = lru_cache(maxsize=None)(self._name)

    def shared(self, one: Float32, other: Float32, rule: Rule, limit: int = 3) -> list[Why]:
        """List the topics that two thetas have in common; what every post has is named where there is nothing else."""
        return self.shared_by(one, [other], rule, limit)[0]

    def shared_by(self, one: Float32, others: Sequence[Float32], rule: Rule, limit: int = 3) -> list[list[Why]]:
        """The same of one theta and each of several, of the hits of a page."""
        if not others:
            return []
        thetas, background = np.stack(others), self._model.background
        mine, its = self._whole.first_member(one), self._whole.first_member(thetas)
        # A member may see more in common than all of them: its shares are made parts of the match that is shown.
        parts = [1.0] * len(others)
        if mine is not one:
            parts = (np.array(matches(one, thetas)) / np.maximum(matches(mine, its), 1e-9)).tolist()
        shown, names = [], dict[int, tuple[str, ...]]()
        for part, common in zip(parts, topics_in_common(mine, its, limit + len(background)), strict=True):
            best = ([(topic, share) for topic, share in common if topic not in background] or common)[:limit]
            names |= {topic: self._names(topic, rule) for topic, _ in best if topic not in names}
            shown.append([Why(topic, round(min(share * part, 1.0), 4), names[topic]) for topic, share in best])
        return shown

    def of(self, theta: Float32, rule: Rule, limit: int = 5) -> list[Why]:
        """List the topics of one theta."""
        return self.shared(theta, theta, rule, limit)

    def tags(self, theta: Float32, rule: Rule, limit: int) -> list[Keyword]:
        """List the most telling hashtags of a theta."""
        words = self._allowed(self._whole.words(theta, TAG, 3 * limit), rule)
        return [_keyword(word) for word in words[:limit]]

    def keywords(self, theta: Float32, rule: Rule, limit: int, language: Language | None = None) -> list[Keyword]:
        """List the most telling words of a theta; those of another language by the word of theirs for the same idea."""
        words = self._allowed(self._whole.words(theta, TEXT, 3 * limit), rule)
        translated = [replace(word, label=self._in(language, word)) for word in words]
        once: dict[str, TopicWord] = {}
        for word in self._allowed(translated, rule):
            once.setdefault(word.label, word)
        return [_keyword(word) for word in list(once.values())[:limit]]

    def topics(self, rule: Rule) -> list[Topic]:
        """List every topic, largest first."""
        shares, places = self._model.topic_shares, self._places
        return [
            Topic(
                int(topic),
                round(float(shares[topic]), 4),
                [word.label for word in self._top(int(topic), TEXT, rule, 10)],
                [word.label for word in self._top(int(topic), TAG, rule, 5)],
                int(topic) in self._model.background,
                *places.get(int(topic), (None, None)),
            )
            for topic in np.argsort(-shares, kind="stable")
        ]

    @cached_property
    def _places(self) -> dict[int, tuple[float, float]]:
        """Where topics lie on the map; what every post has lies nowhere."""
        telling = [topic for topic in range(self._model.topics) if topic not in self._model.background]
        points = (topic_plane(self._model, telling) + 1) / 2
        return {topic: (round(float(x), 4), round(float(y), 4)) for topic, (x, y) in zip(telling, points, strict=True)}

    def _name(self, topic: int, rule: Rule) -> tuple[str, ...]:
        words = [*self._top(topic, TEXT, rule, 5), *self._top(topic, TAG, rule, 2)]
        return tuple(word.label for word in words)

    def _top(self, topic: int, modality: str, rule: Rule, limit: int) -> list[TopicWord]:
        return self._allowed(self._model.topic_words(topic, modality, 3 * limit), rule)[:limit]

    def _in(self, language: Language | None, word: TopicWord) -> str:
        if language is None or self._ideas is None or word.token.isascii() == (language is Language.ENGLISH):
            return word.label
        return self._ideas.translated(word.token, language) or word.label

    def _allowed(self, words: list[TopicWord], rule: Rule) -> list[TopicWord]:
        return self._gate.redact_words(words, rule, lambda word: word.label)


def _keyword(word: TopicWord) -> Keyword:
    return Keyword(word.label, round(word.p, 6), round(word.lift, 3))
