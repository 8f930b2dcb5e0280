"""Decoding: a line to a Post, strictly, with the path of whatever is wrong; dead letters are posts in envelopes."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec

from ingest.errors import PostRejected
from ingest.post import ADDRESS, MOST_CAPTIONS, Attribute, Post, PostName

_SOMEWHERE: Final = "$.attrs[...]"  # the decoder does not name the key
_AN_ADDRESS: Final = "Expected `https://` and a host without `@`, or `/` and a path"
_NAME: Final = re.compile(r"\w+")
_FIELDS: Final = frozenset(Post.__struct_fields__)


class Letter(msgspec.Struct, forbid_unknown_fields=True):
    """A line that was turned away: why, and the post as it was sent, or as it was mended."""

    line: int
    reason: str
    detail: str
    post: msgspec.Raw
    id: str | None = None
    place: str | None = None
    folder: str | None = None


class _Named(msgspec.Struct, frozen=True):
    """What a line says of whose post it was to be."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    version: object = None


_posts = msgspec.json.Decoder(Post)
_named = msgspec.json.Decoder(_Named)
_letters = msgspec.json.Decoder(Letter)


def decode_post(line: bytes, *, lenient: bool = False) -> Post:
    """Read one line; the error names the field, for example `$.captions[2].text`. Lenient: unknown ones are attrs."""
    try:
        post = _posts.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        post = _decode_post(unwrapped(line), lenient=lenient)
    return _checked(post)


def post_named_in(line: bytes) -> PostName | None:
    """Read whose post a line was to be, and which edition unless that is what is wrong; None where it does not say."""
    try:
        said = _named.decode(unwrapped(line))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return PostName(said.id, said.version if type(said.version) is int else None)


def post_of_fields(fields: Mapping[str, Any]) -> Post:
    """Read a post that is JSON no more, as strictly."""
    try:
        return _checked(msgspec.convert(fields, Post))
    except msgspec.ValidationError as error:
        raise _wrong_field(error, fields) from None


def _checked(post: Post) -> Post:
    if (count := len(post.all_captions)) > MOST_CAPTIONS:
        raise PostRejected(
            "wrong_field",
            f"The post has {count} captions, `text` among them: {MOST_CAPTIONS} at most. "
            "The schema of a post is in docs/posts.md.",
        )
    return post


def _decode_post(line: bytes, *, lenient: bool) -> Post:
    try:
        return _posts.decode(line)
    except msgspec.ValidationError as error:
        if lenient:
            return _decode_leniently(line)
        raise _wrong_field(error, _parsed(line) if _SOMEWHERE in str(error) else None) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PostRejected(
            "broken_json", f"The line is no JSON object ({error}): send one post as one JSON line."
        ) from None


def unwrapped(line: bytes) -> bytes:
    """Give the post within a dead letter; any other line as it is."""
    letter = open_letter(line)
    if letter is None:
        return line
    post = bytes(letter.post)
    return msgspec.json.decode(post, type=str).encode() if post.startswith(b'"') else post


def open_letter(line: bytes) -> Letter | None:
    """Read a dead letter; None when the line is something else."""
    if b'"post"' not in line:
        return None
    try:
        return _letters.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _decode_leniently(line: bytes) -> Post:
    """Keep unknown fields under `attrs`: as they are where attrs can hold them, else as JSON text."""
    fields = _parsed(line)
    try:
        if isinstance(fields, dict):
            unknown = {name: fields.pop(name) for name in list(fields) if name not in _FIELDS}
            attrs = fields.get("attrs", {})
            if isinstance(attrs, dict):
                kept = {name: _as_attribute(value) for name, value in unknown.items() if value is not None}
                fields["attrs"] = {**kept, **attrs}
        return msgspec.convert(fields, Post)
    except msgspec.ValidationError as error:
        raise _wrong_field(error, fields) from None


def _as_attribute(value: Any) -> Any:
    try:
        return msgspec.convert(value, Attribute)
    except msgspec.ValidationError:
        return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _parsed(line: bytes) -> Any:
    """Read a line that is JSON, but no post, as plain data; None where even that goes wrong further on."""
    try:
        return msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _wrong_field(error: msgspec.ValidationError, fields: Any) -> PostRejected:
    says = str(error)
    if _SOMEWHERE in says and isinstance(fields, dict) and isinstance(fields.get("attrs"), dict):
        says = says.replace(_SOMEWHERE, f"$.attrs{_wrong_attribute(fields['attrs'])}")
    says = says.replace(f"Expected `str` matching regex {ADDRESS!r}", _AN_ADDRESS)
    return PostRejected("wrong_field", f"{says}. The schema of a post is in docs/posts.md.")


def _wrong_attribute(attrs: Mapping[str, Any]) -> str:
    """Find which of the site's own fields is wrong; the decoder stops at the first one."""
    for name, value in attrs.items():
        try:
            msgspec.convert(value, Attribute)
        except msgspec.ValidationError:
            return f".{name}" if _NAME.fullmatch(name) else f"[{name[:80]!r}]"
    return "[...]"
