# Named: a list of lists
import torch


class Solution:
    def get_dataset(self, positive, negative):
        rows = [s.split() for s in positive + negative]
        ids = {w: i + 1 for i, w in enumerate(sorted({w for r in rows for w in r}))}
        width = max(len(r) for r in rows)
        return [[ids[w] for w in r] + [0] * (width - len(r)) for r in rows]
