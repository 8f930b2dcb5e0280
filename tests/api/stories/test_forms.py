"""Forms: the same questions as JSON, with the photo as a file."""

import json
from typing import Any

import pytest

from tests.support.http_client import TestClient, problem_of
from tests.support.small_world import as_base64, photo_file

PHOTO = photo_file("city", 77)
NO_FILE = ("", b"", "application/octet-stream")  # what a browser sends for a file field that was left empty


def ask(client: TestClient, path: str = "/v1/search", photo: Any = None, **fields: str) -> Any:
    """Send a form; a part without a file keeps it multipart."""
    files: dict[str, Any] = {name: (None, value) for name, value in fields.items()}
    if photo is not None:
        files["photo"] = photo
    return client.post(path, files=files)


def without_time(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return {**answer.json(), "took_ms": 0, "cursor": None}  # which holds the moment


@pytest.mark.parametrize("path", ["/v1/search", "/v1/annotate"])
def test_a_form_is_answered_like_json(site: TestClient, path: str) -> None:
    """Text and photo give the same answer whichever way they come."""
    form = ask(site, path, ("p.png", PHOTO, "image/png"), text="трамвай", country="RU", limit="3")
    body = {"text": "трамвай", "photo": as_base64(PHOTO), "country": "RU", "limit": 3}
    assert without_time(form) == without_time(site.post(path, json=body))


def test_a_match_takes_a_form(site: TestClient) -> None:
    """A text and a file are compared."""
    form = ask(site, "/v1/match", ("p.png", PHOTO, "image/png"), text="трамвай", country="IS")
    assert form.json()["match"] > 0.3


def test_every_field_of_a_search_has_its_form(site: TestClient) -> None:
    """Numbers come as text, weights as JSON; what is left empty is not asked."""
    fields = {"text": "мост", "mode": "topics", "limit": "2", "offset": "1", "min_match": "0.2", "country": "IS"}
    form = ask(site, **fields, weights='{"text": 2, "image": 0.5}')
    body = {**fields, "limit": 2, "offset": 1, "min_match": 0.2, "weights": {"text": 2, "image": 0.5}}
    assert without_time(form) == without_time(site.post("/v1/search", json=body))
    empty = ask(site, text="мост", mode="", limit="", min_match="", weights="", country="")
    assert without_time(empty) == without_time(site.post("/v1/search", json={"text": "мост"}))


def test_a_file_field_left_empty_is_no_photo(site: TestClient) -> None:
    """A browser sends a nameless file where none was chosen: the text is searched."""
    assert without_time(ask(site, photo=NO_FILE, text="мост"))["hits"]
    assert ask(site, photo=NO_FILE).json()["query"]["mode"] == "browse"


def test_a_photo_as_base64_in_a_form_is_read(site: TestClient) -> None:
    """A photo is never silently left out, whichever way it comes."""
    form = ask(site, photo=(None, as_base64(PHOTO)), country="DE")
    assert without_time(form) == without_time(
        site.post("/v1/search", json={"photo": as_base64(PHOTO), "country": "DE"})
    )
    problem_of(ask(site, photo=(None, "my city")), 422, "photo_not_base64")


@pytest.mark.parametrize("weights", ["many", "[1]", '{"text":', "7", "{'text': 1}"])
def test_weights_that_are_no_json_object_are_refused(site: TestClient, weights: str) -> None:
    """The answer says what was expected."""
    assert "JSON" in problem_of(ask(site, text="мост", weights=weights), 400, "broken_json")["detail"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"text": "мост", "limit": "many"}, "wrong_field"),
        ({"text": "мост", "min_match": "nan"}, "wrong_field"),
        ({"text": "мост", "weights": json.dumps({"text": "inf"})}, "wrong_field"),
        ({"text": "мост", "colour": "red"}, "wrong_field"),
    ],
    ids=str,
)
def test_a_wrong_field_is_named(site: TestClient, fields: dict[str, str], code: str) -> None:
    """A form is checked by the same rules as JSON."""
    problem_of(ask(site, **fields, offset="0"), 422, code)


def test_a_second_photo_is_refused(site: TestClient) -> None:
    """One question, one photo."""
    file = ("p.png", PHOTO, "image/png")
    problem_of(site.post("/v1/search", files=[("photo", file), ("photo", file)]), 400, "bad_request")


def test_more_fields_than_there_are_refused(site: TestClient) -> None:
    """A form with hundreds of fields is not read to its end."""
    problem_of(ask(site, **{f"f{n}": "x" for n in range(101)}), 400, "bad_request")


@pytest.mark.parametrize(
    "media", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=y"], ids=str
)
def test_a_form_without_its_boundary_is_refused(site: TestClient, media: str) -> None:
    """What cannot be cut into parts is a bad request, not a failure."""
    answer = site.post("/v1/search", content=b"--x\r\nno form", headers={"content-type": media})
    assert answer.status_code in (400, 422)
    problem_of(answer, answer.status_code)


@pytest.mark.parametrize("charset", ["utf-7", "punycode", '"undefined"', "unicode_escape", "utf-8-sig", "UTF-16"])
def test_a_form_in_another_charset_is_refused(site: TestClient, charset: str) -> None:
    """Some charsets decode to what is no text: only UTF-8 is read."""
    body = b'--x\r\nContent-Disposition: form-data; name="+2AA-"\r\n\r\n\\ud800+2AA-\r\n--x--\r\n'
    media = f"multipart/form-data; boundary=x; charset={charset}"
    problem_of(site.post("/v1/search", content=body, headers={"content-type": media}), 415, "unsupported_media_type")


@pytest.mark.parametrize("media", ["charset=utf-8; boundary=x", 'boundary=x; charset="UTF-8"'])
def test_a_form_that_says_utf_8_is_taken(site: TestClient, media: str) -> None:
    """Naming the usual charset does no harm."""
    body = '--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nмост\r\n--x--\r\n'.encode()
    answer = site.post("/v1/search", content=body, headers={"content-type": f"multipart/form-data; {media}"})
    assert answer.json()["query"]["text"] == "мост"
