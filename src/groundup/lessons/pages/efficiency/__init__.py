"""The lesson on efficient transformers."""
