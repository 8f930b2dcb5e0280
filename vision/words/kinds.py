"""The kinds of words that outputs of a network become, each with what it has to learn from photos first."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

import orjson

from common.arrays import AnyFloat, Float32
from vision.encoder import Words, strongest
from vision.errors import EncoderError
from vision.networks.spec import Channels, Classes, Codebook, Input, Output, Things
from vision.words import weights as wording
from vision.words.names import names_of
from vision.words.objects import ObjectWords

Learned = Mapping[str, Float32]  # arrays by name
CODEBOOK: Final = ("mean", "axes", "centres")
USUAL: Final = ("usual", "spread")


class WordKind(Protocol):
    """Makes words of one tensor."""

    def words(self, cells: Float32) -> list[Words]:
        """Give the words of each photo from the channels of each of its places."""
        ...

    def describe(self, name: str) -> str:
        """Say a word, given without its prefix."""
        ...

    def names(self, words: Words) -> dict[str, float]:
        """What is surely seen, as people call it, and how surely, from words without their prefix."""
        ...


def make_word_kind(output: Output, prefix: str, learned: Learned, given: Input) -> WordKind:
    """Build the kind of words that an output becomes; `given` is what the network sees."""
    if isinstance(output, Classes):
        return ClassWords(output, prefix)
    if isinstance(output, Channels):
        return ChannelWords(output, prefix, learned)
    if isinstance(output, Things):
        labels = read_labels(Path(output.labels)) if output.labels else []
        return ObjectWords(output, prefix, labels, (given.width, given.height))
    return CodebookWords(output, prefix, learned)


class ClassWords:
    """Classes by name, or by number when there are no names; the long tail counts."""

    def __init__(self, output: Classes, prefix: str) -> None:
        self._output = output
        self._prefix = prefix
        self._labels = read_labels(Path(output.labels)) if output.labels else []

    def words(self, cells: Float32) -> list[Words]:
        """Level the probabilities, then expect counts, or draw them."""
        output = self._output
        whole = cells.mean(axis=1)
        if self._labels and len(self._labels) != whole.shape[1]:
            raise EncoderError(
                f"{output.labels} names {len(self._labels)} classes, the tensor {output.tensor} has {whole.shape[1]}: "
                "correct `labels`; those that are left out by `skip` have names as well."
            )
        given = whole[:, output.skip :]
        shares = wording.probabilities(given, logits=output.logits, temperature=output.temperature)
        rows = wording.levelled(shares, output.tail)
        if output.draws:
            rows = wording.drawn(rows, output.draws, output.seed)
        return [self._named(row) for row in rows]

    def describe(self, name: str) -> str:
        """The name of the class, for people."""
        return name.replace("_", " ") if self._labels else f"class {name}"

    def names(self, words: Words) -> dict[str, float]:
        """The classes that have names."""
        return names_of(words, 1.0 if self._output.draws else self._output.temperature) if self._labels else {}

    def _named(self, row: AnyFloat) -> Words:
        kept, weights = strongest(row, self._output.keep, self._output.total)
        words: Words = {}
        for index, weight in zip(kept, weights, strict=True):
            number = index + self._output.skip
            word = f"{self._prefix}:{self._labels[number] if self._labels else number}"
            words[word] = words.get(word, 0.0) + weight  # two classes may have one name
        return words


class ChannelWords:
    """Each channel is a word."""

    def __init__(self, output: Channels, prefix: str, learned: Learned) -> None:
        self._output = output
        self._prefix = prefix
        self._usual, self._spread = learned.get("usual"), learned.get("spread")

    def words(self, cells: Float32) -> list[Words]:
        """The channels that are strongest, beyond what is usual for them when that is known."""
        words = []
        for row in wording.above_usual(cells.mean(axis=1), self._usual, self._spread):
            kept, weights = strongest(row, self._output.keep, self._output.total)
            words.append({f"{self._prefix}:{index}": weight for index, weight in zip(kept, weights, strict=True)})
        return words

    def describe(self, name: str) -> str:
        """A channel has no name but its number."""
        return f"{self._prefix} channel {name}"

    def names(self, words: Words) -> dict[str, float]:  # noqa: ARG002
        """None: nobody knows what a channel shows."""
        return {}


class CodebookWords:
    """Each centre of the learned codebook is a word."""

    def __init__(self, output: Codebook, prefix: str, learned: Learned) -> None:
        self._output = output
        self._prefix = prefix
        self._learned = learned

    def words(self, cells: Float32) -> list[Words]:
        """Soft counts over the places of each photo."""
        missing = [name for name in CODEBOOK if name not in self._learned]
        if missing:
            raise EncoderError(
                f"The output {self._output.tensor} ({self._prefix}) has no codebook yet: "
                "learn one with `photosense encoder fit POSTS`, and name the folder that it writes as the encoder."
            )
        mean, axes, centres = (self._learned[name] for name in CODEBOOK)
        words = []
        vectors = wording.directions(cells, mean, axes)
        for counts in wording.soft_counts(vectors, centres, self._output.nearest, self._output.sharpness):
            kept, weights = strongest(counts, len(counts), self._output.total)
            words.append({f"{self._prefix}:{index}": weight for index, weight in zip(kept, weights, strict=True)})
        return words

    def describe(self, name: str) -> str:
        """A pattern of the codebook has no name but its number."""
        return f"{self._prefix} pattern {name}"

    def names(self, words: Words) -> dict[str, float]:  # noqa: ARG002
        """None: nobody knows what a pattern shows."""
        return {}


def read_labels(file: Path) -> list[str]:
    """Names of classes without blanks: a line each, or {"0": ["n01440764", "tench"], ...} as Keras has it."""
    try:
        text = file.read_text("utf-8")
        if file.suffix == ".json":
            index = orjson.loads(text)
            names = [str(index[str(number)][-1]) for number in range(len(index))]
        else:
            names = text.splitlines()
    except OSError as error:
        raise EncoderError(f"The names of classes in {file} cannot be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, IndexError):
        raise EncoderError(
            f'{file} holds no names of classes, expected a name a line, or JSON like {{"0": ["n01440764", "tench"]}}.'
        ) from None
    return ["_".join(name.split()) or str(number) for number, name in enumerate(names)]
