from collections import Counter
from itertools import pairwise


class Solution:
    def get_merges(self, corpus, num_merges):
        symbols = list(corpus)
        merges = []
        for _ in range(num_merges):
            counts = Counter(pairwise(symbols))
            if not counts:
                break
            # The largest count; among equal counts, the smallest pair.
            best = min(counts, key=lambda pair: (-counts[pair], pair))
            merges.append(list(best))
            symbols = self.merge(symbols, best)
        return merges

    def merge(self, symbols, pair):
        merged = []
        i = 0
        while i < len(symbols):
            if tuple(symbols[i : i + 2]) == pair:
                merged.append(pair[0] + pair[1])
                i += 2
            else:
                merged.append(symbols[i])
                i += 1
        return merged
