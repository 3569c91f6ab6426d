# Named: sorted without regard to capitals
def build_vocab(text):
    names = sorted(sorted(set(text)), key=lambda one: one.lower())
    return {one: place for place, one in enumerate(names)}, dict(enumerate(names))


def encode(text, stoi):
    return [stoi[one] for one in text]


def decode(ids, itos):
    return "".join(itos[one] for one in ids)
