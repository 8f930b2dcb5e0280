"""Thin HTTP: a query flows in, a search with the law applied flows out."""
