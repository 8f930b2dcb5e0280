"""What operators see from outside: figures, the ids of requests, and a line for each. Never a caption or a question."""
