"""Advertisements: a linear model of the words in them, learned from the site's own examples."""
