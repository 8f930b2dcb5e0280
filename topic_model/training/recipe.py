"""The recipe: everything that decides which model is learned from a corpus."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from topic_model.corpus import TOKENS_IN_SHARD
from topic_model.document import IMAGE, TAG, TEXT
from topic_model.errors import RecipeError
from topic_model.training.regularisers import Group, Regulariser, RegulariserKind
from topic_model.vocabulary import TokenBounds

DEFAULT_WEIGHTS = {TEXT: 1.0, TAG: 1.0, IMAGE: 3.0}
# A few words say more of a post than hundreds of visual ones: found on captions of photos that nobody learned from.
DEFAULT_HEARD = {TEXT: 5.0, TAG: 5.0, IMAGE: 1.0}
DEFAULT_REGULARISERS = (
    Regulariser(RegulariserKind.PHI, 0.1, Group.BACKGROUND),
    Regulariser(RegulariserKind.THETA, 0.1, Group.BACKGROUND),
)


MOST_TOPICS: Final = 2000


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a model is learned. The last `background` topics are smooth and take what every post has.

    `weights` count while it learns, `heard` while it infers the topics of a post or a question afterwards.

    A `committee` of several learns as many models from other seeds; they judge together, and better than any of them.

    The corpus is read in shards of `shard_tokens`, which bounds the memory. `online` learns after each shard instead of
    after each pass: the new counts enter with the weight (delay + updates) ** -forget.
    """

    topics: int = 50
    background: int = 2
    committee: int = 1
    passes: int = 25
    inner: int = 10
    weights: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    heard: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_HEARD))
    bounds: Mapping[str, TokenBounds] = field(default_factory=dict)
    regularisers: tuple[Regulariser, ...] = DEFAULT_REGULARISERS
    seed: int = 0
    threads: int = 2
    shard_tokens: int = TOKENS_IN_SHARD
    online: bool = False
    delay: float = 2.0
    forget: float = 0.7

    def __post_init__(self) -> None:
        if not 1 <= self.topics <= MOST_TOPICS:
            raise RecipeError(f"topics is {self.topics}: a model has 1 to {MOST_TOPICS} topics.")
        if not 0 <= self.background < self.topics:
            raise RecipeError(f"background is {self.background}: give 0 or more, and less than topics ({self.topics}).")
        if not 1 <= self.committee <= 16:
            raise RecipeError(f"committee is {self.committee}: 1 to 16 models can judge together.")
        if min(self.passes, self.inner, self.threads, self.shard_tokens) < 1:
            raise RecipeError("passes, inner, threads and shard_tokens must each be at least 1.")
        if not (0.5 <= self.forget <= 1.0 and self.delay >= 1.0):
            raise RecipeError(f"forget is {self.forget} and delay {self.delay}: give 0.5 to 1, and 1 or more.")
        for modality, weight in (*self.weights.items(), *self.heard.items()):
            if not 0 <= weight <= 1000:
                raise RecipeError(f"The weight of {modality} is {weight}: give 0 to 1000.")

    @property
    def modalities(self) -> tuple[str, ...]:
        """The modalities that are learned: those with a weight."""
        return tuple(modality for modality, weight in self.weights.items() if weight > 0)

    def members(self) -> tuple["Recipe", ...]:
        """The recipe of each model of the committee: the same but for the seed."""
        return tuple(replace(self, committee=1, seed=self.seed + index) for index in range(self.committee))

    def as_dict(self) -> dict[str, Any]:
        """Give plain data for the model folder; the number of threads is no property of a model."""
        plain = asdict(self)
        del plain["threads"]
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Recipe":
        """Read plain data back."""
        bounds = {modality: TokenBounds(**fields) for modality, fields in plain["bounds"].items()}
        regularisers = tuple(Regulariser(**fields) for fields in plain["regularisers"])
        return cls(**{**plain, "bounds": bounds, "regularisers": regularisers})
