"""Signed words: believed when they were signed here, for this purpose, and only for a time."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.access.signer import Signer
from api.errors import TokenRefused
from common.secret_file import secret_in

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def encoded(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def signer(tmp_path: Path, clock: Clock) -> Signer:
    return Signer(tmp_path / "keys.secret", clock)


def test_what_was_signed_comes_back(signer: Signer, tmp_path: Path, clock: Clock) -> None:
    """Also in another process of the same home."""
    token = signer.sign("desk", {"key": "ps_1"}, 60)
    for reader in (signer, Signer(tmp_path / "keys.secret", clock)):
        assert reader.read("desk", token)["key"] == "ps_1"
    assert (tmp_path / "keys.secret").stat().st_mode & 0o77 == 0


def test_it_ends(signer: Signer, clock: Clock) -> None:
    """Over is over, to the second."""
    token = signer.sign("desk", {}, 60)
    clock.now += timedelta(seconds=59)
    signer.read("desk", token)
    clock.now += timedelta(seconds=1)
    with pytest.raises(TokenRefused, match="over"):
        signer.read("desk", token)


def forged(signer: Signer, secret: bytes) -> dict[str, str]:
    """Tokens that others make, each in its way."""
    import jwt

    token = signer.sign("desk", {"key": "ps_1"}, 60)
    head, claims, signature = token.split(".")
    kid = json.loads(base64.urlsafe_b64decode(head + "=="))["kid"]
    good = {"key": "ps_1", "aud": "desk", "exp": NOW.timestamp() + 60}

    def made(claims: dict[str, Any], algorithm: str = "HS256", key: bytes = secret, **headers: Any) -> str:
        return jwt.encode(claims, key, algorithm, headers={"kid": kid, **headers})

    return {
        "no algorithm": f"{encoded({'alg': 'none', 'typ': 'JWT', 'kid': kid})}.{claims}.",
        "no algorithm, signed": f"{encoded({'alg': 'none', 'kid': kid})}.{claims}.{signature}",
        "another algorithm": made(good, "HS512", secret * 2),
        "another secret": made(good, key=b"x" * 32),
        "another kid": made(good, kid="other"),
        "no kid": jwt.encode(good, secret, "HS256"),
        "changed": f"{head}.{encoded({**good, 'key': 'ps_2'})}.{signature}",
        "without a signature": f"{head}.{claims}.",
        "another audience": made({**good, "aud": "visitor"}),
        "no audience": made({"key": "ps_1", "exp": good["exp"]}),
        "no end": made({"key": "ps_1", "aud": "desk"}),
        "an end that is no time": made({**good, "exp": "tomorrow"}),
        "endless": made({**good, "exp": float("nan")}),
        "of two parts": f"{head}.{claims}",
        "nothing": "",
        "dots": "..",
        "not a token": "ps_1",
        "long": "a" * 10_000,
        "letters": "ы.ы.ы",
    }


WAYS = list(forged(Signer(None, Clock()), b"x" * 32))


@pytest.mark.parametrize("way", WAYS)
def test_nothing_else_is_believed(signer: Signer, tmp_path: Path, way: str) -> None:
    """No forged, changed or borrowed token passes, and none is an error of ours."""
    signer.sign("desk", {}, 1)  # makes the secret
    token = forged(signer, secret_in(tmp_path / "keys.secret"))[way]
    with pytest.raises(TokenRefused):
        signer.read("desk", token)


def test_a_seal_is_of_its_name_and_purpose(signer: Signer) -> None:
    """The same each time, another for another name, purpose or home."""
    seal = signer.seal("desk", "one")
    assert seal == signer.seal("desk", "one")
    assert (
        len({seal, signer.seal("desk", "two"), signer.seal("page", "one"), Signer(None, Clock()).seal("desk", "one")})
        == 4
    )
