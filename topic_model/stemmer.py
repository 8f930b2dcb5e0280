"""English stems by Porter's rules (1980), with the few exceptions that NLTK added: stored documents are made of them.

Our own, because the package that has them takes a second and 100 MB to import; the tests hold every word against it.
"""

from collections.abc import Callable, Sequence
from typing import Final

Condition = Callable[[str], bool]
Rules = Sequence[tuple[str, str]]

_IRREGULAR: Final = {
    "skies": "sky", "sky": "sky", "dying": "die", "lying": "lie", "tying": "tie", "news": "news", "innings": "inning",
    "inning": "inning", "outings": "outing", "outing": "outing", "cannings": "canning", "canning": "canning",
    "howe": "howe", "proceed": "proceed", "exceed": "exceed", "succeed": "succeed",
}  # fmt: skip
_PLURALS: Final = (("sses", "ss"), ("ies", "i"), ("ss", "ss"), ("s", ""))
_AFTER_A_VERB: Final = (("at", "ate"), ("bl", "ble"), ("iz", "ize"))
_DOUBLE_SUFFIXES: Final = (
    ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("bli", "ble"),
    ("alli", "al"), ("entli", "ent"), ("eli", "e"), ("ousli", "ous"), ("ization", "ize"), ("ation", "ate"),
    ("ator", "ate"), ("alism", "al"), ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous"), ("aliti", "al"),
    ("iviti", "ive"), ("biliti", "ble"), ("fulli", "ful"),
)  # fmt: skip
_ADJECTIVES: Final = (
    ("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", "")
)  # fmt: skip
_ENDINGS: Final = tuple(
    (suffix, "")
    for suffix in (
        "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate",
        "iti", "ous", "ive", "ize",
    )
)  # fmt: skip


def stem(word: str) -> str:
    """The stem of a lower-case word."""
    if word in _IRREGULAR or len(word) <= 2:
        return _IRREGULAR.get(word, word)
    word = _without_plural(word)
    word = _without_past(word)
    word = _with_i(word)
    word = _with_one_suffix(word)
    word = _changed(word, _ADJECTIVES, lambda root: _measure(root) > 0)
    word = _without_ending(word)
    return _tidied(word)


def _without_plural(word: str) -> str:
    if word.endswith("ies") and len(word) == 4:
        return word[:-1]
    return _changed(word, _PLURALS)


def _without_past(word: str) -> str:
    """Take -ed and -ing off, and mend what is left as if it were a verb."""
    if word.endswith("ied"):
        return word[:-1] if len(word) == 4 else word[:-2]
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    root = next((word.removesuffix(suffix) for suffix in ("ed", "ing") if word.endswith(suffix)), word)
    if root == word or not _has_vowel(root):
        return word
    if root.endswith(("at", "bl", "iz")):
        return _changed(root, _AFTER_A_VERB)
    if _ends_double(root):
        return root if root[-1] in "lsz" else root[:-1]
    return f"{root}e" if _measure(root) == 1 and _ends_short(root) else root


def _with_i(word: str) -> str:
    """`happy` is to be as `happier` is; `enjoy` and `by` stay."""
    ends = word.endswith("y") and len(word) > 2 and _kinds(word)[-2] == "c"
    return f"{word[:-1]}i" if ends else word


def _with_one_suffix(word: str) -> str:
    if word.endswith("alli") and _measure(word[:-4]) > 0:
        return _with_one_suffix(word[:-2])
    if word.endswith("logi"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    return _changed(word, _DOUBLE_SUFFIXES, lambda root: _measure(root) > 0)


def _without_ending(word: str) -> str:
    if word.endswith("ion") and not word.endswith(("sion", "tion")):
        return word
    return _changed(word, _ENDINGS, lambda root: _measure(root) > 1)


def _tidied(word: str) -> str:
    """Take a last e off, and one of two last l."""
    if word.endswith("e"):
        root = word[:-1]
        measure = _measure(root)
        if measure > 1 or (measure == 1 and not _ends_short(root)):
            word = root
    return word[:-1] if word.endswith("ll") and _measure(word[:-1]) > 1 else word


def _changed(word: str, rules: Rules, holds: Condition = bool) -> str:
    """Apply the first rule whose suffix fits, if its condition holds of what is before it."""
    for suffix, other in rules:
        if word.endswith(suffix):
            root = word[: len(word) - len(suffix)]
            return root + other if holds is bool or holds(root) else word
    return word


def _kinds(word: str) -> str:
    """Each letter as c (consonant) or v (vowel); y is a vowel after a consonant."""
    kinds = ""
    for letter in word:
        vowel = letter in "aeiou" or (letter == "y" and kinds[-1:] == "c")
        kinds += "v" if vowel else "c"
    return kinds


def _measure(root: str) -> int:
    """How often a consonant follows a vowel."""
    return _kinds(root).count("vc")


def _has_vowel(root: str) -> bool:
    return "v" in _kinds(root)


def _ends_double(root: str) -> bool:
    return len(root) >= 2 and root[-1] == root[-2] and _kinds(root)[-1] == "c"


def _ends_short(root: str) -> bool:
    """Whether it ends as `hop` does, or is as short as `us`."""
    kinds = _kinds(root)
    return kinds == "vc" or (kinds[-3:] == "cvc" and root[-1] not in "wxy")
