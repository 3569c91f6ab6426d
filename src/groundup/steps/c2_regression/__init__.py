"""Chapter 2, regression: a line through data, found by gradient descent."""
