"""What teaches models from the store."""
