"""Changes of what is stored: parts of a post that are sent alone, and posts that a refused update withdraws."""
