"""Hostile bytes to pixels, in processes of their own."""
