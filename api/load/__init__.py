"""More than can be done at once, clients that dawdle, and the end: what a service under load owes to everybody."""
