"""Numbers among a site's own fields that are somebody's age: `age: 7` tells of a child as the words do."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Final

from compliance.errors import RulesError
from compliance.lexicon.folding import fold_letters
from compliance.yamlfile import no_other_keys, read_yaml, strings

AGE_FIELD: Final = "age-field"
GROWN: Final = 16
_PATH = Path(__file__).parent / "data" / "age_fields.yaml"
_NAMES = ("years", "months", "births")
_APART = re.compile(r"[\W_]+")
# "16+" and "6+" say from which age on something is for, and of nobody how old he is.
_NUMBER = re.compile(
    r"(?<![\d.,])(\d{1,9}(?:[.,]\d{1,9})?)(?![\d+]|[.,]\d)(?:\s*-?\s*(мес|mo(?:s|nths?)?\b|m\b))?", re.IGNORECASE
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:[01]\d[0-3]\d)?(?!\d)")  # 2018, 2018-05-12, 20180512
_DAY_FIRST = re.compile(r"(?<!\d)[0-3]\d[01]\d((?:19|20)\d\d)(?!\d)")  # 12052018
_SHORT_DATE = re.compile(r"(?<!\d)\d{1,2}([./])\d{1,2}\1(\d\d)(?!\d)")  # 12.05.18
_EPOCH = re.compile(r"\s*(\d{9,10})(\d{3})?(?:\.\d*)?\s*")  # seconds or milliseconds since 1970


@dataclass(frozen=True, slots=True)
class AgeFields:
    """The names of fields that hold years, months or a birth, as they are compared."""

    years: frozenset[str]
    months: frozenset[str]
    births: frozenset[str]

    def tell(self, attrs: Mapping[str, object], today: date) -> bool:
        """Whether any field holds the age or the birth of somebody under 16."""
        return any(self._tells(_plain(name), value, today) for name, value in attrs.items())

    def _tells(self, name: str, value: object, today: date) -> bool:
        if name in self.births:
            # Who was born sixteen years ago may still be fifteen.
            return any(0 <= today.year - year <= GROWN for year in _years(value, today))
        grown = GROWN if name in self.years else 12 * GROWN if name in self.months else 0
        return any(0 <= number < grown for number in _numbers(value))


def load_age_fields(path: Path = _PATH) -> AgeFields:
    """Read the names; one that stands in two lists would mean two things and is refused."""
    content = read_yaml(path)
    no_other_keys(path, "the top", content, ("version", *_NAMES))
    names = [frozenset(map(_plain, strings(path, key, content.get(key)))) for key in _NAMES]
    twice = (names[0] & names[1]) | (names[0] & names[2]) | (names[1] & names[2])
    if twice:
        raise RulesError(path, "the top", f"{min(twice)!r} stands in two lists", "Leave it in one of them")
    return AgeFields(*names)


@cache
def default_age_fields() -> AgeFields:
    """The names that ship with photosense."""
    return load_age_fields()


def _plain(name: str) -> str:
    return _APART.sub("", fold_letters(name))


def _numbers(value: object) -> Iterator[float]:
    """Every number that a field tells, months that are called so as parts of a year."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, int | float) and not isinstance(each, bool):
            yield each
        elif isinstance(each, str) and not each.lstrip().startswith("-"):
            for number, months in _NUMBER.findall(each):
                yield float(number.replace(",", ".")) / (12 if months else 1)


def _years(value: object, today: date) -> Iterator[int]:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, bool):
            continue
        text = str(each)
        yield from map(int, _YEAR.findall(text) + _DAY_FIRST.findall(text))
        for _, short in _SHORT_DATE.findall(text):
            yield (2000 if 2000 + int(short) <= today.year else 1900) + int(short)
        if moment := _EPOCH.fullmatch(text):
            yield datetime.fromtimestamp(int(moment[1]), UTC).year
