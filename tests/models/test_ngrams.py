from hypothesis import given
from hypothesis import strategies as st

from groundup.models.ngrams import NgramFeatures, cut_pieces

sentences = st.lists(st.lists(st.text("abc", min_size=1, max_size=5), max_size=6), min_size=1, max_size=5)


def find_plainly(features, words):
    """Every (place, feature) of one sentence, word by word."""
    vocabulary = features.vocabulary
    numbers = [0, *(vocabulary.numbers.get(word, vocabulary.unknown) for word in words), 0]
    found = [(place, numbers[place + 1]) for place, word in enumerate(words) if word in vocabulary.numbers]
    pairs = {int(code): features.groups[1].start + i for i, code in enumerate(features.pairs)}
    for place in range(len(words) + 1 if words else 0):
        code = numbers[place] * len(vocabulary) + numbers[place + 1]
        if code in pairs:
            found += [(at, pairs[code]) for at in (place - 1, place) if 0 <= at < len(words)]
    for place, word in enumerate(words):
        pieces = [piece for piece in cut_pieces(word) if piece in features.pieces]
        found += [(place, features.groups[2].start + features.pieces[piece]) for piece in pieces]
    return sorted(found)


@given(sentences, sentences)
def test_found_features_equal_those_found_word_by_word(seen, unseen):
    features = NgramFeatures.learn(seen)
    texts = [*unseen, *seen]
    found = features.find(texts)
    for index, words in enumerate(texts):
        rows = found.sentence == index
        assert sorted(zip(found.place[rows], found.feature[rows], strict=True)) == find_plainly(features, words)


@given(sentences)
def test_every_word_pair_and_piece_seen_is_known(seen):
    features = NgramFeatures.learn(seen)
    assert len(features.pairs) == len({pair for w in seen if w for pair in zip(["", *w], [*w, ""], strict=True)})
    assert set(features.pieces) == {piece for words in seen for word in words for piece in cut_pieces(word)}
    assert len(features) == len(features.vocabulary) + len(features.pairs) + len(features.pieces)


def test_an_unknown_word_brings_the_pieces_it_shares():
    features = NgramFeatures.learn([["boring"]])
    assert len(features.find([["bored"]]).feature) == len(set(cut_pieces("bored")) & set(cut_pieces("boring")))
    assert len(features.find([["xyz"], []]).feature) == 0
