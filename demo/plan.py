"""What a demo world will hold: kinds, scenes, words and photo sizes of its posts, all decided by one seed."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from demo.broken import BROKEN
from demo.captions import DrawnWords, advert_words, child_words, ordinary_words
from demo.scenes import SCENES

SHARES = {"no_photo": 0.03, "advertisement": 0.03, "duplicate": 0.02, "child": 0.05, "consented": 0.01}
CAMERAS = ("X100V", "Canon EOS R6", "Nikon Z6", "Sony A7 III", "Pentax K-1", "iPhone 14", "Pixel 8", "Зенит-Е")
SIDE = 480  # pixels of the longest side of a photo
SIZES = ((480, 360), (480, 360), (480, 360), (480, 360), (480, 360), (360, 480), (360, 480), (400, 400))
_BROKEN_FROM = 40


@dataclass(frozen=True, slots=True)
class Shot:
    """A photo to be drawn."""

    scene: str
    seed: tuple[int, ...]
    width: int
    height: int

    def sized(self, side: int) -> "Shot":
        """The same photo where the longest of all photos' sides has so many pixels."""
        return replace(self, width=self.width * side // SIDE, height=self.height * side // SIDE)


@dataclass(frozen=True, slots=True)
class Plan:
    """A world before it is drawn: records with their truths, photos by post id, and the places of broken lines."""

    records: list[dict[str, Any]] = field(default_factory=list)
    truths: list[dict[str, str]] = field(default_factory=list)
    shots: dict[str, Shot] = field(default_factory=dict)
    copies: dict[str, str] = field(default_factory=dict)
    broken_positions: tuple[int, ...] = ()


def make_plan(posts: int, seed: int) -> Plan:
    """Decide every post; a world of 40 lines or more ends up with a broken line of each sort among them."""
    rng = np.random.default_rng([seed, posts])
    wrong = len(BROKEN) if posts >= _BROKEN_FROM else 0
    good = posts - wrong
    kinds = _kinds(rng, posts, good)
    scenes = _scenes(rng, good)
    positions = sorted(int(position) for position in rng.choice(np.arange(1, posts), wrong, replace=False))
    plan = Plan(broken_positions=tuple(positions))
    counts = dict.fromkeys(SHARES, 0)
    for number, (kind, scene) in enumerate(zip(kinds, scenes, strict=True), 1):
        own = np.random.default_rng([seed, number])
        _add(plan, own, f"demo-{number:04d}", kind, scene, counts.get(kind, 0), seed)
        if kind in counts:
            counts[kind] += 1
    return plan


def _kinds(rng: np.random.Generator, posts: int, good: int) -> list[str]:
    special = [kind for kind, share in SHARES.items() for _ in range(round(share * posts) or (posts >= _BROKEN_FROM))]
    kinds = special + ["ordinary"] * (good - len(special))
    shuffled = [kinds[i] for i in rng.permutation(len(kinds))]
    first = shuffled.index("ordinary")
    shuffled[0], shuffled[first] = shuffled[first], shuffled[0]
    return shuffled


def _scenes(rng: np.random.Generator, count: int) -> list[str]:
    names = [name for name in SCENES if name != "child"]
    rounds = [names[i] for _ in range(count // len(names) + 1) for i in rng.permutation(len(names))]
    return rounds[:count]


def _add(plan: Plan, rng: np.random.Generator, name: str, kind: str, scene: str, nth: int, seed: int) -> None:
    if kind == "duplicate":
        _add_duplicate(plan, rng, name)
        return
    if kind in ("child", "consented") and nth % 2 == 0:
        scene = "child"
    words, flags = _words(rng, kind, scene, nth)
    record: dict[str, Any] = {"id": name}
    if kind != "no_photo":
        width, height = SIZES[int(rng.integers(len(SIZES)))]
        plan.shots[name] = Shot(scene, (seed, len(plan.records), 0), width, height)
        record["photo"] = f"photos/{name}.jpg"
    record["captions"] = [{"text": caption.text, "author": caption.author} for caption in words.captions]
    record["tags"] = list(words.tags)
    record["link"] = f"https://photos.example/p/{name}"
    if kind != "no_photo":
        record["thumb"] = f"/host/photos/{name}.jpg"
    taken = date(2023, 1, 1) + timedelta(days=int(rng.integers(1000)))
    camera = CAMERAS[int(rng.integers(len(CAMERAS)))]
    record["attrs"] = {"place": words.place, "camera": camera, "taken": taken.isoformat()}
    plan.records.append({**record, "version": 1, **flags})
    plan.truths.append({"id": name, "scene": scene, "kind": kind})


def _words(rng: np.random.Generator, kind: str, scene: str, nth: int) -> tuple[DrawnWords, dict[str, Any]]:
    """The words of a post and what the host says of it; of six about children two are known by tag or host only.

    The host says of every other post that it shows no child: until somebody looks, the law withholds photos.
    """
    if kind == "advertisement":
        return advert_words(rng, scene), {"child": False}
    if kind == "consented":
        return child_words(rng, scene, spoken=True), {"child": True, "consent": {"record": f"form-{nth}"}}
    if kind != "child":
        return ordinary_words(rng, scene), {"child": False}
    if nth % 6 == 4:
        return ordinary_words(rng, scene), {"child": True}
    return child_words(rng, scene, spoken=nth % 6 != 3), {}


def _add_duplicate(plan: Plan, rng: np.random.Generator, name: str) -> None:
    earlier = [i for i, truth in enumerate(plan.truths) if truth["kind"] == "ordinary"]
    index = earlier[int(rng.integers(len(earlier)))]
    original, truth = plan.records[index], plan.truths[index]
    fresh = {"id": name, "photo": f"photos/{name}.jpg", "link": f"https://photos.example/p/{name}"}
    plan.records.append({**original, **fresh, "thumb": f"/host/photos/{name}.jpg"})
    plan.truths.append({"id": name, "scene": truth["scene"], "kind": "duplicate", "of": truth["id"]})
    plan.copies[name] = truth["id"]
