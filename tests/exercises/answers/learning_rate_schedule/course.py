import math


class Solution:
    def learning_rate(self, step: int, steps: int, warm_up: int, peak: float, lowest: float) -> float:
        if warm_up > 0 and step < warm_up:
            return peak * (step / warm_up)
        progress = (step - warm_up) / (steps - warm_up)
        cosine = 0.5 * (1 + math.cos(math.pi * progress))
        return lowest + cosine * (peak - lowest)
