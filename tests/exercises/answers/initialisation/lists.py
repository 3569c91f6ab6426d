import math
import random


class Solution:
    def draw(self, fan_in, fan_out, deviation):
        return [[random.gauss(0, deviation) for _ in range(fan_in)] for _ in range(fan_out)]

    def xavier_init(self, fan_in, fan_out):
        return self.draw(fan_in, fan_out, math.sqrt(2 / (fan_in + fan_out)))

    def kaiming_init(self, fan_in, fan_out):
        return self.draw(fan_in, fan_out, math.sqrt(2 / fan_in))

    def check_activations(self, num_layers, input_dim, hidden_dim, init_type):
        inits = {"xavier": self.xavier_init, "kaiming": self.kaiming_init}
        x = [random.gauss(0, 1) for _ in range(input_dim)]
        spreads = []
        for _ in range(num_layers):
            w = inits[init_type](len(x), hidden_dim) if init_type in inits else self.draw(len(x), hidden_dim, 1)
            x = [max(0.0, sum(a * b for a, b in zip(row, x))) for row in w]
            mean = sum(x) / len(x)
            spreads.append(math.sqrt(sum((a - mean) ** 2 for a in x) / (len(x) - 1)))
        return spreads
