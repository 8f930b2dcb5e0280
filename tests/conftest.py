"""What holds for every test: none depends on how fast this machine is today, or on how fast its disk is."""

import os

from hypothesis import settings

from tests.support.places import fast_place

settings.register_profile("house", deadline=None)
settings.load_profile("house")

# Each store preallocates and syncs its files: hundreds of them wait minutes for a busy disk.
if place := fast_place():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(place))
