"""What the lexicon finds and what it leaves alone: words in disguise, phrases about children, harmless phrases."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.words.ways import LATER_WAYS, WAYS
from compliance.lexicon.lexicon import Lexicon

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, and which were not as expected."""

    name: str
    right: int
    of: int
    wrong: tuple[str, ...]

    @property
    def share(self) -> float:
        """Those that were as expected."""
        return self.right / self.of


def held_out(text: str) -> bool:
    """A quarter that the rules were not tuned on, fixed by a hash."""
    return hashlib.sha256(text.encode()).digest()[0] % 4 == 0


def phrases(name: str) -> list[str]:
    """The lines of a list."""
    return [line for line in (FOLDER / f"{name}.txt").read_text("utf-8").splitlines() if line]


def share_of(name: str, texts: Iterable[str], lexicon: Lexicon) -> Share:
    """How many texts are found to speak of a child."""
    texts = list(texts)
    missed = tuple(text for text in texts if not lexicon.find(text))
    return Share(name, len(texts) - len(missed), len(texts), missed)


def left_alone(name: str, texts: Iterable[str], lexicon: Lexicon) -> Share:
    """How many texts are found to be harmless."""
    texts = list(texts)
    blocked = tuple(text for text in texts if lexicon.find(text))
    return Share(name, len(texts) - len(blocked), len(texts), blocked)


def inflections(lexicon: Lexicon) -> list[str]:
    """Every form of every word of every rule."""
    return sorted({form for terms in lexicon.rules for form in terms.forms | terms.latin if form.isalpha()})


def in_disguise(words: Sequence[str], ways: Iterable[str]) -> list[str]:
    """Every word in every way; one that comes out in digits alone is a number and no word any more."""
    every = WAYS | LATER_WAYS
    written = (every[way](word) for way in ways for word in words)
    return [f"view {text} here" for text in written if not text.replace(" ", "").isdigit()]


def shares(lexicon: Lexicon, step: int) -> list[Share]:
    """All of it; of the words in disguise every step-th."""
    words = inflections(lexicon)
    children, harmless = phrases("children"), phrases("harmless")
    tuned = [way for way in WAYS | LATER_WAYS if way in WAYS or not held_out(way)]
    unseen = [way for way in LATER_WAYS if held_out(way)]
    return [
        share_of("plain inflections", words, lexicon),
        share_of(f"words in {len(tuned)} disguises", in_disguise(words[::step], tuned), lexicon),
        share_of(f"... in {len(unseen)} held-out disguises", in_disguise(words[::step], unseen), lexicon),
        share_of("phrases about children", (text for text in children if not held_out(text)), lexicon),
        share_of("... held out", filter(held_out, children), lexicon),
        share_of("... written afterwards", phrases("fresh_children"), lexicon),
        left_alone("harmless phrases", (text for text in harmless if not held_out(text)), lexicon),
        left_alone("... held out", filter(held_out, harmless), lexicon),
        left_alone("... written afterwards", phrases("fresh_harmless"), lexicon),
    ]
