"""A service that is asked over HTTP, and what else may answer at an address: each is a sentence."""

import pytest

from photosense.errors import PhotosenseError
from photosense.remote_service import RemoteService, ServiceRefused, ServiceSilent
from tests.support.moody_service import Reply, moody_service, refusal


def test_a_problem_is_the_sentence_of_the_service() -> None:
    """Whoever is refused reads what the service says."""
    with moody_service([refusal(401, "key_wrong")]) as service, pytest.raises(ServiceRefused, match="It is key_wrong"):
        RemoteService(service.url, "ps_1").status()
    assert service.requests[0][2]["Authorization"] == "Bearer ps_1"


@pytest.mark.parametrize("reply", [Reply(body="<html>"), Reply(404, "not here"), Reply(body="{}"), Reply(502, "")])
def test_another_program_is_told(reply: Reply) -> None:
    """A page, a proxy, a service of another kind: the sentence says what to correct."""
    with moody_service([reply]) as service, pytest.raises(ServiceSilent, match="correct --server"):
        RemoteService(service.url).status()


def test_nobody_there_is_told() -> None:
    """A port where nobody listens, and what is no address at all."""
    with pytest.raises(ServiceSilent, match="Is the service started there"):
        RemoteService("http://127.0.0.1:9").topics(None)
    with pytest.raises(PhotosenseError, match="is no address of a service"):
        RemoteService("127.0.0.1:8000")


def test_what_is_given_is_sent() -> None:
    """A photo as base64, what is not given not at all, below a prefix of the address."""
    with moody_service([Reply(body="{}")]) as service, pytest.raises(ServiceSilent):
        RemoteService(service.url + "photos").search(text="sea", photo=b"\xff\xd8", country=None, limit=3)
    method, path, _, body = service.requests[0]
    assert (method, path, body) == ("POST", "/photos/v1/search", b'{"text":"sea","photo":"/9g=","limit":3}')
