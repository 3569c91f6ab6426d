def build_vocab(text):
    stoi, itos = {}, {}
    for character in sorted(text):
        if character not in stoi:
            itos[len(stoi)] = character
            stoi[character] = len(stoi)
    return stoi, itos


def encode(text, stoi):
    ids = []
    for character in text:
        ids.append(stoi[character])
    return ids


def decode(ids, itos):
    text = ""
    for number in ids:
        text += itos[number]
    return text
