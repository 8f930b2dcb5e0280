"""Russian words as people write them with Latin letters: malchik, rebyonok, devo4ka's plain cousins."""

from collections.abc import Iterable

_PLAIN = dict(zip("абвгдезиклмнопрстуфъэ", (*"abvgdeziklmnoprstuf", "", "e"), strict=True)) | {"ч": "ch", "ш": "sh"}
# As passports have it, as chats do, and as Germans and Czechs would.
_SYSTEMS = tuple(
    str.maketrans(_PLAIN | dict(zip("ёжйхцщыьюя", letters, strict=True)))
    for letters in (
        ("e", "zh", "y", "kh", "ts", "shch", "y", "", "yu", "ya"),
        ("yo", "zh", "i", "h", "ts", "sch", "y", "", "yu", "ya"),
        ("io", "j", "j", "h", "c", "sch", "i", "", "iu", "ia"),
        ("jo", "zh", "j", "h", "c", "sch", "y", "", "ju", "ja"),
    )
)


def in_latin(word: str) -> Iterable[str]:
    """Each way to write the word; one that has no Russian letter is no other word."""
    return {word.lower().translate(system) for system in _SYSTEMS} - {word}
