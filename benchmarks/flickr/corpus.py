"""The photos, captions and splits of Flickr8k, and what the encoder sees in the photos."""

import hashlib
import pickle
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from common.arrays import Float32, UInt8
from ingest.document import make_document
from photosense.progress import progress
from topic_model.document import TEXT
from topic_model.training.train import readable_labels
from vision.combined_encoder import Together
from vision.decoding.decode import decode
from vision.encoder import SIDE, Encoder, Features, Words
from vision.fitting.concepts import ConceptSettings
from vision.fitting.fit import Example, fit_encoder
from vision.networks.network import Network, Runtime, Tensor
from vision.networks.network_encoder import NetworkEncoder
from vision.networks.open_network import open_network
from vision.networks.spec import read_spec

BATCH = 32
THREADS = 2
# What the kinds of words weigh beside each other; the concepts, which people's own words taught, most.
TOTALS = {"c8": 30.0, "book": 100.0, "classes": 50.0, "object": 50.0, "concept": 200.0}

TRUNK = """
name = "trunk"
network = "{networks}/inception_v3_trunk.onnx"
features = ["mixed_8_gap", "mixed_9_partial_gap"]
input = {{ height = 299, width = 299, mean = [128.0, 128.0, 128.0], scale = [128.0, 128.0, 128.0] }}
outputs = [
    {{ words = "channels", tensor = "mixed_8_gap", prefix = "c8" }},
    {{ words = "codebook", tensor = "mixed_8", prefix = "book" }},
]
"""
CLASSES = """
name = "classes"
network = "{networks}/mobilenet_v2_1.0_224_quant.tflite"
features = ["MobilenetV2/Logits/Squeeze"]
input = {{ height = 224, width = 224, layout = "NHWC", mean = [128.0, 128.0, 128.0], scale = [128.0, 128.0, 128.0] }}
outputs = [
    {{ words = "classes", tensor = "MobilenetV2/Logits/Squeeze", logits = true, temperature = 2.0, skip = 1 }},
]
"""
LITE2 = """
name = "lite2"
network = "{networks}/efficientnet_lite2.onnx"
features = ["gap"]
input = {{ height = 260, width = 260, mean = [127.0, 127.0, 127.0], scale = [128.0, 128.0, 128.0] }}
"""
THINGS = """
name = "things"
network = "{networks}/centernet_feat.onnx"
features = ["gap", "objects"]
input = {{ height = 512, width = 512, layout = "NHWC" }}
outputs = [
    {{ words = "objects", tensor = "tower_0/detections", prefix = "object", labels = "coco" }},
]
"""
TWO = {"trunk": TRUNK, "classes": CLASSES}
ALL = {**TWO, "lite2": LITE2, "things": THINGS}


@dataclass(frozen=True, slots=True)
class Corpus:
    """Names of photos by split, and the captions of each."""

    folder: Path
    captions: dict[str, list[str]]
    splits: dict[str, list[str]]

    def photo(self, name: str) -> Path:
        """The file of a photo."""
        return self.folder / "photos" / name


class Sight(NamedTuple):
    """What was seen in photos, by name."""

    encoder: str
    words: dict[str, Words]
    features: dict[str, Float32]


def read_corpus(data: Path) -> Corpus:
    """Read the captions and the splits."""
    folder = data / "flickr8k"
    captions: dict[str, list[str]] = {}
    for line in (folder / "captions.tsv").read_text("utf-8").splitlines():
        key, caption = line.split("\t")
        captions.setdefault(key.split("#")[0], []).append(caption)
    splits = {
        split: (folder / "splits" / f"{split}.txt").read_text("utf-8").split() for split in ("train", "dev", "judged")
    }
    return Corpus(folder, captions, splits)


def see_all(
    corpus: Corpus,
    networks: Path,
    train: Sequence[str],
    others: Sequence[str],
    cache: Path | None,
    descriptions: Mapping[str, str] = TWO,
) -> Sight:
    """Fit the encoders to the photos to learn from, and see these (out of fold) and the others; `cache` is a folder."""
    file = cache / f"seen-{'-'.join(descriptions)}-{len(train)}-{len(others)}.pickle" if cache else None
    if file and file.is_file():
        sight: Sight = pickle.loads(file.read_bytes())  # noqa: S301 - a file of our own
        return sight
    encoder = _fitted(corpus, _base(networks, descriptions), train).with_totals(TOTALS)
    sight = Sight(encoder.id, *_seen(corpus, encoder, [*train, *others]))
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(pickle.dumps(sight))
    return sight


def see_plainly(corpus: Corpus, encoder: Encoder, names: Sequence[str], cache: Path | None) -> Sight:
    """See photos with an encoder as it is, fitted to nothing."""
    file = cache / f"seen-{encoder.id}-{len(names)}.pickle" if cache else None
    if file and file.is_file():
        sight: Sight = pickle.loads(file.read_bytes())  # noqa: S301 - a file of our own
        return sight
    sight = Sight(encoder.id, *_seen(corpus, encoder, names))
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(pickle.dumps(sight))
    return sight


def _seen(corpus: Corpus, encoder: Encoder, names: Sequence[str]) -> tuple[dict[str, Words], dict[str, Features]]:
    words: dict[str, Words] = {}
    features: dict[str, Features] = {}
    with progress("seeing", len(names)) as update:
        for at in range(0, len(names), BATCH):
            part = names[at : at + BATCH]
            view = encoder.see([_pixels(corpus, name) for name in part])
            words.update(zip(part, view.words, strict=True))
            features.update(zip(part, view.features, strict=True))
            update(len(words))
    return words, features


class Remembering:
    """A network that is asked about each photo once: fitting looks first, seeing looks again."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._known: dict[bytes, dict[str, Tensor]] = {}

    def run(self, batch: Tensor) -> dict[str, Tensor]:
        """Give the tensors of a batch."""
        keys = [hashlib.blake2b(photo.tobytes(), digest_size=16).digest() for photo in batch]
        new = [index for index, key in enumerate(keys) if key not in self._known]
        if new:
            tensors = self._network.run(batch[new])
            for row, index in enumerate(new):
                self._known[keys[index]] = {name: tensor[row].astype(np.float16) for name, tensor in tensors.items()}
        names = self._known[keys[0]]
        return {name: np.stack([self._known[key][name] for key in keys]).astype(np.float32) for name in names}


def _base(networks: Path, descriptions: Mapping[str, str]) -> Together:
    encoders = []
    with tempfile.TemporaryDirectory() as folder:
        for name, description in descriptions.items():
            file = Path(folder) / f"{name}.toml"
            file.write_text(description.format(networks=networks.resolve()), "utf-8")
            spec = read_spec(file)
            network = Remembering(open_network(spec, Runtime.ONNXRUNTIME, THREADS))
            encoders.append(NetworkEncoder(spec, network))
    return Together(encoders)


def _fitted(corpus: Corpus, base: Encoder, train: Sequence[str]) -> Encoder:
    def examples() -> Iterator[Example]:
        for name in train:
            bags = (tuple(make_document([caption]).get(TEXT, ())) for caption in corpus.captions[name])
            yield Example(_pixels(corpus, name), tuple(filter(None, bags)))

    with progress("fitting", len(train)) as update:
        return fit_encoder(
            base,
            examples(),
            concepts=ConceptSettings(),
            labels=lambda: readable_labels(caption for name in train for caption in corpus.captions[name]),
            progress=update,
        )


def _pixels(corpus: Corpus, name: str) -> UInt8:
    return decode(corpus.photo(name).read_bytes(), target=SIDE)
