"""Where a post's photo comes from, and its way to what is seen in it."""
