"""What a home holds beside its posts, over HTTP, for whoever looks after it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from api.app import Parts, create_app
from api.settings import ServiceSettings
from photosense.house import Company, open_house
from photosense.service.home_status import home_models
from photosense.settings import Settings
from qdrant.vector_kind import THETA
from tests.support.command import Command
from tests.support.http_client import client_from, problem_of
from tests.support.small_world import words_only_world
from training.publish import PublishedModels


def test_a_home_tells_of_its_records_and_its_last_backup(photosense: Command, tmp_path: Path) -> None:
    """None is made yet, then one is; a chain that was broken is said to be."""
    home = tmp_path / "photosense-data"
    with open_house(Settings(home=home), company=Company.ALONE) as house, client_from(house.app()) as client:
        client.put("/v1/posts/nobody/compliance", json={"by": "m1", "child": "clear"})
        told = client.get("/v1/home").json()
    assert (told["models"], told["backup"], told["check"]) == ([], None, None)
    assert told["renditions"] == {"photos": 0, "bytes": 0}
    assert {each["file"]: each["sound"] for each in told["records"]}["audit.ndjson"]
    assert photosense("backup", str(tmp_path / "saved")).code == 0
    assert not list((tmp_path / "saved").rglob("backup.json"))
    audit = home / "audit.ndjson"
    first, *others = audit.read_text().splitlines()
    forged = json.dumps({**json.loads(first), "at": "2020-01-01T00:00:00+00:00"})
    audit.write_text("\n".join([forged, first, *others, ""]))
    with open_house(Settings(home=home), company=Company.ALONE) as house, client_from(house.app()) as client:
        told = client.get("/v1/home").json()
    assert (told["backup"]["posts"], told["backup"]["model"]) == (0, None)
    assert datetime.now(UTC) - datetime.fromisoformat(told["backup"]["at"]) < timedelta(hours=1)
    assert not {each["file"]: each["sound"] for each in told["records"]}["audit.ndjson"]
    assert photosense("verify").code == 1
    with open_house(Settings(home=home), company=Company.ALONE) as house, client_from(house.app()) as client:
        told = client.get("/v1/home").json()
    assert told["check"]["damaged"] == ["records"]


def test_models_are_listed_with_where_they_stand(tmp_path: Path) -> None:
    """One that is in force, one that lies there."""
    settings = Settings(home=tmp_path / "home")
    with open_house(settings, company=Company.ALONE) as house:
        for name in ("m-old", "m-new"):
            (settings.models_path / name).mkdir(parents=True)
            (settings.models_path / name / "model.json").write_text("{}")
        with client_from(house.app()) as client:
            rows = client.get("/v1/home").json()["models"]
    assert {row["id"]: row["state"] for row in rows} == {"m-old": "kept", "m-new": "kept"}


def test_a_model_is_in_force_before_a_service_answers_by_it(tmp_path: Path) -> None:
    """Whoever asks in between, as the desk does when the task has ended, is told what holds, and what was before."""
    settings = Settings(home=tmp_path / "home")
    with open_house(settings, company=Company.ALONE) as house:
        for name in ("m-old", "m-new"):
            (settings.models_path / name).mkdir(parents=True)
            (settings.models_path / name / "model.json").write_text("{}")
            house.store.add_vector(THETA.of(name), 2)
        house.store.activate("m-old", keep=["m-new"])
        loaded = house.store.of_model("m-old")
        PublishedModels(settings.models_path).write(["m-old", "m-new"], [])
        house.store.activate("m-new", keep=["m-old"])
        told = home_models(settings, loaded)
    assert {row.id: row.state for row in told.models} == {"m-old": "ready", "m-new": "in_force"}
    assert told.before == "m-old"


def test_a_service_without_a_home_says_so() -> None:
    """As one that is put together from parts."""
    with client_from(create_app(ServiceSettings(), Parts(words_only_world().store))) as client:
        problem_of(client.get("/v1/home"), 404, "not_found")
