"""Photos of questions are decoded in processes of their own: what a photo does to its decoder costs one answer."""

from concurrent.futures import Future

import pytest

from api.app import Parts, create_app
from api.settings import ServiceSettings
from ingest.photos.photo_parts import PhotoParts
from tests.support.http_client import client_from
from tests.support.small_world import World, as_base64, photo_file
from topic_model.models import Models
from vision.decoding.pool import DecodePool
from vision.errors import DecoderMissing, EncoderError, PhotoError
from vision.look import Look
from vision.make_encoder import make_encoder

QUESTION = {"photo": as_base64(photo_file("sea", 99)), "country": "IS"}


def test_the_pool_gives_the_same_answers(world: World) -> None:
    """Decoded elsewhere, and seen there too, a photo finds what it found."""
    answers = []
    with DecodePool(1) as pool, DecodePool(1, encoder=make_encoder("patches")) as seeing:
        for decoder in (pool, seeing, None):
            with client_from(
                create_app(
                    ServiceSettings(),
                    Parts(world.store, models=Models(world.model), photos=PhotoParts(decoder=decoder)),
                )
            ) as client:
                answers.append(client.post("/v1/search", json=QUESTION).json()["hits"])
    assert answers[0] == answers[1] == answers[2] != []


class Broken:
    """A decoder that ends the same way whatever it is given."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def look(self, data: bytes) -> "Future[Look]":
        failed: Future[Look] = Future()
        failed.set_exception(self.error)
        return failed

    def look_now(self, data: bytes) -> Look:
        return self.look(data).result()


@pytest.mark.parametrize(
    ("raised", "status", "code"),
    [
        (PhotoError("photo_crashed", "the decoder ended over this photo"), 422, "photo_crashed"),
        (PhotoError("photo_too_slow", "the photo did not decode within 20 seconds"), 422, "photo_too_slow"),
        (DecoderMissing("The process that decodes photos does not start: no memory."), 503, "decoder_missing"),
        (EncoderError("The tensor map of tiny holds NaN or infinity."), 503, "encoder_error"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_goes_wrong_is_a_problem(world: World, raised: Exception, status: int, code: str) -> None:
    """A decoder that crashes is told, and the service goes on."""
    decoder = Broken(raised)
    with client_from(
        create_app(
            ServiceSettings(), Parts(world.store, models=Models(world.model), photos=PhotoParts(decoder=decoder))
        )
    ) as client:
        answer = client.post("/v1/search", json=QUESTION)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.json()["detail"] == str(raised), "a sentence, without the code that stands beside it"
        assert code not in answer.json()["detail"]
        assert client.post("/v1/search", json={"text": "sea", "country": "IS"}).status_code == 200
