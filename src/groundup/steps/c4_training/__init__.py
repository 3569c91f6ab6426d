"""Chapter 4, training: networks in PyTorch, and what makes them learn well."""
