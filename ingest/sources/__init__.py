"""Sources: every format that posts come in, given as numbered lines of JSON."""
