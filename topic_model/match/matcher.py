"""Matcher: the trained match, a scorer for each kind of post, in one file of the model folder."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from common.arrays import Float64
from topic_model.artifact import include, included
from topic_model.errors import ArtifactError
from topic_model.match.cues import Table
from topic_model.match.scorer import Scorer

FORMAT: Final = 1
_FILES: Final = "match-*.json"


@dataclass(frozen=True, slots=True)
class Matcher:
    """Scorers for kinds of posts, the most telling kind first; `figures` is what was measured in training."""

    scorers: tuple[Scorer, ...]
    figures: Mapping[str, Any]

    def probabilities(self, table: Table) -> Float64:
        """How likely people are to agree that each pair fits: by the first scorer that has all of its cues."""
        result = np.full(len(table), np.nan)
        for scorer in self.scorers:
            open_ones = np.isnan(result) & scorer.takes(table)
            if open_ones.any():
                result[open_ones] = scorer.probability(table[open_ones])
        return result


def save_matcher(matcher: Matcher, folder: Path) -> Path:
    """Add the matcher to a model folder in place of an older one; a kill in between leaves the older one in force."""
    plain = {
        "format": FORMAT,
        "scorers": [scorer.as_dict() for scorer in matcher.scorers],
        "figures": matcher.figures,
    }
    written = json.dumps(plain, indent=1).encode() + b"\n"
    name = f"match-{hashlib.sha256(written).hexdigest()[:12]}.json"
    include(folder, name, written, instead_of=_FILES)
    return folder / name


def load_matcher(folder: Path) -> Matcher | None:
    """Read the matcher of a model folder, checked when the model was read; None when there is none."""
    file = included(folder, _FILES)
    if file is None:
        return None
    try:
        plain = json.loads(file.read_text("utf-8"))
        if plain["format"] != FORMAT:
            raise ValueError(f"its format is {plain['format']}, this version reads {FORMAT}")
        scorers = tuple(Scorer.from_dict(scorer) for scorer in plain["scorers"])
        if not scorers or not isinstance(plain["figures"], dict):
            raise ValueError("it holds no scorer")
        return Matcher(scorers, plain["figures"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArtifactError(
            f"{file} is damaged ({error}): restore it from a backup, or train it again with `photosense match train`."
        ) from error
