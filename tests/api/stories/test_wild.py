"""Wild questions: whatever JSON is thrown at it, the service answers with JSON and never fails."""

from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.support.http_client import JSON_MEDIA, TestClient
from tests.support.small_world import as_base64, photo_file

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
TEXTS = st.text(max_size=60) | st.sampled_from(["море волна", "city #город", "kids", "абракадабр sea"])
PHOTOS = st.sampled_from([as_base64(photo_file("sea")), "AAAA", ""]) | st.binary(max_size=40).map(as_base64)
LIKELY = st.fixed_dictionaries(
    {},
    optional={
        "text": TEXTS | ANYTHING,
        "photo": PHOTOS | ANYTHING,
        "country": st.sampled_from(["RU", "DE", "IS", "XX"]) | ANYTHING,
        "mode": st.sampled_from(["hybrid", "topics", "words"]) | ANYTHING,
        "limit": st.integers(-1, 110) | ANYTHING,
        "offset": st.integers(-1, 1000) | ANYTHING,
        "min_match": st.floats(-0.1, 1.1) | ANYTHING,
        "weights": st.dictionaries(st.sampled_from(["text", "tag", "image", "x"]), st.floats(-1, 101), max_size=4),
        "post_id": st.sampled_from(["sea-0", "held-child", "nobody"]) | ANYTHING,
    },
)
GENTLE = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def check(client: TestClient, path: str, body: Any) -> None:
    answer = client.post(path, json=body)
    assert 200 <= answer.status_code < 500
    assert answer.headers["content-type"] in JSON_MEDIA
    assert isinstance(answer.json(), dict)


@GENTLE
@given(body=LIKELY | ANYTHING)
@example(body={"text": "море", "weights": {"text": 0.0, "image": 0.0, "tag": 0.0}})
@example(body={"photo": as_base64(photo_file("sea")), "text": "море", "weights": {"image": 1e-310}})
def test_a_wild_search_is_answered(site: TestClient, body: Any) -> None:
    """Any JSON gets hits, a notice, or a problem."""
    check(site, "/v1/search", body)


@GENTLE
@given(body=LIKELY.map(lambda body: {key: body[key] for key in body if key in ("text", "photo", "country", "limit")}))
def test_a_wild_annotation_is_answered(site: TestClient, body: Any) -> None:
    """Any JSON gets keywords, a notice, or a problem."""
    check(site, "/v1/annotate", body)


@GENTLE
@given(body=LIKELY.map(lambda body: {key: body[key] for key in body if key in ("text", "photo", "country", "post_id")}))
def test_a_wild_match_is_answered(site: TestClient, body: Any) -> None:
    """Any JSON gets a number, a notice, or a problem."""
    check(site, "/v1/match", body)


@GENTLE
@given(text=st.text(max_size=200), limit=st.integers(1, 100), offset=st.integers(0, 900))
def test_a_valid_search_is_never_refused(site: TestClient, text: str, limit: int, offset: int) -> None:
    """Any text that is not blank is searched, whatever its letters."""
    answer = site.post("/v1/search", json={"text": f"море {text}", "limit": limit, "offset": offset})
    assert answer.status_code == 200
    assert len(answer.json()["hits"]) <= limit
