from math import cos, pi


def learning_rate(step, steps, warm_up, peak, lowest):
    middle, swing = (peak + lowest) / 2, (peak - lowest) / 2
    return peak / warm_up * step if step < warm_up else middle + swing * cos(pi * (step - warm_up) / (steps - warm_up))
