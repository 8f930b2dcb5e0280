"""Lines: log-odds that a text is about a post, by what it says and where it lies; one for each kind of post."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from common.arrays import Float64


@dataclass(frozen=True, slots=True)
class OddsLine:
    """The log-odds of one kind of post: what lift and cosines weigh, how steep it is, and where it lies.

    A long text says more, and so finds its post more surely than it fits it: `evenness` and `length` tell how much of
    that counts. `own` is what it weighs that a post says all words of a text itself, which tells most of a short one.
    `dual` is what the cosine to a dual encoder weighs.
    """

    lift: float
    cosine: float
    slope: float = 1.0
    offset: float = 0.0
    evenness: float = 0.0
    length: float = 0.0
    own: float = 0.0
    dual: float = 0.0

    def score(self, lift: Float64, cosine: Float64, dual: Float64) -> Float64:
        """What orders the posts of this kind."""
        return (
            self.lift * lift + (self.cosine * cosine if self.cosine else 0.0) + (self.dual * dual if self.dual else 0.0)
        )

    def log_odds(self, score: Float64, own: Float64, words: int) -> Float64:
        """The score as log-odds, for a text of so many words, of which a post says a share itself."""
        many = max(words, 1)
        level = self.offset - self.length * float(np.log(many))
        steep, whole = self.slope * many**-self.evenness, self.own / float(np.sqrt(many))
        return np.asarray(steep * score + whole * (own == 1) + level, np.float64)


_DUAL: Final = ", dual"
# By whether a post has words of its own, and whether it is placed; learned from photos of Flickr8k, for a site that has
# too few posts to learn its own.
USUAL: Final[Mapping[str, OddsLine]] = {
    "photo": OddsLine(1.02, 0.0, 1.04, -2.0, 0.25, 1.7),
    "photo, placed": OddsLine(0.41, 15.7, 0.6, -2.9, 0.0, 1.8),
    "words": OddsLine(1.0, 0.0, 1.07, -3.6, 0.25, 0.94, 6.0),
    "words, placed": OddsLine(0.56, 13.8, 0.58, -4.2, 0.0, 1.1, 7.1),
}


def kind_of_post(*, silent: bool, placed: bool, dual: bool = False) -> str:
    """Name a kind of post; `dual` is one that a dual encoder has seen."""
    return f"{'photo' if silent else 'words'}{', placed' if placed else ''}{_DUAL if dual else ''}"


def without_dual(kind: str) -> str:
    """The kind of such posts that no dual encoder has seen: of those there are usual lines."""
    return kind.removesuffix(_DUAL)
