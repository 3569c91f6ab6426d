# Named: not clipped
def policy_loss(new, old, reference, advantages, clip, pull):
    gain = (new - old).exp() * advantages[:, None]
    d = reference - new
    return (pull * (d.exp() - d - 1) - gain).mean()
