"""What serves over HTTP: the app of the model in force, its connections, several processes on one port."""
