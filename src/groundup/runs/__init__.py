"""The run folder: written, read, followed and locked."""
