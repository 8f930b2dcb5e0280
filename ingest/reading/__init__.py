"""From bytes to posts: lines, JSON, and the processes that read side by side."""
