"""The lesson on training a GPT."""
