"""Logs on stderr: a line each, with the id of the request that it came of."""

import logging
import sys
from typing import Final

from api.telemetry.observer import REQUEST_ID

_LINE: Final = "%(asctime)s %(levelname)s %(message)s%(request)s"


class _Request(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        """Name the request, where there is one."""
        request = REQUEST_ID.get()
        record.request = f" [request {request}]" if request else ""
        return True


def write_logs() -> None:
    """Write what is worth a line to stderr; the lines of the access log are objects by themselves."""
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(logging.Formatter(_LINE))
    lines.addFilter(_Request())
    logging.getLogger().addHandler(lines)
    requests, access = logging.StreamHandler(sys.stderr), logging.getLogger("photosense.access")
    requests.setFormatter(logging.Formatter("%(message)s"))
    access.addHandler(requests)
    access.setLevel(logging.INFO)
    access.propagate = False
