"""What the demo knows of advertisements: a model learned from examples of its own, none of which is in the world."""

from collections.abc import Callable
from typing import Final

import numpy as np

from demo.captions import DrawnWords, advert_words, ordinary_words
from demo.scenes import SCENES
from ingest.document import make_document
from ingest.steps.ads_model import AdModel
from ingest.steps.ads_signs import signs_of
from training.advertisements import train_ads

ADS: Final = 300  # examples of each kind
_SEED: Final = 1  # not that of a world


def learn_ads() -> AdModel:
    """Learn what an advertisement is."""
    return train_ads(_examples(ordinary_words, 0), _examples(advert_words, 1))


def _examples(write: Callable[[np.random.Generator, str], DrawnWords], kind: int) -> list[list[str]]:
    rng = np.random.default_rng([_SEED, kind])
    scenes = [name for name in SCENES if name != "child"]
    drawn = [write(rng, scenes[number % len(scenes)]) for number in range(ADS)]
    texts = [([caption.text for caption in words.captions], words.tags) for words in drawn]
    return [list(signs_of(captions, make_document(captions, tags))) for captions, tags in texts]
