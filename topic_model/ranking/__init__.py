"""How likely a post is to say what was asked."""
