"""The gpt task."""
