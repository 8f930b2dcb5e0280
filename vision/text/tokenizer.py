"""Tokenizers of networks that read: a `tokenizer.json` as Hugging Face's `tokenizers` write it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tokenizers

from common.arrays import Int64
from vision.errors import EncoderError
from vision.text.text_spec import TextNetwork


class Tokenizer:
    """Turns a text into as many numbers as its network takes, whatever the text."""

    def __init__(self, side: TextNetwork) -> None:
        try:
            self._tokenizer = tokenizers.Tokenizer.from_str(Path(side.tokenizer).read_text("utf-8"))
        except Exception as error:  # the library raises bare ones
            raise EncoderError(f"{side.tokenizer} is no tokenizer.json: {error}.") from None
        known = self._tokenizer.get_vocab_size()
        if side.pad >= known:
            raise EncoderError(
                f"`text.pad` is {side.pad}, and {side.tokenizer} knows {known} tokens: give a number below."
            )
        self.size = known
        self._tokenizer.enable_truncation(side.length)
        self._pad, self._length, self._lower_case = side.pad, side.length, side.lower_case

    def numbers(self, text: str) -> tuple[Int64, Int64]:
        """The numbers of the tokens, and 1 for each that is of the text, 0 for what fills."""
        ids, mask = self.table([text], whole=True)
        return ids[0], mask[0]

    def table(self, texts: Sequence[str], *, whole: bool = False) -> tuple[Int64, Int64]:
        """The same of several texts, a row each: as long as the longest of them, or as long as any may be (`whole`)."""
        self._tokenizer.enable_padding(length=self._length if whole else None, pad_id=self._pad)
        encoded = self._tokenizer.encode_batch([self._prepared(text) for text in texts])
        masks = np.array([of_text.attention_mask for of_text in encoded], np.int64)
        return np.array([of_text.ids for of_text in encoded], np.int64), masks

    def _prepared(self, text: str) -> str:
        whole = text.encode("utf-8", "replace").decode("utf-8")  # half of a pair of surrogates is no text
        return whole.lower() if self._lower_case else whole
