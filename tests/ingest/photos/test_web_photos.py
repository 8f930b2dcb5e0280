"""Photos behind URLs: from allowed hosts and public addresses only, each redirect checked, never without an end."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import PostRejected
from ingest.photos.addresses import Address, is_public, resolve_host
from ingest.photos.photo_source import FolderPhotos, InlinePhotos
from ingest.photos.web_photos import WebPhotos
from tests.support.photo_host import PHOTO, photo_host


def here(host: str, _: int) -> list[Address]:
    """Every name is this machine; one has no address."""
    if host == "gone.test":
        raise OSError("no such name")
    return [ip_address("127.0.0.1")]


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    with photo_host() as server:
        yield server


@pytest.fixture
def base(server: Any) -> str:
    return f"http://photos.test:{server.server_port}"


def web(server: Any, **changes: Any) -> WebPhotos:
    """Fetches from the host of the tests, which is on this machine and therefore has to be allowed."""
    hosts = [f"photos.test:{server.server_port}", f"*.photos.test:{server.server_port}"]
    given = {"hosts": hosts, "resolve": here, "allowed": lambda _: True, **changes}
    return WebPhotos(given.pop("hosts"), **given)


def refusal(source: WebPhotos, url: str) -> PostRejected:
    with pytest.raises(PostRejected) as raised:
        source.read(url)
    source.close()
    return raised.value


class TestFetching:
    @pytest.mark.parametrize("name", ["photo", "moved", "zipped"])
    def test_a_photo_is_fetched(self, server: Any, base: str, name: str) -> None:
        """Straight, after a redirect, or packed, the bytes are those of the photo; the host is asked under its name."""
        source = web(server)
        assert source.read(f"{base}/{name}") == PHOTO
        source.close()
        assert server.requests[-1][0] == f"photos.test:{server.server_port}"

    def test_a_host_below_an_allowed_one_is_allowed(self, server: Any) -> None:
        """`*.photos.test` allows what is below, in any case."""
        source = web(server)
        assert source.read(f"http://WWW.photos.test:{server.server_port}/photo") == PHOTO
        source.close()

    def test_environment_proxies_are_not_asked(self, server: Any, base: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """A proxy would connect wherever it is told."""
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        source = web(server)
        assert source.read(f"{base}/photo") == PHOTO
        source.close()

    @pytest.mark.parametrize("source", [InlinePhotos, lambda web: FolderPhotos(Path(), web)], ids=["inline", "folder"])
    def test_sources_leave_urls_to_it(self, server: Any, base: str, source: Any) -> None:
        """A post may name a URL in a file and over HTTP."""
        fetches = web(server)
        assert source(fetches).read(f"{base}/photo") == PHOTO
        fetches.close()
        with pytest.raises(PostRejected) as raised:
            source(None).read(f"{base}/photo")
        assert raised.value.reason == "photo_url_off"


class TestRefusals:
    def test_nothing_is_fetched_unless_allowed(self, base: str, server: Any) -> None:
        """Without hosts nobody is asked, and the message names the setting."""
        before = len(server.requests)
        refused = refusal(WebPhotos(resolve=here, allowed=lambda _: True), f"{base}/photo")
        assert refused.reason == "photo_url_off"
        assert "photo_hosts" in str(refused)
        assert len(server.requests) == before

    @pytest.mark.parametrize(
        "url",
        [
            "http://other.test:{port}/photo",
            "http://photos.test.other.test:{port}/photo",
            "http://evilphotos.test:{port}/photo",
            "http://photos.test/photo",
            "http://photos.test:1/photo",
            "http://127.0.0.1:{port}/photo",
            "http://[::1]:{port}/photo",
            "http://2130706433:{port}/photo",
            "http://user:secret@photos.test:{port}/photo",
            "http://photos.test:{port}@other.test/photo",
            "ftp://photos.test:{port}/photo",
            "file:///etc/hostname",
            "gopher://photos.test:{port}/photo",
            "http:///photo",
        ],
    )
    def test_other_hosts_and_schemes_are_refused(self, server: Any, url: str) -> None:
        """What is not just an allowed host, with its port, by http or https, is not asked."""
        before = len(server.requests)
        assert refusal(web(server), url.format(port=server.server_port)).reason == "photo_url_refused"
        assert len(server.requests) == before

    @pytest.mark.parametrize(
        "target",
        ["http://other.test:{port}/photo", "http://127.0.0.1:{port}/photo", "file:///etc/hostname", "//other.test/x"],
    )
    def test_a_redirect_is_checked_like_the_first_address(self, server: Any, base: str, target: str) -> None:
        """An allowed host cannot send us on to another one."""
        before = len(server.requests)
        url = f"{base}/elsewhere?to={target.format(port=server.server_port)}"
        assert refusal(web(server), url).reason == "photo_url_refused"
        assert len(server.requests) == before + 1

    def test_an_allowed_name_with_a_private_address_is_refused(self, server: Any, base: str) -> None:
        """The name is allowed, the place is not; also when only one of its addresses is private."""
        before = len(server.requests)
        for texts in (["127.0.0.1"], ["8.8.8.8", "10.0.0.7"], ["::ffff:169.254.169.254"], []):
            addresses = [ip_address(text) for text in texts]
            source = web(server, allowed=is_public, resolve=lambda *_, known=addresses: known)
            assert refusal(source, f"{base}/photo").reason == "photo_url_refused"
        assert len(server.requests) == before

    def test_a_name_is_looked_up_once_a_request(self, server: Any, base: str) -> None:
        """The address that was checked is the one that is connected to: there is no second look-up to change it."""
        looked_up: list[str] = []

        def once(host: str, port: int) -> list[Address]:
            looked_up.append(host)
            return here(host, port)

        source = web(server, resolve=once)
        assert source.read(f"{base}/photo") == PHOTO
        source.close()
        assert looked_up == ["photos.test"]

    @pytest.mark.parametrize(
        ("name", "says"),
        [
            ("missing", "the host answered 404"),
            ("round", "sent on more than 3 times"),
            ("nowhere", "sent on to nowhere"),
            ("cut", "cannot be had"),
            ("not_zipped", "cannot be had"),
            ("strange", "packed as 'br'"),
        ],
    )
    def test_hosts_that_fail_are_told(self, server: Any, base: str, name: str, says: str) -> None:
        """Whatever a host does wrong is one reason with a sentence."""
        refused = refusal(web(server), f"{base}/{name}")
        assert refused.reason == "photo_url_failed"
        assert says in str(refused)

    def test_hosts_that_are_not_there_are_told(self, server: Any) -> None:
        """A name without an address and a port where nobody listens fail."""
        source = web(server, hosts=["gone.test", "photos.test:9"])
        for url in ("http://gone.test/photo", "http://photos.test:9/photo"):
            with pytest.raises(PostRejected) as raised:
                source.read(url)
            assert raised.value.reason == "photo_url_failed"
        source.close()

    @pytest.mark.parametrize("url", ["http://photos.test:99999/x", "http://\x00/", "http://a b/", "http://[1/"])
    def test_what_is_no_url_is_told(self, server: Any, url: str) -> None:
        """Nonsense before and after the `://` is a rejected post, not an exception."""
        assert refusal(web(server), url).reason in ("photo_url_failed", "photo_url_refused")


class TestLimits:
    @pytest.mark.parametrize("name", ["large", "bomb"])
    def test_bytes_are_counted_after_unpacking(self, server: Any, base: str, name: str) -> None:
        """A large photo, and 50 kB that unpack to 50 MB, are given up at the cap."""
        assert refusal(web(server, max_bytes=100_000), f"{base}/{name}").reason == "photo_too_large"

    @pytest.mark.parametrize("name", ["trickle", "slow_body"])
    def test_a_trickle_has_an_end(self, server: Any, base: str, name: str) -> None:
        """A host that sends a byte at a time, in the headers or after them, is given up when time is up."""
        refused = refusal(web(server, seconds=0.3), f"{base}/{name}")
        assert refused.reason == "photo_url_failed"
        assert "it took longer than 0.3 seconds" in str(refused)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1", True),
        ("::ffff:8.8.8.8", True),
        *((text, False) for text in ("127.0.0.1", "10.1.1.1", "172.16.0.1", "192.168.1.1", "169.254.169.254")),
        *((text, False) for text in ("100.64.0.1", "0.0.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255")),
        *((text, False) for text in ("198.18.0.1", "192.0.0.1", "192.0.2.1", "203.0.113.1")),
        *((text, False) for text in ("::1", "::", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "fe80::1")),
        *((text, False) for text in ("fc00::1", "fec0::1", "ff02::1", "2001:db8::1", "2001::1", "::7f00:1")),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    """Loopback, private, link-local, shared, multicast and reserved addresses are not public in any disguise."""
    assert is_public(ip_address(address)) is public


def test_names_are_looked_up() -> None:
    """The system's own table gives this machine for its usual name, which is not public."""
    addresses = resolve_host("localhost", 80)
    assert addresses
    assert not any(map(is_public, addresses))


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_the_certificate_is_that_of_the_name(tmp_path: Path) -> None:
    """Although the connection goes to an address, the certificate must be of the host that the URL names."""
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate),
            *("-days", "2", "-subj", "/CN=photos.test", "-addext", "subjectAltName=DNS:photos.test"),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with photo_host(context) as server:
        trusted = ssl.create_default_context(cafile=str(certificate))
        hosts = [f"{name}:{server.server_port}" for name in ("photos.test", "other.test")]
        source = WebPhotos(hosts, resolve=here, allowed=lambda _: True, verify=trusted)
        assert source.read(f"https://photos.test:{server.server_port}/photo") == PHOTO
        for url, reason in (
            (f"https://other.test:{server.server_port}/photo", "photo_url_failed"),
            (f"https://photos.test:{server.server_port}/elsewhere?to=http://photos.test/photo", "photo_url_refused"),
        ):
            with pytest.raises(PostRejected) as raised:
                source.read(url)
            assert raised.value.reason == reason
        source.close()
