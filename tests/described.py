"""Does the service answer as its own description says? Schemathesis asks it, in all its phases, with a key for all.

Run by `make described`, which installs it. Server errors, answers that break their schema, statuses, types and headers
that are not described end it with 1. What begins long work or goes on without end (tasks, models, imports) is left out.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.service import serving
from tests.support.taught_home import teach

CHECKS = (
    "not_a_server_error,response_schema_conformance,status_code_conformance,content_type_conformance,"
    "response_headers_conformance"
)
LEFT_OUT = "/v1/(tasks|models|posts:import)"
KEY = "of-thirty-two-letters-and-some-more"
PHASES = "examples,coverage,fuzzing,stateful"


def main() -> int:
    """Fill a home, serve it, have it asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=600, help="how long is asked")
    parser.add_argument("--seed", type=int, default=1, help="another one asks otherwise")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        home = teach(Path(folder))
        with serving(Path(folder), home=home, api_key=KEY) as service:
            command = [str(Path(sys.executable).with_name("schemathesis")), "run"]
            command += [f"http://127.0.0.1:{service.port}/openapi.json", "-H", f"Authorization: Bearer {KEY}"]
            command += [
                "--phases",
                PHASES,
                "--checks",
                CHECKS,
                "--exclude-path-regex",
                LEFT_OUT,
                "--continue-on-failure",
            ]
            command += ["--seed", str(options.seed), "--max-time", str(options.seconds), "--request-timeout", "60"]
            return subprocess.run(command, env={**os.environ, "NO_COLOR": "1"}, cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
