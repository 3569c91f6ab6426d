import torch
import torch.nn as nn
from typing import List


class Solution:
    def get_dataset(self, positive: List[str], negative: List[str]):
        vocabulary = set()
        for sentence in positive:
            for word in sentence.split():
                vocabulary.add(word)
        for sentence in negative:
            for word in sentence.split():
                vocabulary.add(word)
        word_to_int = {}
        for i, word in enumerate(sorted(list(vocabulary))):
            word_to_int[word] = i + 1

        def encode(sentence):
            integers = []
            for word in sentence.split():
                integers.append(word_to_int[word])
            return integers

        var_len_tensors = []
        for sentence in positive:
            var_len_tensors.append(torch.tensor(encode(sentence)))
        for sentence in negative:
            var_len_tensors.append(torch.tensor(encode(sentence)))
        return nn.utils.rnn.pad_sequence(var_len_tensors, batch_first=True)
