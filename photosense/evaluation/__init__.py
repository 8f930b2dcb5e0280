"""Measuring search: questions whose answers are known are asked as visitors ask, and figures tell how it went."""
