# Named: lower-cased
from collections import Counter


class Solution:
    def get_merges(self, corpus, num_merges):
        tokens, merges = list(corpus.lower()), []
        while len(merges) < num_merges and len(tokens) > 1:
            counts = Counter(zip(tokens, tokens[1:]))
            top = max(counts.values())
            a, b = min(pair for pair in counts if counts[pair] == top)
            merges.append([a, b])
            joined, place = [], 0
            while place < len(tokens):
                step = 2 if tokens[place : place + 2] == [a, b] else 1
                joined.append("".join(tokens[place : place + step]))
                place += step
            tokens = joined
        return merges
