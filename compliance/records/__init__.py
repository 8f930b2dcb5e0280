"""What is written down for the lawyer: audit, evidence, takedowns."""
