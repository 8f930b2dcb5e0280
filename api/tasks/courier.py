"""The courier: delivers messages to webhooks, signed, over a protected connection, to the public net alone."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address
from ssl import SSLContext
from typing import Any, Final

import httpx

from api.tasks.outbox import Message, Outbox
from ingest.photos.addresses import Address, is_public, resolve_host
from ingest.photos.web_photos import Deadline

_SECONDS: Final = 15.0  # for a message, whatever the receiver does
_PAUSE: Final = 1.0
_PORTS: Final = {"https": 443, "http": 80}
_GONE: Final = 410  # the receiver wants no more of it
_log = logging.getLogger(__name__)


class Courier:
    """Tries what is due; whoever does not answer with 2xx is asked again later, and follows no redirect."""

    def __init__(
        self,
        outbox: Outbox,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        resolve: Callable[[str, int], list[Address]] = resolve_host,
        verify: SSLContext | bool = True,
    ) -> None:
        self._outbox = outbox
        self._now = now
        self._resolve = resolve
        self._verify = verify

    def go_round(self) -> None:
        """Try each message that is due once; who did not answer to one is asked for no other in this round."""
        silent: set[str] = set()
        for message in self._outbox.due():
            if message.hook.url in silent:
                continue
            why = self._deliver(message)
            if why is None:
                self._outbox.drop(message.id)
                continue
            silent.add(message.hook.url)
            if self._outbox.put_off(message):
                _log.info("a message to the webhook %s waits: %s", message.hook.url, why)
            else:
                _log.warning("a message to the webhook %s was given up: %s", message.hook.url, why)

    def run(self, over: threading.Event) -> None:
        """Go round until it is over."""
        while not over.wait(_PAUSE):
            try:
                self.go_round()
            except Exception as error:  # whatever it is, those that come later are still to be told
                _log.warning("webhooks were not told: %s", error)

    def _deliver(self, message: Message) -> str | None:
        """Why a message did not arrive; None, when it did."""
        with Deadline(_SECONDS) as deadline:
            try:
                status = self._post(message, deadline)
            except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
                return f"it took longer than {_SECONDS:g} seconds" if deadline.rang else str(error) or "no answer"
        return None if 200 <= status < 300 or status == _GONE else f"it answered {status}"

    def _post(self, message: Message, deadline: Deadline) -> int:
        hook, url = message.hook, httpx.URL(message.hook.url)
        host = url.raw_host.decode("ascii")
        addresses = self._resolve(host, url.port or _PORTS[url.scheme])
        if not addresses or not (hook.private or all(map(is_public, addresses))):
            raise ValueError("its address is not one of the public net; private = true allows that")
        address, at = addresses[0], int(self._now().timestamp())
        headers = {
            "Host": url.netloc.decode("ascii"),
            "User-Agent": "photosense",
            "Content-Type": "application/json",
            "webhook-id": message.id,
            "webhook-timestamp": str(at),
            "webhook-signature": hook.signature(message.id, at, message.body),
        }

        def connected(event: str, info: dict[str, Any]) -> None:
            if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
                stream = info["return_value"]
                deadline.watch(stream.get_extra_info("socket"))
                if ip_address(stream.get_extra_info("server_addr")[0]) != address:
                    raise ValueError("the connection went to another address than it was meant for")

        with (
            # No proxy of the environment: it would connect for us wherever it is told.
            httpx.Client(verify=self._verify, trust_env=False, timeout=_SECONDS) as client,
            client.stream(
                "POST",
                url.copy_with(host=str(address)),
                content=message.body,
                headers=headers,
                extensions={"sni_hostname": host, "trace": connected},
            ) as answer,
        ):
            return answer.status_code
