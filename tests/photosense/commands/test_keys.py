"""`photosense keys`: made, listed, ended, and followed at once by a service that runs."""

import pytest

from tests.support.command import Command, Result


def prefix_of(made: Result) -> str:
    return "_".join(made.out.split("_")[:2])


def test_the_key_alone_goes_to_stdout(photosense: Command) -> None:
    """So that a script can take it; what there is to know of it stands on stderr."""
    made = photosense("keys", "create", "backend", "--scope", "ingest", "--scope", "search", "--days", "90")
    assert made.code == 0
    assert len(made.out.split()) == 1
    assert made.out.startswith("ps_")
    assert "search ingest" in made.err
    assert made.out.strip() not in made.err


def test_the_list_shows_prefixes_and_states(photosense: Command) -> None:
    """Never a key; revoked ones stay in it."""
    assert "There are no keys" in photosense("keys", "list").out
    first = photosense("keys", "create", "backend", "--scope", "ingest")
    second = photosense("keys", "create", "desk [red]")
    assert photosense("keys", "revoke", prefix_of(first)).code == 0
    rows = photosense("keys", "list").out
    assert [line.split()[-1] for line in rows.splitlines()[1:]] == ["revoked", "force"]
    assert "desk [red]" in rows
    assert "admin" in rows
    for made in (first, second):
        assert prefix_of(made) in rows
        assert made.out.strip() not in rows


def test_rotating_gives_a_key_and_says_when_the_old_one_ends(photosense: Command) -> None:
    """The new one is the one to put in place until then."""
    old = photosense("keys", "create", "backend", "--scope", "ingest")
    new = photosense("keys", "rotate", prefix_of(old), "--overlap", "0")
    assert new.out.startswith("ps_")
    assert new.out != old.out
    assert f"{prefix_of(old)} ends" in new.err
    states = [line.split()[-1] for line in photosense("keys", "list").out.splitlines()[1:]]
    assert states == ["expired", "force"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("revoke", "ps_12345678"), "keys list"),
        (("rotate", "ps_12345678"), "keys list"),
        (("create", " "), "name"),
        (("create", "x" * 200), "name"),
        (("create", "backend", "--scope", "everything"), "everything"),
        (("create", "backend", "--days", "0"), "days"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(photosense: Command, arguments: tuple[str, ...], says: str) -> None:
    """Exit code 2, and no traceback."""
    result = photosense("keys", *arguments)
    assert result.code == 2
    assert says in result.err
    assert "Traceback" not in result.err
