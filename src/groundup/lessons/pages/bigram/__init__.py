"""The lesson on bigrams."""
