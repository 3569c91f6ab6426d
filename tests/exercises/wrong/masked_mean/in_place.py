# Named: the vectors changed in place
def masked_mean(vectors, ids):
    vectors[ids == 0] = 0
    lengths = (ids != 0).sum(dim=1, keepdim=True)
    return vectors.sum(dim=1) / lengths.clamp(min=1)
