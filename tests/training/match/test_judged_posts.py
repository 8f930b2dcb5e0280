"""Judged posts and pairs: found by name, what is of no use is counted, and a caption never vouches for itself."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ingest.photos.photo_source import FolderPhotos
from tests.support.crawl import ENCODER, RECIPE, encoded, lines, photo
from topic_model.document import IMAGE, TAG, TEXT
from topic_model.match.cues import CUES, Cue, columns
from topic_model.model import TopicModel
from topic_model.training.train import train
from training.match.judged_posts import JudgedPost, captions_of, judged_posts
from training.match.judgements import Judgement, Judges
from training.match.learn import ALWAYS as PHOTO
from training.match.pairs import judged_pairs, noise_texts
from vision.decoding.pool import DecodePool

TEXTS = {"sea": "waves on the beach", "mountains": "snow on the peaks", "city": "lights of the street"}


@pytest.fixture(scope="module")
def decoder() -> Iterator[DecodePool]:
    with DecodePool(target=ENCODER.side) as pool:
        yield pool


def looked_at(
    decoder: DecodePool, wanted: set[str], folder: Path, *posts: dict
) -> tuple[dict[str, JudgedPost], Counter]:
    skipped: Counter[str] = Counter()
    calls: list[int] = []
    judged = judged_posts(lines(*posts), wanted, FolderPhotos(folder), decoder, ENCODER, skipped, calls.append)
    assert calls[-1] == len(judged)
    return judged, skipped


def test_posts_are_found_by_id_or_by_the_name_of_the_photo(decoder: DecodePool, tmp_path: Path) -> None:
    """With or without its ending; the others are not even looked at, and what is broken is counted."""
    for name in ("a.png", "b.png", "c.png"):
        (tmp_path / name).write_bytes(photo("sea"))
    (tmp_path / "page.png").write_text("<!doctype html>")
    posts, skipped = looked_at(
        decoder,
        {"a.png", "b", "post-3", "page.png", "gone.png", "silent"},
        tmp_path,
        {"id": "1", "photo": "a.png", "text": "waves", "tags": ["sea"]},
        {"id": "2", "photo": "b.png", "captions": [{"text": "surf"}, {"text": "a beach"}]},
        {"id": "post-3", "photo": "c.png"},
        {"id": "4", "photo": "page.png"},
        {"id": "5", "photo": "gone.png"},
        {"id": "silent"},
        {"id": "other", "photo": "nobody/asked.png"},
        {"nonsense": 1},
    )
    assert set(posts) == {"a.png", "b", "post-3"}
    assert skipped == {"photo_unsupported": 1, "photo_missing": 1, "no_photo": 1, "wrong_field": 1}
    assert captions_of(posts) == {"a.png#0": "waves", "b#0": "surf", "b#1": "a beach"}
    assert set(posts["a.png"].document()) == {TEXT, TAG, IMAGE}
    assert set(posts["a.png"].silent()) == {IMAGE}


def test_a_judged_caption_does_not_stand_in_its_own_post(decoder: DecodePool, tmp_path: Path) -> None:
    """Neither once nor twice: else every own caption would fit by itself."""
    post = {"id": "p", "photo": encoded("sea"), "captions": [{"text": t} for t in ("surf", " surf ", "a beach")]}
    posts, _ = looked_at(decoder, {"p"}, tmp_path, post)
    assert set(posts["p"].document("surf")[TEXT]) == {"beach"}
    assert set(posts["p"].document()[TEXT]) == {"surf", "beach"}


@pytest.fixture(scope="module")
def model() -> TopicModel:
    documents = [
        {TEXT: dict.fromkeys(TEXTS[scene].split(), 1.0), IMAGE: ENCODER.encode([pixels(scene, seed)])[0]}
        for scene in TEXTS
        for seed in range(10)
    ]
    return train(documents, RECIPE)


def pixels(scene: str, seed: int) -> np.ndarray:
    from io import BytesIO

    from PIL import Image

    return np.asarray(Image.open(BytesIO(photo(scene, seed))).convert("RGB"))


def test_pairs_have_cues_of_the_photo_alone_and_of_the_post(
    decoder: DecodePool, model: TopicModel, tmp_path: Path
) -> None:
    """The right caption shares more; only posts with other captions have own words; what is missing is counted."""
    posts = [
        {"id": scene, "photo": encoded(scene, 77), "captions": [{"text": TEXTS[scene]}, {"text": "a picture"}]}
        for scene in ("sea", "city")
    ]
    judged, skipped = looked_at(decoder, {"sea", "city"}, tmp_path, *posts)
    ratings = [
        ("sea", "sea#0", 4),
        ("sea", "city#0", 1),
        ("city", "city#1", 2),
        ("moon", "sea#0", 1),
        ("sea", "moon#0", 1),
    ]
    judgements = [Judgement(photo, caption, Judges.EXPERTS, (score,) * 3) for photo, caption, score in ratings]
    pairs = judged_pairs(judgements, captions_of(judged), judged, model, skipped)
    assert skipped == {"no_such_photo": 1, "no_such_caption": 1}
    own, other = pairs.photos.table[:2, CUES.index(Cue.SHARED)]
    assert own > other
    assert not np.isnan(columns(pairs.photos.table, PHOTO)).any()
    assert np.isnan(pairs.photos.table[:, CUES.index(Cue.OWN)]).all()
    assert pairs.posts.table[:2, CUES.index(Cue.OWN)].tolist() == [0, 0]
    assert (pairs.photos.fits.tolist(), pairs.photos.measured.tolist()) == ([True, False, False], [False, True, False])
    assert len(set(pairs.photos.photos[:2])) == 1
    assert len(pairs.photos_noise) == len(pairs.photos.fits)


def test_noise_is_random_letters_with_at_most_one_word(model: TopicModel) -> None:
    """Half of the texts have one known word; it is the same noise each time."""
    known = [len(text[TEXT]) - len(model.unknown(text)) for text in noise_texts(model)]
    assert set(known) == {0, 1}
    assert noise_texts(model) == noise_texts(model)
