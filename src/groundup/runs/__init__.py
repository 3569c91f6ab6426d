"""The run folder: writing, reading, following and locking it."""
