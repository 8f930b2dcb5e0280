"""What an encoder learns from photos first."""
