"""Tokenizers of every kind turn any text into as many numbers as a network takes."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer as Made
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors, trainers

from vision.text.text_spec import TextNetwork
from vision.text.tokenizer import Tokenizer

LENGTH = 12
SPOKEN = ["a photo of a red boat", "закат над морем, тихий вечер", "two dogs run, собака бежит"]
ENDS = ["<s>", "</s>", "<pad>", "<unk>"]
WILD = st.text(st.characters(codec=None), max_size=300) | st.from_regex(r"(\ud83d|\u0301|\u200d|👨‍👩‍👧|Ǆ|ﷺ|İ){1,60}")


def like_clip() -> Made:
    """Bytes that are merged, with an end on either side."""
    made = Made(models.BPE())
    made.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(SPOKEN, trainers.BpeTrainer(special_tokens=ENDS, initial_alphabet=alphabet))
    made.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 1)])
    return made


def like_siglip() -> Made:
    """Pieces of words, of a likely cut, with an end behind."""
    made = Made(models.Unigram())
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.train_from_iterator(SPOKEN, trainers.UnigramTrainer(vocab_size=90, special_tokens=ENDS, unk_token=ENDS[3]))
    made.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return made


@pytest.fixture(scope="module", params=[like_clip, like_siglip])
def tokenizer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return opened(request.param, tmp_path_factory.mktemp("tokenizer"))


def opened(make: Callable[[], Made], folder: Path, *, lower_case: bool = False) -> Tokenizer:
    """Write a tokenizer as its makers do, and read it as we do."""
    file = folder / "tokenizer.json"
    make().save(str(file))
    return Tokenizer(TextNetwork("-", "-", str(file), LENGTH, pad=2, lower_case=lower_case))


@given(text=WILD)
def test_any_text_becomes_as_many_numbers(tokenizer: Tokenizer, text: str) -> None:
    """Whole numbers, the text's first and what fills behind them."""
    numbers, mask = tokenizer.numbers(text)
    assert numbers.shape == mask.shape == (LENGTH,)
    assert numbers.min() >= 0
    assert (np.diff(mask) <= 0).all()
    assert (numbers[mask == 0] == 2).all()


def test_a_long_text_keeps_its_end(tokenizer: Tokenizer) -> None:
    """Networks look at the last token: it is there, however long the text."""
    numbers, mask = tokenizer.numbers("a red boat " * 10_000)
    assert (numbers[-1], mask.sum()) == (1, LENGTH)


def test_an_empty_text_is_filled(tokenizer: Tokenizer) -> None:
    """The ends, and nothing between them."""
    numbers, mask = tokenizer.numbers("")
    assert set(numbers[mask == 1].tolist()) <= {0, 1}


@pytest.mark.parametrize("lower_case", [True, False])
def test_small_letters_are_made_where_they_are_wanted(tmp_path: Path, lower_case: bool) -> None:
    """A tokenizer that leaves them is told so by the description."""
    reads = opened(like_siglip, tmp_path, lower_case=lower_case)
    same = (reads.numbers("RED Boat")[0] == reads.numbers("red boat")[0]).all()
    assert same == lower_case
