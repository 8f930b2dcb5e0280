"""The inner loops of inference and training, compiled or plain."""
