"""`python -m photosense`: the command, where it is not on the path."""

from photosense.cli import main

main()
