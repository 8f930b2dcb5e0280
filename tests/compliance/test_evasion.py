"""Every word of the lexicon is found however it is disguised."""

from collections.abc import Callable, Mapping

import pytest

from compliance.lexicon import default_lexicon

LEXICON = default_lexicon()
FORMS = sorted({form for terms in LEXICON.rules for form in terms.forms if form.isalpha()})
OTHER_ALPHABET = dict(zip("aeocpxyikhnrtаеорсухквмтипбг", "аеосрхуікһпгтaeopcyxkbmtuп6r", strict=True)) | {"п": "n"}
LEET = dict(zip("aeoislbgtаеочбзиств", "4301$18974304631$78", strict=True))


def swapped(table: Mapping[str, str], word: str) -> str:
    return "".join(table.get(letter, letter) for letter in word)


def first_swapped(table: Mapping[str, str], word: str) -> str:
    at = next((at for at, letter in enumerate(word) if letter in table), 0)
    return word[:at] + table.get(word[at], word[at]) + word[at + 1 :]


WAYS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "upper case": str.upper,
    "capital letter": str.capitalize,
    "other alphabet": lambda word: swapped(OTHER_ALPHABET, word),
    "one letter of the other alphabet": lambda word: first_swapped(OTHER_ALPHABET, word),
    "leet": lambda word: swapped(LEET, word),
    "one leet digit": lambda word: first_swapped(LEET, word),
    "zero-width space": "\u200b".join,
    "soft hyphen": "\u00ad".join,
    "word joiner": "\u2060".join,
    "zero byte": "\x00".join,
    "struck through": lambda word: "\u0336".join(word) + "\u0301",
    "blanks": " ".join,
    "no-break spaces": "\u00a0".join,
    "dots": ".".join,
    "dashes": "-".join,
    "underscores": "_".join,
    "blank dash blank": " - ".join,
    "one letter doubled": lambda word: word[0] + 2 * word[1] + word[2:],
    "every letter three times": lambda word: "".join(3 * letter for letter in word),
    "dot inside": lambda word: f"{word[:2]}.{word[2:]}",
    "first letter apart": lambda word: f"{word[0]} {word[1:]}",
    "last letter apart": lambda word: f"{word[:-1]} {word[-1]}",
    "pairs": lambda word: " ".join(word[at : at + 2] for at in range(0, len(word), 2)),
    "full width": lambda word: swapped({chr(at): chr(at + 0xFEE0) for at in range(97, 123)}, word),
    "boxes": lambda word: swapped({chr(97 + at): chr(0x1F170 + at) for at in range(26)}, word),
    "mathematical": lambda word: swapped({chr(97 + at): chr(0x1D5EE + at) for at in range(26)}, word),
    "heart inside": lambda word: f"{word[:2]}\u2764{word[2:]}",
    "hash": lambda word: f"#{word}2024",
    "brackets and marks": lambda word: f"({word})!!!",
    "leet with blanks": lambda word: " ".join(swapped(LEET, word)),
    "other alphabet, capitals, invisible": lambda word: "\u200d".join(swapped(OTHER_ALPHABET, word)).upper(),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=list(WAYS))
def test_no_disguise_hides_any_word(way: Callable[[str], str]) -> None:
    """All forms of all nouns, both languages."""
    disguised = {form: way(form) for form in FORMS}
    hidden = [form for form, text in disguised.items() if not LEXICON.find(f"view {text} here")]
    # Written in digits alone a word is a number.
    assert [form for form in hidden if not disguised[form].replace(" ", "").isdigit()] == []


def test_there_are_enough_words_to_speak_of() -> None:
    """Both languages with all cases."""
    assert len(FORMS) > 800


@pytest.mark.parametrize(
    "text", ["girI", "chiId", "5-yеar-оld", "аged 7", "ей\u200b 12", "маLьчик", "малbчик", "мальlш", "κiδ"]
)
def test_particular_tricks_are_seen_through(text: str) -> None:
    """A capital I for l, Cyrillic letters within an English age, Greek letters."""
    assert LEXICON.find(text)
