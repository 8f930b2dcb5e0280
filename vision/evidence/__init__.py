"""What networks tell of a photo beside its features: numbers with names, that a person can read."""
