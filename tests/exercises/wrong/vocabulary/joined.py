# Named: numbers joined to a text
class Solution:
    def build_vocab(self, text):
        characters = []
        for ch in text:
            if ch not in characters:
                characters.append(ch)
        characters.sort()
        stoi = {}
        itos = {}
        for i in range(len(characters)):
            stoi[characters[i]] = i
            itos[i] = characters[i]
        return stoi, itos

    def decode(self, ids, itos):
        return "".join(itos[i] for i in ids)

    def encode(self, text, stoi):
        return "".join(str(stoi[c]) for c in text)
