"""Commands of whoever keeps a home: what is damaged, what is wrong, and how to carry it elsewhere."""
