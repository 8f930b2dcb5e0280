"""The real service on a port of this machine, in a thread of the test, with a key and a home of its own."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from photosense.house import Company, open_house
from photosense.server import listen, make_server
from photosense.settings import Settings
from tests.support.http_client import client_from

SITE_KEY: Final = "the-key-of-the-site"


@contextmanager
def live_service(home: Path, posts: Sequence[Mapping[str, Any]] = (), **settings: Any) -> Iterator[str]:
    """Serve a home in which these posts came in; gives the address, which ends on a slash."""
    wanted = Settings(home=home, api_key=SITE_KEY, **settings)
    with open_house(wanted, company=Company.ALONE) as house:
        app = house.app()
        if posts:
            with client_from(app) as client:
                headers = {"Content-Type": "application/x-ndjson", "Authorization": f"Bearer {SITE_KEY}"}
                taken = client.post("/v1/posts:bulk", content="\n".join(map(json.dumps, posts)), headers=headers)
                wrong = [line for line in taken.text.splitlines() if '"stored"' not in line]
                assert (taken.status_code, wrong) == (200, [])
        listener = listen("127.0.0.1", 0)
        server = make_server(app, app.state.stop, house.settings)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join()
