"""Addresses of posts: those that visitors read, and those by which the site sends, changes and removes them."""
