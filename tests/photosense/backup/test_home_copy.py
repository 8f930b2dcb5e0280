"""A backup holds all that the law needs, and nothing that was taken down comes back with it."""

import shutil
from pathlib import Path

import pytest

from compliance.facts import Child
from compliance.records.audit import Audit
from compliance.records.chain import verify
from compliance.records.takedown_register import Takedowns, post_mark
from ingest.photos.photo_source import InlinePhotos
from moderation.desk import Decision, Desk
from photosense.house import open_house
from photosense.settings import Settings
from qdrant.open_store import open_folder
from tests.support.command import Command
from tests.support.crawl import lines
from tests.support.points import point


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of three posts, one of which was taken down, with all that lies in a home."""
    home = tmp_path_factory.mktemp("taught") / "photosense-data"
    store = open_folder(home / "store")
    store.upsert([point(f"p{number}") for number in range(3)])
    store.close()
    with open_house(Settings(home=home), with_detector=False) as house:
        take_down(house.law.takedowns, "p0")
        Desk(house.store, house.law).decide([Decision("p2", Child.CHILD)], "m1")
    with open_house(Settings(home=home)):
        pass
    for name in ("detector/detector.json", "encoders/e1/encoder.json", "rejected/r.ndjson", "journal/j.json"):
        (home / name).parent.mkdir(parents=True)
        (home / name).write_text(name)
    (home / "ads.note").write_text("ads")
    return home


def take_down(takedowns: Takedowns, post: str) -> None:
    takedowns.finish(takedowns.begin("m1", "order 7", {post_mark(post)}, 1).id)


def files_of(home: Path) -> dict[str, bytes]:
    # Of no use in another place, or made anew there.
    left_out = ("store", "rejected", "journal", "law.", "backup.json", "mapped.json", ".")
    names = {str(file.relative_to(home)): file for file in home.rglob("*") if file.is_file()}
    return {name: file.read_bytes() for name, file in names.items() if not name.startswith(left_out)}


def test_what_was_taken_down_stays_away_after_a_restore(photosense: Command, home: Path) -> None:
    """The register comes along: once such a post was accepted and shown again."""
    photosense("backup", "saved")
    shutil.rmtree(home)
    assert photosense("restore", "saved").code == 0
    with open_house(Settings(home=home), with_detector=False) as house:
        assert house.law.takedowns.match("p0", None, None, None) is not None
        assert sorted(each.id for each in house.store.scroll()) == ["p1", "p2"]
        (result,) = house.pipeline().take(
            lines({"id": "p0", "text": "evening light over hills", "child": False}), InlinePhotos()
        )
        assert result.reason == "taken_down"


def test_a_restore_without_the_records_of_today_says_what_that_shows(photosense: Command, home: Path) -> None:
    """Where they stayed, and go on from those of the backup, there is nothing to be said, and nothing comes back."""
    photosense("backup", "saved")
    with open_house(Settings(home=home), with_detector=False) as house:
        take_down(house.law.takedowns, "p1")
    records = {file.name: file.read_bytes() for file in home.iterdir() if file.suffix in (".ndjson", ".salt", ".head")}
    shutil.rmtree(home)
    says = "what was taken down or held since then is shown again"
    assert says in " ".join(photosense("restore", "saved").out.split())
    with open_house(Settings(home=home), with_detector=False) as house:
        assert "p1" in {each.id for each in house.store.scroll()}
    shutil.rmtree(home)
    home.mkdir()
    for name, content in records.items():
        (home / name).write_bytes(content)
    assert says not in " ".join(photosense("restore", "saved").out.split())
    with open_house(Settings(home=home), with_detector=False) as house:
        assert "p1" not in {each.id for each in house.store.scroll()}


def test_a_backup_holds_the_whole_home_and_a_restore_brings_it_back(photosense: Command, home: Path) -> None:
    """Register, audit and its salt, detector, advertisements, encoders: byte for byte, and whole chains."""
    photosense("backup", "saved")
    before = files_of(home)
    records = {"takedowns.ndjson", "tombstones.ndjson", "audit.ndjson", "audit.salt"}
    assert records | {"detector/detector.json", "ads.note"} <= before.keys()
    shutil.rmtree(home)
    photosense("restore", "saved")
    assert files_of(home) == before
    for name in ("audit.ndjson", "takedowns.ndjson", "tombstones.ndjson"):
        assert verify(home / name).breaks == ()
    with open_house(Settings(home=home), with_detector=False) as house:
        assert len(house.law.audit.hashes("p1")) == 1
        assert house.store.count() == 2


def test_settings_and_rules_come_along(
    photosense: Command, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They go where they are missing; where others are in force, that is said."""
    rules = tmp_path / "law.yaml"
    rules.write_text('version: 3\ngroups:\n  "*": {withhold: [child, review], action: omit, refuse_queries: true}\n')
    monkeypatch.setenv("PHOTOSENSE_RULES", str(rules))
    (tmp_path / "photosense.toml").write_text("threads = 1\n")
    photosense("backup", "saved")
    whole = rules.read_text()
    shutil.rmtree(home)
    rules.unlink()
    (tmp_path / "photosense.toml").write_text("threads = 2\n")
    outcome = photosense("restore", "saved")
    assert rules.read_text() == whole
    assert "saved/settings/photosense.toml is not what is in force now" in outcome.out
    assert "law.yaml is not" not in outcome.out


@pytest.mark.parametrize("name", ["store/x", "detector/x", "ads.json", "journal/x"])
@pytest.mark.usefixtures("home")
def test_a_home_that_is_not_empty_is_refused(photosense: Command, tmp_path: Path, name: str) -> None:
    """With what is in the way; nothing of it changes."""
    photosense("backup", "saved")
    other = tmp_path / "other"
    (other / name).parent.mkdir(parents=True)
    (other / name).write_text("mine")
    outcome = photosense("restore", "saved", "--home", "other")
    assert outcome.code == 2
    assert f"{name.partition('/')[0]} exists: move it away first" in outcome.err
    assert [file.read_text() for file in other.rglob("*") if file.is_file()] == ["mine"]


def test_records_that_go_on_from_the_backup_stay(photosense: Command, home: Path) -> None:
    """Who lost the store alone keeps what was taken down since; its post goes at the next start."""
    photosense("backup", "saved")
    take_down(Takedowns(home / "takedowns.ndjson"), "p1")
    Audit(home / "audit.ndjson").deleted("p9")
    for entry in [entry for entry in home.iterdir() if not entry.name.startswith(("audit", "takedowns"))]:
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    outcome = photosense("restore", "saved")
    assert outcome.code == 0, outcome.err
    with open_house(Settings(home=home), with_detector=False) as house:
        assert [each.id for each in house.store.scroll()] == ["p2"]
        for soundness in (house.law.takedowns.soundness(), house.law.audit.soundness()):
            assert soundness is not None
            assert soundness.breaks == ()


def test_keys_are_in_no_backup_and_stay_in_their_home(photosense: Command, home: Path, tmp_path: Path) -> None:
    """None comes back that was revoked since, and a restore takes none away."""
    photosense("keys", "create", "backend")
    photosense("backup", "saved")
    assert list((tmp_path / "saved").rglob("keys.*")) == []
    for entry in [entry for entry in home.iterdir() if not entry.name.startswith("keys.")]:
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    outcome = photosense("restore", "saved")
    assert outcome.code == 0, outcome.err
    assert "backend" in photosense("keys", "list").out


@pytest.mark.usefixtures("home")
def test_records_of_another_home_are_refused(photosense: Command, tmp_path: Path) -> None:
    """They would be mixed up."""
    photosense("backup", "saved")
    take_down(Takedowns(tmp_path / "other" / "takedowns.ndjson"), "p7")
    outcome = photosense("restore", "saved", "--home", "other")
    assert outcome.code == 2
    assert "takedowns.ndjson does not go on from that of the backup" in outcome.err


def test_a_file_that_changed_in_the_backup_is_refused(photosense: Command, home: Path, tmp_path: Path) -> None:
    """Its checksum tells; nothing is restored."""
    photosense("backup", "saved")
    register = tmp_path / "saved" / "home" / "takedowns.ndjson"
    register.write_bytes(register.read_bytes().replace(b"order", b"other"))
    shutil.rmtree(home)
    outcome = photosense("restore", "saved")
    assert outcome.code == 2
    assert "home/takedowns.ndjson is not what was saved" in outcome.err
    assert not (home / "store").exists()


def test_posts_are_counted_after_a_restore(photosense: Command, home: Path, tmp_path: Path) -> None:
    """A store that opens and lacks posts is refused."""
    photosense("backup", "saved")
    manifest = tmp_path / "saved" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"posts": 2', '"posts": 3'))
    shutil.rmtree(home)
    outcome = photosense("restore", "saved")
    assert outcome.code == 2
    assert "holds 2 posts of the 3 that were saved" in outcome.err
    assert not (home / "store").exists()
