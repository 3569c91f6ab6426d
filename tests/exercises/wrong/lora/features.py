# Named: divided by the features
def low_rank_change(x, down, up, alpha):
    r = down.shape[-1]
    return alpha / r * ((x @ down.T) @ up.T)


def merge(weight, down, up, alpha):
    return weight + alpha / len(down) * (up @ down)
