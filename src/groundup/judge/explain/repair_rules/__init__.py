"""Rules that take one of the commonest mistakes of beginners out of an answer's file, each a rewriting of its tree."""
