"""What holds for every test: none depends on how fast this machine is today."""

from hypothesis import settings

settings.register_profile("house", deadline=None)
settings.load_profile("house")
