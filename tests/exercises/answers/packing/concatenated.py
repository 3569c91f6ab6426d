import torch
import torch.nn.functional as F


class Solution:
    def pack_examples(self, lengths, room):
        if any(length > room for length in lengths):
            raise ValueError("an example does not fit")
        rows = []
        for place in torch.tensor(lengths).argsort(descending=True).tolist() if lengths else []:
            fitting = [row for row in rows if self.left(row, lengths, room) >= lengths[place]]
            if not fitting:
                rows.append([place])
            else:
                sorted(fitting, key=lambda row: self.left(row, lengths, room))[0].append(place)
        return rows

    def left(self, row, lengths, room):
        return room - sum(lengths[place] for place in row)

    def fill_row(self, examples, room):
        tokens = torch.cat([example[:-1] for example in examples])
        targets = torch.cat([example[1:] for example in examples])
        counts = torch.tensor([len(example) - 1 for example in examples])
        numbers = torch.repeat_interleave(torch.arange(1, len(examples) + 1), counts)
        rest = (0, room - len(tokens))
        return F.pad(tokens, rest), F.pad(numbers, rest), F.pad(targets, rest, value=-100)

    def separate_examples(self, numbers):
        time = numbers.shape[-1]
        causal = torch.ones(time, time, dtype=torch.bool).tril()
        return (numbers.unsqueeze(-1) == numbers.unsqueeze(-2)) & causal

    def count_positions(self, numbers):
        return self.separate_examples(numbers).sum(-1) - 1
