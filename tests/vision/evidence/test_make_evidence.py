"""Sources of evidence, opened by their descriptions: what is wrong with one is a sentence, what tells is in the id."""

from pathlib import Path

import numpy as np
import pytest

from tests.support.tiny_evidence import FACES, quarters, write_evidence
from tests.support.tiny_network import by_hand, photos, write_network
from vision.errors import EncoderError
from vision.evidence.evidence import PhotoEvidence
from vision.evidence.make_evidence import make_evidence
from vision.look import Look
from vision.networks.network import prepare_batch
from vision.networks.spec import Input

FURTHER = """\
evidence = "features"
name = "further"
network = "tiny.onnx"
tensors = ["pooled"]
[input]
height = 16
width = 16
mean = [128.0, 128.0, 128.0]
scale = [64.0, 64.0, 64.0]
"""


def write_further(folder: Path) -> Path:
    write_network(folder)
    file = folder / "further.toml"
    file.write_text(FURTHER, "utf-8")
    return file


def test_sources_stand_side_by_side(tmp_path: Path) -> None:
    """Their numbers under their names, in the order in which they are named; features behind an encoder's."""
    evidence = make_evidence([*write_evidence(tmp_path, "objects", "faces"), write_further(tmp_path)])
    looks = [Look.at(photo) for photo in (quarters((255, 18, 0)), quarters((0, 0, 255)))]
    numbers, features = evidence.beside(np.full((2, 3), 7, np.float32), looks)
    told = [dict(zip(evidence.names, row, strict=True)) for row in numbers.tolist()]
    assert [row["objects.people"] for row in told] == [1, 0]
    assert [row["faces.count"] for row in told] == [1, 0]
    assert (features.shape, features[:, :3].tolist()) == ((2, 3 + 8), [[7] * 3] * 2)


def test_further_features_are_those_of_the_network(tmp_path: Path) -> None:
    """As the arithmetic says."""
    given = photos(3)
    numbers, features = make_evidence([write_further(tmp_path)]).measure(given)
    batch = prepare_batch(given, Input(16, 16, mean=(128.0,) * 3, scale=(64.0,) * 3))
    assert numbers.shape == (3, 0)
    assert np.allclose(features, by_hand(batch)["pooled"], atol=1e-5)


def test_no_source_asks_for_no_pixels() -> None:
    """They may have stayed in the process that decoded them."""
    features = np.ones((1, 4), np.float32)
    assert make_evidence([]).id == ""
    numbers, same = PhotoEvidence().beside(features, [Look(0)])
    assert (numbers.shape, same is features) == ((1, 0), True)


def test_the_id_tells_apart_whatever_tells_other_numbers(tmp_path: Path) -> None:
    """The same files elsewhere have the same id; another network, or another word of the description, has another."""
    ids = []
    for folder in ("here", "there"):
        files = write_evidence(tmp_path / folder, "faces")
        ids.append(make_evidence(files).id)
    assert ids[0] == ids[1]
    files[0].write_text(FACES.replace('unit = "share"', 'unit = "share"\nleast = 0.5'), "utf-8")
    ids.append(make_evidence(files).id)
    network = tmp_path / "there" / "ages.onnx"
    network.write_bytes(network.read_bytes() + b"\x32\x00")  # of an unknown field, which readers pass over
    ids.append(make_evidence(files).id)
    assert len(set(ids)) == 3
    assert all(identity.startswith("faces-") for identity in ids)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        pytest.param('evidence = "faces"', 'evidence = "ears"', "Invalid value 'ears'", id="an unknown kind"),
        pytest.param('unit = "share"', 'unit = "inch"', r"\$\.boxes\.unit", id="an unknown unit"),
        pytest.param('tensor = "boxes"', "", "missing required field `tensor`", id="no tensor"),
        pytest.param('network = "ages.onnx"', 'network = "gone.onnx"', "gone.onnx, which is not there", id="no file"),
        pytest.param("[255.0, 255.0, 255.0]", "[0.0, 1.0, 1.0]", "nothing is divided by 0", id="a scale of 0"),
        pytest.param('tensor = "boxes"', 'tensor = "nowhere"', "with the tensors nowhere", id="no such tensor"),
    ],
)
def test_a_wrong_description_is_told_with_its_slip(tmp_path: Path, before: str, after: str, says: str) -> None:
    """Which file, what is wrong with it."""
    (file,) = write_evidence(tmp_path, "faces")
    assert before in FACES
    file.write_text(FACES.replace(before, after), "utf-8")
    with pytest.raises(EncoderError, match=says):
        make_evidence([file])


def test_two_sources_of_one_name_are_refused(tmp_path: Path) -> None:
    """Nobody could tell their numbers apart."""
    files = write_evidence(tmp_path, "faces")
    with pytest.raises(EncoderError, match="Two sources of evidence are called 'faces'"):
        make_evidence([*files, *files])
