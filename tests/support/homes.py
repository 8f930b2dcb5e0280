"""Homes that differ in nothing but what is withheld: whatever happened to it, a stranger must not tell them apart."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from fastapi import FastAPI
from pydantic import SecretStr

from api.app import Parts, create_app
from api.settings import ServiceSettings
from compliance.facts import Child
from compliance.gate import Gate
from compliance.law import Law
from compliance.learned.telling_words import TellingWords, load_telling
from compliance.lexicon.lexicon import default_lexicon
from compliance.policy import load_policy
from compliance.records.audit import Audit
from compliance.records.takedown_register import Takedowns
from ingest.intake import Intake
from ingest.photos.photo_parts import PhotoParts
from ingest.photos.photo_source import InlinePhotos
from ingest.photos.rendition_folder import RenditionFolder
from ingest.pipeline import Pipeline
from qdrant.engine.store import Bounds
from qdrant.open_store import open_folder
from qdrant.store import Store
from tests.support.http_client import LOOPBACK, TestClient, client_from
from tests.support.small_world import SUBJECTS, WORDS, as_base64, consented_posts, lines, photo_file
from topic_model.models import Models
from topic_model.tokens import surfaces
from topic_model.training.recipe import Recipe
from training.topics import retrain

KEY = "the-key-of-the-site"
FIELDS = 12  # of the site may be filtered by: fewer than the posts below have, all together
SETTINGS = ServiceSettings(
    api_key=SecretStr(KEY),
    trusted_proxies=("10.1.2.3/32", "fd00::/8"),
    allow_origins=("https://site.example",),
    max_body_mb=1,
    renditions=True,
)


class Canaries(NamedTuple):
    """Made-up words of withheld posts alone: in captions, names, tags, addresses, fields and their values."""

    word: str
    russian: str
    author: str
    tag: str
    host: str
    field: str
    value: str

    def held_by(self, text: str) -> list[str]:
        """Those that a text holds, in any case of letters."""
        return [canary for canary in self if canary in text.lower()]


KVORLINA = Canaries("kvorlina", "кворлина", "zubrowsky", "fnordtag", "held-host", "quuxfield", "plughvalue")
BRIMBORA = Canaries("brimbora", "бримбора", "wexelmann", "gnarptag", "kept-host", "xyzzyfield", "thudvalue")


class Home(NamedTuple):
    """A home that answers over HTTP."""

    app: FastAPI
    model: str


def public_posts() -> list[dict[str, Any]]:
    """Sixty posts that every visitor may see: some with photos, most with fields of each kind."""
    written = []
    for number in range(60):
        subject = SUBJECTS[number % 3]
        russian, english, tags = WORDS[subject]
        rng = np.random.default_rng(number)
        said = [" ".join(rng.permutation(words.split())[:4]) for words in (russian, english)]
        post: dict[str, Any] = {
            "id": f"{subject}-{number}",
            "captions": [{"text": f"{text} {_letters(number)}", "author": f"u{number:03}"} for text in said],
            "tags": list(tags),
            "link": f"https://photos.example/{subject}/{number}",
            "attrs": {"album": subject, "price": number, "taken": f"2024-06-{number % 30 + 1:02}"},
        }
        if number % 4 == 0:
            post |= {"photo": as_base64(photo_file(subject, number)), "child": False}
            post["attrs"] |= {"where": {"lat": 60.0 + number / 10, "lon": 30.0}, "camera": ["old", "slow"]}
        written.append(post)
    return written


def withheld_posts(canaries: Canaries) -> list[dict[str, Any]]:
    """Posts that are withheld from the first: about a child, unsure, with a photo that nobody looked at."""
    many = {f"{canaries.field}{number}": f"{canaries.value}{number}" for number in range(60)}

    def post(name: str, text: str, **more: Any) -> dict[str, Any]:
        caption = {"text": f"{text} {canaries.word} {canaries.russian}", "author": canaries.author}
        address = f"https://{canaries.host}.example/{name}"
        shown = {"captions": [caption], "tags": [canaries.tag, "sea"], "link": address, "thumb": f"{address}.jpg"}
        return {"id": name, **shown, "attrs": {canaries.field: canaries.value}, **more}

    family = [
        post(f"held-family-{number}", f"наша {canaries.russian.title()} осень берег {_letters(number)}", child=True)
        for number in range(20)
    ]
    unseen = post("held-unseen", "", photo=as_base64(photo_file("mountains", 98)), attrs=many)
    del (
        unseen["captions"],
        unseen["tags"],
    )  # its words weigh in the words arm: "What still tells"
    return [
        post("held-child", "море волна берег sea wave", child=True, photo=as_base64(photo_file("sea", 99)), attrs=many),
        post("held-review", "a kid at the lake, сын у озера", child=False),
        unseen,
        *family,
    ]


def passing_posts(canaries: Canaries) -> list[dict[str, Any]]:
    """Posts that are open when they come in, and are withheld by what happens to them then."""
    fates = ("held", "down", "gone", "edited", "french", "revoked", "undone")
    return [
        {
            "id": f"held-{fate}",
            "text": f"город улица city street bridge {canaries.word} {canaries.russian} {_letters(number + 70)}",
            "tags": [canaries.tag],
            "attrs": {canaries.field: canaries.value, f"{canaries.field}-{fate}": number},
        }
        for number, fate in enumerate(fates)
    ]


@contextmanager
def home(folder: Path, canaries: Canaries | None) -> Iterator[Home]:
    """Build a home: what is withheld comes in first, has its fate, and the model learns from what is left."""
    with ExitStack() as stack:
        photos = PhotoParts(renditions=RenditionFolder(folder / "renditions"))
        store = open_folder(folder / "store", Bounds(attrs=FIELDS))
        stack.callback(store.close)
        law = Law(Gate(load_policy(), default_lexicon()), Audit(None), Takedowns(folder / "takedowns.ndjson"))
        if canaries:
            passing = passing_posts(canaries)
            _take(store, law, photos, *withheld_posts(canaries), *passing)
            _befall(store, law, photos, passing)
            store.optimize()  # until then words of what was open weigh in the words arm: "What still tells"
        _take(store, law, photos, *public_posts(), *consented_posts())
        recipe = Recipe(topics=6, background=1, passes=20, threads=1)
        teaching = frozenset({Child.CLEAR, Child.CONSENTED, Child.UNSEEN})
        model = retrain(store, folder / "models", recipe, "patches-2", teaching=teaching & law.gate.teaching()).model
        telling = TellingWords(load_telling(folder / "models" / model.id, model.id), 0.9, surfaces)
        gate = Gate(load_policy(), default_lexicon(), telling_words=telling)
        parts = Parts(store, Models(model), photos, law=Law(gate, law.audit, law.takedowns), version="1.2.3")
        yield Home(create_app(SETTINGS, parts), model.id)


def _take(store: Store, law: Law, photos: PhotoParts, *posts: dict[str, Any]) -> None:
    pipeline = Pipeline(store, Models(), photos, law, Intake(SETTINGS))
    results = pipeline.take(lines(*posts), InlinePhotos())
    assert [result for result in results if result.status != "stored"] == []


def _befall(store: Store, law: Law, photos: PhotoParts, posts: list[dict[str, Any]]) -> None:
    """What reviewers, parents and courts do, through the site's own addresses."""
    with client_from(create_app(SETTINGS, Parts(store, photos=photos, law=law)), LOOPBACK) as client:
        client.headers["authorization"] = f"Bearer {KEY}"

        def decide(post: str, child: str, **more: Any) -> None:
            body = {"by": "m1", "child": child, **more}
            assert client.put(f"/v1/posts/{post}/compliance", json=body).status_code == 200

        consent = {"record": "form-1"}
        decide("held-held", "child")
        _done(client, "/v1/takedowns", by="m1", reason="order", post_id="held-down")
        assert client.delete("/v1/posts/held-gone").status_code == 200
        decide("held-edited", "clear")
        (edited,) = (post for post in posts if post["id"] == "held-edited")
        _take(store, law, photos, edited | {"tags": [*edited["tags"], "малыш"]})
        decide("held-french", "consented", consent={**consent, "countries": ["FR"]})
        decide("held-revoked", "consented", consent=consent)
        assert client.delete("/v1/posts/held-revoked/compliance/consent?by=m1").status_code == 200
        decide("held-undone", "review")
        decide("held-undone", "clear")
        _done(client, "/v1/review", by="m1", undo=["held-undone"])


def _done(client: TestClient, address: str, **body: Any) -> None:
    assert client.post(address, json=body).status_code == 200


def _letters(number: int) -> str:
    """A word of its own for each number, that no model learns."""
    return "w" + "".join(chr(ord("a") + int(digit)) for digit in str(number))
