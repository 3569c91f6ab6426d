"""The lesson on embeddings and sentiment: words as places."""
