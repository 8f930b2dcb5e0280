"""Dual encoders: photos and texts placed in one space by somebody else."""
