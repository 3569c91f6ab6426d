"""The training loop, line by line, and optimizers."""
