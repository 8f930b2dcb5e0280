"""Post: what strangers send, one JSON object a line; the types say what each field may be."""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec

from compliance.consent import Consent
from compliance.lexicon.escaped import as_shown

# As a browser reads an address: it drops control characters, takes `\` for `/`, and goes to what stands behind an `@`.
# So there is a host that is plain to see, or a path that cannot begin one; or nothing.
_HOST = r"(?:[^\s\x00-\x1f\x7f\\/?#@:%<>^|\[\]]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
ADDRESS = rf"^(?:https?://{_HOST}(?:[/?#][^\x00-\x1f\x7f]*)?|/(?![/\\])[^\x00-\x1f\x7f]+)?\Z"
_Url = Annotated[str, msgspec.Meta(max_length=2048, pattern=ADDRESS)]
_Short = Annotated[str, msgspec.Meta(max_length=512)]
_Scalar = _Short | bool | Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | float
_SLUG = re.compile(r"[\W_]+")
# What an account or a post is called by a program is no word: "u7" is nobody of a team under seven.
_CODE = re.compile(r"[A-Za-z][-_.]?[0-9]+(?:[-_./][0-9]+)*")
_CODE_IN_PATH = re.compile(r"(?<=/)[A-Za-z]/[0-9]+(?=[/?#]|$)")


MOST_CAPTIONS = 100  # the short form among them; posts of before may have one more, and are read


class GeoPoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place on earth, in degrees."""

    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)]


Attribute = _Scalar | list[_Scalar] | GeoPoint  # a time is a string as RFC 3339 writes it


class Caption(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one author wrote about the photo."""

    text: Annotated[str, msgspec.Meta(max_length=20_000)]
    author: _Short | None = None


class ConsentForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A parent's consent as the site has it on record: the form, for which countries (none: all) and until when."""

    record: _Short
    countries: Annotated[tuple[_Short, ...], msgspec.Meta(max_length=250)] = ()
    until: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class PostName(msgspec.Struct, frozen=True):
    """Which post a line is about, and which edition of it: what can be read of one that is no post."""

    id: str
    version: int | None = None


class Post(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A post of the host site; `text` is a short form for one caption without an author."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    photo: str | None = None
    captions: Annotated[tuple[Caption, ...], msgspec.Meta(max_length=MOST_CAPTIONS + 1)] = ()
    text: Annotated[str, msgspec.Meta(max_length=20_000)] | None = None
    tags: Annotated[tuple[_Short, ...], msgspec.Meta(max_length=200)] = ()
    link: _Url | None = None
    thumb: _Url | None = None
    attrs: Annotated[dict[_Short, Attribute], msgspec.Meta(max_length=64)] = {}
    version: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)] | None = None
    child: bool | None = None
    consent: ConsentForm | bool | None = None

    @property
    def all_captions(self) -> tuple[Caption, ...]:
        """Every caption, the short form included."""
        return (*self.captions, Caption(self.text)) if self.text else self.captions

    @property
    def texts(self) -> list[str]:
        """Everything that authors wrote, without the tags."""
        return [caption.text for caption in self.all_captions]

    def parental_consent(self, now: datetime) -> Consent | bool:
        """The consent that is on record, recorded now, or the bare word whether there is one."""
        form = self.consent
        if isinstance(form, ConsentForm):
            return Consent(form.record, now, frozenset(form.countries), form.until)
        return bool(form)

    @property
    def attr_texts(self) -> list[str]:
        """The strings among the site's own fields, which visitors see as well."""
        values = (value for attr in self.attrs.values() for value in (attr if isinstance(attr, list) else [attr]))
        return [value for value in values if isinstance(value, str)]

    @property
    def visible_texts(self) -> list[str]:
        """All that a visitor may read of the post: what could tell of a child must not pass by any of it."""
        named = [caption.author for caption in self.all_captions if caption.author]
        authors = [author for author in named if not _CODE.fullmatch(author)]
        addresses = [
            _SLUG.sub(" ", _CODE_IN_PATH.sub("", as_shown(address)))
            for address in (self.id, self.link, self.thumb)
            if address and not _CODE.fullmatch(address)
        ]
        together = " ".join([*self.texts, *self.tags])  # a sentence may run on in the next caption
        return list(dict.fromkeys([*self.texts, *self.attr_texts, *self.attrs, *authors, *addresses, together]))

    def display_fields(self) -> dict[str, object]:
        """What is kept for showing the post."""
        return {
            "captions": [msgspec.to_builtins(caption) for caption in self.all_captions],
            "tags": list(self.tags),
            "link": self.link,
            "thumb": self.thumb,
        }


_encoder = msgspec.json.Encoder(order="sorted")


def plain_attrs(post: Post) -> dict[str, object]:
    """Give the site's own fields as plain data, a geo point as `{"lat": ..., "lon": ...}`."""
    return {name: msgspec.to_builtins(value) for name, value in post.attrs.items()}


def digest(post: Post, photo: str) -> str:
    """Tell whether anything about a post changed: its photo counts by the hash of its bytes, not by its name."""
    return hashed(_encoder.encode(msgspec.structs.replace(post, photo=None)), photo.encode())


def wording(texts: Sequence[str]) -> str:
    """Give what is said, whatever the order of the captions, the case of the letters and the blanks between words."""
    return "\n".join(sorted(filter(None, (" ".join(text.casefold().split()) for text in texts))))


def hashed(*parts: bytes) -> str:
    """Hash some bytes, each part apart from the next."""
    hasher = hashlib.blake2b(digest_size=16)
    for part in parts:
        hasher.update(len(part).to_bytes(8))
        hasher.update(part)
    return hasher.hexdigest()
