"""Backups of a home: one, or a series of them in which what did not change lies once."""
