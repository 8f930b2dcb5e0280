"""Which posts speak of a child, which country withholds them, and the one gate that decides what may be shown."""
