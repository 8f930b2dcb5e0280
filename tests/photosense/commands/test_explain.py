"""`photosense compliance explain`: the whole life of a post in sentences."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from compliance.consent import Consent
from compliance.country import Country
from compliance.facts import Child
from ingest.photos.photo_source import InlinePhotos
from moderation.desk import Decision, Desk
from moderation.takedowns import Remover
from photosense.house import Company, open_house
from photosense.settings import Settings
from tests.support.command import Command
from tests.support.crawl import lines

POST = {"id": "post-1", "text": "a boy at the sea, evening light"}


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A post that came in, was decided on, consented to, revoked, and asked for."""
    home = tmp_path_factory.mktemp("taught") / "photosense-data"
    with open_house(Settings(home=home)) as house:
        house.pipeline().take(lines(POST), InlinePhotos())
        desk = Desk(house.store, house.law)
        desk.decide([Decision("post-1", Child.CLEAR)], "m1")
        consent = Consent("form-4", datetime(2024, 9, 14, tzinfo=UTC), frozenset({"RU"}))
        desk.decide([Decision("post-1", Child.CONSENTED, consent)], "m2")
        desk.revoke("post-1", "m3")
        house.law.audit.blocked("post-1", Country("RU", "site"))
    return home


@pytest.mark.usefixtures("home")
def test_life_of_a_post_is_told_from_its_facts_and_the_record(photosense: Command) -> None:
    """In order, with who did what; the earliest first."""
    result = photosense("compliance", "explain", "post-1")
    assert result.code == 0, result.err
    sentences = [
        "It counted as child: its words were read (rules boy-girl).",
        "It counted as clear: m1 decided so at",
        "It counted as consented: m2 decided so at",
        "by the consent form-4 for RU without an end",
        "It counts as child now: m3 decided so at",
        "m1 decided that it is clear.",
        "a consent was recorded, form-4 for RU without an end.",
        "m3 took its consent back.",
        "It was asked for by its id and answered with 451 once",
    ]
    places = [result.out.find(sentence) for sentence in sentences]
    assert -1 not in places, result.out
    assert places == sorted(places)


def test_takedown_is_told_when_the_post_is_gone(photosense: Command, home: Path) -> None:
    """The register names it by its hash."""
    with open_house(Settings(home=home)) as house:
        Remover(house.store, house.law).take_down("m4", "order 7", post="post-1")
    out = photosense("compliance", "explain", "post-1").out
    assert "It is not stored." in out
    assert "it was taken down by m4" in out
    assert "all was gone at" in out


def test_what_is_remembered_of_a_post_is_told_when_it_is_gone_and_when_it_is_back(
    photosense: Command, home: Path
) -> None:
    """Why it waits, and that a reviewer cleared it."""
    with open_house(Settings(home=home)) as house:
        Remover(house.store, house.law).delete("post-1")
    out = photosense("compliance", "explain", "post-1").out
    assert "it is remembered as child, because its consent was taken back; it, and what shows or says the same," in out
    assert "it is remembered as child, as it was when it was deleted" in out
    with open_house(Settings(home=home)) as house:
        house.pipeline().take(lines({**POST, "child": False}), InlinePhotos())
    assert (
        "a person has to look, for this reason: It was held before" in photosense("compliance", "explain", "post-1").out
    )
    with open_house(Settings(home=home)) as house:
        Desk(house.store, house.law).decide([Decision("post-1", Child.CLEAR)], "m5")
    assert "m5 cleared it as it was then" in photosense("compliance", "explain", "post-1").out


def test_a_post_that_nobody_knows_has_no_life(photosense: Command, home: Path) -> None:
    """And while somebody has the store alone, the record is told all the same."""
    out = photosense("compliance", "explain", "nobody").out
    assert "It is not stored." in out
    assert "no takedown names it" in out
    with open_house(Settings(home=home), company=Company.ALONE):
        out = photosense("compliance", "explain", "post-1").out
    assert "cannot be told now" in out
    assert "m1 decided that it is clear." in out
