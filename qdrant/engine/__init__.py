"""One store written once, over engines that take the smallest steps."""
