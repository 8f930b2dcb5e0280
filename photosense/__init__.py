"""The command `photosense` and what wires the parts together."""
