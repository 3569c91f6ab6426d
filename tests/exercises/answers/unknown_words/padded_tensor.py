import torch
from torch.nn.utils.rnn import pad_sequence


class Solution:
    def build_vocab(self, sentences):
        return dict(zip(sorted(set(" ".join(sentences).split())), range(1, 10**6)))

    def encode(self, sentence, vocab):
        unknown = len(vocab) + 1
        return [vocab[word] if word in vocab else unknown for word in sentence.split()]

    def encode_all(self, sentences, vocab):
        rows = [torch.tensor(self.encode(one, vocab), dtype=torch.int64) for one in sentences]
        return pad_sequence(rows, batch_first=True)
