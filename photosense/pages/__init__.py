"""Reports in HTML, to look at."""
