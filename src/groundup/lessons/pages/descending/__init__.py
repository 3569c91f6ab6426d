"""Walking downhill: gradient descent in one variable."""
