"""The demo world on disk: the same for the same seed, every kind of post, and broken lines that are broken."""

import hashlib
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from demo.broken import BROKEN
from demo.plan import make_plan
from demo.scenes import SCENES
from demo.tries import TRIES
from demo.world import World, WorldError, make_world, query_photo


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world of forty lines."""
    return make_world(tmp_path_factory.mktemp("demo") / "world", 40, 3)


def _pixels(file: Path) -> str:
    with Image.open(file) as photo:
        return hashlib.sha256(photo.convert("RGB").tobytes()).hexdigest()


def _truths(world: World) -> list[dict[str, str]]:
    return [json.loads(line) for line in world.truth_file.read_text("utf-8").splitlines()]


def _posts(world: World) -> dict[str, dict[str, Any]]:
    known = {truth["id"] for truth in _truths(world)}
    records = {}
    for line in world.posts_file.read_text("utf-8").splitlines():
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            continue
        name = record.get("id")
        if isinstance(name, str) and name in known:
            records[name] = record
    return records


def test_the_same_seed_makes_the_same_world(world: World, tmp_path: Path) -> None:
    """Both files are equal byte by byte, and photos pixel by pixel; a smaller world shares nothing but the form."""
    again = make_world(tmp_path / "again", 40, 3)
    assert again.posts_file.read_bytes() == world.posts_file.read_bytes()
    assert again.truth_file.read_bytes() == world.truth_file.read_bytes()
    names = sorted(photo.name for photo in world.photos.iterdir() if not photo.name.startswith("demo-x"))[:4]
    assert [_pixels(again.photos / name) for name in names] == [_pixels(world.photos / name) for name in names]


def test_another_seed_makes_another_world(world: World) -> None:
    """The seed decides the words."""
    ours = [record["captions"] for record in make_plan(40, 3).records]
    assert ours == [record["captions"] for record in _posts(world).values()]
    assert ours != [record["captions"] for record in make_plan(40, 4).records]


def test_kinds_are_counted_as_promised() -> None:
    """Of 600 lines 8 are broken, and the other kinds have their shares."""
    plan = make_plan(600, 7)
    counts = Counter(truth["kind"] for truth in plan.truths)
    special = {"no_photo": 18, "advertisement": 18, "duplicate": 12, "child": 30, "consented": 6}
    assert counts == {**special, "ordinary": 592 - sum(special.values())}
    assert len(plan.broken_positions) == 8
    children = [truth["scene"] for truth in plan.truths if truth["kind"] == "child"]
    assert children.count("child") == 15


def test_every_scene_is_about_as_frequent() -> None:
    """Ordinary posts are spread over all scenes, the child's excepted."""
    counts = Counter(truth["scene"] for truth in make_plan(600, 7).truths if truth["kind"] == "ordinary")
    assert set(counts) == set(SCENES) - {"child"}
    assert max(counts.values()) - min(counts.values()) <= 12


def test_a_well_formed_line_has_its_fields(world: World) -> None:
    """Each post with a truth has id, captions, tags, link, attrs, version, and a photo that opens, but for no_photo."""
    posts = _posts(world)
    for truth in _truths(world):
        post = posts[truth["id"]]
        assert all(set(caption) == {"text", "author"} for caption in post["captions"])
        assert post["captions"]
        assert set(post["attrs"]) == {"place", "camera", "taken"}
        assert (post["link"], post["version"]) == (f"https://photos.example/p/{truth['id']}", 1)
        assert ("photo" in post, "thumb" in post) == ((truth["kind"] != "no_photo"),) * 2
        if "photo" in post:
            with Image.open(world.folder / post["photo"]) as photo:
                assert photo.format == "JPEG"
                assert sorted(photo.size) in ([360, 480], [400, 400])


def test_host_says_of_every_post_but_some_about_children_what_it_shows() -> None:
    """Consented posts carry both flags, some child posts none; of all others the host says that there is no child."""
    plan = make_plan(600, 7)
    flags: dict[str, set[tuple[object, bool]]] = {}
    for record, truth in zip(plan.records, plan.truths, strict=True):
        flags.setdefault(truth["kind"], set()).add((record.get("child"), "consent" in record))
    assert flags["consented"] == {(True, True)}
    assert flags["child"] == {(None, False), (True, False)}
    assert flags["ordinary"] == flags["advertisement"] == flags["no_photo"] == {(False, False)}


def test_a_duplicate_repeats_an_earlier_post(world: World) -> None:
    """Its words and pixels are the other's, its id is its own."""
    posts = _posts(world)
    doubles = [truth for truth in _truths(world) if truth["kind"] == "duplicate"]
    assert doubles
    for truth in doubles:
        first, second = posts[truth["of"]], posts[truth["id"]]
        assert truth["of"] < truth["id"]
        assert first["captions"] == second["captions"]
        assert (world.folder / first["photo"]).read_bytes() == (world.folder / second["photo"]).read_bytes()


def test_broken_lines_are_broken(world: World) -> None:
    """All lines but the well-formed ones are wrong, each in its own way."""
    known = {truth["id"] for truth in _truths(world)}
    wrong = []
    for line in world.posts_file.read_text("utf-8").splitlines():
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            wrong.append("json")
            continue
        name = record.get("id")
        if isinstance(name, str) and name in known:
            continue
        photo = world.folder / record.get("photo", ".")
        faults = {
            "no id": name is None,
            "id type": isinstance(name, list),
            "no file": not photo.exists(),
            "html": photo.is_file() and photo.read_bytes().startswith(b"<!doctype"),
            "captions": isinstance(record.get("captions"), int),
            "version": record["version"] < 0,
            "empty": not {"captions", "tags", "photo"} & set(record),
        }
        wrong += [fault for fault, is_so in faults.items() if is_so]
    assert sorted(wrong) == ["captions", "empty", "html", "id type", "json", "no file", "no id", "version"]
    assert len(BROKEN) == 8


def test_progress_is_told_to_the_end(tmp_path: Path) -> None:
    """The caller hears of each photo, the last time with all done."""
    calls: list[tuple[int, int]] = []
    make_world(tmp_path / "small", 3, 1, lambda done, total: calls.append((done, total)))
    assert calls[-1] == (len(calls), len(calls))


def test_a_world_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """When drawing stops half-way, neither the folder nor its parts remain."""

    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_world(tmp_path / "half", 3, 1, stop)
    assert list(tmp_path.iterdir()) == []


def test_a_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    """A folder with other things in it is refused, an earlier world is replaced."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(WorldError, match="not a demo world"):
        make_world(tmp_path / "mine", 2, 1)
    assert (tmp_path / "mine" / "letter.txt").exists()
    make_world(tmp_path / "w", 3, 1)
    assert make_world(tmp_path / "w", 2, 1).posts_file.read_text("utf-8").count("\n") == 2


@pytest.mark.parametrize("posts", [0, -5])
def test_a_world_needs_posts(tmp_path: Path, posts: int) -> None:
    """Fewer than one post is refused with the number."""
    with pytest.raises(WorldError, match=str(posts)):
        make_world(tmp_path / "none", posts)


def test_a_query_photo_is_fresh(world: World) -> None:
    """It opens, is the same for the same seed, and is none of the posts' photos."""
    photo = query_photo("bridge", 1)
    assert photo == query_photo("bridge", 1) != query_photo("bridge", 2)
    assert np.asarray(Image.open(io.BytesIO(photo))).shape == (360, 480, 3)
    assert photo not in {file.read_bytes() for file in world.photos.iterdir()}


def test_an_unknown_scene_is_named() -> None:
    """The message gives the value and the scenes there are."""
    with pytest.raises(WorldError, match=r"'volcano'.*sunset_sea"):
        query_photo("volcano", 1)


def test_tries_ask_for_scenes_that_exist() -> None:
    """Each try asks something, expects scenes of this world, and three are harmful."""
    for one in TRIES:
        assert one.text or one.photo_scene
        assert one.photo_scene is None or one.photo_scene in SCENES
        assert one.expect_scenes <= set(SCENES)
        assert bool(one.expect_scenes) is not one.harmful
    assert sum(one.harmful for one in TRIES) == 3
    assert len({one.name for one in TRIES}) == len(TRIES)
