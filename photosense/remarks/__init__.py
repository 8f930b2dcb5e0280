"""What commands say beside their answers: what a home lacks, and the command that gives it."""
