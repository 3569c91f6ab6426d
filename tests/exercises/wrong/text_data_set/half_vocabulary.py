# Named: the positive sentences' words only, so that others fail
import torch
from torch.nn.utils.rnn import pad_sequence


class Solution:
    def get_dataset(self, positive, negative):
        number = {word: 1 + place for place, word in enumerate(sorted({word for line in positive for word in line.split()}))}
        return pad_sequence(
            [torch.tensor([number[word] for word in line.split()]) for line in [*positive, *negative]], batch_first=True
        )
