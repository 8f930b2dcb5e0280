"""Ranking: what the parts of the last ordering weigh; fitted on captions held aside, kept with the model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from topic_model.errors import RecipeError
from topic_model.ranking.likeness import USUAL_LIKENESS, LikenessLine
from topic_model.ranking.odds_line import USUAL, OddsLine, without_dual

ALIGNED = 0.3
CONTRASTED = 0.7  # where contrast refined the places: found on photos that nobody learned from
DUAL = 1.0  # a dual encoder was trained on far more than a site has


@dataclass(frozen=True, slots=True)
class Mixture:
    """What a post's topics, its own words and the speech of everybody weigh in the likelihood; together 1."""

    topics: float = 0.5
    own: float = 0.4
    everybody: float = 0.1

    def __post_init__(self) -> None:
        parts = (self.topics, self.own, self.everybody)
        if min(parts) < 0 or not self.everybody or abs(sum(parts) - 1) > 1e-6:
            raise RecipeError(
                f"topics {self.topics:g}, own {self.own:g} and everybody {self.everybody:g} are no mixture: "
                "give parts of 0 or more that sum to 1, and something to everybody."
            )


@dataclass(frozen=True, slots=True)
class Ranking:
    """The mixture of the likelihood, the line of each kind of post, and what cosines weigh where there is no line.

    That is where a photo asks with words, and of a dual encoder of which captions have not told yet what its cosines
    mean; `dual_id` is the one of which they did. `likeness` has the lines of a photo and of a post that ask by
    themselves.
    """

    mixture: Mixture = field(default_factory=Mixture)
    aligned: float = ALIGNED
    dual: float = DUAL
    lines: Mapping[str, OddsLine] = field(default_factory=lambda: USUAL)
    likeness: Mapping[str, LikenessLine] = field(default_factory=lambda: USUAL_LIKENESS)
    dual_id: str = ""

    def __post_init__(self) -> None:
        for arm, weight in (("aligned", self.aligned), ("dual", self.dual)):
            if not 0 <= weight <= 100:
                raise RecipeError(f"The weight of the {arm} arm is {weight}: give 0 to 100.")

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Ranking":
        """Read plain data back."""
        dual = plain.get("dual", plain.get("foreign", DUAL))  # models of 0.1.0 call it foreign, or have none
        lines = {kind: OddsLine(**line) for kind, line in plain.get("lines", {}).items() if without_dual(kind) in USUAL}
        pairs = plain.get("likeness", {}).items()
        likeness = {kind: LikenessLine(**line) for kind, line in pairs if without_dual(kind) in USUAL_LIKENESS}
        parts = Mixture(**plain["mixture"]), plain["aligned"], dual
        return cls(*parts, {**USUAL, **lines}, {**USUAL_LIKENESS, **likeness}, plain.get("dual_id", ""))
