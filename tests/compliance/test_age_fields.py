"""A number under a name that means an age is judged like a word."""

from datetime import date
from pathlib import Path

import pytest

from compliance.age_fields import AgeFields, default_age_fields, load_age_fields
from compliance.errors import RulesError

TODAY = date(2026, 3, 1)
FIELDS = default_age_fields()


@pytest.mark.parametrize(
    ("attrs", "tells"),
    [
        ({"age": 7}, True),
        ({"возраст": 7}, True),
        ({"Возраст": 15.9}, True),
        ({"personAge": 0}, True),
        ({"person_age": "7"}, True),
        ({"Age (years)": " 7,5 "}, True),
        ({"ages": [41, 7]}, True),
        ({"age_months": 18}, True),
        ({"birth_year": 2011}, True),
        ({"Дата рождения": "12.05.2018"}, True),
        ({"dob": "2018-05-12"}, True),
        ({"born": "in May 2010"}, True),
        ({"dob": "20180512"}, True),
        ({"dob": 20180512}, True),
        ({"dob": "12.05.18"}, True),
        ({"дата_рождения": "12052018"}, True),
        ({"born_on": "2018/5/12"}, True),
        ({"age_in_years": "~7"}, True),
        ({"age_group": "5-7"}, True),
        ({"age_group": "6+"}, False),
        ({"born": 1526083200}, True),
        ({"born": "1526083200000"}, True),
        ({"возраст": "7 лет"}, True),
        ({"age": ["7 years"]}, True),
        ({"age": "18 months"}, True),
        ({"возраст": "18мес."}, True),
        ({"age": "0-3"}, True),
        ({"age": "<10"}, True),
        ({"age": "34/7"}, True),
        ({"ages": "34, 7"}, True),
        ({"face_age": 7}, True),
        ({"лет": 7}, True),
        ({"dob": "19800512"}, False),
        ({"dob": "12.05.80"}, False),
        ({"born": 526083200}, False),
        ({"age": "34 years"}, False),
        ({"age": "16+"}, False),
        ({"age": "6+"}, False),
        ({"age": "25-34"}, False),
        ({"age": "34.5 years"}, False),
        ({"age": "240 months"}, False),
        ({"age": "-1"}, False),
        ({"likes": "7 лет"}, False),
        ({"age": 16}, False),
        ({"возраст": 16.0}, False),
        ({"age": -1}, False),
        ({"age": True}, False),
        ({"ages": [41, 37]}, False),
        ({"age": "unknown"}, False),
        ({"age_months": 200}, False),
        ({"birth_year": 2009}, False),
        ({"birth_year": 2027}, False),
        ({"born": 120180}, False),
        ({"stage": 7}, False),
        ({"age_limit": 6}, False),
        ({"likes": 7}, False),
        ({}, False),
    ],
    ids=str,
)
def test_field_tells_of_a_child_by_its_name_and_number(attrs: dict[str, object], tells: bool) -> None:
    """Sixteen is not under sixteen, and who was born sixteen years ago may be fifteen still."""
    assert FIELDS.tell(attrs, TODAY) is tells


def test_years_of_birth_grow_up_with_the_calendar() -> None:
    """The same field tells of a child today and of none in another year."""
    born = {"born": 2018}
    assert FIELDS.tell(born, date(2034, 12, 31))
    assert not FIELDS.tell(born, date(2035, 1, 1))


def test_names_of_a_site_replace_the_shipped_ones(tmp_path: Path) -> None:
    """The names are data."""
    (tmp_path / "names.yaml").write_text("years: [Jahre alt]\n")
    own = load_age_fields(tmp_path / "names.yaml")
    assert own == AgeFields(frozenset({"jahrealt"}), frozenset(), frozenset())
    assert own.tell({"jahre_alt": 7}, TODAY)
    assert not own.tell({"age": 7}, TODAY)


@pytest.mark.parametrize(
    ("content", "says"),
    [("years: [age]\nbirths: [Age]\n", "'age' stands in two lists"), ("year: [age]\n", "unknown key 'year'")],
    ids=["two meanings", "unknown key"],
)
def test_names_that_are_wrong_are_refused(tmp_path: Path, content: str, says: str) -> None:
    """Nothing is guessed about what a number means."""
    (tmp_path / "names.yaml").write_text(content)
    with pytest.raises(RulesError, match=says):
        load_age_fields(tmp_path / "names.yaml")
