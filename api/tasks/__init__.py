"""Tasks: work that takes longer than a request, in a queue of the home, done by processes of their own."""
