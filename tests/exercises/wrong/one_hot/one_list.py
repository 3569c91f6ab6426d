# Named: the same vector in every row
class Solution:
    def one_hot(self, ids, vocab_size):
        rows = [[0] * vocab_size] * len(ids)
        for t, word in enumerate(ids):
            rows[t][word] = 1
        return rows

    def look_up(self, ids, table):
        return [table[word] for word in ids]
