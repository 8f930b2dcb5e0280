"""`photosense export` and `import`: a home comes through as lines of JSON, and nothing opens on the way."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from compliance.consent import Consent
from compliance.facts import Child, from_payload
from compliance.records.chain import verify
from ingest.photos.photo_source import InlinePhotos
from moderation.desk import Decision, Desk
from moderation.takedowns import Remover
from photosense.export.export_writer import write_export
from photosense.export.lines import Kind, LineWriter
from photosense.house import open_house
from photosense.settings import Settings
from tests.support.command import Command
from tests.support.crawl import ENCODER, RECIPE, crawl, lines, post
from tests.support.rot import answers
from training.topics import retrain

QUESTIONS = ["sea waves", "снежные вершины", "night city lights", "закат над морем", "mountain trail", "photo"]


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a model, decisions, a consent, a takedown and a tombstone."""
    settings = Settings(home=tmp_path_factory.mktemp("taught") / "home")
    with open_house(settings) as house:
        house.pipeline().take(lines(*crawl(), post("held", text="a day at the sea", child=True)), InlinePhotos())
        desk, remover = Desk(house.store, house.law), Remover(house.store, house.law)
        desk.decide([Decision("p01", Child.CHILD), Decision("p02", Child.REVIEW)], "m1")
        desk.decide([Decision("p02", Child.CLEAR)], "m1")
        consent = Consent("form-1", house.law.gate.now(), frozenset({"DE"}))
        desk.decide([Decision("p03", Child.CONSENTED, consent)], "m1")
        remover.take_down("m1", "order 7", post="p04")
        remover.delete("held")
        house.store.optimize()
        retrain(house.store, settings.models_path, RECIPE, ENCODER.id)
    return settings.home


@pytest.fixture(scope="module")
def exported(taught: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its export, without the model."""
    settings, file = Settings(home=taught), tmp_path_factory.mktemp("exported") / "all.ndjson"
    with open_house(settings, with_model=False) as house:
        write_export(settings, house.store, file, model=False)
    return file


def said(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


@pytest.mark.usefixtures("home")
def test_an_imported_home_answers_as_the_other_does(photosense: Command, home: Path, tmp_path: Path) -> None:
    """Hits and their numbers, posts down to their times, facts with their history, records and their chains."""
    outcome = photosense("export", "all.ndjson", "--model")
    assert outcome.code == 0, outcome.err
    assert "29 posts and" in outcome.out
    assert (tmp_path / "all.ndjson").stat().st_mode & 0o777 == 0o600
    outcome = photosense("import", "all.ndjson", "--home", "other")
    assert (outcome.code, outcome.out.strip()) == (0, "29 of 29 posts are in other."), outcome.err
    assert answers(tmp_path / "other", QUESTIONS) == answers(home, QUESTIONS)
    for name in ("takedowns.ndjson", "tombstones.ndjson", "audit.ndjson"):
        assert verify(tmp_path / "other" / name).breaks == ()
    assert photosense("verify", "--home", "other").code == 0
    with open_house(Settings(home=tmp_path / "other")) as house:
        back = house.pipeline().take(
            lines(post("p04", photo=None), post("again", text="a kid by the sea")), InlinePhotos()
        )
        assert [result.reason for result in back][:1] == ["taken_down"]
        facts = Desk(house.store, house.law).facts("p03")
        assert facts is not None
        assert facts.consent is not None
        assert facts.consent.countries == {"DE"}


def test_a_model_is_taken_along_where_it_is_asked_for(photosense: Command, exported: Path) -> None:
    """Without, posts are found by words, and a new one is learned from them."""
    assert {line["kind"] for line in said(exported)} == {"photosense", "post", "record", "end"}
    outcome = photosense("import", exported, "--home", "other")
    assert "photosense train" in outcome.out
    assert photosense("train", "--home", "other", "--topics", "4", "--passes", "2").code == 0


def _open(line: dict[str, Any]) -> dict[str, Any]:
    return line | {"facts": {"child": "clear", "source": "host", "rules": []}, "vis": "open"}


@pytest.mark.parametrize(
    ("change", "post_id", "child"),
    [
        pytest.param(lambda line: line | {"post": line["post"] | {"tags": ["toddler"]}}, "p05", "review", id="words"),
        pytest.param(_open, "held", "child", id="a tombstone"),
        pytest.param(lambda line: _open(line) | {"id": "p04"}, "p06", None, id="a takedown"),
    ],
)
def test_nothing_opens_on_the_way(
    photosense: Command,
    exported: Path,
    tmp_path: Path,
    change: Callable[[dict[str, Any]], dict[str, Any]],
    post_id: str,
    child: str | None,
) -> None:
    """What the words of a post say by the rules of today, and what the records of the export remember, holds."""
    with (tmp_path / "changed.ndjson").open("wb") as out:
        writer = LineWriter(out)
        for line in said(exported)[:-1]:
            kind = Kind(line.pop("kind"))
            if kind is Kind.POST and line["id"] == "p07" and post_id == "held":
                line |= {"id": "held", "content": [], "digest": ""}
                line = change(line)
            elif line.get("id") == post_id:
                line = change(line)
            writer.write(kind, line)
        writer.end()
    outcome = photosense("import", "changed.ndjson", "--home", "other")
    assert outcome.code == 0, outcome.err
    with open_house(Settings(home=tmp_path / "other")) as house:
        (point,) = house.store.get(["p04" if child is None else post_id])
        assert (None if point is None else from_payload(point.facts).child) == child


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda text: text[:-200], "was cut or changed"),
        (lambda text: text.replace("p05", "p55"), "was cut or changed"),
        (lambda text: text.replace('"format":1', '"format":9', 1), "is of format 9, this version reads up to 1"),
        (lambda _: "hello\n", "is damaged, or no export"),
        (lambda _: "", "is no export"),
    ],
)
def test_a_file_that_is_not_whole_brings_nothing(
    photosense: Command, exported: Path, tmp_path: Path, damage: Callable[[str], str], says: str
) -> None:
    """It is read to its end first."""
    (tmp_path / "all.ndjson").write_text(damage(exported.read_text()))
    outcome = photosense("import", "all.ndjson", "--home", "other")
    assert outcome.code == 2
    assert says in outcome.err
    assert not (tmp_path / "other").exists()


@pytest.mark.usefixtures("home")
def test_a_home_that_is_not_empty_is_left_alone(photosense: Command, exported: Path, tmp_path: Path) -> None:
    """Nor does an export replace a file."""
    assert "is not empty, audit.ndjson exists" in photosense("import", exported).err
    assert "exists already" in photosense("export", exported).err
    assert "cannot be read" in photosense("import", "nowhere.ndjson", "--home", "other").err
    assert not (tmp_path / "other").exists()
