# Named: the same token
def induction_score(weights, length):
    total = 0
    for i in range(length, weights.shape[1]):
        total = total + weights[:, i, i - length]
    return total / length
