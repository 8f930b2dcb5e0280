"""How well a text and a photo fit: one number, calibrated."""
