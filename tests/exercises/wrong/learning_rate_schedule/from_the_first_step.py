# Named: the cosine counted from step 0
import math


def learning_rate(step, steps, warm_up, peak, lowest):
    if step < warm_up:
        return peak * step / warm_up
    return lowest + 0.5 * (peak - lowest) * (1 + math.cos(math.pi * step / steps))
