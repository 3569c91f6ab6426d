# Named: windows not stacked
import random


def create_batches(data, context_length, batch_size):
    data = data.tolist()
    starts = [random.randrange(len(data) - context_length) for _ in range(batch_size)]
    return [data[s : s + context_length] for s in starts], [data[s + 1 : s + context_length + 1] for s in starts]
