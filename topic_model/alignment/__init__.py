"""Texts and photos in one space."""
