"""The visitor's country: the site's word, else a trusted proxy's, else unknown with a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.country import Country, country_codes, resolve


@pytest.mark.parametrize(
    ("asserted", "header", "trusted", "code", "source"),
    [
        pytest.param("RU", None, False, "RU", "site", id="the site says so"),
        pytest.param("ru", None, False, "RU", "site", id="lower case"),
        pytest.param(" de ", None, False, "DE", "site", id="blanks around"),
        pytest.param("RU", "DE", True, "RU", "site", id="the site before the proxy"),
        pytest.param(None, "NO", True, "NO", "proxy", id="a trusted proxy"),
        pytest.param(None, "IS", False, None, "unknown", id="a header from anywhere"),
        pytest.param("Narnia", "IS", True, None, "unknown", id="a wrong word does not fall back on the proxy"),
        pytest.param("", "IS", True, None, "unknown", id="an empty word neither"),
        pytest.param(None, None, True, None, "unknown", id="nothing"),
        pytest.param(None, "", True, None, "unknown", id="empty header"),
        pytest.param(None, "XX", True, None, "unknown", id="XX"),
        pytest.param(None, "t1", True, None, "unknown", id="Tor"),
        pytest.param(None, "ZZ", True, None, "unknown", id="ZZ"),
        pytest.param("EU", None, False, None, "unknown", id="a region"),
        pytest.param("UK", None, False, None, "unknown", id="not a code"),
        pytest.param("RUS", None, False, None, "unknown", id="three letters"),
        pytest.param("ß", None, False, None, "unknown", id="a letter that grows in upper case"),
        pytest.param("RU,IS", None, False, None, "unknown", id="two codes"),
    ],
)
def test_country_comes_from_the_first_voice_that_may_speak(
    asserted: str | None, header: str | None, trusted: bool, code: str | None, source: str
) -> None:
    """A wrong or untrusted voice means unknown, and unknown has a note."""
    country = resolve(asserted, header, trusted)
    assert (country.code, country.source) == (code, source)
    assert (country.note is None) == (code is not None)


def test_note_says_what_was_given_and_what_was_expected() -> None:
    """The sentence is for people."""
    assert resolve("Narnia", None, False).note == (
        "'Narnia' is not an ISO 3166 country code (two letters, such as RU): the strictest rule applies."
    )
    assert "GB" in str(resolve("UK", None, False).note)
    assert "trusted proxy" in str(resolve(None, "IS", False).note)
    assert len(str(resolve("N" * 5000, None, False).note)) < 200


@given(st.none() | st.text(), st.none() | st.text(), st.booleans())
def test_no_text_whatever_names_a_country_that_does_not_exist(
    asserted: str | None, header: str | None, trusted: bool
) -> None:
    """The code is None or an ISO code, for any input."""
    country = resolve(asserted, header, trusted)
    assert country.code is None or country.code in country_codes()
    assert isinstance(country, Country)


def test_list_of_countries_is_whole() -> None:
    """ISO 3166-1 has 249 codes, Norway among them."""
    assert len(country_codes()) == 249
    assert {"NO", "RU", "KZ", "IS", "NZ"} <= country_codes()
