"""Chapter 3, networks: neurons, layers and backpropagation, in NumPy."""
