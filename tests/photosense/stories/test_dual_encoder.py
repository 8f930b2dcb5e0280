"""A dual encoder that the settings name: ingested with, searched by, and told about."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photosense.house import open_house
from photosense.settings import Settings
from qdrant.vector_kind import DUAL
from tests.support.command import Command
from tests.support.tiny_dual import COLOURS, DESCRIPTION, SIDE, coloured, write_dual

POSTS = [
    {"id": "ruby", "photo": "ruby.png", "child": False},
    {"id": "leaf", "photo": "leaf.png", "child": False, "text": "a quiet evening at home"},
    {"id": "told", "text": "an old red boat on the lake shore"},
]


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    """Posts in a file, and beside the command's settings a dual encoder that these do not name yet."""
    write_dual(tmp_path / "clip")
    (tmp_path / "ruby.png").write_bytes(coloured(200, 50, 50, 1))
    (tmp_path / "leaf.png").write_bytes(coloured(50, 200, 50, 2))
    file = tmp_path / "posts.ndjson"
    file.write_text("\n".join(map(json.dumps, POSTS)), "utf-8")
    return file


def name_it(folder: Path) -> None:
    """Name the dual encoder in the settings."""
    (folder / "photosense.toml").write_text('dual_encoder = "clip/clip.toml"\n', "utf-8")


def test_photos_are_found_by_what_they_show(photosense: Command, posts: Path, tmp_path: Path) -> None:
    """No caption, no hashtag, no model: the embedded store finds it all the same."""
    name_it(tmp_path)
    assert photosense("ingest", posts).code == 0
    result = photosense("search", "красный")
    assert (result.code, "ruby" in result.out, "leaf" in result.out) == (0, True, False)


@pytest.mark.usefixtures("posts")
def test_what_is_a_match_can_be_tried(photosense: Command, tmp_path: Path) -> None:
    """Cosines of texts and a photo, to set `least` by."""
    name_it(tmp_path)
    result = photosense("encoder", "show", "ruby.png", "--text", "red", "--text", "green", "--text", "zebra")
    assert [line.split(",")[0].strip() for line in result.out.splitlines() if ", a match from 0.2" in line] == [
        f"{text}: {near:.3f}" for text, near in zip(["red", "green"], cosines(tmp_path / "clip"), strict=True)
    ]
    assert "zebra: says nothing that it knows" in result.out
    (tmp_path / "photosense.toml").unlink()
    result = photosense("encoder", "show", "ruby.png", "--text", "red")
    assert (result.code, "set `dual_encoder`" in result.err) == (2, True)


def cosines(folder: Path) -> list[float]:
    """How much the red photo looks like two texts, worked out by the mean of its colours."""
    pixels = np.asarray(Image.open(folder.parent / "ruby.png").resize((SIDE, SIDE), Image.Resampling.BILINEAR))
    mean = pixels.reshape(-1, 3).mean(axis=0) / 127.5 - 1
    return [float(mean @ COLOURS[text] / np.linalg.norm(mean) / 3**0.5) for text in ("red", "green")]


def test_the_list_of_encoders_knows_it(photosense: Command, tmp_path: Path) -> None:
    """What can be named, what is missing for it, and what is named."""
    name_it(tmp_path)
    result = photosense("encoder", "list").out
    assert "CLIP or SigLIP beside it: onnxruntime, tokenizers" in result
    assert "In force: patches, and the dual encoder clip/clip.toml." in result


def test_posts_from_before_are_told_and_seen_once_they_come_again(
    photosense: Command, posts: Path, tmp_path: Path
) -> None:
    """The status counts; the same file once more, and it has seen their photos."""
    photosense("ingest", posts)
    assert "dual encoder" not in photosense("status").out
    name_it(tmp_path)
    assert "places of 0 of 3 posts; ingest those again" in photosense("status").out
    again = photosense("ingest", posts)
    assert "3 unchanged" in again.out
    assert "places of 2 of 3 posts" in photosense("status").out
    assert "ruby" in photosense("search", "красный").out


def test_another_one_begins_anew_beside_the_old(photosense: Command, posts: Path, tmp_path: Path) -> None:
    """Nothing is lost by a slip in the settings; who means it compacts the store, and the old places go."""
    name_it(tmp_path)
    photosense("ingest", posts)
    (tmp_path / "clip" / "clip.toml").write_text(DESCRIPTION.replace("length = 8", "length = 8\npad = 1"), "utf-8")
    status_text = photosense("status").out
    assert "places of 2 posts, is not named by the settings: `photosense optimize` drops them" in status_text
    assert "places of 0 of 3 posts" in status_text
    photosense("optimize")
    assert "not named" not in photosense("status").out


def test_leaving_it_out_drops_nothing(photosense: Command, posts: Path, tmp_path: Path) -> None:
    """The places wait in the store, also while it is compacted."""
    name_it(tmp_path)
    photosense("ingest", posts)
    (tmp_path / "photosense.toml").unlink()
    assert photosense("optimize").code == 0
    assert "places of 2 posts, is not named by the settings" in photosense("status").out
    name_it(tmp_path)
    assert "ruby" in photosense("search", "красный").out


def test_a_wrong_description_is_a_sentence(photosense: Command, posts: Path, tmp_path: Path) -> None:
    """The command says which file and where, before anything else happens."""
    name_it(tmp_path)
    (tmp_path / "clip" / "tokenizer.json").unlink()
    result = photosense("ingest", posts)
    assert (result.code, result.out) == (2, "")
    assert "The dual encoder tiny-clip has its text.tokenizer in" in result.err
    assert "Traceback" not in result.err


def test_a_model_that_was_trained_without_it_still_fits(tmp_path: Path) -> None:
    """It adds no visual words and no features, so what was learned before stays as good as it was."""
    described = write_dual(tmp_path / "clip")
    plain, more = (Settings(home=tmp_path / "home", dual_encoder=named) for named in (None, described))
    with open_house(plain) as house:
        before = house.photos.encoder.id
    with open_house(more) as house:
        assert house.photos.encoder.id == before
        assert house.photos.dual is not None
        assert house.store.info().sizes(DUAL) == {house.photos.dual.id: 3}
