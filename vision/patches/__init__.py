"""The encoder without a network: colours, texture, light."""
