"""Whoever takes photos in or trains is told what sees them, where that is little, or not what saw them before."""

import json
from pathlib import Path

import pytest

from tests.support.command import Command
from tests.support.crawl import crawl
from tests.support.tiny_network import write_encoder

ADVICE = "`photosense encoder add efficientnet-lite2` gives better eyes"


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    """A small crawl with photos."""
    file = tmp_path / "posts.ndjson"
    file.write_text("".join(json.dumps(line) + "\n" for line in crawl(30)), "utf-8")
    return file


def test_another_encoder_is_named_and_the_photos_come_in_again(
    photosense: Command, posts: Path, tmp_path: Path
) -> None:
    """From colours to a network: advice, new words for the same lines, a model of them, and no advice any more."""
    assert ADVICE in photosense("ingest", posts).err
    assert photosense("train", "--topics", "4", "--passes", "2").code == 0
    Path("photosense.toml").write_text(f'encoder = ["patches", "{write_encoder(tmp_path, "channels")}"]\n')
    result = photosense("search", "море", "--country", "DE")
    assert result.code == 2
    assert "send the photos in again (`photosense ingest`) and train (`photosense train`)" in result.err
    result = photosense("ingest", posts)
    assert result.code == 0, result.err
    assert "30 unchanged" in result.out
    assert "30  seen_anew (kept)" in result.out
    assert "was trained with another encoder: what came in now is found by words alone" in result.err
    result = photosense("train", "--topics", "4", "--passes", "2")
    assert result.code == 0, result.err
    assert "another encoder" not in result.err
    assert ADVICE not in result.err


def test_training_on_what_another_encoder_saw_is_told(photosense: Command, posts: Path, tmp_path: Path) -> None:
    """Who forgets to send the photos in again learns how many have old words."""
    assert photosense("ingest", posts).code == 0
    Path("photosense.toml").write_text(f'encoder = "{write_encoder(tmp_path, "channels")}"\n')
    result = photosense("train", "--topics", "4", "--passes", "2")
    assert "Of 30 posts 30 have the visual words of another encoder" in result.err


def test_posts_without_photos_get_no_advice(photosense: Command, tmp_path: Path) -> None:
    """Where nothing is seen nothing has to see better."""
    file = tmp_path / "posts.ndjson"
    file.write_text('{"id": "p1", "text": "закат над морем"}\n', "utf-8")
    assert ADVICE not in photosense("ingest", file).err
