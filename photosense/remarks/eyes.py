"""What sees the photos of a home: whoever takes them in or trains is told where that is little, or was another."""

from itertools import islice
from typing import Final

from ingest.photos.photo_stage import eyes_named
from photosense.house import House
from photosense.progress import console
from qdrant.engine.write_plan import eyes_of
from qdrant.points import Fields
from topic_model.document import IMAGE
from vision.patches.patches import PatchesEncoder

_LOOKED_AT: Final = 2_000  # posts, so that a large store is not read through for a sentence
_COLOURS_ALONE: Final = (
    "Photos are seen by `patches` alone, which knows colours and textures, not things. "
    "`photosense encoder add efficientnet-lite2` gives better eyes: 23 MB, once; then take the photos in again."
)


def say_eyes(house: House) -> None:
    """After posts came in: what the next model should be told, as long as there is none with these eyes."""
    model = house.store.active
    if model is None:
        _say_colours_alone(house)
    elif house.models.topics is None:
        console.print(
            f"Model {model}, in force, was trained with another encoder: what came in now is found by words alone, "
            "and nobody is served, until `photosense train`."
        )


def say_other_eyes(house: House) -> None:
    """Before a model is trained: whether photos were seen by another encoder than the one that is named."""
    _say_colours_alone(house)
    eyes = eyes_named(house.photos.encoder.id)
    seen = [eyes_of(point.payload.get(Fields.DIGEST)) for point in islice(house.store.scroll(), _LOOKED_AT)]
    others = sum(by not in ("", eyes) for by in seen)
    if others:
        console.print(
            f"Of {len(seen):,} posts {others:,} have the visual words of another encoder, which tell this one nothing: "
            "take their photos in again (`photosense ingest`), then train."
        )


def _say_colours_alone(house: House) -> None:
    if house.settings.encoder == (PatchesEncoder.name,):
        posts = islice(house.store.scroll(), _LOOKED_AT)
        if any(point.document().get(IMAGE) for point in posts):
            console.print(_COLOURS_ALONE)
