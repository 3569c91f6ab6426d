import torch


def get_dataset(positive, negative):
    sentences = [sentence.split() for sentence in [*positive, *negative]]
    numbers = {}
    for word in sorted(set(sum(sentences, []))):
        numbers[word] = len(numbers) + 1
    table = torch.zeros(len(sentences), max(len(words) for words in sentences), dtype=torch.long)
    for row, words in enumerate(sentences):
        for place, word in enumerate(words):
            table[row, place] = numbers[word]
    return table
