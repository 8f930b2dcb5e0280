"""People and laws change what is stored: the desk, takedowns, judging again."""
