"""A small site: three subjects in two languages, drawn photos, and a few posts that the law holds."""

import base64
import io
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from api.settings import ServiceSettings
from compliance.facts import Child
from compliance.law import Law
from ingest.draft import Result
from ingest.intake import Intake
from ingest.photos.photo_parts import PhotoParts
from ingest.photos.photo_source import InlinePhotos
from ingest.pipeline import Pipeline
from ingest.reading.lines import InputLine
from qdrant.store import Store
from tests.support.reference_store import ReferenceStore
from topic_model.model import TopicModel
from topic_model.models import Models
from topic_model.training.modality import add_modality
from topic_model.training.recipe import Recipe
from training.topics import TeachingPosts, retrain

SUBJECTS = ("sea", "mountains", "city")
WORDS = {
    "sea": ("море волна берег чайка прибой", "sea wave beach seagull surf", ("sea", "море")),
    "mountains": ("горы вершина снег тропа перевал", "mountains summit snow trail ridge", ("mountains", "горы")),
    "city": ("город улица фонарь трамвай мост", "city street lantern tram bridge", ("city", "город")),
}
# Every word here stands in posts that the law holds and nowhere else: none of them may reach a visitor.
HELD_MARKS = ("kvorlina", "кворлина", "held-child", "held-review", "zubrowka", "u666", "photos.example/held")
CHILD_WORDS = ("toddler", "toddlers", "малыш", "babies", "babi", "toddlerlife", "kid", "kids")
MODALITIES = {"album": "attrs.album"}  # which is classified into, and says nothing of a post
SENTENCE = "This image is unavailable in your country in compliance with local laws."


def draw(subject: str, seed: int = 0) -> np.ndarray:
    """Draw a 64 x 48 photo of a subject."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:48, 0:64]
    photo = np.empty((48, 64, 3))
    match subject:
        case "sea":
            photo[:] = (135, 200, 235)
            photo[24:] = (20, 80, 160)
            photo[24:, :, 2] += 25 * np.sin(rows[24:] / 1.5 + seed)
        case "mountains":
            photo[:] = (90, 140, 220)
            photo[rows > 12 + np.abs(columns - 32 - seed % 7)] = (120, 110, 100)
            photo[(rows > 12 + np.abs(columns - 32 - seed % 7)) & (rows < 22)] = (245, 245, 250)
        case _:
            photo[:] = (30, 30, 45)
            photo[(rows % 8 < 4) & (columns % (6 + seed % 3) < 3) & (rows > 10)] = (250, 210, 90)
    return np.clip(photo + rng.normal(0, 4, photo.shape), 0, 255).astype(np.uint8)


def photo_file(subject: str, seed: int = 0, kind: str = "PNG") -> bytes:
    """Give the bytes of a drawn photo as a file."""
    file = io.BytesIO()
    Image.fromarray(draw(subject, seed)).save(file, kind)
    return file.getvalue()


def as_base64(photo: bytes) -> str:
    """Give bytes as JSON carries them."""
    return base64.b64encode(photo).decode()


def posts() -> list[dict[str, Any]]:
    """Write thirty open posts: two in three have a photo, every sixth has nothing else."""
    written = []
    for number in range(30):
        subject = SUBJECTS[number % 3]
        russian, english, tags = WORDS[subject]
        rng = np.random.default_rng(number)
        post: dict[str, Any] = {"id": f"{subject}-{number}", "version": 1, "attrs": {"album": subject}}
        post["link"] = f"https://photos.example/{subject}/{number}"
        if number % 6 != 5:
            texts = [" ".join(rng.permutation(words.split())[:4]) for words in (russian, english)]
            post["captions"] = [{"text": text, "author": f"u{number:03}"} for text in texts]
            post["tags"] = list(tags)
        if number % 3 != 1 or number % 2:
            post |= {"photo": as_base64(photo_file(subject, number)), "child": False}
        written.append(post)
    return written


def consented_posts() -> list[dict[str, Any]]:
    """Write open posts about children whose parents agreed: their words get into the model."""
    caption = "our toddler, малыш, on the beach: sea, wave, море"
    return [
        {
            "id": f"agreed-{n}",
            "text": f"{caption} {n}",
            "tags": ["babies", "toddlerlife"],
            "child": True,
            "consent": {"record": f"form-{n}"},
        }
        for n in range(3)
    ]


def held_posts() -> list[dict[str, Any]]:
    """Write posts that are held: one is about a child, one waits for review."""
    common = {"tags": ["kvorlina", "sea"], "version": 7, "attrs": {"album": "zubrowka"}}
    caption = "море волна берег sea wave beach surf, a little girl kvorlina кворлина"
    content = {"captions": [{"text": caption, "author": "u666"}], "photo": as_base64(photo_file("sea", 99))}
    return [
        {"id": "held-child", "link": "https://photos.example/held/1", "child": True, **content, **common},
        {"id": "held-review", "thumb": "https://photos.example/held/2.jpg", "child": False, **content, **common}
        | {"text": "сын у моря, a kid", "photo": as_base64(photo_file("sea", 98))},
    ]


def lines(*written: dict[str, Any]) -> list[InputLine]:
    """Write posts as the numbered lines of a bulk body."""
    return [InputLine(n, json.dumps(post, ensure_ascii=False).encode()) for n, post in enumerate(written, 1)]


@dataclass(frozen=True, slots=True)
class World:
    """A store with posts and the model that learned from them."""

    store: Store
    model: TopicModel | None

    def take(self, *written: dict[str, Any]) -> list[Result]:
        """Send posts through the real pipeline."""
        pipeline = Pipeline(self.store, Models(self.model), PhotoParts(), Law(), Intake(ServiceSettings()))
        return pipeline.take(lines(*written), InlinePhotos())


def words_only_world() -> World:
    """Build a store that holds every post, and no model."""
    world = World(ReferenceStore(), None)
    results = world.take(*posts(), *consented_posts(), *held_posts())
    assert [result for result in results if result.status != "stored"] == []
    return world


def small_world(models: Path) -> World:
    """Build a store that holds every post, and a model that learned from the open ones."""
    store = words_only_world().store
    recipe = Recipe(topics=6, background=1, passes=30, threads=1)
    teaching = frozenset({Child.CLEAR, Child.CONSENTED, Child.UNSEEN})
    model = retrain(store, models, recipe, "patches-2", teaching=teaching).model
    posts_that_teach = TeachingPosts(store, teaching=teaching, modalities=MODALITIES)
    return World(store, replace(add_modality(model, posts_that_teach, "album", weight=0.0), id=model.id))
