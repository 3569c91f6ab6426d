"""The lesson on speculative decoding: a small model guesses ahead, and a large one checks."""
