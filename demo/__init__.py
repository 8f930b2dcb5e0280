"""A small world of drawn photos and written captions that shows the service at work without any download."""
