"""Text encoders: what a text means, as numbers that stand beside its words."""
