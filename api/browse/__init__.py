"""Looking around: posts in an order of the visitor's choice, counted by their fields, with or without a question."""
