class Solution:
    def build_vocab(self, text):
        chars = sorted(set(text))
        stoi = {char: number for number, char in enumerate(chars)}
        itos = dict(enumerate(chars))
        return stoi, itos

    def encode(self, text, stoi):
        return [stoi[char] for char in text]

    def decode(self, ids, itos):
        return "".join(itos[number] for number in ids)
