# Named: 0.0001 added to the standard deviation
def advantages(rewards):
    mean = rewards.mean(dim=1, keepdim=True)
    spread = ((rewards - mean) ** 2).mean(dim=1, keepdim=True) ** 0.5
    return (rewards - mean) / (spread + 1e-4)
