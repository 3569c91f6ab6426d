# Named: divided by a norm of 0
import math


def clip_gradients(gradients, max_norm):
    norm = math.sqrt(sum(float((g**2).sum()) for g in gradients))
    factor = min(max_norm / norm, 1.0)
    return [g * factor for g in gradients], norm
