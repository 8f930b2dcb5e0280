"""One file for each group of addresses; each only reads the request, asks the service and answers."""
