"""Regularisers: what a model is wanted to be like, as data; each adds its term r to the E-step or the M-step."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from common.arrays import Float32, Float64
from topic_model.errors import RecipeError
from topic_model.vocabulary import Vocabulary

_MOST = 1e20  # that is taken from a topic: one with next to nothing loses it all, and what is left is a number


class RegulariserKind(StrEnum):
    """What a regulariser works on, and how.

    `phi` and `theta` smooth (tau above 0) or make sparse (below 0); `decorrelate` drives the words of topics apart;
    `select` lets weak topics die.
    """

    PHI = "phi"
    THETA = "theta"
    DECORRELATE = "decorrelate"
    SELECT = "select"


class Group(StrEnum):
    """Which topics: the subject topics, the background topics behind them, or all."""

    ALL = "all"
    SUBJECT = "subject"
    BACKGROUND = "background"

    def of(self, topics: int, background: int) -> slice:
        """The places of the group's topics: background topics are the last ones."""
        if self is Group.ALL:
            return slice(0, topics)
        return slice(0, topics - background) if self is Group.SUBJECT else slice(topics - background, topics)


@dataclass(frozen=True, slots=True)
class Regulariser:
    """One wish of strength `tau`, from pass `start` (the first is 0), reached over `grow` passes."""

    kind: RegulariserKind
    tau: float
    group: Group = Group.ALL
    modality: str | None = None
    start: int = 0
    grow: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", RegulariserKind(self.kind))
        object.__setattr__(self, "group", Group(self.group))
        if not np.isfinite(self.tau):
            raise RecipeError(f"tau of the regulariser {self.kind} is {self.tau}: give a finite number.")
        if self.kind in (RegulariserKind.DECORRELATE, RegulariserKind.SELECT) and self.tau < 0:
            raise RecipeError(f"tau of the regulariser {self.kind} is {self.tau}: give 0 or more.")
        if self.start < 0 or self.grow < 0:
            raise RecipeError(f"start and grow of the regulariser {self.kind} must be 0 or more passes.")
        if self.modality and self.kind in (RegulariserKind.THETA, RegulariserKind.SELECT):
            raise RecipeError(f"The regulariser {self.kind} works on whole documents: it has no modality.")

    def strength(self, number: int) -> float:
        """Give tau in pass `number`."""
        if number < self.start:
            return 0.0
        return self.tau * min(1.0, (number - self.start + 1) / (self.grow + 1))


def add_to_phi(
    n_wt: Float32,
    phi: Float32,
    regularisers: Iterable[Regulariser],
    number: int,
    vocabulary: Vocabulary,
    background: int,
) -> None:
    """Add r_wt of every wish to the counts of a pass; `phi` is the one that they were counted with."""
    topics = phi.shape[1]
    for wish in regularisers:
        tau = np.float32(wish.strength(number))
        if tau == 0 or wish.kind not in (RegulariserKind.PHI, RegulariserKind.DECORRELATE):
            continue
        group = wish.group.of(topics, background)
        every = slice(0, vocabulary.size)
        rows = vocabulary.slices.get(wish.modality, slice(0, 0)) if wish.modality else every
        if wish.kind is RegulariserKind.PHI:
            n_wt[rows, group] += tau
        else:
            part = phi[rows, group]
            n_wt[rows, group] -= tau * part * (part.sum(axis=1, keepdims=True) - part)


def theta_terms(
    regularisers: Iterable[Regulariser], number: int, mass: Float64, background: int
) -> tuple[Float32, Float32]:
    """Give `keep` and `prior` of the E-step; `mass` is how much each topic held in the pass before."""
    topics = len(mass)
    keep, prior = np.ones(topics, dtype=np.float32), np.zeros(topics, dtype=np.float32)
    for wish in regularisers:
        group = wish.group.of(topics, background)
        if wish.kind is RegulariserKind.THETA:
            prior[group] += np.float32(wish.strength(number))
        elif wish.kind is RegulariserKind.SELECT:
            value = np.divide(mass.sum(), mass * topics, out=np.zeros(topics), where=mass > 0)
            keep[group] -= np.minimum(wish.strength(number) * value[group], _MOST).astype(np.float32)
    return keep, prior


def final_prior(regularisers: Iterable[Regulariser], topics: int, background: int) -> Float32:
    """Give the prior of theta when training is over: schedules have run, and no topic is selected any more."""
    lasting = [wish for wish in regularisers if wish.kind is RegulariserKind.THETA]
    return theta_terms(lasting, 10**9, np.ones(topics), background)[1]
