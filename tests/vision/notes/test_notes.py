"""Notes: what EXIF, IPTC and XMP say is read as people and cameras wrote it, and hostile notes say nothing."""

import random

import pytest
from PIL import Image

from tests.support.noted_photo import exif, iptc, noted, xmp
from vision.decoding.pool import DecodePool
from vision.errors import PhotoError
from vision.notes.notes import LONGEST_CAPTION, MOST_KEYWORDS, NOTHING, Notes, read_notes
from vision.notes.text import people_words, text_of, time_of

PICTURE = Image.new("RGB", (64, 48), (30, 90, 200))


def test_a_camera_tells_time_camera_lens_and_place() -> None:
    """The maker is not said twice, the zone is kept, west is negative; what the camera writes for a caption is none."""
    assert read_notes(noted(PICTURE, notes=exif())) == Notes(
        taken="2024-05-01T10:11:12+03:00", camera="Canon EOS 5D", lens="EF50mm f/1.8", place=(43.5, -34.1)
    )


def test_people_tell_captions_and_keywords_by_iptc() -> None:
    """In UTF-8, in Cyrillic of before, in Western; each keyword once."""
    segment = iptc(
        (5, b"IMG_1234"),
        (120, "Закат над морем".encode()),
        (25, "море".encode()),
        (25, "Море".encode()),
        (25, "вечер".encode("cp1251")),
        (25, "café".encode("latin-1")),
        (55, b"20240501"),
        (60, b"214000+0300"),
        (90, "Ялта".encode()),
    )
    assert read_notes(noted(PICTURE, segment=segment)) == Notes(
        captions=("Закат над морем",),
        keywords=("море", "вечер", "café"),
        taken="2024-05-01T21:40:00+03:00",
        city="Ялта",
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_programs_tell_by_xmp_in_every_format(kind: str) -> None:
    """Lists and attributes are read; what stands in XMP is said once though IPTC says it too."""
    packet = xmp("Лодки у причала", ("boats", "вечер"), city="Sudak", make="NIKON", model="D750", taken="2023-07-01")
    assert read_notes(noted(PICTURE, packet=packet, kind=kind)) == Notes(
        captions=("Лодки у причала",),
        keywords=("boats", "вечер"),
        taken="2023-07-01T00:00:00Z",
        camera="NIKON D750",
        city="Sudak",
    )


def test_people_stand_before_the_camera_and_say_it_once() -> None:
    """The caption of XMP and IPTC is one, the camera of EXIF stays."""
    data = noted(PICTURE, notes=exif(gps=False), packet=xmp("Boats"), segment=iptc((120, b"boats"), (25, b"sea")))
    notes = read_notes(data)
    assert notes.captions == ("Boats",)
    assert (notes.keywords, notes.camera, notes.place) == (("sea",), "Canon EOS 5D", None)


@pytest.mark.parametrize(
    "packet",
    [
        b"<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><x>&b;</x>",
        b"<x>" * 100_000,
        b"no xml at all",
        xmp("x" * 2_000_000),
        xmp("\x00\ud800".encode("utf-8", "surrogatepass").decode("latin-1")),
    ],
    ids=["entities", "deep", "no XML", "long", "control characters"],
)
def test_hostile_xmp_says_nothing(packet: bytes) -> None:
    """No entity is followed, and whatever goes wrong the camera's notes are read all the same."""
    texts = PICTURE.copy()
    file = noted(texts, notes=exif(), packet=packet, kind="WEBP")
    notes = read_notes(file)
    assert notes.camera == "Canon EOS 5D"
    assert all(caption.isprintable() for caption in notes.captions)


def test_however_notes_are_damaged_the_photo_is_read() -> None:
    """Bytes flipped anywhere in the notes of a JPEG: never an error, never more than may be."""
    whole = noted(PICTURE, notes=exif(), packet=xmp("Boats", ("sea",)), segment=iptc((120, b"boats"), (25, b"sea")))
    rng = random.Random(0)
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(rng.randrange(1, 12)):
            data[rng.randrange(2, min(len(data), 1800))] = rng.randrange(256)
        notes = read_notes(bytes(data))
        assert len(notes.keywords) <= MOST_KEYWORDS
        assert all(len(caption) <= LONGEST_CAPTION for caption in notes.captions)


def test_many_long_notes_are_cut() -> None:
    """A caption of a megabyte and a thousand keywords are no reason to keep them all."""
    segment = iptc(*((25, f"word{n}".encode()) for n in range(1000)), (120, b"long " * 4000))
    notes = read_notes(noted(PICTURE, segment=segment))
    assert len(notes.keywords) == MOST_KEYWORDS
    assert len(notes.captions[0]) <= LONGEST_CAPTION


def test_they_are_read_where_strangers_bytes_are_decoded() -> None:
    """The process that decodes sends them, where they are asked for; a photo that is refused has none."""
    data = noted(PICTURE, notes=exif(), segment=iptc((25, b"sea")))
    with DecodePool(1) as pool:
        assert pool.look(data, notes=True).result(60).notes == read_notes(data)
        assert pool.look(data).result(60).notes == NOTHING
        with pytest.raises(PhotoError):
            pool.look(data[:900], notes=True).result(60)
        assert pool.look(data, notes=True, renditions=True).result(60).notes.keywords == ("sea",)


@pytest.mark.parametrize(
    ("text", "is_time"),
    [
        ("2024:05:01 10:11:12", "2024-05-01T10:11:12Z"),
        ("2024-05-01T10:11:12.5+03:00", "2024-05-01T10:11:12+03:00"),
        ("0000:00:00 00:00:00", None),
        ("2024:13:41 10:11:12", None),
        ("    :  :     :  :  ", None),
        ("yesterday", None),
    ],
)
def test_a_time_is_one_or_none(text: str, is_time: str | None) -> None:
    """As RFC 3339 writes it; cameras whose clock was never set tell no time."""
    assert time_of(text) == is_time


def test_names_that_cameras_give_are_no_words() -> None:
    """What people named a file or a folder is left."""
    assert people_words("IMG_20240501_101112") == []
    assert people_words("DSC_0001 copy") == []
    assert people_words("Крым 2019") == ["Крым", "2019"]
    assert people_words("dog-in-snow (2)") == ["dog", "in", "snow"]
    assert people_words("1000268201_693b08cb0e") == []
    assert text_of("Закат".encode().decode("latin-1")) == "Закат"
