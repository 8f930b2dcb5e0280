"""The model of advertisements: a weight for each word, kept as plain JSON; scoring needs nothing but this file."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from common.digest import check_seal, sealed
from common.files import write_file
from ingest.errors import InputBroken, InputMissing

FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class AdFigures:
    """How good a model is on examples that it did not learn from, at its threshold."""

    good: int
    bad: int
    precision: float
    recall: float


@dataclass(frozen=True, slots=True)
class AdModel:
    """A post is an advertisement when the mean weight of its words, and the bias, reach the threshold."""

    weights: Mapping[str, float]
    bias: float
    threshold: float
    measured: AdFigures

    def score(self, signs: Iterable[str]) -> float:
        """How much a post is like an advertisement; above the threshold it counts as one."""
        known = [weight for sign in signs if (weight := self.weights.get(sign)) is not None]
        return self.bias + (sum(known) / math.sqrt(len(known)) if known else 0.0)

    def telling(self, limit: int) -> list[str]:
        """Name the words that tell an advertisement most."""
        return sorted(self.weights, key=lambda sign: (-self.weights[sign], sign))[:limit]


def save_ads(model: AdModel, file: Path) -> None:
    """Write the model; a reader sees the old one or the new one."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        packed = sealed({"format": FORMAT, **asdict(model)})
        write_file(file, json.dumps(packed, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    except OSError as error:
        raise InputMissing(f"{file} cannot be written: {error.strerror}. Give a writable folder.") from error


def load_ads(file: Path) -> AdModel | None:
    """Read the model; None where there is none yet."""
    try:
        read = json.loads(file.read_text("utf-8"))
        check_seal(read)
        if read["format"] != FORMAT:
            raise ValueError(f"its format is {read['format']!r}, this version reads {FORMAT}")
        weights = {str(sign): _finite(weight) for sign, weight in read["weights"].items()}
        return AdModel(weights, _finite(read["bias"]), _finite(read["threshold"]), AdFigures(**read["measured"]))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise InputMissing(f"{file} cannot be read: {error.strerror}. Give its rights back, or delete it.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputBroken(
            f"{file} is no model of advertisements ({error}): learn it again with `photosense ads train`, or delete it."
        ) from None


def _finite(value: object) -> float:
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no finite number")
    return float(value)
