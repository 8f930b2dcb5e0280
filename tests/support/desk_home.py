"""A home with posts that wait, served on a port to a browser: the real service, in a thread of the test."""

import io
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps
from pydantic import SecretStr

from photosense.house import Company, House, open_house
from photosense.server import listen, make_server
from photosense.settings import Settings
from tests.support.http_client import TestClient, client_from
from tests.support.small_world import as_base64, photo_file

KEY = "the-key-of-the-site"
NDJSON = {"Content-Type": "application/x-ndjson"}


def word(number: int) -> str:
    """A word that one post has and no other."""
    return f"borq{chr(97 + number // 26)}{chr(97 + number % 26)}x"


def waiting(count: int) -> list[dict[str, Any]]:
    """Posts in words that the site calls harmless and the lexicon does not."""
    return [
        {
            "id": f"wait-{number:03}",
            "captions": [{"text": f"A kid beside the {word(number)} boats", "author": f"u{number % 3}"}],
            "child": False,
        }
        for number in range(count)
    ]


def pictured() -> list[dict[str, Any]]:
    """A post that is held, a mirrored copy of it, and one that waits for its words alone."""
    photo = photo_file("forest", seed=77)
    mirrored = io.BytesIO()
    ImageOps.mirror(Image.open(io.BytesIO(photo))).save(mirrored, "PNG")
    return [
        {"id": "first", "photo": as_base64(photo), "text": "Лес утром", "child": True},
        {"id": "again", "photo": as_base64(mirrored.getvalue()), "text": "A quiet wood", "child": False},
        {
            "id": "bridge",
            "photo": as_base64(photo_file("city", seed=5)),
            "captions": [{"text": "Девочка у моста", "author": "u9"}, {"text": "<img src=x onerror=alert(1)>"}],
            "tags": ["мост"],
            "link": "https://photos.example/p/bridge",
            "attrs": {"place": "Тверь"},
            "child": False,
        },
    ]


@contextmanager
def house_of(home: Path, posts: Sequence[dict[str, Any]], **changes: Any) -> Iterator[House]:
    """A house in which these posts came in."""
    settings = Settings(home=home, renditions=True, **changes)
    with open_house(settings, company=Company.ALONE) as house:
        with client_from(house.app()) as client:
            taken = client.post("/v1/posts:bulk", content="\n".join(map(json.dumps, posts)), headers=NDJSON)
            assert taken.status_code == 200, taken.text
        yield house


@contextmanager
def served(house: House, *, key: bool = False) -> Iterator[str]:
    """Serve it on this machine, where need be for those with a key alone; gives the base address."""
    app = house.app()
    if key:
        settings = house.settings.model_copy(update={"api_key": SecretStr(KEY)})
        app = replace(house, settings=settings).app()
    listener = listen("127.0.0.1", 0)
    server = make_server(app, app.state.stop, house.settings)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def finds(client: TestClient, text: str) -> list[str]:
    """What a visitor from Russia finds by a word."""
    asked = {"text": text, "mode": "words", "country": "RU", "respell": False}
    return [hit["id"] for hit in client.post("/v1/search", json=asked).json()["hits"] if "id" in hit]
