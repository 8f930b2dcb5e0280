"""Posts in bulk: taken while they come in, and answered while they do."""
