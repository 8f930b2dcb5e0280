"""A held photo comes again under another id, in a disguise, and the site says that it shows no child."""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from compliance.facts import Child
from compliance.law import Law
from ingest.intake import Intake
from ingest.photos.photo_parts import PhotoParts
from ingest.photos.photo_source import InlinePhotos
from ingest.pipeline import Pipeline
from moderation.desk import Decision, Desk
from moderation.takedowns import Remover
from photosense.settings import Settings
from qdrant.open_store import open_folder
from qdrant.store import Store
from tests.support.crawl import ENCODER, lines
from tests.support.disguises import DISGUISES, jpeg, textured
from topic_model.models import Models
from vision.decoding.decode import decode
from vision.fingerprint import fingerprint

PHOTO, OTHER = textured(1), textured(2)
SOME = ("mirrored", "turned by 90", "border 10 %, white", "crop 10 % of each edge", "rotated by 3, corners cut")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_folder(tmp_path / "store")
    yield opened
    opened.close()


def line(post: str, photo: Image.Image, quality: int = 85, **more: object) -> dict[str, object]:
    return {
        "id": post,
        "text": f"огни ночного города, кадр {post}",
        "photo": "data:;base64," + b64encode(jpeg(photo, quality)).decode(),
        **more,
    }


def copies(disguises: Iterable[str] = SOME) -> list[dict[str, object]]:
    """The photo in every disguise, each under an id of its own, and ten harmless photos."""
    worn = [line(f"copy {name}", wear(PHOTO), 75, child=False) for name, wear in DISGUISES.items() if name in disguises]
    return [*worn, *(line(f"other {seed}", textured(seed), child=False) for seed in range(50, 60))]


def take(store: Store, law: Law, *sent: dict[str, object]) -> dict[str, str]:
    """What becomes of each post, by its id: the reason why it was turned away, or what it counts as."""
    pipeline = Pipeline(store, Models(), PhotoParts(ENCODER), law, Intake(Settings()))
    results = pipeline.take(lines(*sent), InlinePhotos())
    posts = store.get([str(result.id) for result in results])
    return {
        str(result.id): result.reason or (str(post.payload["child"]) if post else result.status)
        for result, post in zip(results, posts, strict=True)
    }


def expected(became: str, disguises: Iterable[str] = SOME) -> dict[str, str]:
    return {str(post["id"]): became if str(post["id"]).startswith("copy") else "clear" for post in copies(disguises)}


def rules(store: Store, post: str) -> list[str]:
    (stored,) = store.get([post])
    assert stored is not None
    return list(stored.facts["rules"])


def test_each_disguise_of_a_held_photo_waits_for_a_reviewer(store: Store) -> None:
    """It names the post that it is a copy of, whatever the site says of it; other photos stay clear."""
    law = Law()
    take(store, law, line("held", PHOTO, child=True), line("open", OTHER, child=False))
    assert take(store, law, *copies(DISGUISES)) == expected("review", DISGUISES)
    assert all(rules(store, f"copy {name}")[0].startswith("copy-of:") for name in DISGUISES)
    assert rules(store, "copy mirrored") == ["copy-of:held"]
    assert take(store, law, line("third", DISGUISES["mirrored"](OTHER), child=False)) == {"third": "clear"}


def test_in_the_same_batch_as_well(store: Store) -> None:
    """A copy that comes right behind the held photo is known."""
    became = take(store, Law(), line("held", PHOTO, child=True), *copies())
    assert became == {"held": "child", **expected("review")}


def test_after_a_restart_as_well(store: Store) -> None:
    """Another process knows the held photos from the store."""
    take(store, Law(), line("held", PHOTO, child=True))
    assert take(store, Law(), *copies()) == expected("review")


def test_what_a_reviewer_holds_later_is_known_at_once(store: Store) -> None:
    """A post that was open when it came in holds its copies from the reviewer's decision on."""
    law = Law()
    take(store, law, line("first", PHOTO, child=False))
    assert take(store, law, line("before", DISGUISES["mirrored"](PHOTO), child=False)) == {"before": "clear"}
    Desk(store, law).decide([Decision("first", Child.CHILD)], "r-7")
    assert take(store, law, *copies()) == expected("review")


def test_what_a_reviewer_clears_holds_no_copies_any_more(store: Store) -> None:
    """The clearance of the first post is in force for its copies, which were not held yet."""
    law = Law()
    take(store, law, line("first", PHOTO, child=True))
    Desk(store, law).decide([Decision("first", Child.CLEAR)], "r-7")
    assert take(store, law, line("copy", DISGUISES["mirrored"](PHOTO), child=False)) == {"copy": "clear"}


def test_what_a_reviewer_clears_as_a_copy_stays_clear(store: Store) -> None:
    """A false alarm is decided once: sent again as it is, the post stays open."""
    law = Law()
    copy = line("copy", DISGUISES["mirrored"](PHOTO), child=False)
    take(store, law, line("held", PHOTO, child=True), copy)
    Desk(store, law).decide([Decision("copy", Child.CLEAR)], "r-7")
    assert take(store, law, copy) == {"copy": "clear"}


@pytest.mark.parametrize("named", ["post", "photo"])
def test_each_disguise_of_what_was_taken_down_is_rejected(store: Store, named: str) -> None:
    """Whether the takedown named the post or brought the photo; other photos are taken."""
    law = Law()
    take(store, law, line("first", PHOTO, child=False))
    remover = Remover(store, law)
    if named == "post":
        remover.take_down("r-7", "court order", post="first")
    else:
        remover.take_down("r-7", "court order", photo=fingerprint(jpeg(PHOTO), decode(jpeg(PHOTO))))
    assert take(store, law, *copies(DISGUISES)) == expected("taken_down", DISGUISES)


def test_a_mirrored_photo_is_no_duplicate(store: Store) -> None:
    """Among open posts nothing changes: a mirrored photo is taken, and not marked."""
    law = Law()
    take(store, law, line("first", PHOTO, child=False))
    pipeline = Pipeline(store, Models(), PhotoParts(ENCODER), law, Intake(Settings(near_photo="drop")))
    mirrored = line("second", DISGUISES["mirrored"](PHOTO), child=False)
    (result,) = pipeline.take(lines(mirrored), InlinePhotos())
    assert (result.status, dict(result.marks)) == ("stored", {})
