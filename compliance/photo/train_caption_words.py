"""Learning what words tell: a logistic regression on the words of captions and the log-odds of their photos."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from common.arrays import Bool, Float64
from common.stats import logistic
from compliance.photo.caption_words import CaptionWords, WordWeights, parts

LEAST_PHOTOS: Final = 5  # words of fewer photos are not learned: they tell of those photos, not of children
LEAST: Final = -1.0  # so much words may tell against a child: more of it won nothing, and would be a way to pass
_RIDGE: Final = 7.0
_STEPS, _SEARCHES, _CLOSE = 12, 60, 1e-9


class CaptionRows:
    """Captions as rows of their words and pairs of words, for those that enough photos have."""

    def __init__(self, captions: Sequence[CaptionWords]) -> None:
        posts = [[parts(caption) for caption in of_post] for of_post in captions]
        photos = Counter(word for of_post in posts for word in {word for caption in of_post for word in caption})
        self.vocabulary = sorted(word for word, count in photos.items() if count >= LEAST_PHOTOS)
        index = {word: column for column, word in enumerate(self.vocabulary)}
        rows = [[index[word] for word in caption if word in index] for of_post in posts for caption in of_post]
        self.words = np.array([column for row in rows for column in row], np.intp)
        self.rows = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
        self.photos = np.repeat(np.arange(len(posts)), [len(of_post) for of_post in posts])

    def __len__(self) -> int:
        return len(self.photos)

    def sums(self, weights: Float64) -> Float64:
        """What the words of each caption add up to."""
        return np.asarray(np.bincount(self.rows, weights[self.words], len(self)), np.float64)

    def shares(self, values: Float64) -> Float64:
        """What the captions of each word add up to."""
        return np.asarray(np.bincount(self.words, values[self.rows], len(self.vocabulary)), np.float64)


def learn_words(captions: CaptionRows, taken: Bool, odds: Float64, shares: Float64) -> tuple[Float64, Float64]:
    """The weights of the words, and slope and offset of the photo, from those captions that are taken.

    `odds` and `shares` are those of the photos; a share is how sure people are of a child, 0 to 1.
    """
    photo, wanted, counted = odds[captions.photos], shares[captions.photos], taken.astype(np.float64)
    size = len(captions.vocabulary)
    ridge = np.full(size + 2, _RIDGE)
    ridge[size:] = 1e-3

    def forth(values: Float64) -> Float64:
        return np.asarray(captions.sums(values[:size]) + values[size] * photo + values[size + 1])

    def back(values: Float64) -> Float64:
        return np.concatenate([captions.shares(values), [values @ photo, values.sum()]])

    weights = np.zeros(size + 2)
    for _ in range(_STEPS):  # of Newton's
        predicted = logistic(forth(weights))
        down = back(counted * (wanted - predicted)) - ridge * weights

        def curved(values: Float64, bend: Float64 = counted * predicted * (1 - predicted)) -> Float64:
            return back(bend * forth(values)) + ridge * values

        weights += _solve(curved, down)
        if np.abs(down).max() < _CLOSE * len(captions):
            break
    return weights[:size], weights[size:]


def as_words(captions: CaptionRows, weights: Float64, photo: Float64, slope: float, offset: float) -> WordWeights:
    """What was learned, calibrated, with words for numbers; those that tell nothing are left out."""
    telling = {
        word: round(float(slope * weight), 4)
        for word, weight in zip(captions.vocabulary, weights, strict=True)
        if abs(weight) >= 1e-3
    }
    return WordWeights(telling, float(slope * photo[0]), float(slope * photo[1] + offset), slope * LEAST)


def _solve(apply: Callable[[Float64], Float64], wanted: Float64) -> Float64:
    """Solve by conjugate gradients."""
    solution = np.zeros_like(wanted)
    rest = wanted.copy()
    way, size = rest.copy(), float(rest @ rest)
    for _ in range(_SEARCHES):
        if size < _CLOSE:
            break
        applied = apply(way)
        step = size / float(way @ applied)
        solution += step * way
        rest -= step * applied
        before, size = size, float(rest @ rest)
        way = rest + size / before * way
    return solution
