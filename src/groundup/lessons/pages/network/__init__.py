"""A network of layers draws borders."""
