"""Cutting a text into words and folding away what hides them: marks, invisible characters, case, odd alphabets."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Signs that stand for letters stay inside a word; all other punctuation parts words.
SIGNS = "@$!|€+¡£¢¥"
_PARTING = r"\s\"#%&'()*,\-./:;<=>?\[\\\]^_`{}~«»·¿…§°№½¼¾⅓⅔\u2010-\u2027\u2030-\u205e\u2e00-\u2e7f\u3001-\u3011"
_WORD = re.compile(f"[^{_PARTING}]+")
_KEPT = re.compile(rf"[^\w{re.escape(SIGNS)}]|_")
_PIECE = re.compile(r"\d+|[A-ZА-Я]?[^\W\d_A-ZА-Я]+|[A-ZА-Я]+(?![^\W\d_A-ZА-Я])|[A-ZА-Я]")
_INVISIBLE = frozenset({"Mn", "Me", "Cf", "Cc", "Co", "Cn"})
_BLANKS = dict.fromkeys((0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800))
# Letters in coloured boxes and flags, which Unicode itself does not fold.
_BOXED = {first + at: chr(97 + at) for first in (0x1F150, 0x1F170, 0x1F1E6) for at in range(26)}
_REMEMBERED_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text: where it stands, how it was written, and its folded form.

    `pieces` are the folded parts between letters, digits and capitals: "MyKid5" has my, kid and 5.
    """

    start: int
    end: int
    raw: str
    text: str
    pieces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Folded:
    """A text as its folded words."""

    words: tuple[Word, ...]

    @property
    def plain(self) -> str:
        """The folded words with one blank between them, without the signs at their ends."""
        return " ".join(bare for word in self.words if (bare := word.text.strip(SIGNS)))


def fold(text: str) -> Folded:
    """Cuts and folds a text in time that grows with its length and no faster."""
    words = []
    for match in _WORD.finditer(text):
        raw = match.group()
        folded, pieces = _fold_word(raw) if len(raw) > _REMEMBERED_LENGTH else _remembered(raw)
        if folded:
            words.append(Word(match.start(), match.end(), raw, folded, pieces))
    return Folded(tuple(words))


def fold_letters(text: str) -> str:
    """The text without marks, in lower case, other than that as it stands: how patterns are written too."""
    return _without_marks(text).casefold()


def _fold_word(raw: str) -> tuple[str, tuple[str, ...]]:
    visible = raw if raw.isalnum() and raw.isascii() else _KEPT.sub("", _without_marks(raw))
    folded = visible.casefold()
    if folded.isalpha() and visible in (folded, visible.capitalize(), visible.upper()):
        return folded, (folded,)
    return folded, tuple(piece.casefold() for piece in _PIECE.findall(visible))


_remembered = lru_cache(maxsize=1 << 16)(_fold_word)


def _without_marks(text: str) -> str:
    if text.isascii():
        return text
    wide = unicodedata.normalize("NFKD", text.translate(_BLANKS).translate(_BOXED))
    return "".join(character for character in wide if unicodedata.category(character) not in _INVISIBLE)
