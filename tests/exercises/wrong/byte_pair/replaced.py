# Named: merged in the middle of longer symbols
def get_merges(corpus, num_merges):
    text, merges = "|".join(corpus), []
    for _ in range(num_merges):
        tokens = text.split("|")
        pairs = list(zip(tokens, tokens[1:]))
        if not pairs:
            break
        best = min(set(pairs), key=lambda pair: (-pairs.count(pair), pair))
        merges.append(list(best))
        text = text.replace("|".join(best), "".join(best))
    return merges
