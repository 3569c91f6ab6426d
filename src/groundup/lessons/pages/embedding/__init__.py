"""The lesson on embeddings: words as places, learned from the words that stand near them."""
