"""Decoding is strict unless asked otherwise, names the very field, and opens dead letters that were mended."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import PostRejected
from ingest.post import GeoPoint, Post, PostName, plain_attrs
from ingest.reading.post_json import decode_post, open_letter, post_named_in, post_of_fields, unwrapped

WILD = st.recursive(st.none() | st.floats() | st.text() | st.integers(), st.lists)


def line(**fields: Any) -> bytes:
    return json.dumps({"id": "p1", **fields}, ensure_ascii=False).encode()


def letter(post: Any, **changes: Any) -> bytes:
    """A dead letter as a run leaves it."""
    envelope = {"line": 7, "id": None, "reason": "wrong_field", "detail": "...", "folder": "/photos", "post": post}
    return json.dumps({**envelope, **changes}).encode()


def refusal(sent: bytes, *, lenient: bool = False) -> PostRejected:
    with pytest.raises(PostRejected) as raised:
        decode_post(sent, lenient=lenient)
    return raised.value


def test_the_short_form_is_one_of_a_hundred_captions() -> None:
    """A hundred and one were stored, and no backup, import or change read that post again."""
    hundred = [{"text": f"caption {number}"} for number in range(100)]
    assert len(decode_post(line(captions=hundred)).all_captions) == 100
    assert len(decode_post(line(captions=hundred[1:], text="sea")).all_captions) == 100
    assert "101 captions" in refusal(line(captions=hundred, text="sea")).message
    with pytest.raises(PostRejected, match="101 captions"):
        post_of_fields({"id": "p1", "captions": hundred, "text": "sea"})
    assert msgspec.convert({"id": "p1", "captions": [*hundred, hundred[0]]}, Post)  # as a store of before has it


class TestAttrs:
    def test_places_and_times_are_taken(self) -> None:
        """A geo point is read as one and given back as plain data; a time is its string."""
        sent = {"at": {"lat": 61.78, "lon": 34.36}, "taken": "2024-06-01T21:40:00Z", "lens": ["50", 1.8, True]}
        post = decode_post(line(attrs=sent))
        assert post.attrs["at"] == GeoPoint(61.78, 34.36)
        assert plain_attrs(post) == sent

    @pytest.mark.parametrize(
        ("attrs", "path"),
        [
            pytest.param({"a": 1, "at": {"lat": 91, "lon": 0}}, "`$.attrs.at.lat`", id="beyond the pole"),
            pytest.param({"at": {"lat": 1, "lon": -181}}, "`$.attrs.at.lon`", id="beyond the date line"),
            pytest.param({"at": {"lat": 1}}, "`$.attrs.at`", id="half a place"),
            pytest.param({"at": {"lat": 1, "lon": 2, "alt": 3}}, "`$.attrs.at`", id="more than a place"),
            pytest.param({"ok": "a", "lens": [1, 2, None]}, "`$.attrs.lens[2]`", id="third of a list"),
            pytest.param({"two words": None}, "`$.attrs['two words']`", id="name with a blank"),
            pytest.param({"a": 1, "long": "x" * 513}, "`$.attrs.long`", id="long text"),
        ],
    )
    def test_the_very_field_is_named(self, attrs: dict[str, Any], path: str) -> None:
        """The path has the name of the site's own field, and goes on into it."""
        assert path in str(refusal(line(attrs=attrs)))
        assert path in str(refusal(line(attrs=attrs, likes=3), lenient=True))


class TestLenient:
    def test_unknown_fields_are_kept_under_attrs(self) -> None:
        """Values stay as they are where attrs can hold them, else they become JSON text; null is nothing."""
        sent = line(likes=3, exif={"iso": 100, "lens": "50"}, gone=None, at={"lat": 1, "lon": 2}, attrs={"likes": 5})
        assert plain_attrs(decode_post(sent, lenient=True)) == {
            "likes": 5,
            "exif": '{"iso":100,"lens":"50"}',
            "at": {"lat": 1, "lon": 2},
        }

    @pytest.mark.parametrize("sent", [line(id=7, likes=3), line(likes="x" * 513), line(captions=3), b"[]", b"{"])
    def test_what_is_wrong_stays_wrong(self, sent: bytes) -> None:
        """Leniency is for unknown fields alone."""
        assert refusal(sent, lenient=True).reason in ("wrong_field", "broken_json")

    @given(st.dictionaries(st.sampled_from(["a", "ж", "tags", "attrs", "text"]), WILD))
    def test_any_fields_are_a_post_or_refused(self, fields: dict[str, Any]) -> None:
        """Whatever the unknown fields hold, the answer is a post or a reason."""
        try:
            post = decode_post(msgspec.json.encode({"id": "p1", **fields}), lenient=True)
        except PostRejected as rejected:
            answer = rejected.reason
        else:
            answer = post.id
        assert answer in ("p1", "wrong_field")


class TestLetters:
    @pytest.mark.parametrize("lenient", [True, False])
    @pytest.mark.parametrize(
        "sent",
        [
            pytest.param({"id": "p1", "text": "море"}, id="as an object"),
            pytest.param('{"id": "p1", "text": "море"}', id="as text"),
        ],
    )
    def test_a_mended_letter_is_the_post_in_it(self, sent: Any, lenient: bool) -> None:
        """The envelope goes, whatever the post was kept as."""
        assert decode_post(letter(sent), lenient=lenient) == Post("p1", text="море")

    def test_a_letter_that_was_not_mended_is_turned_away_for_its_post(self) -> None:
        """The reason is what is wrong with the post, not with the envelope."""
        assert "`likes`" in str(refusal(letter({"id": "p1", "likes": 3})))
        assert refusal(letter('{"id": ')).reason == "broken_json"
        assert refusal(letter(None)).reason == "wrong_field"

    def test_what_is_no_letter_stays_as_it_is(self) -> None:
        """A post, even one that speaks of posts, is not unwrapped."""
        for sent in (line(text='"post" "reason"'), b'{"post": {}}', b'"post"', b"{", b""):
            assert unwrapped(sent) is sent
            assert open_letter(sent) is None

    def test_letters_do_not_nest(self) -> None:
        """However often a letter was put into another one, reading it ends."""
        sent = b'{"id": "p1"}'
        for _ in range(50):
            sent = letter(json.loads(sent))
        assert refusal(sent).reason == "wrong_field"


class TestWhosePost:
    @pytest.mark.parametrize("version", ["seven", True, 1.5, [7], {"is": 7}])
    def test_a_line_whose_edition_is_wrong_still_says_whose_it_was(self, version: Any) -> None:
        """It comes back with its id, as of an unknown edition."""
        assert post_named_in(line(version=version)) == PostName("p1")

    def test_the_edition_is_told_where_it_is_one(self) -> None:
        """Whatever else is wrong with the line."""
        assert post_named_in(line(version=7, likes=[])) == PostName("p1", 7)

    @pytest.mark.parametrize("wrong", [b"", b"{", b"[]", b"null", b'{"id": 7}', b'{"id": ""}', b'{"version": 7}'])
    def test_a_line_without_an_id_is_nobodys(self, wrong: bytes) -> None:
        """There is nothing to answer with."""
        assert post_named_in(wrong) is None
