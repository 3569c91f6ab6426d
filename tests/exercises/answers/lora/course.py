def low_rank_change(x, down, up, alpha):
    return alpha / len(down) * ((x @ down.T) @ up.T)


def merge(weight, down, up, alpha):
    return weight + alpha / len(down) * (up @ down)
