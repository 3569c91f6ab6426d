# Named: divided by a warm-up of 0
import math


class Solution:
    def learning_rate(self, step, steps, warm_up, peak, lowest):
        if step <= warm_up:
            return peak * step / warm_up
        along = (step - warm_up) / (steps - warm_up)
        return lowest + (peak - lowest) * (1 + math.cos(math.pi * along)) / 2
