"""On real data, where PHOTOSENSE_REAL_DATA names it: whole flows that no made-up world can stand for."""

import csv
import json
import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from compliance.law import Law
from ingest.bulk.run import Run, take_all
from ingest.document import make_document
from ingest.intake import Intake
from ingest.photos.photo_parts import PhotoParts
from ingest.photos.photo_source import FolderPhotos
from ingest.pipeline import Pipeline
from ingest.reading.lines import InputLine
from photosense.settings import Settings
from qdrant.store import Search, Target
from qdrant.vector_kind import THETA
from tests.support.reference_store import ReferenceStore
from topic_model.document import TAG, TEXT
from topic_model.match.mass import match
from topic_model.models import Models
from topic_model.training.recipe import Recipe
from training.match.judgements import read_captions, read_judgements
from training.match.learn import agreement
from training.match.pairs import chosen
from training.topics import retrain
from vision.decoding.decode import decode
from vision.fitting.concepts import ConceptSettings
from vision.fitting.fit import Example, fit_encoder
from vision.make_encoder import Encoder, make_encoder
from vision.networks.network import Runtime, prepare_batch
from vision.networks.open_network import open_network
from vision.networks.spec import read_spec

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif("PHOTOSENSE_REAL_DATA" not in os.environ, reason="PHOTOSENSE_REAL_DATA names no real data"),
]


@pytest.fixture(scope="module")
def data() -> Path:
    return Path(os.environ["PHOTOSENSE_REAL_DATA"])


def russian_posts(folder: Path, most: int) -> Iterator[str]:
    csv.field_size_limit(10**8)
    for file in sorted((folder / "russian_posts").glob("*museum*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            texts = [row["text"] for row in csv.DictReader(lines) if row["text"].strip()]
        yield from texts[:most]


def taken(texts: list[dict]) -> ReferenceStore:
    store = ReferenceStore()
    pipeline = Pipeline(store, Models(), PhotoParts(), Law(), Intake(Settings()))
    pipeline.take(
        [InputLine(number, json.dumps(post).encode()) for number, post in enumerate(texts, 1)], FolderPhotos(Path())
    )
    return store


def test_russian_posts_give_topics_that_find_their_like(data: Path, tmp_path: Path) -> None:
    """Learned from 1,500 posts of museums: one half of a post finds the other half far sooner than chance."""
    texts = list(russian_posts(data, 750))
    store = taken([{"id": str(n), "text": text[:20_000]} for n, text in enumerate(texts)])
    model = retrain(store, tmp_path / "models", Recipe(topics=30, passes=15), "patches-2").model
    points = [point for point in store.scroll() if sum(point.tokens(TEXT).values()) >= 40][:200]
    ranks = []
    halves = []
    for point in points:
        tokens = sorted(point.tokens(TEXT))
        halves.append([model.theta({TEXT: dict.fromkeys(part, 1.0)}) for part in (tokens[::2], tokens[1::2])])
    known = [(one, other) for one, other in halves if one is not None and other is not None]
    for index, (one, _) in enumerate(known):
        own = match(one, known[index][1])
        ranks.append(sum(match(one, other) > own for _, other in known))
    assert len(known) > 100
    assert sorted(ranks)[len(ranks) // 2] < len(known) / 20


def test_hashtags_of_real_posts_are_lifted(data: Path) -> None:
    """Half of the posts have hashtags; none of them keeps its sign, none is empty."""
    store = taken([{"id": str(n), "text": text[:20_000]} for n, text in enumerate(russian_posts(data, 200))])
    tags = {tag for point in store.scroll() for tag in point.tokens(TAG)}
    assert len(tags) > 50
    assert not any("#" in tag or not tag for tag in tags)


def test_real_photos_are_seen(data: Path) -> None:
    """Every one of sixty photos decodes and becomes visual words of the same total weight."""
    files = sorted((data / "flickr8k" / "photos").glob("*.jpg"))[::110]
    words = make_encoder("patches").encode([decode(file.read_bytes()) for file in files])
    assert len(files) >= 60
    assert [sum(counts.values()) for counts in words] == pytest.approx([200] * len(files), rel=0.05)


TRUNK = """
name = "trunk"
network = "{network}"
features = ["mixed_8_gap", "mixed_9_partial_gap"]

[input]
height = 299
width = 299
mean = [128.0, 128.0, 128.0]
scale = [128.0, 128.0, 128.0]

[[outputs]]
words = "channels"
tensor = "mixed_8_gap"
prefix = "channel"

[[outputs]]
words = "codebook"
tensor = "mixed_8"
prefix = "book"
"""


def examples_of(data: Path, names: list[str]) -> list[Example]:
    """Photos with the words of their captions."""
    captions: dict[str, list[str]] = {}
    with (data / "flickr8k" / "captions.tsv").open(encoding="utf-8") as lines:
        for line in lines:
            name, text = line.rstrip("\n").split("\t")
            captions.setdefault(name.split("#")[0], []).append(text)
    photos = [decode((data / "flickr8k" / "photos" / name).read_bytes()) for name in names]
    words = [tuple(tuple(make_document([text]).get(TEXT, ())) for text in captions[name]) for name in names]
    return [Example(photo, tuple(filter(None, caption))) for photo, caption in zip(photos, words, strict=True)]


def right(encoder: Encoder, examples: list[Example]) -> float:
    """Which share of the five strongest concepts of a photo are words of its captions."""
    hits = 0
    for example, words in zip(examples, encoder.encode([example.pixels for example in examples]), strict=True):
        own = {word for caption in example.captions for word in caption}
        concepts = {word[8:]: weight for word, weight in words.items() if word.startswith("concept:")}
        hits += sum(word in own for word in sorted(concepts, key=lambda word: -concepts[word])[:5])
    return hits / (5 * len(examples))


LITE = """
name = "lite"
network = "{network}"
features = ["gap", "block5_gap"]

[input]
height = 260
width = 260
layout = "NCHW"
mean = [127.0, 127.0, 127.0]
scale = [128.0, 128.0, 128.0]

[[outputs]]
words = "channels"
tensor = "gap"
prefix = "channel"
"""


@pytest.fixture
def trunk(data: Path, tmp_path: Path) -> Path:
    """The description of an Inception-v3 trunk."""
    description = tmp_path / "trunk.toml"
    description.write_text(TRUNK.format(network=data / "networks" / "inception_v3_trunk.onnx"))
    return description


def test_a_real_network_sees_words_that_people_use(data: Path, tmp_path: Path) -> None:
    """Fitted to 160 photos, a network tells strangers more right words than `patches` do, and teachers no better."""
    splits = data / "flickr8k" / "splits"
    taught = examples_of(data, (splits / "train.txt").read_text().split()[:160])
    strangers = examples_of(data, (splits / "judged.txt").read_text().split()[:60])
    settings = ConceptSettings(least_photos=6)
    lite = tmp_path / "lite.toml"
    lite.write_text(LITE.format(network=data / "networks" / "efficientnet_lite2.onnx"))
    fitted = fit_encoder(make_encoder(str(lite)), taught, concepts=settings)
    plain = fit_encoder(make_encoder("patches"), taught, concepts=settings)
    of_strangers = right(fitted, strangers)
    assert of_strangers > right(plain, strangers) + 0.05
    assert right(fitted, taught[:60]) < of_strangers + 0.12


@pytest.mark.skipif(find_spec("openvino") is None, reason="openvino is not installed")
def test_runtimes_agree_on_a_real_network(data: Path, trunk: Path) -> None:
    """Single precision in two engines, through 80 layers: no tensor differs by more than 1e-5 of its largest."""
    spec = read_spec(trunk)
    files = sorted((data / "flickr8k" / "photos").glob("*.jpg"))[:3]
    batch = prepare_batch([decode(file.read_bytes()) for file in files], spec.input)
    ours, theirs = (open_network(spec, runtime).run(batch) for runtime in Runtime)
    for tensor in spec.tensors:
        assert np.abs(ours[tensor] - theirs[tensor]).max() <= 1e-5 * np.abs(ours[tensor]).max()


MOBILENET = """
name = "mobilenet"
network = "{networks}/mobilenet_v2_1.0_224_quant.tflite"

[input]
height = 224
width = 224
layout = "NHWC"
mean = [128.0, 128.0, 128.0]
scale = [128.0, 128.0, 128.0]

[[outputs]]
words = "classes"
tensor = "MobilenetV2/Logits/Squeeze"
logits = true
skip = 1
"""


@pytest.mark.skipif(find_spec("ai_edge_litert") is None, reason="ai-edge-litert is not installed")
def test_a_quantised_network_knows_a_dog(data: Path, tmp_path: Path) -> None:
    """The strongest class is a breed of dogs where four people wrote of a dog, and seldom where nobody did."""
    description = tmp_path / "mobilenet.toml"
    description.write_text(MOBILENET.format(networks=data / "networks"))
    wrote: dict[str, int] = {}
    with (data / "flickr8k" / "captions.tsv").open(encoding="utf-8") as lines:
        for line in lines:
            key, _, text = line.partition("\t")
            name = key.partition("#")[0]
            wrote[name] = wrote.get(name, 0) + ("dog" in text.lower().split())
    groups = (
        [name for name, times in wrote.items() if times >= 4],
        [name for name, times in wrote.items() if not times],
    )
    encoder = make_encoder(str(description))
    shares = []
    for names in groups:
        photos = [decode((data / "flickr8k" / "photos" / name).read_bytes()) for name in names[:30]]
        strongest = [max(words, key=words.get) for words in encoder.encode(photos)]
        # ImageNet has its dogs side by side; they are numbered as the network does, its background first.
        shares.append(sum(152 <= int(word.partition(":")[2]) <= 269 for word in strongest) / len(photos))
    assert shares[0] > 0.75
    assert shares[1] < 0.1


def test_captions_of_one_photo_find_each_other(data: Path, tmp_path: Path) -> None:
    """Four captions of a photo stored, the fifth asked: by topics alone the right one of 400 is in the first five."""
    captions: dict[str, list[str]] = {}
    with (data / "flickr8k" / "captions.tsv").open(encoding="utf-8") as lines:
        for line in lines:
            name, text = line.rstrip("\n").split("\t")
            captions.setdefault(name.split("#")[0], []).append(text)
    photos = sorted(captions)[:400]
    store = taken([{"id": name, "captions": [{"text": text} for text in captions[name][:4]]} for name in photos])
    model = retrain(store, tmp_path / "models", Recipe(topics=50, passes=15), "patches-2").model
    stored = {point.id for point in store.scroll()}
    count = 0
    for name in photos:
        if name in stored:
            theta = model.theta(make_document([captions[name][4]]))
            hits = store.candidates(Search(5, near={THETA: Target(theta)})).hits[THETA] if theta is not None else []
            count += name in {hit.point.id for hit in hits}
    assert count > 0.5 * len(stored), count / len(stored)


def test_a_real_table_is_taken_with_a_reason_for_every_row(data: Path, tmp_path: Path) -> None:
    """Posts of a museum as the site exported them: nearly all are stored, every other one is accounted for."""
    (table,) = (data / "russian_posts").glob("museum_ptz.csv")
    pipeline = Pipeline(ReferenceStore(), Models(), PhotoParts(), Law(), Intake(Settings(min_words=1), lenient=True))
    report = take_all(Run.of(table, tmp_path / "rejected.ndjson"), pipeline)
    assert report.lines > 1000
    assert report.statuses["stored"] > 0.95 * report.lines
    assert report.statuses["rejected"] == sum(report.reasons.values())
    assert set(report.reasons) <= {"empty", "duplicate", "wrong_field", "hashtag_wall"}
    assert report.marks["other_language"] < 0.01 * report.lines


def test_real_photos_flow_in_by_with_senses_layout(data: Path, tmp_path: Path) -> None:
    """Sixty photos with five captions each: all stored, none mistaken for another, copies of them recognised."""
    captions: dict[str, list[str]] = {}
    with (data / "flickr8k" / "captions.tsv").open(encoding="utf-8") as lines:
        for line in lines:
            name, text = line.rstrip("\n").split("\t")
            captions.setdefault(name.split("#")[0], []).append(text)
    chosen = sorted(captions)[::110]
    with (tmp_path / "captions.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [[name, f"{name}#{n}", text] for name in chosen for n, text in enumerate(captions[name])]
        csv.writer(file).writerows([["image", "query_id", "query_text"], *rows])
    store = ReferenceStore()
    pipeline = Pipeline(store, Models(), PhotoParts(), Law(), Intake(Settings()))
    photos = data / "flickr8k" / "photos"
    report = take_all(Run.of(tmp_path / "captions.csv", tmp_path / "rejected.ndjson", photos), pipeline)
    assert report.statuses == {"stored": len(chosen)}
    assert report.marks == {}
    assert all(len(point.post["captions"]) <= 5 and point.tokens("image") for point in store.scroll())
    for name in chosen[:20]:
        with Image.open(photos / name) as photo:
            photo.resize((photo.width * 3 // 4, photo.height * 3 // 4)).save(tmp_path / name, quality=70)
    posts = [json.dumps({"id": f"copy of {name}", "photo": name, "text": "a copy"}) for name in chosen[:20]]
    (tmp_path / "copies.ndjson").write_text("\n".join(posts))
    report = take_all(Run.of(tmp_path / "copies.ndjson", tmp_path / "rejected.ndjson"), pipeline)
    assert report.marks["near_duplicate"] >= 18


def test_judgements_of_photos_are_read_and_agree(data: Path) -> None:
    """Every line of both files; experts agree well, a crowd less, and each judged caption is there."""
    read = read_judgements([data / "flickr8k" / "expert.tsv", data / "flickr8k" / "crowd.tsv"])
    captions = read_captions(data / "flickr8k" / "captions.tsv")
    people = agreement(read.all)
    assert not read.skipped
    assert (people["experts"]["pairs"], people["crowd"]["pairs"]) == (1506, 11877)
    assert people["experts"]["alpha"] > 0.8 > people["crowd"]["alpha"] > 0.5
    assert {judgement.caption for judgement in read.all} <= captions.keys()
    assert sum(judgement.fits and not judgement.own for judgement in chosen(read.all)) == 111
