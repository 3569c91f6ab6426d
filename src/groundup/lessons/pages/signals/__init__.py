"""The lesson on initialization and normalization: signals in deep networks."""
