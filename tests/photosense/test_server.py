"""Serving takes a port that is free, or says that it is not."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from photosense.errors import SetupError
from photosense.server import check_exposure, listen
from photosense.settings import Settings

HOST = "127.0.0.1"


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody else listens on, with a free one after it."""
    for _ in range(20):
        with socket.create_server((HOST, 0)) as listener:
            port = listener.getsockname()[1]
            try:
                listen(HOST, port + 1).close()
            except (SetupError, OverflowError):
                continue
            yield port
            return
    pytest.fail("no two ports in a row are free")


class TestListen:
    def test_a_free_port_is_taken(self) -> None:
        """The socket listens at once, so nobody takes the port in between."""
        with listen(HOST, 49300, tries=500) as listener:
            port = listener.getsockname()[1]
            with socket.create_connection((HOST, port), timeout=5), pytest.raises(SetupError):
                listen(HOST, port)

    def test_a_port_in_use_is_a_sentence(self, taken: int) -> None:
        """The sentence names the port and how to choose another."""
        with pytest.raises(SetupError) as raised:
            listen(HOST, taken)
        message = f"Port {taken} on {HOST} is in use: choose another with --port or PHOTOSENSE_PORT."
        assert str(raised.value) == message

    def test_the_next_free_port_is_taken(self, taken: int) -> None:
        """With several tries the port after the one in use serves."""
        with listen(HOST, taken, tries=2) as listener:
            assert listener.getsockname()[1] == taken + 1

    def test_no_port_is_beyond_the_last(self) -> None:
        """Tries stop at the last port there is."""
        with ExitStack() as stack:
            with suppress(SetupError):
                stack.enter_context(listen(HOST, 65535))
            with pytest.raises(SetupError, match="is in use"):
                listen(HOST, 65535, tries=50)

    @pytest.mark.parametrize("host", ["192.0.2.1", "x" * 70, "a..b"])
    def test_an_address_of_nobody_is_a_sentence(self, host: str) -> None:
        """An address that is not this machine's is refused with its name."""
        with pytest.raises(SetupError, match="Cannot listen on"):
            listen(host, 49300)

    def test_the_other_protocol_is_spoken(self) -> None:
        """An address of IPv6 is listened on, where the machine has one."""
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError:
            pytest.skip("this machine has no IPv6")
        with listen("::1", 49300, tries=500) as listener:
            assert listener.getsockname()[0] == "::1"


class TestExposure:
    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "", "photos.example"])  # noqa: S104
    def test_without_a_key_only_this_machine_is_served(self, host: str) -> None:
        """Listening for others needs a key; the sentence names both ways out."""
        with pytest.raises(SetupError, match=r"set PHOTOSENSE_API_KEY, or listen on 127\.0\.0\.1"):
            check_exposure(Settings(host=host))
        check_exposure(Settings(host=host, api_key="s3cret"))

    @pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
    def test_this_machine_needs_no_key(self, host: str) -> None:
        """Programs on the same machine are trusted."""
        check_exposure(Settings(host=host))
