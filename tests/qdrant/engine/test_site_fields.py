"""The site's own fields: whose they are, and that one audience's leave those of another their room."""

import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest
from qdrant_client import QdrantClient

from common.digest import sealed
from qdrant.engine.site_fields import audiences
from qdrant.engine.store import Bounds
from qdrant.errors import FilterRefused
from qdrant.filters import Given
from qdrant.open_store import open_folder, open_server
from qdrant.points import PhotoPoint
from qdrant.store import Search, Standing, Store
from tests.support.points import point

EVERY = ("open", "clear", "unseen", "consented", "DE", "?")


@pytest.mark.parametrize(
    ("vis", "child", "expected"),
    [
        ("open", "clear", {"open", "clear"}),
        ("open", "consented", {"open", "consented"}),
        ("unseen", "unseen", {"unseen"}),
        ("held", "child", set()),
        (["held", "DE", "FR"], "child", {"DE", "FR"}),
    ],
)
def test_a_post_is_for_those_whom_a_rule_lets_see_it(vis: str | list[str], child: str, expected: set[str]) -> None:
    """By where it is open, and by its kind; what is held is for nobody, but where a consent opens it."""
    assert audiences(vis, child) == expected


def test_withheld_posts_take_nobody_else_the_room(tmp_path: Path) -> None:
    """However many fields they have; a field is there once its post opens, and its room is free when it closes."""
    store = open_folder(tmp_path / "store", Bounds(attrs=2))
    many = {f"f{number}": "x" for number in range(60)}
    store.upsert([point("child", vis="held", child="child", attrs=many), point("photo", vis="unseen", attrs=many)])
    store.upsert([point("first", attrs={"album": "x", "place": "x", "late": "x"})])
    assert {"album", "place"} <= store.info().attrs.keys()
    assert "late" not in store.info().attrs
    store.set_facts({"first": Standing("held", "child", {})})
    assert not {"album", "place"} & store.info().attrs.keys()
    store.upsert([point("last", attrs={"late": "x"})])
    assert "late" in store.info().attrs
    store.close()
    again = open_folder(tmp_path / "store", Bounds(attrs=2))
    assert "late" in again.info().attrs
    again.close()


def test_a_field_that_was_forgotten_leaves_a_store_that_opens_after_a_crash(tmp_path: Path) -> None:
    """What lies on disk right after a field was forgotten opens, and the field stays as unknown."""
    store = open_folder(tmp_path / "store")
    store.upsert([point("a", attrs={"album": "x"}), point("b", attrs={"camera": "x"})])
    store.close()
    store = open_folder(tmp_path / "store")  # from here on the files of both indexes are expected
    store.set_facts({"b": Standing("held", "child", {})})
    shutil.copytree(tmp_path / "store", tmp_path / "killed")
    store.close()
    again = open_folder(tmp_path / "killed")
    assert _known(again) == {"album": {"open", "clear"}}
    again.set_facts({"b": Standing("open", "clear", {})})
    assert _known(again) == {"album": {"open", "clear"}, "camera": {"open", "clear"}}
    again.close()


def test_an_embedded_store_of_before_audiences_is_opened_and_settled(tmp_path: Path) -> None:
    """Whose fields those are is found out from the posts; a field that only held posts have is nobody's."""
    store = open_folder(tmp_path / "store")
    store.upsert(_posts())
    store.close()
    file = tmp_path / "store" / "store.json"
    record = orjson.loads(file.read_bytes())
    file.write_bytes(orjson.dumps(sealed({**record, "format": 3, "attrs": _BEFORE})))
    again = open_folder(tmp_path / "store")
    assert _known(again) == _NOW
    again.upsert([point("new", attrs={"late": "x"})])
    again.close()
    assert "?" not in file.read_text()
    settled = open_folder(tmp_path / "store")
    assert _known(settled) == {**_NOW, "late": {"open", "clear"}}
    settled.close()


def test_a_collection_of_before_audiences_is_opened_and_settled() -> None:
    """The same on a server, where the fields of the site stand in a part of the record of their own."""
    client = QdrantClient(":memory:")
    store = open_server("local", client=client)
    store.upsert(_posts())
    client.update_collection("photosense-1", metadata={"photosense_attrs": _BEFORE})
    assert _known(open_server("local", client=client)) == _NOW


_BEFORE = [["word", name] for name in ("album", "camera", "held", "lens")]
_NOW = {"album": {"open", "clear", "consented"}, "camera": {"unseen"}, "lens": {"open", "clear"}}


def _posts() -> list[PhotoPoint]:
    """Posts of each standing, each field of which had an index before; one was closed since."""
    return [
        point("open", attrs={"album": "x", "lens": "x"}),
        point("agreed", child="consented", attrs={"album": "x"}),
        point("photo", vis="unseen", child="unseen", attrs={"camera": "x"}),
        point("child", vis="held", child="child", attrs={"held": "x", "lens": "x"}),
    ]


def _known(store: Store) -> dict[str, set[str]]:
    """The fields that may be filtered by, and by which audiences."""
    known: dict[str, Any] = {}
    for name in ("album", "camera", "held", "lens", "late"):
        for audience in EVERY:
            search = Search(1, words={"sea": 1.0}, filter=Given(f'typed.word."{name}"'), audience=frozenset({audience}))
            try:
                store.candidates(search)
            except FilterRefused:
                continue
            known.setdefault(name, set()).add(audience)
    return known
