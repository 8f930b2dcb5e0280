"""From tensors to visual words."""
