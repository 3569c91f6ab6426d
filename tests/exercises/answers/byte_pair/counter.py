from collections import Counter


def get_merges(corpus, num_merges):
    symbols, merges = list(corpus), []
    while len(merges) < num_merges and len(symbols) > 1:
        counts = Counter(zip(symbols, symbols[1:]))
        best = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[0][0]
        merges.append(best)
        out = []
        for symbol in symbols:
            if out and out[-1] == best[0] and symbol == best[1]:
                out[-1] = best[0] + symbol + "\0"
            else:
                out.append(symbol)
        symbols = [symbol.replace("\0", "") for symbol in out]
    return merges
