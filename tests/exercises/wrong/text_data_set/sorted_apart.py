# Named: each list sorted by itself
import torch


class Solution:
    def get_dataset(self, positive, negative):
        pos_words = sorted(set(w for s in positive for w in s.split()))
        neg_words = sorted(set(w for s in negative for w in s.split()) - set(pos_words))
        ids = {}
        for w in pos_words + neg_words:
            ids[w] = len(ids) + 1
        rows = [[ids[w] for w in s.split()] for s in positive + negative]
        width = max(len(r) for r in rows)
        for r in rows:
            r += [0] * (width - len(r))
        return torch.tensor(rows)
