"""What every room needs and none owns: files put in place whole, array types by name, small statistics."""
