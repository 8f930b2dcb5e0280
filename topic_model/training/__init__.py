"""How topics are learned."""
