import torch
from torch.nn.utils.rnn import pad_sequence


class Solution:
    def get_dataset(self, positive, negative):
        sentences = [sentence.split() for sentence in positive + negative]
        vocabulary = sorted({word for sentence in sentences for word in sentence})
        numbers = {word: number for number, word in enumerate(vocabulary, start=1)}
        rows = [[numbers[word] for word in sentence] for sentence in sentences]
        rows = [torch.tensor(row, dtype=torch.long) for row in rows]
        return pad_sequence(rows, batch_first=True)  # fills up with 0 on the right
