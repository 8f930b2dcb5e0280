"""A text encoder places texts by what they mean, and says what is wrong with one that does not fit together."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.tiny_text import DESCRIPTION, tokenizer, write_text_encoder
from vision.errors import EncoderError
from vision.text.text_encoder import TextEncoder, make_text_encoder


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> TextEncoder:
    return make_text_encoder(write_text_encoder(tmp_path_factory.mktemp("text")))


def test_what_means_the_same_lies_together(reader: TextEncoder) -> None:
    """In other words, in either language, in a text of any length; rows have a length of 1."""
    dog, puppy, russian, train = reader.embed(["a dog", "PUPPY " * 500, "собака", "a train at the station"])
    assert dog @ puppy > 0.95
    assert dog @ russian > 0.95
    assert dog @ train < 0.4
    assert np.linalg.norm([dog, train], axis=1) == pytest.approx([1, 1], abs=1e-5)


def test_who_says_nothing_has_no_place(reader: TextEncoder) -> None:
    """Rows of zeros, in their turn."""
    empty, dog, blank = reader.embed(["", "dog", " \n"])
    assert not empty.any()
    assert not blank.any()
    assert dog.any()
    assert reader.embed([]).shape == (0, reader.size)


def test_alone_equals_in_a_batch(reader: TextEncoder) -> None:
    """Where a text lies does not depend on the others, shorter or longer."""
    texts = ["dog", "children play on the beach", "train " * 12, "snow"] * 20
    alone = np.concatenate([reader.embed([text]) for text in texts[:4]])
    assert reader.embed(texts)[:4] == pytest.approx(alone, abs=1e-6)


@given(text=st.text(st.characters(codec=None), max_size=100))
def test_any_text_has_a_place_or_none(reader: TextEncoder, text: str) -> None:
    """Half of a surrogate pair, control characters: never an error."""
    (row,) = reader.embed([text])
    assert not row.any() or float(np.linalg.norm(row)) == pytest.approx(1, abs=1e-5)


def test_a_network_of_one_length_is_filled(tmp_path: Path, reader: TextEncoder) -> None:
    """Exporters fix it at times: the same place comes out."""
    fixed = make_text_encoder(write_text_encoder(tmp_path, length=16))
    assert fixed.embed(["a dog runs"]) == pytest.approx(reader.embed(["a dog runs"]), abs=1e-6)


def test_the_id_is_that_of_all_that_places(tmp_path: Path, reader: TextEncoder) -> None:
    """The same files in another folder are the same; what stands in front of texts is not."""
    assert make_text_encoder(write_text_encoder(tmp_path / "same")).id == reader.id
    assert make_text_encoder(write_text_encoder(tmp_path / "other", more='prefix = "query: "\n')).id != reader.id


def test_a_tokenizer_of_another_network_is_refused(tmp_path: Path) -> None:
    """It knows tokens that the network does not take."""
    file = write_text_encoder(tmp_path)
    (tmp_path / "tokenizer.json").write_text(tokenizer(more=5), "utf-8")
    with pytest.raises(EncoderError, match=r"knows \d+ tokens, and tiny-text does not take the last of them"):
        make_text_encoder(file)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('name = "tiny-text"', "", "required field `name`"),
        ("length = 16", "length = 1", r">= 4 - at `\$.length`"),
        ("reads.onnx", "gone.onnx", "has its network in .*gone.onnx, which is not there"),
        ("tokenizer.json", "gone.json", "has its tokenizer in .*gone.json, which is not there"),
        ("tokenizer.json", "reads.onnx", "is no tokenizer.json"),
        ('"named"', '"meant"', "cannot be opened with the tensors meant"),
        ("mean = true", "", r"has the shape \(1, 3, 12\) for 1 texts.*say `mean = true`"),
        ('mask = "mask"', "", "has the inputs ids, mask"),
        ("mean = true", 'languages = ["eo"]', "Invalid enum value 'eo'"),
        ("mean = true", "[photo]\n[text]", "describes a dual encoder"),
        ("mean = true", "[input]", "describes a network that sees"),
        ("name =", "name ==", "is wrong"),
    ],
)
def test_a_wrong_description_names_the_slip(tmp_path: Path, before: str, after: str, says: str) -> None:
    """Field, file or tensor."""
    file = write_text_encoder(tmp_path)
    file.write_text(DESCRIPTION.replace(before, after), "utf-8")
    with pytest.raises(EncoderError, match=says):
        make_text_encoder(file)
