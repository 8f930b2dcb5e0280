"""A text encoder is made of its package: tried with sentences of which it is known which mean the same."""

from pathlib import Path

import numpy as np
import pytest

from tests.support.tiny_text import archive, tiny_bert, tokenizer, write_text_encoder
from vision.errors import EncoderError
from vision.text import sentences
from vision.text.text_encoder import make_text_encoder


def test_a_network_that_knows_what_means_the_same_is_kept(tmp_path: Path) -> None:
    """With its tokenizer and a description, which opens as any other."""
    file, trial = sentences.write_text_encoder("tiny", archive(tiny_bert(quiet=True)), tmp_path, package="tiny==1")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tiny.onnx", "tiny.tokenizer.json", "tiny.toml"]
    assert trial.alike > trial.others + 0.2
    dog, puppy, train = make_text_encoder(file).embed(["dog", "puppy", "train"])
    assert dog @ puppy > 0.99 > dog @ train


def test_one_that_does_not_is_not(tmp_path: Path) -> None:
    """Its words mean what others do: nothing is left behind."""
    weights = tiny_bert(quiet=True)
    words = weights["embeddings.word_embeddings.weight"]
    weights["embeddings.word_embeddings.weight"] = words[np.random.default_rng(0).permutation(len(words))]
    with pytest.raises(EncoderError, match=r"means the same as .*It was not kept"):
        sentences.write_text_encoder("tiny", archive(weights), tmp_path / "networks", package="tiny==1")
    assert not (tmp_path / "networks").exists()


def test_a_description_of_ones_own_is_tried_too(tmp_path: Path) -> None:
    """A tokenizer whose words stand in another order is that of another network."""
    file = write_text_encoder(tmp_path)
    assert sentences.try_text_encoder(make_text_encoder(file)).alike > 0.9
    (tmp_path / "tokenizer.json").write_text(tokenizer(turned=True), "utf-8")
    with pytest.raises(EncoderError, match="its tokenizer is of another network"):
        sentences.try_text_encoder(make_text_encoder(file))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "model.zip of tiny==1 is no archive of a network"),
        (archive(tiny_bert(), hidden_size="wide"), "config.json of tiny==1 is wrong: Expected `int`, got `str`"),
        (archive(tiny_bert(), num_attention_heads=5), "5 heads do not share evenly"),
        (archive(tiny_bert(), hidden_size=48, num_attention_heads=3), "they are of another network"),
    ],
    ids=["no archive", "no number", "heads", "another size"],
)
def test_a_package_of_something_else_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    """What is in it does not fit together."""
    with pytest.raises(EncoderError, match=says):
        sentences.write_text_encoder("tiny", content, tmp_path, package="tiny==1")
