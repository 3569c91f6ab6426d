# Named: α not divided by the rank
# Named: merged with α not divided by the rank
def low_rank_change(x, down, up, alpha):
    return alpha * (x @ down.T @ up.T)


def merge(weight, down, up, alpha):
    return weight + alpha * (up @ down)
