"""The photo detector: what a photo's features tell of children."""
