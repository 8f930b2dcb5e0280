"""Which country a visitor asks from, and how far that answer is to be believed."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from compliance.errors import RulesError
from compliance.yamlfile import read_yaml, strings

# Codes that proxies send when they do not know, and what each of them means.
_NO_COUNTRY = {
    "XX": "means that the country is not known",
    "ZZ": "means that the country is not known",
    "T1": "means the Tor network, not a country",
    "AP": "means a region, not a country",
    "EU": "means a region, not a country",
    "A1": "means an anonymous proxy, not a country",
    "A2": "means a satellite provider, not a country",
    "UK": "is not an ISO 3166 country code (the United Kingdom is GB)",
}
_STRICTEST = "the strictest rule applies"
_COUNTRIES = Path(__file__).parent / "data" / "countries.yaml"


@dataclass(frozen=True, slots=True)
class Country:
    """A country code or None, who said so, a sentence for people where something was not as expected.

    `language` is that of the visitor, two letters: it chooses among translations and decides nothing.
    """

    code: str | None
    source: Literal["site", "token", "proxy", "unknown"]
    note: str | None = None
    language: str | None = None


@cache
def country_codes(file: Path = _COUNTRIES) -> frozenset[str]:
    """All ISO 3166-1 alpha-2 codes."""
    codes = strings(file, "codes", read_yaml(file).get("codes"))
    for code in codes:
        if len(code) != 2 or not (code.isascii() and code.isalpha() and code.isupper()):
            raise RulesError(file, "codes", f"{code!r} is not two capital letters", "Write it like RU")
    return frozenset(codes)


def resolve(asserted: str | None, header: str | None, header_trusted: bool) -> Country:
    """The country that the site's backend asserts, else the one in a trusted proxy's header, else unknown."""
    if asserted is not None:
        return _read(asserted, "site")
    if header is None:
        return Country(None, "unknown", f"No country was given: {_STRICTEST}.")
    if not header_trusted:
        return Country(None, "unknown", f"The country header did not come from a trusted proxy: {_STRICTEST}.")
    return _read(header, "proxy")


def signed(code: str, header: str | None, header_trusted: bool) -> Country:
    """The country that a token names; where a trusted proxy says otherwise, it is not known."""
    if header is None or not header_trusted or _read(header, "proxy").code == code:
        return _read(code, "token")
    return Country(None, "unknown", f"The token says {code[:20]!r}, the proxy something else: {_STRICTEST}.")


def _read(given: str, source: Literal["site", "token", "proxy"]) -> Country:
    # Only ASCII is raised: "ß".upper() is "SS", a country that nobody named.
    code = given.strip().upper() if given.isascii() else given
    if code in country_codes():
        return Country(code, source)
    if not code:
        return Country(None, "unknown", f"An empty country was given: {_STRICTEST}.")
    short = given if len(given) <= 20 else given[:20] + "..."
    reason = _NO_COUNTRY.get(code, "is not an ISO 3166 country code (two letters, such as RU)")
    return Country(None, "unknown", f"{short!r} {reason}: {_STRICTEST}.")
