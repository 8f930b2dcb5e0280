"""What visitors think of hits, kept for the site."""
