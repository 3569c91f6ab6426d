"""The lesson on convolution: a filter that slides over a digit, pooling, and a test with moved digits."""
