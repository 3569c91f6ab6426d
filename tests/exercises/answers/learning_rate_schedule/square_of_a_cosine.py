import numpy as np


def get_lr(step, steps, warm_up, peak, lowest):
    if step <= warm_up and warm_up:
        return np.interp(step, [0, warm_up], [0, peak])
    share = np.cos(np.pi / 2 * (step - warm_up) / (steps - warm_up)) ** 2
    return peak * share + lowest * (1 - share)
