"""Matching: how likely people are to say that a text fits a photo, learned from what people judged."""
