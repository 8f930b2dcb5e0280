"""Serving: one process, one worker, on a port that is free, with a word on how to stop."""

import errno
import socket

import uvicorn
from fastapi import FastAPI

from photosense.errors import SetupError
from photosense.settings import Settings


def listen(host: str, port: int, tries: int = 1) -> socket.socket:
    """Take a port, or one of the next `tries - 1`; the socket is kept open, so that nobody takes it in between."""
    for candidate in range(port, min(port + tries, 65536)):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            listener.listen(128)
            return listener
        except OSError as error:
            listener.close()
            if error.errno != errno.EADDRINUSE:
                raise SetupError(f"Cannot listen on {host}:{candidate}: {error.strerror}.") from None
    upto = f" to {port + tries - 1}" if tries > 1 else ""
    raise SetupError(f"Port {port}{upto} on {host} is in use: choose another with --port or PHOTOSENSE_PORT.")


def check_exposure(settings: Settings) -> None:
    """Refuse to let everybody on the network write posts."""
    if settings.api_key is None and settings.host not in ("127.0.0.1", "::1", "localhost"):
        raise SetupError(
            f"Listening on {settings.host} without a key would leave the host site's backend locked out: "
            "set PHOTOSENSE_API_KEY, or listen on 127.0.0.1."
        )


def make_server(app: FastAPI) -> uvicorn.Server:
    """Build the server; proxies' headers are read by the service itself, and only where they are trusted."""
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, proxy_headers=False, server_header=False, lifespan="off"
    )
    return uvicorn.Server(config)
