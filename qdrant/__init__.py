"""Points at rest: what is stored of a post, one Store protocol, and the engines behind it."""
