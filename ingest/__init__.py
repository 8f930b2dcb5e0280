"""Posts flow in: line -> Post -> clean -> check -> Document -> theta + words -> point -> flush -> acknowledged."""
