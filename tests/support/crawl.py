"""A small crawl with a known truth: posts about the sea, mountains and a city, in two languages, with drawn photos."""

import json
from base64 import b64encode
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from compliance.law import Law
from ingest.intake import Intake
from ingest.photos.photo_parts import PhotoParts
from ingest.pipeline import Pipeline
from ingest.reading.lines import InputLine
from photosense.settings import Settings
from qdrant.store import Store
from topic_model.model import TopicModel
from topic_model.models import Models
from topic_model.training.recipe import Recipe
from vision.make_encoder import make_encoder

ENCODER = make_encoder("patches")
RECIPE = Recipe(topics=6, background=1, passes=8, threads=1)
SCENES = {
    "sea": ("Закат над морем, волны у берега", "waves on the sandy beach at sunset", "море", (30, 90, 200)),
    "mountains": ("Снежные вершины и горная тропа", "snowy mountain peaks above the trail", "горы", (235, 235, 240)),
    "city": ("Огни ночного города и мосты", "street lights of the night city", "город", (40, 30, 20)),
}


def photo(scene: str, seed: int = 0) -> bytes:
    """Draw a small photo of a scene; every seed gives another one."""
    noise = np.random.default_rng(seed).integers(-20, 20, (48, 64, 3))
    pixels = np.clip(np.array(SCENES[scene][3]) + noise, 0, 255).astype(np.uint8)
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def encoded(scene: str, seed: int = 0) -> str:
    """The photo as a line of posts carries it."""
    return "data:image/png;base64," + b64encode(photo(scene, seed)).decode()


def post(name: str, scene: str = "sea", **changes: Any) -> dict[str, Any]:
    """A post of that id about a scene; nothing else of the crawl has its words."""
    russian, english, tag, _ = SCENES[scene]
    captions = [{"text": f"{russian}, кадр {name}", "author": "u017"}, {"text": english}]
    return {"id": name, "captions": captions, "tags": [tag, "photo"], **changes}


def crawl(count: int = 30) -> list[dict[str, Any]]:
    """Posts with photos, the scenes in turn; the site says that none shows a child."""
    names = list(SCENES)
    scenes = [names[number % len(names)] for number in range(count)]
    return [post(f"p{i:02d}", scene, photo=encoded(scene, i), child=False) for i, scene in enumerate(scenes)]


def lines(*sent: dict[str, Any] | bytes) -> list[InputLine]:
    """Number what is sent as the lines of a file."""
    return [
        InputLine(number, data if isinstance(data, bytes) else json.dumps(data, ensure_ascii=False).encode())
        for number, data in enumerate(sent, 1)
    ]


def make_pipeline(store: Store, model: TopicModel | None = None, *, apart: bool = False, **cleaning: Any) -> Pipeline:
    """The real pipeline with the real encoder and lexicon; `apart`, a process of its own reads long files."""
    return Pipeline(
        store, Models(model), PhotoParts(ENCODER), Law(), Intake(Settings(**cleaning), processes=int(apart))
    )
