# Named: falls to 0, cut off at lowest
import numpy as np


def learning_rate(step, steps, warm_up, peak, lowest):
    if step < warm_up:
        return peak * step / warm_up
    fall = 0.5 * (1 + np.cos(np.pi * (step - warm_up) / (steps - warm_up)))
    return np.maximum(peak * fall, lowest)
