"""Ways to disguise a word that a person still reads."""

from collections.abc import Callable, Mapping

OTHER_ALPHABET = dict(zip("aeocpxyikhnrtаеорсухквмтипбг", "аеосрхуікһпгтaeopcyxkbmtuп6r", strict=True)) | {"п": "n"}
LEET = dict(zip("aeoislbgtаеочбзиств", "4301$18974304631$78", strict=True))
GREEK = dict(zip("abeikmnoptvxyаеикмнорсту", "αβεικμηορτνχυαειкмнορсτу", strict=True))
SMALL_CAPITALS = dict(zip("abcdeghijklmnoprtuvwyz", "ᴀʙᴄᴅᴇɢʜɪᴊᴋʟᴍɴᴏᴘʀᴛᴜᴠᴡʏᴢ", strict=True))
UPSIDE_DOWN = dict(zip("aceghikmrtvwy", "ɐɔǝɡɥᴉʞɯɹʇʌʍʎ", strict=True))
VOWELS = "aeiouyаеиоуыэюя"


def swapped(table: Mapping[str, str], word: str) -> str:
    """Every letter that the table has, replaced."""
    return "".join(table.get(letter, letter) for letter in word)


def first_swapped(table: Mapping[str, str], word: str) -> str:
    """The first letter that the table has, replaced."""
    at = next((at for at, letter in enumerate(word) if letter in table), 0)
    return word[:at] + table.get(word[at], word[at]) + word[at + 1 :]


def shifted(first: int, word: str) -> str:
    """Latin letters moved to another alphabet of Unicode that begins there."""
    return swapped({chr(97 + at): chr(first + at) for at in range(26)}, word)


def marked(mark: str, letters: str, word: str) -> str:
    """A mark after each of these letters."""
    return "".join(letter + mark if letter in letters else letter for letter in word)


def half(word: str) -> int:
    """Where the second half begins."""
    return max(len(word) // 2, 1)


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
    "full width": lambda word: shifted(0xFF41, word),
    "boxes": lambda word: shifted(0x1F170, word),
    "mathematical": lambda word: shifted(0x1D5EE, word),
    "heart inside": lambda word: f"{word[:2]}\u2764{word[2:]}",
    "hash": lambda word: f"#{word}2024",
    "brackets and marks": lambda word: f"({word})!!!",
    "leet with blanks": lambda word: " ".join(swapped(LEET, word)),
    "other alphabet, capitals, invisible": lambda word: "\u200d".join(swapped(OTHER_ALPHABET, word)).upper(),
}

# Written after the folding, and a part of them (benchmarks/compliance.py says which) never looked at since.
LATER_WAYS: dict[str, Callable[[str], str]] = {
    "capitals in turn": lambda word: "".join(each.upper() if at % 2 else each for at, each in enumerate(word)),
    "Greek letters": lambda word: swapped(GREEK, word),
    "small capitals": lambda word: swapped(SMALL_CAPITALS, word),
    "turned letters": lambda word: swapped(UPSIDE_DOWN, word),
    "circled": lambda word: shifted(0x24D0, word),
    "gothic": lambda word: shifted(0x1D51E, word),
    "double-struck": lambda word: shifted(0x1D552, word),
    "typewriter": lambda word: shifted(0x1D68A, word),
    "script": lambda word: shifted(0x1D4EA, word),
    "accents": lambda word: marked("\u0301", VOWELS, word),
    "two dots above": lambda word: marked("\u0308", VOWELS, word),
    "line below": lambda word: "\u0332".join(word),
    "many marks": lambda word: "".join(letter + "\u0316\u0317\u0300\u0346" for letter in word),
    "in circles": lambda word: "".join(letter + "\u20dd" for letter in word),
    "direction marks": "\u200e".join,
    "overrides": lambda word: f"\u202a{word[: half(word)]}\u202c{word[half(word) :]}",
    "variation selectors": "\ufe0f".join,
    "tag characters": "\U000e0061".join,
    "private characters": "\ue000".join,
    "Hangul fillers": "\u3164".join,
    "thin spaces": "\u2009".join,
    "new lines": "\n".join,
    "tabs": "\t".join,
    "commas": ",".join,
    "slashes": "/".join,
    "stars": "*".join,
    "tildes": "~".join,
    "middle dots": "\u00b7".join,
    "bullets": "\u2022".join,
    "long dashes": "\u2014".join,
    "comma and blank": ", ".join,
    "dots and blanks": " . ".join,
    "stars in the middle": lambda word: f"{word[: half(word)]}**{word[half(word) :]}",
    "apostrophe in the middle": lambda word: f"{word[: half(word)]}'{word[half(word) :]}",
    "hyphen and line break": lambda word: f"{word[: half(word)]}-\n{word[half(word) :]}",
    "a flower between letters": "\U0001f338".join,
    "a star sign inside": lambda word: f"{word[: half(word)]}\u2b50{word[half(word) :]}",
    "last letter drawn out": lambda word: word + 5 * word[-1],
    "vowels drawn out": lambda word: "".join(3 * letter if letter in VOWELS else letter for letter in word),
    "in quotes": lambda word: f"\u00ab{word}\u00bb",
    "with possessive": lambda word: f"{word}'s",
    "digits at the end": lambda word: f"{word}777",
    "digits before": lambda word: f"2{word}",
    "flower at the end": lambda word: f"{word}\U0001f338",
    "between words and dashes": lambda word: f"sea\u2014{word}\u2014sky",
    "in a link": lambda word: f"photos.example/{word}/12",
    "in a file name": lambda word: f"img_{word}_0001.jpg",
    "other alphabet and dots": lambda word: ".".join(swapped(OTHER_ALPHABET, word)),
    "other alphabet, drawn out": lambda word: swapped(OTHER_ALPHABET, word) + 3 * word[-1],
    "leet and accents": lambda word: marked("\u0301", VOWELS, first_swapped(LEET, word)),
    "leet, capitals": lambda word: first_swapped(LEET, word).upper(),
    "one blank in the middle": lambda word: f"{word[: half(word)]} {word[half(word) :]}",
}
