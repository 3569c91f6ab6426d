"""Chapter 1, descent: follow the gradient downhill."""
