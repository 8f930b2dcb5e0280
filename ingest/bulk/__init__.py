"""A bulk run: taken in, journalled, reported, resumed."""
