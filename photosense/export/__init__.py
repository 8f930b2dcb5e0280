"""Everything of a home as lines of JSON, which any later version reads, and back into a home that is empty."""
