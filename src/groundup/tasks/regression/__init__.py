"""The regression task."""
