# Named: the first row with enough room
import torch


class Solution:
    def pack_examples(self, lengths, room):
        rows, left = [], []
        for place in sorted(range(len(lengths)), key=lambda place: -lengths[place]):
            if lengths[place] > room:
                raise ValueError(f"{lengths[place]} tokens do not fit into {room}")
            enough = [row for row in range(len(rows)) if left[row] >= lengths[place]]
            if enough:
                row = enough[0]
            else:
                row = len(rows)
                rows.append([])
                left.append(room)
            rows[row].append(place)
            left[row] -= lengths[place]
        return rows

    def fill_row(self, examples, room):
        tokens = torch.zeros(room, dtype=torch.long)
        numbers = torch.zeros(room, dtype=torch.long)
        targets = torch.full((room,), -100)
        begin = 0
        for number, example in enumerate(examples, start=1):
            end = begin + len(example) - 1
            tokens[begin:end] = example[:-1]
            numbers[begin:end] = number
            targets[begin:end] = example[1:]
            begin = end
        return tokens, numbers, targets

    def separate_examples(self, numbers):
        same = numbers[..., :, None] == numbers[..., None, :]
        return same.tril()

    def count_positions(self, numbers):
        mask = self.separate_examples(numbers)
        return mask.sum(dim=-1) - 1
