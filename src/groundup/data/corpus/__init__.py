"""Text to train a language model on: read, turned into tokens, cut into windows, kept in shards."""
