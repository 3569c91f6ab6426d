"""Chapter 3, networks: neurons, layers and backpropagation, by hand in NumPy."""
