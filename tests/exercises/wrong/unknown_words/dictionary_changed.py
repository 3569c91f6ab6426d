# Named: the input changed in place
class Solution:
    def build_vocab(self, sentences):
        words = []
        for sentence in sentences:
            for word in sentence.split():
                if word not in words:
                    words.append(word)
        words = sorted(words)
        vocab = {}
        number = 1
        for word in words:
            vocab[word] = number
            number += 1
        return vocab

    def encode_all(self, sentences, vocab):
        encoded = []
        longest = 0
        for s in sentences:
            ids = self.encode(s, vocab)
            encoded.append(ids)
            if len(ids) > longest:
                longest = len(ids)
        for ids in encoded:
            while len(ids) < longest:
                ids.append(0)
        return encoded

    def encode(self, sentence, vocab):
        unknown = vocab.setdefault("<unk>", len(vocab) + 1)
        ids = []
        for word in sentence.split():
            ids.append(vocab.get(word, unknown))
        return ids
