"""How a server is waited for."""

import pytest

from qdrant.errors import StoreDown
from qdrant.server.patience import Circuit, Patience
from qdrant.server.refusals import ServerRefused, meant


class Unreachable(Exception):
    source = OSError("connection refused")


class Busy(Exception):
    retry_after_s = 2


class Wrong(Exception):
    status_code, content = 400, b"no such vector"


class Server:
    """Fails as it is told, and then answers; time passes only while somebody sleeps."""

    def __init__(self, *failures: Exception, patience: Patience | None = None) -> None:
        self.failures = list(failures)
        self.calls = 0
        self.now = 0.0
        self.slept: list[float] = []
        failing = (Unreachable, Busy, Wrong)
        self.circuit = Circuit("http://qdrant.example", failing, patience, lambda: self.now, self.sleep)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def answer(self) -> str:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        return "answer"

    def call(self, name: str = "query") -> str:
        return self.circuit.call(self.answer, name)


def test_a_short_absence_is_bridged() -> None:
    """The pauses grow, and the answer comes as if nothing had been."""
    server = Server(Unreachable(), Unreachable(), Unreachable())
    assert server.call() == "answer"
    assert server.calls == 4
    assert 0.025 <= server.slept[0] <= 0.05 < server.slept[2] <= 0.2


def test_a_longer_one_is_told() -> None:
    """After the last try the error is ours, with the address."""
    server = Server(*[Unreachable() for _ in range(9)])
    with pytest.raises(StoreDown, match=r"No answer from http://qdrant\.example \(connection refused\)"):
        server.call()
    assert server.calls == 4


def test_what_is_wrong_is_not_asked_twice() -> None:
    """A refusal stays one."""
    server = Server(Wrong())
    with pytest.raises(ServerRefused, match="no such vector"):
        server.call()
    assert server.calls == 1


def test_what_must_not_happen_twice_is_tried_once() -> None:
    """Nobody knows whether a collection was made when the answer got lost."""
    server = Server(Unreachable())
    with pytest.raises(StoreDown):
        server.call("create_collection")
    assert server.calls == 1


def test_a_server_that_asks_for_time_gets_it_within_the_deadline() -> None:
    """Its own wish counts more than our pause; a wish beyond the deadline ends the waiting."""
    server = Server(Busy())
    assert server.call() == "answer"
    assert server.slept == [2.0]
    hurried = Server(Busy(), patience=Patience(deadline=1.0))
    with pytest.raises(StoreDown, match="ask again in 2 s"):
        hurried.call()
    assert hurried.slept == []


def test_a_server_that_is_gone_is_left_in_peace_and_then_asked_again() -> None:
    """The circuit opens: calls fail at once; after the rest the first success closes it."""
    server = Server(*[Unreachable() for _ in range(6)], patience=Patience(tries=2, failures=4, rest=5.0))
    for _ in range(2):
        with pytest.raises(StoreDown, match="No answer from"):
            server.call()
    for _ in range(3):
        with pytest.raises(StoreDown, match=r"for 4 calls in a row: it is asked again in 5 s"):
            server.call()
    assert server.calls == 4
    server.now += 5.1
    with pytest.raises(StoreDown):
        server.call()
    assert server.calls == 5
    server.now += 5.1
    server.failures.clear()
    assert server.call() == "answer"
    assert server.call() == "answer"


def test_an_answer_that_is_a_refusal_shows_that_the_server_lives() -> None:
    """Only silence opens the circuit."""
    server = Server(*[Wrong() for _ in range(30)], patience=Patience(failures=3))
    for _ in range(30):
        with pytest.raises(ServerRefused):
            server.call()
    assert server.call() == "answer"


def test_an_error_of_ours_is_none_of_the_client() -> None:
    """A mistake in the code is not hidden behind a server's failure."""
    server = Server()
    with pytest.raises(ZeroDivisionError):
        server.circuit.call(lambda: 1 / 0, "query")


@pytest.mark.parametrize(
    ("code", "text", "kind", "sentence"),
    [
        pytest.param("UNAVAILABLE", "failed to connect", StoreDown, "No answer.*failed to connect", id="gone"),
        pytest.param("DEADLINE_EXCEEDED", "", StoreDown, "No answer", id="too slow"),
        pytest.param("UNAUTHENTICATED", "Invalid API key", StoreDown, "PHOTOSENSE_QDRANT_API_KEY", id="wrong key"),
        pytest.param("NOT_FOUND", "no collection", ServerRefused, "gone", id="no collection"),
        pytest.param("INVALID_ARGUMENT", "bad vector", ServerRefused, "bad vector", id="misfit"),
        pytest.param("RESOURCE_EXHAUSTED", "slow down", StoreDown, "busy", id="too fast"),
        pytest.param("INTERNAL", "No space left on device", StoreDown.__base__, "larger disk", id="full"),
    ],
)
def test_grpc_fails_in_the_same_words(code: str, text: str, kind: type[Exception], sentence: str) -> None:
    """Whatever way the server was asked, the error names what to do."""

    class Status:
        name = code

    class Failed(Exception):
        def code(self) -> type[Status]:
            return Status

        def details(self) -> str:
            return text

    error = meant(Failed(), "http://qdrant.example")
    assert isinstance(error, kind)
    with pytest.raises(kind, match=sentence):
        raise error
