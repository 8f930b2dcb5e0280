"""Further networks that the settings name: the detector learns from what they tell of photos, and judges by it."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from api.search.question import Question
from compliance.country import Country
from photosense.house import open_house
from photosense.settings import load_settings
from tests.support.command import Command
from tests.support.tiny_evidence import quarters, write_evidence

GERMANY = Country("DE", "site")
CHILD, ADULT = (255, 18, 0), (255, 103, 0)  # a face of 7 years, and one of 40


def picture(face: tuple[int, int, int], seed: int) -> bytes:
    """A face somewhere, in a photo of other colours each time."""
    rng = np.random.default_rng(seed)
    ground = [(0, int(green), int(blue)) for green, blue in rng.integers(0, 200, (4, 2))]
    ground[int(rng.integers(4))] = face
    file = io.BytesIO()
    Image.fromarray(quarters(*ground)).save(file, "PNG")
    return file.getvalue()


def write_posts(folder: Path, **posts: bytes) -> Path:
    """A file of posts with these photos, of whom the site says nothing."""
    for name, photo in posts.items():
        (folder / f"{name}.png").write_bytes(photo)
    file = folder / "posts.ndjson"
    rows = [{"id": name, "photo": f"{name}.png", "text": "a day out by the lake"} for name in posts]
    file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return file


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """Eighty photos with the site's word, beside the settings that name both sources."""
    write_evidence(tmp_path / "networks", "faces", "objects")
    (tmp_path / "photosense.toml").write_text('evidence = ["networks/faces.toml", "networks/objects.toml"]\n', "utf-8")
    rows = []
    for number in range(80):
        (tmp_path / f"label{number}.png").write_bytes(picture((CHILD, ADULT)[number % 2], number))
        rows.append({"id": f"l{number}", "photo": f"label{number}.png", "child": number % 2 == 0})
    file = tmp_path / "labels.ndjson"
    file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return file


def kinds() -> dict[str, str]:
    """What each stored post counts as."""
    with open_house(load_settings()[0]) as house:
        return {point.id: point.payload["child"] for point in house.store.scroll()}


def test_a_child_is_known_by_its_face_in_posts_and_in_questions(
    photosense: Command, labels: Path, tmp_path: Path
) -> None:
    """The photo of a face of seven is held, and is no question; that of a face of forty is shown, and asks."""
    trained = photosense("compliance", "train", labels, "--clear-held", "0.01")
    assert (trained.code, "numbers of faces-" in trained.out) == (0, True), trained.err
    posts = write_posts(tmp_path, child=picture(CHILD, 900), adult=picture(ADULT, 910))
    assert photosense("ingest", posts).code == 0
    assert kinds() == {"child": "child", "adult": "clear"}
    with open_house(load_settings()[0]) as house:
        service = house.service()
        for ask in (service.search, service.annotate):
            assert ask(Question(photo=picture(CHILD, 901)), GERMANY).disclaimer == house.law.gate.policy.sentence
            assert ask(Question(photo=picture(ADULT, 901)), GERMANY).disclaimer is None


def test_stored_posts_are_judged_by_the_evidence_that_was_kept(
    photosense: Command, labels: Path, tmp_path: Path
) -> None:
    """They came in before there was a detector; no photo is read again."""
    posts = write_posts(tmp_path, child=picture(CHILD, 900), adult=picture(ADULT, 910))
    assert photosense("ingest", posts).code == 0
    assert photosense("compliance", "train", labels, "--clear-held", "0.01").code == 0
    (tmp_path / "child.png").unlink()
    judged = photosense("compliance", "judge", "--open-unseen")
    assert (judged.code, "2 photos were judged" in judged.out) == (0, True), judged.err
    assert kinds() == {"child": "child", "adult": "clear"}


def test_posts_without_the_evidence_are_counted_and_left_alone(
    photosense: Command, labels: Path, tmp_path: Path
) -> None:
    """Who came in before the settings named a network has no numbers: nothing is guessed, and none is opened."""
    named = (tmp_path / "photosense.toml").read_text("utf-8")
    (tmp_path / "photosense.toml").write_text("", "utf-8")
    assert photosense("ingest", write_posts(tmp_path, adult=picture(ADULT, 910))).code == 0
    (tmp_path / "photosense.toml").write_text(named, "utf-8")
    assert photosense("compliance", "train", labels).code == 0
    judged = photosense("compliance", "judge", "--open-unseen")
    assert "1 photos were not measured" in judged.out
    assert kinds() == {"adult": "unseen"}


def test_other_networks_than_the_detector_learned_from_stop_the_start(
    photosense: Command, labels: Path, tmp_path: Path
) -> None:
    """One left out, as well as one whose file changed: in a sentence that says what to do."""
    assert photosense("compliance", "train", labels).code == 0
    posts = write_posts(tmp_path, adult=picture(ADULT, 910))
    settings = tmp_path / "photosense.toml"
    settings.write_text('evidence = "networks/faces.toml"\n', "utf-8")
    refused = photosense("ingest", posts)
    assert (refused.code, "set `evidence` back, or train it again" in refused.err) == (2, True)
    settings.write_text('evidence = ["networks/nowhere.toml"]\n', "utf-8")
    refused = photosense("ingest", posts)
    assert (refused.code, "networks/nowhere.toml cannot be read" in refused.err) == (2, True)
