"""The lesson on the block of today's models."""
