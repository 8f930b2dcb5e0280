"""Keys by which posts are recognised as alike, and who has them, in the store and just before."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from compliance.facts import Facts, from_payload
from compliance.precedence import holds_copies, is_about_a_child
from ingest.post import Post, hashed, wording
from qdrant.filters import any_of
from qdrant.points import Fields, StoredPoint
from qdrant.store import Store
from vision.fingerprint import Fingerprint

BANDS: Final = 4
NEAR: Final = 3  # of 64 bits; then at least one of four bands of 16 bits is the same, and found by its key
_BAND: Final = 64 // BANDS
_PLAIN: Final = (0, 2**_BAND - 1)  # sky and walls: a band that says nothing of one photo
_FLATTEST: Final = 8  # bits of either kind; with fewer the hash is that of any soft gradient


@dataclass(frozen=True, slots=True)
class Keys:
    """What a post is recognised by; empty where it has no photo or says nothing."""

    both: str = ""
    words: str = ""
    photo: str = ""
    look: str = ""
    bands: tuple[str, ...] = ()

    def stored(self) -> list[str]:
        """All of them, as they stand in the store."""
        return [key for key in (self.both, self.words, self.photo, self.look, *self.bands) if key]


def keys_of(post: Post, photo: Fingerprint | None) -> Keys:
    """Work out what a post is recognised by, whoever posted it."""
    words = wording(post.texts).encode()
    exact = photo.exact if photo else ""
    if not words and not exact:
        return Keys()
    look = photo.perceptual if photo else 0
    tells = photo is not None and telling(look)
    return Keys(
        both=f"both:{hashed(words, exact.encode())}",
        words=f"words:{hashed(words)}" if words else "",
        photo=f"photo:{exact[:32]}" if exact else "",
        look=f"look:{look:016x}" if tells else "",
        bands=tuple(_bands(look)) if tells else (),
    )


def keys_of_point(point: StoredPoint) -> Keys:
    """What a stored post is recognised by."""
    stored = point.payload.get(Fields.CONTENT) or ()
    both, words, photo, look = (
        next((key for key in stored if key.startswith(kind)), "") for kind in ("both:", "words:", "photo:", "look:")
    )
    known = {both, words, photo, look}
    return Keys(both, words, photo, look, tuple(key for key in stored if key not in known))


def telling(look: int) -> bool:
    """Whether a photo's perceptual hash tells it from others."""
    return _FLATTEST <= look.bit_count() <= 64 - _FLATTEST


def bands_around(look: int) -> set[str] | None:
    """Keys of which every photo has one whose look is at most seven bits away: of four bands, one differs by one.

    None where that band might be a plain one, which has no key: then all photos are to be gone through.
    """
    keys: set[str] = set()
    for index in range(BANDS):
        band = look >> (_BAND * index) & (2**_BAND - 1)
        around = [band, *(band ^ 1 << bit for bit in range(_BAND))]
        if any(near in _PLAIN for near in around):
            return None
        keys |= {_band_key(index, near) for near in around}
    return keys


@dataclass(slots=True)
class Known:
    """Who has which key, the first one first, and which of them are held.

    Some are held for nothing but that they are like another one: these hold no further post that was there before.
    """

    _having: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _looks: dict[str, int] = field(default_factory=dict)
    _facts: dict[str, Facts] = field(default_factory=dict)
    _pictured: set[str] = field(default_factory=set)

    def having(self, key: str, post: str) -> list[str]:
        """Other posts that have this key; none when the post itself has it already."""
        return list(self._having.get(key, ())) if key and not self.owns(key, post) else []

    def showing_and_saying(self, keys: Keys, post: str) -> list[str]:
        """Other posts that have both the photo and the words; none when the post itself has them already."""
        if not keys.photo or not keys.words or (self.owns(keys.photo, post) and self.owns(keys.words, post)):
            return []
        return [other for other in self._having.get(keys.photo, ()) if other != post and self.owns(keys.words, other)]

    def looking_like(self, keys: Keys, post: str) -> list[str]:
        """Other posts whose photos look the same, but for their size or compression."""
        if not keys.look:
            return []
        look = _look(keys.look)
        near = dict.fromkeys(other for band in keys.bands for other in self._having.get(band, ()))
        return [other for other in near if other != post and (self._looks.get(other, ~look) ^ look).bit_count() <= NEAR]

    def owns(self, key: str, post: str) -> bool:
        """Whether the post was taken with this key before: it is then no copy of those that came after."""
        return post in self._having.get(key, ())

    def like(self, keys: Keys, post: str) -> list[str]:
        """All other posts that show or say the same, whichever came first.

        A series may share its words: they are a copy where one of the two has no photo, and nothing else to show.
        """
        alike = [*self._having.get(keys.both, ()), *self._having.get(keys.photo, ())]
        alike += [other for other in self._having.get(keys.words, ()) if not (keys.photo and other in self._pictured)]
        return list(dict.fromkeys([*(other for other in alike if other != post), *self.looking_like(keys, post)]))

    def holding(self, keys: Keys, post: str) -> str | None:
        """A post that holds this one, because both show or say the same."""
        held = is_about_a_child if self.is_new(keys, post) else holds_copies
        return next((other for other in self.like(keys, post) if held(self._facts[other])), None)

    def is_new(self, keys: Keys, post: str) -> bool:
        """Whether the post was not taken with this content before."""
        return not any(self.owns(key, post) for key in (keys.both, keys.photo, keys.look) if key)

    def add(self, post: str, keys: Iterable[str], facts: Facts) -> None:
        """Remember a post with its keys."""
        self._facts[post] = facts
        self._pictured.discard(post)
        for key in keys:
            if key.startswith("photo:"):
                self._pictured.add(post)
            if post not in self._having[key]:
                self._having[key].append(post)
            if key.startswith("look:"):
                self._looks[post] = _look(key)


def find_known(store: Store, keys: Iterable[Keys], replacements: Iterable[tuple[str, Keys]]) -> Known:
    """Look up which stored posts have one of these keys, unless they are given other words or photos."""
    known = Known()
    sent = {post for post, _ in replacements}
    again = {(post, key) for post, its in replacements for key in its.stored()}
    for stored in alike_in(store, keys):
        has = stored.payload.get(Fields.CONTENT) or []
        kept = [key for key in has if stored.id not in sent or (stored.id, key) in again]
        known.add(stored.id, kept, from_payload(stored.facts))
    return known


def alike_in(store: Store, keys: Iterable[Keys]) -> Iterator[StoredPoint]:
    """The stored posts that have one of these keys."""
    stored = {key for its in keys for key in its.stored() if not key.startswith("look:")}
    if stored:
        yield from store.scroll(any_of(Fields.CONTENT, stored))


def _look(key: str) -> int:
    return int(key.removeprefix("look:"), 16)


def _bands(look: int) -> Iterable[str]:
    for index in range(BANDS):
        band = look >> (_BAND * index) & (2**_BAND - 1)
        if band not in _PLAIN:
            yield _band_key(index, band)


def _band_key(index: int, band: int) -> str:
    return f"look{index}:{band:04x}"
