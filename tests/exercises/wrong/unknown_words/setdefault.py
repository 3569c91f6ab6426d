# Named: each unknown word put into the dictionary
class Solution:
    def build_vocab(self, sentences):
        words = set()
        for s in sentences:
            words |= set(s.split())
        return {w: i + 1 for i, w in enumerate(sorted(words))}

    def encode(self, sentence, vocab):
        unknown = len(vocab) + 1
        return [vocab.setdefault(w, unknown) for w in sentence.split()]

    def encode_all(self, sentences, vocab):
        rows = [self.encode(s, vocab) for s in sentences]
        T = max(len(r) for r in rows)
        return [r + [0] * (T - len(r)) for r in rows]
