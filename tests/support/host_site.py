"""A photo site that embeds the search: another origin, with a strict policy of its own, and a backend."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

Pages = dict[str, tuple[str, Callable[[], str]]]
POLICY = (
    "default-src 'none'; script-src 'self' {service}; style-src 'self' {service}; "
    "connect-src 'self' {service}; img-src 'self' {service} data:"
)


class HostSite:
    """Its address, and its pages: what is answered at a path, by its type."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.service = ""
        self.pages: Pages = {}
        self.asked: list[str] = []

    @property
    def origin(self) -> str:
        """The origin that the service has to allow."""
        return self.url.rstrip("/")

    def page(self, path: str, body: str, head: str = "") -> None:
        """Put a page of HTML at a path."""
        head = f'<meta charset="utf-8"><title>site</title>{head}'
        html = f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>'
        self.pages[path] = ("text/html", lambda: html)

    def file(self, path: str, media: str, text: str) -> None:
        """Put a file at a path."""
        self.pages[path] = (media, lambda: text)

    def answers(self, path: str, give: Callable[[], Mapping[str, str]]) -> None:
        """Answer JSON at a path, made anew each time."""
        self.pages[path] = ("application/json", lambda: json.dumps(give()))


@contextmanager
def host_site() -> Iterator[HostSite]:
    """Serve a site until the block ends; tell it the address of the service before its pages are opened."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            site.asked.append(path)
            media, give = site.pages.get(path, ("text/plain", lambda: "not here"))
            content = give().encode()
            self.send_response(200 if path in site.pages else 404)
            self.send_header("Content-Type", f"{media}; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Content-Security-Policy", POLICY.format(service=site.service))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class names it so)
            """Stays silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site = HostSite(f"http://127.0.0.1:{server.server_port}/")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
