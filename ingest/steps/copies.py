"""Keys by which posts are recognised as alike, and who has them, in the store and just before."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from compliance.facts import Vis
from ingest.draft import Draft
from ingest.post import Post, hashed, wording
from qdrant.filters import any_of
from qdrant.points import Fields
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
    """Who has which key, the first one first, and which of them are held."""

    _having: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _looks: dict[str, int] = field(default_factory=dict)
    _held: dict[str, bool] = field(default_factory=dict)

    def having(self, key: str, post: str) -> list[str]:
        """Other posts that have this key; none when the post itself has it already."""
        return list(self._having.get(key, ())) if key and not self.owns(key, post) else []

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

    def is_held(self, post: str) -> bool:
        """Whether a post that was found is withheld."""
        return self._held.get(post, False)

    def add(self, post: str, keys: Iterable[str], *, held: bool) -> None:
        """Remember a post with its keys."""
        self._held[post] = held
        for key in keys:
            if post not in self._having[key]:
                self._having[key].append(post)
            if key.startswith("look:"):
                self._looks[post] = _look(key)


def find_known(store: Store, drafts: Sequence[Draft], keys: Sequence[Keys]) -> Known:
    """Look up which stored posts have a key of these drafts, unless the drafts give them other words or photos."""
    known = Known()
    sent = {draft.sent.id for draft in drafts}
    again = {(draft.sent.id, key) for draft, its in zip(drafts, keys, strict=True) for key in its.stored()}
    stored_keys = {key for its in keys for key in its.stored() if not key.startswith("look:")}
    if not stored_keys:
        return known
    for stored in store.scroll(any_of(Fields.CONTENT, stored_keys)):
        has = stored.payload.get(Fields.CONTENT) or []
        kept = [key for key in has if stored.id not in sent or (stored.id, key) in again]
        known.add(stored.id, kept, held=stored.payload.get(Fields.VIS) not in (Vis.OPEN, Vis.UNSEEN))
    return known


def _look(key: str) -> int:
    return int(key.removeprefix("look:"), 16)


def _bands(look: int) -> Iterable[str]:
    for index in range(BANDS):
        band = look >> (_BAND * index) & (2**_BAND - 1)
        if band not in _PLAIN:
            yield _band_key(index, band)


def _band_key(index: int, band: int) -> str:
    return f"look{index}:{band:04x}"
