"""The engine that is a Qdrant server or cluster."""
