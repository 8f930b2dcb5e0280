"""What holds for every test: none depends on how fast this machine is today, or on how fast its disk is."""

import gc
import os
import sys
from importlib.util import find_spec

from hypothesis import settings

from tests.support.folders import fast_folder

# The same examples each time. `make explore` takes the other profile: new ones, and how to have one that failed again.
settings.register_profile("house", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=500, print_blob=True)
settings.load_profile("house")

os.environ.pop("COLUMNS", None)  # xdist names a width, which the command would keep from its first import on

# Matrices of tests are small, and tests run on all cores already: threads would wait for each other, and burn a core.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Each store preallocates and syncs its files: hundreds of them wait minutes for a busy disk.
if folder := fast_folder():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))

# httpx asks for it at each request to an app in this process, and each time all folders would be searched in vain.
if find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # which is Python's way to know that it is not there

# Lexicons, models and a thousand modules stay for as long as tests run: to look through them all again and again, for
# what nobody holds any more, took a quarter of the time.
gc.set_threshold(50_000, 20, 20)


def pytest_collection_finish() -> None:
    """What was collected stays as well."""
    gc.freeze()
