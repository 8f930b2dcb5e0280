"""Post: what strangers send, one JSON object a line, decoded strictly with the path of whatever is wrong."""

import hashlib
import re
from typing import Annotated
from urllib.parse import unquote

import msgspec

from ingest.errors import PostRejected

_Url = Annotated[str, msgspec.Meta(max_length=2048, pattern=r"^(https?://|/[^/]|$)")]
_Short = Annotated[str, msgspec.Meta(max_length=512)]
_Scalar = _Short | bool | Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | float


_SLUG = re.compile(r"[\W_]+")


class Caption(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one author wrote about the photo."""

    text: Annotated[str, msgspec.Meta(max_length=20_000)]
    author: _Short | None = None


class Post(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A post of the host site; `text` is a short form for one caption without an author."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    photo: str | None = None
    captions: Annotated[tuple[Caption, ...], msgspec.Meta(max_length=100)] = ()
    text: Annotated[str, msgspec.Meta(max_length=20_000)] | None = None
    tags: Annotated[tuple[_Short, ...], msgspec.Meta(max_length=200)] = ()
    link: _Url | None = None
    thumb: _Url | None = None
    attrs: Annotated[dict[_Short, _Scalar | list[_Scalar]], msgspec.Meta(max_length=64)] = {}
    version: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)] | None = None
    child: bool | None = None
    consent: bool | None = None

    @property
    def all_captions(self) -> tuple[Caption, ...]:
        """Every caption, the short form included."""
        return (*self.captions, Caption(self.text)) if self.text else self.captions

    @property
    def texts(self) -> list[str]:
        """Everything that authors wrote, without the tags."""
        return [caption.text for caption in self.all_captions]

    @property
    def attr_texts(self) -> list[str]:
        """The strings among the site's own fields, which visitors see as well."""
        values = (value for given in self.attrs.values() for value in (given if isinstance(given, list) else [given]))
        return [value for value in values if isinstance(value, str)]

    @property
    def everything_shown(self) -> list[str]:
        """All that a visitor may read of the post: what could tell of a child must not pass by any of it."""
        addresses = (_SLUG.sub(" ", unquote(address)) for address in (self.id, self.link, self.thumb) if address)
        authors = (caption.author for caption in self.all_captions if caption.author)
        together = " ".join([*self.texts, *self.tags])  # a sentence may run on in the next caption
        return [*self.texts, *self.attr_texts, *self.attrs, *authors, *addresses, together]

    def shown(self) -> dict[str, object]:
        """What is kept for showing the post."""
        return {
            "captions": [msgspec.to_builtins(caption) for caption in self.all_captions],
            "tags": list(self.tags),
            "link": self.link,
            "thumb": self.thumb,
        }


_decoder = msgspec.json.Decoder(Post)
_encoder = msgspec.json.Encoder(order="sorted")


def decode_post(line: bytes) -> Post:
    """Read one line; the error names the field, for example `$.captions[2].text`."""
    try:
        post = _decoder.decode(line)
    except msgspec.ValidationError as error:
        raise PostRejected("wrong_field", f"{error}. The schema of a post is in docs/posts.md.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PostRejected(
            "broken_json", f"The line is no JSON object ({error}): send one post as one JSON line."
        ) from None
    return post


def digest(post: Post, photo: bytes | None) -> str:
    """Tell whether anything about a post changed: the photo counts by its bytes, not by its name."""
    fields = msgspec.structs.replace(post, photo=None)
    return _hash(_encoder.encode(fields), photo or b"")


def content(post: Post, photo: bytes | None) -> str:
    """Tell whether two posts show and say the same, whoever posted them; empty for a post that does neither."""
    said = "\n".join(sorted(filter(None, (" ".join(text.casefold().split()) for text in post.texts))))
    return _hash(said.encode(), photo or b"") if said or photo else ""


def _hash(*parts: bytes) -> str:
    hashed = hashlib.blake2b(digest_size=16)
    for part in parts:
        hashed.update(len(part).to_bytes(8))
        hashed.update(part)
    return hashed.hexdigest()
