"""Names: what a network is sure to see in a photo, as people call it."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from vision.encoder import Words

SURE: Final = 0.4  # of all that a network can tell: three of four everyday names are in people's captions then
_DATA: Final = Path(__file__).parents[1] / "data"
_FILE, _CLASSES, _THINGS = (_DATA / name for name in ("everyday_names.txt", "imagenet_classes.txt", "coco_classes.txt"))


def names_of(classes: Words, temperature: float) -> dict[str, float]:
    """How sure a network is of what it was taught, by the words of everyday that sum up many classes, or by its name.

    Shares that a temperature flattened are made as steep again as they were.
    """
    shares = {name.replace("_", " "): weight**temperature for name, weight in classes.items()}
    whole = sum(shares.values())
    named: dict[str, float] = {}
    for name, share in shares.items():
        for each in everyday_names().get(name, (name,)):
            named[each] = named.get(each, 0.0) + share / whole
    return {name: share for name, share in named.items() if share >= SURE}


@cache
def everyday_names() -> Mapping[str, tuple[str, ...]]:
    """The words of everyday for each class that has a finer name: one of the spaniels is a spaniel, and a dog."""
    names: dict[str, tuple[str, ...]] = {}
    for line in _FILE.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            name, _, classes = line.partition(": ")
            for each in classes.split(", "):
                names[each] = (*names.get(each, ()), name)
    return names


def all_names() -> Iterator[str]:
    """Every name, as people write it."""
    for file in (_CLASSES, _THINGS):
        yield from file.read_text("utf-8").splitlines()
    yield from (name for names in everyday_names().values() for name in names)
