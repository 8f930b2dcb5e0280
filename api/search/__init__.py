"""The query's way: from a question to an answer, a file a step."""
