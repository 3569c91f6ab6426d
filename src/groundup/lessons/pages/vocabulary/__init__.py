"""The lesson on tokens: words, characters, and byte pairs."""
