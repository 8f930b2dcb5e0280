"""The doctor: what keeps a home from being served well, with what to do about each of it."""
