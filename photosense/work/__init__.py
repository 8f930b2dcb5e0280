"""Long work, which a command does while somebody watches, and a task in a process of its own."""
