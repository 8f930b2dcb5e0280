"""Idempotency: a write that is sent once more, with the same key, is answered as it was and not done again."""
