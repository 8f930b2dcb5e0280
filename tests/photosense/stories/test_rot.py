"""Rot: twenty bytes of a home flip, and it refuses, heals, or was not touched; it never answers otherwise silently."""

import os
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from ingest.photos.photo_source import InlinePhotos
from moderation.takedowns import Remover
from photosense.house import open_house
from photosense.settings import Settings
from photosense.soundness.home import home_verdicts
from tests.support.crawl import ENCODER, RECIPE, crawl, lines
from tests.support.folders import copy_home
from tests.support.rot import answers, files_of_parts, outcome, rot
from training.topics import retrain

ROUNDS = int(os.environ.get("PHOTOSENSE_TEST_ROT", "6"))  # `make rot` asks for 200
SEED = 7
QUESTIONS = ["sea waves", "снежные вершины", "night city lights", "закат над морем", "mountain trail"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with posts, a model, small copies of photos, a takedown and a tombstone."""
    settings = Settings(home=tmp_path_factory.mktemp("whole") / "home", renditions=True)
    with open_house(settings) as house:
        house.pipeline().take(lines(*crawl(33)), InlinePhotos())
        remover = Remover(house.store, house.law, house.photos.renditions)
        remover.take_down("m1", "order 7", post="p31")
        house.pipeline().take(lines({"id": "p32", "text": "a kid by the sea", "child": True}), InlinePhotos())
        remover.delete("p32")
        retrain(house.store, settings.models_path, RECIPE, ENCODER.id)
    return settings.home


def test_rot_is_refused_or_healed_and_never_silent(whole: Path, tmp_path: Path) -> None:
    """Round after round in another part: store, models, registers, small copies, what the home says of itself."""
    truth = answers(whole, QUESTIONS)
    chance = np.random.default_rng(SEED)
    outcomes: Counter[tuple[str, str]] = Counter()
    parts = files_of_parts(whole)
    for number in range(ROUNDS):
        part = sorted(parts)[number % len(parts)]
        home = tmp_path / "home"
        copy_home(whole, home)
        rot(home / parts[part][int(chance.integers(len(parts[part])))].relative_to(whole), chance)
        outcomes[part, outcome(home, QUESTIONS, truth)] += 1
        shutil.rmtree(home)
    print(f"{ROUNDS} rounds:", dict(sorted(outcomes.items())))
    assert [case for case in outcomes if case[1] == "silent"] == []
    assert outcomes.total() == ROUNDS


def test_verify_names_the_part_that_rotted(whole: Path, tmp_path: Path) -> None:
    """Before anybody opens the home, with what to do; a home that is whole has nothing to say."""
    settings = Settings(home=tmp_path / "home")
    copy_home(whole, settings.home)
    assert [each.part for each in home_verdicts(settings) if not each.is_whole] == []
    chance = np.random.default_rng(SEED)
    for part, file in (
        ("store", next((settings.home / "store").rglob("payload_storage/page_0.dat"))),
        ("models", next((settings.home / "models").rglob("phi.npy"))),
        ("renditions", next((settings.home / "renditions").rglob("*.jpg"))),
        ("records", settings.home / "audit.ndjson"),
    ):
        before = file.read_bytes()
        rot(file, chance)
        damaged = {each.part: each.faults[0] for each in home_verdicts(settings) if not each.is_whole}
        assert part in damaged
        assert damaged[part].way_out
        file.write_bytes(before)
