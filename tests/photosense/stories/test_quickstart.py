"""The quickstart is true: every command of the page runs, in its order, on a folder of photos."""

import json
import re
import shlex
from pathlib import Path
from urllib.request import urlopen

from tests.support.command import Command
from tests.support.crawl import SCENES, photo
from tests.support.service import serving

PAGE = Path(__file__).parents[3] / "docs" / "quickstart.md"


def commands() -> list[list[str]]:
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return [shlex.split(line) for block in blocks for line in block.splitlines()]


def test_every_command_of_the_quickstart_runs(photosense: Command, tmp_path: Path) -> None:
    """With what it says it gives: hits, a page, a service that answers, a backup that is restored."""
    (tmp_path / "photos" / "trip").mkdir(parents=True)
    for number, scene in enumerate(list(SCENES) * 4):
        name = tmp_path / "photos" / ("trip" if number % 2 else "") / f"{scene}-{number}"
        name.with_suffix(".png").write_bytes(photo(scene, number))
        name.with_suffix(".txt").write_text(f"{SCENES[scene][1]}, picture {number}")
    said = {}
    for program, *arguments in commands():
        assert program == "photosense"
        if arguments == ["serve"]:
            with serving(tmp_path) as service, urlopen(f"http://127.0.0.1:{service.port}/v1/search?q=waves") as answer:
                said["serve"] = json.loads(answer.read())
        else:
            result = photosense(*arguments)
            assert result.code == (1 if arguments == ["doctor"] else 0), (arguments, result.out, result.err)
            said[arguments[0]] = result.out
    assert "waves on the sandy beach" in said["search"]
    assert said["serve"]["country"]
    assert "is whole" in said["verify"]
    assert "12 posts are restored in tried" in said["restore"]
    assert (tmp_path / "topics.html").is_file()
