"""The filter as the site writes it: what is taken, and the sentence for whatever is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdrant.errors import FilterRefused
from qdrant.filters import All, AnyOf, Filter, Not, Range
from qdrant.grammar import read_filter


def test_a_filter_becomes_conditions_on_fields() -> None:
    """Groups stay groups; each condition names the payload field with an index of the right kind."""
    node = {"and": [{"field": "attrs.price", "from": 1, "below": 9}, {"not": {"field": "tags", "equals": "#Sea"}}]}
    price = Range('typed.number."price"', at_least=1.0, below=9.0)
    assert read_filter(node) == All((price, Not(AnyOf("tags", frozenset({"sea"})))))


@pytest.mark.parametrize(
    ("node", "sentence"),
    [
        pytest.param(None, r"^\$ is no filter: write one like", id="nothing"),
        pytest.param([], r"^\$ is no filter", id="a list"),
        pytest.param({}, r"^\$ is no filter", id="empty"),
        pytest.param("vis", r"^\$ is no filter", id="a word"),
        pytest.param({"and": []}, r"^\$.and must be a list of one filter or more", id="an empty group"),
        pytest.param({"or": {}}, r"^\$.or must be a list", id="a group that is no list"),
        pytest.param({"and": [{}]}, r"^\$.and\[0\] is no filter", id="an empty part"),
        pytest.param({"not": []}, r"^\$.not is no filter", id="not of a list"),
        pytest.param({"or": [{"field": "text"}], "field": "tags"}, "has more beside `or`", id="two in one"),
        pytest.param({"must": []}, r"^\$.must is unknown", id="the engine's own words"),
        pytest.param({"key": "vis", "match": {"any": ["held"]}}, r"^\$.key is unknown", id="the engine's condition"),
        pytest.param({"equals": 1}, r"^\$.field must be one of tags, authors", id="no field"),
        pytest.param({"field": "vis", "equals": "held"}, r"^\$.field must be one of", id="a field of ours"),
        pytest.param({"field": "child", "equals": "child"}, r"^\$.field must be one of", id="a fact about children"),
        pytest.param({"field": "attrs.", "equals": 1}, r"^\$.field must be", id="a field without a name"),
        pytest.param({"field": 'attrs.a"b', "equals": 1}, r"^\$.field must be", id="a name that breaks out"),
        pytest.param({"field": 7, "equals": 1}, r"^\$.field must be", id="a number as field"),
        pytest.param({"field": "tags"}, "must have one test", id="no test"),
        pytest.param({"field": "tags", "equals": "a", "any_of": ["b"]}, "must have one test", id="two tests"),
        pytest.param({"field": "attrs.a", "equals": "a", "from": 1}, "must have one test", id="a test and a bound"),
        pytest.param({"field": "attrs.a", "equals": None}, r"^\$.equals must be a string, a number", id="null"),
        pytest.param({"field": "attrs.a", "equals": ["a"]}, r"^\$.equals must be", id="a list for one"),
        pytest.param({"field": "attrs.a", "equals": float("nan")}, r"^\$.equals must be", id="no number"),
        pytest.param({"field": "attrs.a", "equals": "x" * 257}, "longer than 256", id="a long value"),
        pytest.param({"field": "attrs.a", "any_of": []}, "1 to 256 values", id="none of many"),
        pytest.param({"field": "attrs.a", "any_of": ["a"] * 257}, "1 to 256 values", id="too many values"),
        pytest.param({"field": "attrs.a", "none_of": "a"}, r"^\$.none_of must be a list", id="one for a list"),
        pytest.param({"field": "attrs.a", "any_of": [{}]}, r"^\$.any_of\[0\] must be", id="an object as value"),
        pytest.param({"field": "attrs.a", "from": "yesterday"}, r"^\$.from must be a number, or a time", id="no time"),
        pytest.param({"field": "attrs.a", "from": "2026-13-01"}, "or a time", id="no such month"),
        pytest.param({"field": "attrs.a", "from": 10**400}, "must be a number", id="a number without end"),
        pytest.param({"field": "attrs.a", "equals": 10**400}, "must be a string, a number", id="and as a value"),
        pytest.param({"field": "attrs.a", "from": True}, "must be a number", id="true as a bound"),
        pytest.param({"field": "attrs.a", "to": float("inf")}, "must be a number", id="infinity"),
        pytest.param({"field": "attrs.a", "from": 1, "to": "2026-01-01"}, "all be numbers, or all", id="mixed bounds"),
        pytest.param({"field": "tags", "from": 1}, "tags cannot be tested so", id="a range of words"),
        pytest.param({"field": "text", "equals": "a"}, "text cannot be tested so", id="equal captions"),
        pytest.param({"field": "attrs.a", "contains": "a"}, "cannot be tested so", id="text in a field"),
        pytest.param({"field": "text", "contains": " ?! "}, "must be words", id="no words"),
        pytest.param({"field": "text", "contains": 5}, "must be words", id="a number as words"),
        pytest.param(
            {"field": "added", "near": {"lat": 1, "lon": 1, "km": 1}}, "cannot be tested so", id="a near time"
        ),
        pytest.param({"field": "attrs.a", "near": {"lat": 91, "lon": 1, "km": 1}}, "must be like", id="off the globe"),
        pytest.param({"field": "attrs.a", "near": {"lat": 1, "lon": 1}}, "must be like", id="no radius"),
        pytest.param({"field": "attrs.a", "near": {"lat": 1, "lon": 1, "km": 0}}, "must be like", id="radius zero"),
        pytest.param({"field": "attrs.a", "near": {"lat": 1, "lon": 1, "km": 1, "x": 1}}, "must be like", id="more"),
        pytest.param({"field": "attrs.a", "near": {"lat": "1", "lon": 1, "km": 1}}, "lat must be a number", id="words"),
    ],
)
def test_what_is_no_filter_is_told_where_and_how(node: object, sentence: str) -> None:
    """The path leads to what is wrong; the rest says what is expected."""
    with pytest.raises(FilterRefused, match=sentence):
        read_filter(node)


def test_a_filter_has_its_limits() -> None:
    """Neither depth nor width may make a search slow."""
    deep: dict = {"field": "tags", "equals": "a"}
    for _ in range(8):
        deep = {"not": deep}
    wide = {"or": [{"field": "tags", "equals": "a"}] * 64}
    for large in (deep, wide):
        with pytest.raises(FilterRefused, match="8 levels and 64 parts"):
            read_filter(large)
    assert isinstance(read_filter(deep["not"]), Not)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("2026-01-01"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["field", "and", "or", "not", "equals", "any_of", "none_of", "from", "to", "near", "lat"])
            | st.text(max_size=3),
            inner | st.sampled_from(["tags", "text", "attrs.a", "added"]),
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(anything)
def test_whatever_comes_is_a_filter_or_refused(node: object) -> None:
    """No JSON breaks the reader."""
    outcome = read_or_refuse(node)
    assert isinstance(outcome, Filter) or outcome.startswith("$")


def read_or_refuse(node: object) -> Filter | str:
    try:
        return read_filter(node)
    except FilterRefused as refused:
        return str(refused)
