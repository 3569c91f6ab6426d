class Solution:
    def build_vocab(self, text):
        raise NotImplementedError

    def encode(self, text, stoi):
        raise NotImplementedError

    def decode(self, ids, itos):
        raise NotImplementedError
