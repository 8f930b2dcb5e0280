"""What teaches the match: judgements, pairs, the learning."""
