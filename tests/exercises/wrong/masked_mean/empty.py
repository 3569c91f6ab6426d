# Named: a sentence without words becomes NaN
def masked_mean(vectors, ids):
    mask = (ids > 0).unsqueeze(2)
    return (vectors * mask).sum(1) / mask.sum(1)
