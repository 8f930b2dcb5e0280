"""The owner of an embedded store: it has the folder open, and other processes talk to it through a door."""
