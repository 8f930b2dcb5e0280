"""Networks that see, and the engines that run them."""
