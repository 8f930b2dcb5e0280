"""Tokenizers of networks that read: a `tokenizer.json` as Hugging Face's `tokenizers` write it."""

from pathlib import Path

import numpy as np
import tokenizers

from common.arrays import Int64
from vision.dual.dual_spec import DualText
from vision.errors import EncoderError


class Tokenizer:
    """Turns a text into as many numbers as its network takes, whatever the text."""

    def __init__(self, side: DualText) -> None:
        try:
            self._tokenizer = tokenizers.Tokenizer.from_str(Path(side.tokenizer).read_text("utf-8"))
        except Exception as error:  # the library raises bare ones
            raise EncoderError(f"{side.tokenizer} is no tokenizer.json: {error}.") from None
        known = self._tokenizer.get_vocab_size()
        if side.pad >= known:
            raise EncoderError(
                f"`text.pad` is {side.pad}, and {side.tokenizer} knows {known} tokens: give a number below."
            )
        self._tokenizer.enable_truncation(side.length)
        self._tokenizer.enable_padding(length=side.length, pad_id=side.pad)
        self._lower_case = side.lower_case

    def numbers(self, text: str) -> tuple[Int64, Int64]:
        """The numbers of the tokens, and 1 for each that is of the text, 0 for what fills."""
        whole = text.encode("utf-8", "replace").decode("utf-8")  # half of a pair of surrogates is no text
        encoded = self._tokenizer.encode(whole.lower() if self._lower_case else whole)
        return np.array(encoded.ids, np.int64), np.array(encoded.attention_mask, np.int64)
