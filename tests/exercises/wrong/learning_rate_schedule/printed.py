# Named: nothing returned
import numpy as np


class Solution:
    def learning_rate(self, step, steps, warm_up, peak, lowest):
        if step < warm_up:
            print(peak * step / warm_up)
        else:
            along = (step - warm_up) / (steps - warm_up)
            print(lowest + (peak - lowest) * (1 + np.cos(np.pi * along)) / 2)
