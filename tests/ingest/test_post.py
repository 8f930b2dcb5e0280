"""A post is read strictly: what is wrong is named with its path, what is right comes through whole."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.consent import Consent
from compliance.lexicon.lexicon import default_lexicon
from ingest.errors import PostRejected
from ingest.post import Caption, ConsentForm, Post, digest, wording
from ingest.reading.post_json import decode_post


def read(**fields: Any) -> Post:
    return decode_post(json.dumps({"id": "p1", **fields}).encode())


def refusal(line: bytes) -> PostRejected:
    with pytest.raises(PostRejected) as raised:
        decode_post(line)
    return raised.value


def as_json(value: Any) -> bytes:
    return json.dumps({"text": value}).encode()


class TestReading:
    def test_a_whole_post_comes_through(self) -> None:
        """Every field that is sent is kept, and shown without what is not for showing."""
        post = read(
            photo="photos/1.jpg",
            captions=[{"text": "Море", "author": "u017"}, {"text": "sea"}],
            text="beach",
            tags=["море", "sea"],
            link="https://photos.example/p/1",
            thumb="/host/1.jpg",
            attrs={"place": "Карелия", "rating": 4.5, "year": 2023, "public": True, "lens": ["50", 1.8]},
            version=2**63 - 1,
            child=False,
            consent={"record": "form-1", "countries": ["DE"], "until": "2030-01-01T00:00:00Z"},
        )
        assert post.all_captions == (Caption("Море", "u017"), Caption("sea"), Caption("beach"))
        assert post.texts == ["Море", "sea", "beach"]
        assert post.attrs == {"place": "Карелия", "rating": 4.5, "year": 2023, "public": True, "lens": ["50", 1.8]}
        assert post.display_fields() == {
            "captions": [
                {"text": "Море", "author": "u017"},
                {"text": "sea", "author": None},
                {"text": "beach", "author": None},
            ],
            "tags": ["море", "sea"],
            "link": "https://photos.example/p/1",
            "thumb": "/host/1.jpg",
        }
        assert (post.version, post.child) == (2**63 - 1, False)
        until = datetime(2030, 1, 1, tzinfo=UTC)
        assert post.consent == ConsentForm("form-1", ("DE",), until)
        assert post.parental_consent(until) == Consent("form-1", until, frozenset({"DE"}), until)

    def test_only_the_id_is_needed(self) -> None:
        """All else may be missing."""
        assert (post := read()).texts == []
        assert (post.photo, post.tags, post.attrs, post.version, post.child) == (None, (), {}, None, None)

    def test_strings_among_attrs_are_listed(self) -> None:
        """Visitors see the site's own fields, so their texts are given for checking, lists included."""
        post = read(attrs={"place": "Карелия", "year": 2023, "people": ["u017", 3, "u018"], "public": True})
        assert post.attr_texts == ["Карелия", "u017", "u018"]

    @pytest.mark.parametrize(
        "code",
        [
            {"captions": [{"text": "Вид на залив", "author": "u7"}]},
            {"captions": [{"text": "Вид на залив", "author": "U-12"}]},
            {"id": "u12"},
            {"id": "u9-0031/2"},
            {"link": "https://photos.example/u/12/photo/3", "thumb": "/u/9"},
        ],
    )
    def test_a_code_of_a_program_speaks_of_no_child(self, code: dict[str, Any]) -> None:
        """Whoever numbers his authors had the posts of twelve of them held: teams are called U7 as well."""
        assert not any(default_lexicon().find(text) for text in read(**code).visible_texts)

    @pytest.mark.parametrize(
        "words",
        [
            {"text": "U12 в финале"},
            {"captions": [{"text": "Вид на залив", "author": "u12 tigers"}]},
            {"id": "U12/final.jpg"},
            {"link": "https://photos.example/u-12-final"},
            {"attrs": {"team": "U12"}},
        ],
    )
    def test_a_team_of_children_is_no_code(self, words: dict[str, Any]) -> None:
        """Where it stands among words, or in a field of the site, it says what it says."""
        assert any(default_lexicon().find(text) for text in read(**words).visible_texts)

    @pytest.mark.parametrize("text", ["a\x00b", "\u202eabc", "👩‍👩‍👧", " " * 5])
    def test_odd_but_valid_text_is_taken(self, text: str) -> None:
        """NUL, direction marks, joined emoji and blanks are text."""
        assert read(text=text).texts == [text]


class TestRefusals:
    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            pytest.param({"id": 7}, "Expected `str`, got `int` - at `$.id`", id="id of wrong type"),
            pytest.param({"id": ""}, "length >= 1 - at `$.id`", id="empty id"),
            pytest.param({"id": "x" * 257}, "length <= 256 - at `$.id`", id="long id"),
            pytest.param({"photo": 1}, "at `$.photo`", id="photo of wrong type"),
            pytest.param({"captions": "sea"}, "Expected `array`, got `str` - at `$.captions`", id="captions as text"),
            pytest.param(
                {"captions": [{"text": "a"}, {"text": "b"}, {"text": 3}]},
                "Expected `str`, got `int` - at `$.captions[2].text`",
                id="third caption",
            ),
            pytest.param(
                {"captions": [{"author": "u017"}]}, "required field `text` - at `$.captions[0]`", id="no text"
            ),
            pytest.param({"captions": [{"text": "a", "by": "u017"}]}, "unknown field `by`", id="unknown in caption"),
            pytest.param({"captions": [{"text": "a", "author": 5}]}, "at `$.captions[0].author`", id="author"),
            pytest.param(
                {"captions": [{"text": "a"}] * 101}, "101 captions, `text` among them: 100 at most", id="many captions"
            ),
            pytest.param({"captions": [{"text": "x" * 20_001}]}, "at `$.captions[0].text`", id="long caption"),
            pytest.param({"text": "x" * 20_001}, "length <= 20000 - at `$.text`", id="long text"),
            pytest.param({"tags": [None]}, "at `$.tags[0]`", id="tag of wrong type"),
            pytest.param({"tags": ["a", "x" * 513]}, "at `$.tags[1]`", id="long tag"),
            pytest.param({"tags": ["a"] * 201}, "length <= 200 - at `$.tags`", id="many tags"),
            pytest.param({"attrs": []}, "Expected `object`, got `array` - at `$.attrs`", id="attrs of wrong type"),
            pytest.param({"attrs": {"a": None}}, "at `$.attrs.a`", id="null attr"),
            pytest.param({"attrs": {"a": {"b": 1}}}, "at `$.attrs.a`", id="nested attr"),
            pytest.param({"attrs": {"a": [1, [2]]}}, "at `$.attrs.a[1]`", id="nested list"),
            pytest.param({"attrs": {"a": 2**63}}, "<= 9223372036854775807 - at `$.attrs.a`", id="int over 2^63"),
            pytest.param({"attrs": {"a": -(2**63) - 1}}, "at `$.attrs.a`", id="int under -2^63"),
            pytest.param({"attrs": {"a": 10**400}}, "at `$.attrs.a`", id="endless int"),
            pytest.param({"attrs": {str(n): n for n in range(65)}}, "length <= 64 - at `$.attrs`", id="many attrs"),
            pytest.param({"version": -1}, "at `$.version`", id="negative version"),
            pytest.param({"version": 2**63}, "at `$.version`", id="version over 2^63"),
            pytest.param({"version": 1.5}, "at `$.version`", id="fractional version"),
            pytest.param({"child": "no"}, "Expected `bool | null`, got `str` - at `$.child`", id="child as text"),
            pytest.param({"consent": 1}, "at `$.consent`", id="consent as number"),
            pytest.param({"consent": {"countries": ["DE"]}}, "field `record` - at `$.consent`", id="no record"),
            pytest.param({"consent": {"record": "1", "until": "2030-01-01"}}, "at `$.consent.until`", id="no moment"),
            pytest.param({"consent": {"record": "1", "until": "2030-01-01T00:00:00"}}, "`$.consent.until`", id="zone"),
            pytest.param({"likes": 3}, "Object contains unknown field `likes`", id="unknown field"),
        ],
    )
    def test_a_wrong_field_is_named(self, fields: dict[str, Any], sentence: str) -> None:
        """The message tells the path, what was expected, and where the schema is."""
        refused = refusal(json.dumps({"id": "p1", **fields}).encode())
        assert refused.reason == "wrong_field"
        assert sentence in str(refused)
        assert "docs/posts.md" in str(refused)

    @pytest.mark.parametrize("field", ["link", "thumb"])
    @pytest.mark.parametrize(
        "url",
        [
            "javascript:alert(1)",
            " javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "\njavascript:alert(1)",
            "data:text/html,x",
            "//photos.example/p",
            "photos.example",
            "https:/",
            "https://photos.example/" + "x" * 2048,
            "/\\evil.example",
            "/\t/evil.example",
            "\\\\evil.example",
            "/",
            "/p\n",
            "https://good@evil/",
            "https://good:secret@evil/",
            "https://photos.example\\@evil/",
            "https:\\\\evil.example",
            "https:///evil.example",
            "https://",
            "https://:443/p",
            "https://?p",
            "https://photos.example:port/",
            "https://good%40evil/",
            "https://ev\til.example/",
            "https://photos.example/p\n",
            "https://photos.example/\u0000",
            "https://photos .example/",
            "https://[photos.example]/",
            "java\nscript:alert(1)",
            "ftp://photos.example/p",
        ],
    )
    def test_only_web_addresses_and_paths_are_links(self, field: str, url: str) -> None:
        """A link that a browser would run, or that leads elsewhere than it seems to, is refused."""
        refused = refusal(json.dumps({"id": "p1", field: url}).encode())
        assert refused.reason == "wrong_field"
        assert f"$.{field}" in str(refused)
        assert "https://" in str(refused) or len(url) > 2048
        assert "regex" not in str(refused)

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "/p/1",
            "/p/1?of=a@b#c:d",
            "http://localhost:8000/p",
            "https://photos.example",
            "https://photos.example?p=1",
            "https://photos.example/@anna/my photo%20(1).jpg",
            "https://фото.example/закат",
            "https://[2001:db8::9]:8443/p",
        ],
    )
    def test_what_a_browser_reads_as_it_looks_is_a_link(self, url: str) -> None:
        """Names before a slash, ports, addresses in numbers, and letters of any language."""
        assert decode_post(json.dumps({"id": "p1", "link": url, "thumb": url}).encode()).link == url

    @pytest.mark.parametrize(
        "line",
        [
            pytest.param(b'{"id": "p1"', id="cut"),
            pytest.param(b'{"id": "p1"} {"id": "p2"}', id="two on a line"),
            pytest.param(b'{"id": "p1", "attrs": {"a": NaN}}', id="NaN"),
            pytest.param(b'{"id": "p1", "attrs": {"a": -Infinity}}', id="infinity"),
            pytest.param(rb'{"id": "p1", "text": "\ud800"}', id="lone surrogate"),
            pytest.param(rb'{"id": "\udc00\ud800"}', id="surrogates the wrong way round"),
            pytest.param(b'{"id": "p1", "text": "\xed\xa0\x80"}', id="surrogate as bytes"),
            pytest.param(b'{"id": "p1", "text": "\xff"}', id="no UTF-8"),
            pytest.param('{"id": "p1"}'.encode("utf-16"), id="UTF-16"),
            pytest.param(b'{"id": "p1", "text": "a\x00b"}', id="bare NUL"),
            pytest.param(b"<html>", id="HTML"),
        ],
    )
    def test_broken_json_is_refused(self, line: bytes) -> None:
        """A line that is not JSON is refused with what to send."""
        refused = refusal(line)
        assert refused.reason == "broken_json"
        assert "send one post as one JSON line" in str(refused)

    @pytest.mark.parametrize("line", [b"[]", b"5", b"null", b'"p1"', b"[" * 200_000, b'{"id":' * 200_000])
    def test_other_json_is_refused(self, line: bytes) -> None:
        """JSON that is no object is no post, however deep it goes."""
        assert refusal(line).reason in ("wrong_field", "broken_json")

    def test_a_number_beyond_floats_is_refused(self) -> None:
        """1e999 does not become infinity."""
        assert "out of range - at `$.attrs[...]`" in str(refusal(b'{"id": "p1", "attrs": {"a": 1e999}}'))

    @given(st.binary(max_size=200) | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(as_json))
    def test_any_bytes_are_a_post_or_refused(self, line: bytes) -> None:
        """Bytes that are no post are refused with a reason, and nothing else comes out."""
        assert refusal(line).reason in ("wrong_field", "broken_json")


class TestDigest:
    def test_the_name_of_the_photo_does_not_count(self) -> None:
        """A photo that moved is no change, one with other bytes is."""
        one, other = read(photo="a.jpg"), read(photo="b.jpg")
        assert digest(one, "x") == digest(other, "x") != digest(one, "y")

    def test_the_order_of_attrs_does_not_count(self) -> None:
        """Fields in another order are no change."""
        assert digest(read(attrs={"a": 1, "b": 2}), "") == digest(read(attrs={"b": 2, "a": 1}), "")

    @pytest.mark.parametrize(
        "changes",
        [{"text": "b"}, {"tags": ["a"]}, {"attrs": {"a": 1}}, {"version": 2}, {"child": True}, {"link": "/a"}],
    )
    def test_every_field_counts(self, changes: dict[str, Any]) -> None:
        """A change of any field changes the digest."""
        assert digest(read(**{"text": "a", **changes}), "") != digest(read(text="a"), "")


class TestWording:
    def test_who_said_it_does_not_count(self) -> None:
        """The same words are the same wording, whatever the author, order, case and blanks."""
        one = read(captions=[{"text": "blue  sea", "author": "u017"}, {"text": "Sand"}, {"text": "море"}])
        other = read(id="p2", captions=[{"text": "МОРЕ"}, {"text": "Blue sea\n"}, {"text": "sand"}], tags=["a"])
        assert wording(one.texts) == wording(other.texts) != wording(["blue sea"])

    @pytest.mark.parametrize("captions", [[], [""], [" ", "\n"], ["", "", ""]])
    def test_a_post_that_says_nothing_has_none(self, captions: list[str]) -> None:
        """Empty captions are no words."""
        assert wording(captions) == ""
