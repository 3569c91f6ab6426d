"""The lesson on the transformer."""
