"""The lexicon: words about children, found through every disguise."""
