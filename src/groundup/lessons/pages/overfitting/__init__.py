"""The lesson on over-fitting: polynomials, a network that learns by heart, and dropout."""
