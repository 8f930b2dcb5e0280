"""Soundness of a home: every part of it against itself, and what to do about what is damaged."""
