# Named: the input changed in place
def induction_score(weights, length):
    weights[:, :length] = 0
    return weights[:, length:, 1:].diagonal(dim1=1, dim2=2).mean(1)
