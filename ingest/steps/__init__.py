"""Cleaning: small steps, each a file, that give a reason to turn a post away, a mark to keep it with, or nothing."""
