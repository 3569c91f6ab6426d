"""The sums task: a small GPT that learns to add or multiply whole numbers from examples."""
