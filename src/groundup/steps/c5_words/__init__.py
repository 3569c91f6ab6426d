"""Chapter 5, words: text as numbers, and numbers that stand for meaning."""
