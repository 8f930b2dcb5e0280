"""Lines that a crawl gets wrong, each in its own way, so that a newcomer sees what becomes of them."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

_PAGE = "<!doctype html><html><head><title>404</title></head><body>Photo not found</body></html>\n"


def _post(name: str, **changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "id": name,
        "captions": [{"text": "Тихое утро у воды, туман ещё не ушёл.", "author": "u003"}],
        "tags": ["утро", "lake"],
        "link": f"https://photos.example/p/{name}",
        "version": 1,
    }
    return {**base, **changes}


def _without(post: dict[str, Any], *fields: str) -> str:
    return _line({name: value for name, value in post.items() if name not in fields})


def _line(post: dict[str, Any]) -> str:
    return json.dumps(post, ensure_ascii=False)


BROKEN: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "cut_json": lambda name: _line(_post(name))[:-31],
        "no_id": lambda name: _without(_post(name), "id"),
        "photo_missing": lambda name: _line(_post(name, photo=f"photos/{name}-lost.jpg")),
        "photo_is_html": lambda name: _line(_post(name, photo=f"photos/{name}.jpg")),
        "captions_of_wrong_type": lambda name: _line(_post(name, captions=42)),
        "id_of_wrong_type": lambda name: _line(_post(name, id=[name])),
        "negative_version": lambda name: _line(_post(name, version=-3)),
        "no_content": lambda name: _without(_post(name), "captions", "tags"),
    }
)


def broken_lines(folder: Path, positions: Sequence[int]) -> dict[int, str]:
    """One line of each sort for the places given (none for none), with the HTML file that one of them calls a photo."""
    lines = {}
    for position, (sort, make) in zip(positions, BROKEN.items(), strict=bool(positions)):
        name = f"demo-x{position:04d}"
        lines[position] = make(name)
        if sort == "photo_is_html":
            (folder / "photos" / f"{name}.jpg").write_text(_PAGE, encoding="utf-8")
    return lines
