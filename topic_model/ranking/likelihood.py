"""Likelihood: how likely a post is to have said, or shown, what is asked; the last ordering is made of it.

p(w|d) = topics * sum_t phi_wt theta_td + own * share of w in the post's own words + everybody * p(w)

A post without words of its own speaks through its topics alone. The members of a committee are asked each by itself,
and the mean of their logarithms counts: a word that one of them cannot explain weighs more than in a mean of thetas.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from common.arrays import Bool, Float32, Float64
from topic_model.document import IMAGE, TAG, TEXT
from topic_model.model import TopicModel
from topic_model.ranking.weights import Mixture

_LEAST = 1e-30


class LikelihoodParts(NamedTuple):
    """What the likelihood of some words is mixed of, for some posts: posts x words; the topics' for each member.

    `unknown` are the words that the model does not know.
    """

    topics: Sequence[Float64]
    own: Float64
    everybody: Float64
    silent: Bool
    unknown: Bool

    def joined(self, table: Float64) -> "LikelihoodParts":
        """Those of classes of words, any of which may be said; `table` is words x classes: how much each counts.

        All words of a class that the model does not know are together as common as one of them: it never met any.
        """
        topics = [of_member @ table for of_member in self.topics]
        common = self.everybody[:, None] * table
        known, rare = common[~self.unknown].sum(axis=0), common[self.unknown].max(axis=0, initial=0.0)
        strange = np.asarray(~table[~self.unknown].any(axis=0), bool)
        return LikelihoodParts(topics, self.own @ table, known + rare, self.silent, strange)

    def likelihood(self, mixture: Mixture) -> Float64:
        """Mix the parts and take logarithms, the mean of the members'."""
        plain = mixture.own * self.own + mixture.everybody * self.everybody
        weight = np.where(self.silent, mixture.topics + mixture.own, mixture.topics)
        total = sum((np.log(plain + weight * topics) for topics in self.topics), np.zeros_like(plain))
        return np.asarray(total / len(self.topics))


def of_words(words: Sequence[str], thetas: Float32, own: Float64, model: TopicModel, mixture: Mixture) -> Float64:
    """Log-likelihood of each word (hashtags as `#tag`) under each post, posts x words; `own` are the words' shares."""
    return parts_of_words(words, thetas, own, model).likelihood(mixture)


def shares_of(words: Sequence[str], own: Sequence[Mapping[str, float]]) -> Float64:
    """The share that each word has in the own words of each post, posts x words; NaN for a post without any."""
    shares = np.full((len(own), len(words)), np.nan)
    for index, counts in enumerate(own):
        if counts:
            shares[index] = [counts.get(word, 0.0) for word in words]
            shares[index] /= sum(counts.values())
    return shares


def parts_of_words(words: Sequence[str], thetas: Float32, own: Float64, model: TopicModel) -> LikelihoodParts:
    """Look up what the likelihood of words is mixed of."""
    rows = [_row(word, model) for word in words]
    known = [index for index, row in enumerate(rows) if row is not None]
    numbers = [row for row in rows if row is not None]
    everybody = np.full(len(words), model.unseen)
    everybody[known] = model.unigram[numbers]
    silent = np.asarray(np.isnan(own).any(axis=1))[:, None]
    shares = np.where(silent, 0.0, own)
    topics = []
    for phi, theta in _by_member(model, numbers, thetas):
        of_member = np.zeros_like(shares)
        of_member[:, known] = theta @ phi.T
        topics.append(of_member)
    unknown = np.array([row is None for row in rows], bool)
    return LikelihoodParts(topics, shares, everybody, silent, unknown)


def of_photo(tokens: Mapping[str, float], thetas: Float32, model: TopicModel, mixture: Mixture) -> Float64:
    """Log-likelihood of visual words, which a post has through its topics alone, under each post."""
    numbers, counts = [], []
    for token, count in tokens.items():
        row = model.vocabulary.rows.get(IMAGE, {}).get(token)
        if row is not None:
            numbers.append(row)
            counts.append(count)
    total = np.zeros(len(thetas))
    for phi, theta in _by_member(model, numbers, thetas):
        p = (1 - mixture.everybody) * (theta @ phi.T) + mixture.everybody * model.unigram[numbers]
        total += np.log(np.maximum(p, _LEAST)) @ np.array(counts)
    return total / len(model.members)


def _by_member(model: TopicModel, rows: Sequence[int], thetas: Float32) -> list[tuple[Float32, Float32]]:
    """Phi of some tokens and the thetas, as each member of a committee knows them."""
    return [(member.phi[rows], theta) for member, theta in zip(model.members, model.split(thetas), strict=True)]


def _row(word: str, model: TopicModel) -> int | None:
    modality, token = (TAG, word[1:]) if word.startswith("#") else (TEXT, word)
    return model.vocabulary.rows.get(modality, {}).get(token)
