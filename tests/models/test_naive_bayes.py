import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.models.naive_bayes import Bags, RatioClassifier, collect, log_count_ratios, scale
from groundup.models.ngrams import NgramFeatures

word = st.sampled_from(["good", "bad", "goodness", "very", "not", "film"])
texts = st.lists(st.lists(word, max_size=6), min_size=2, max_size=8)


def make_bags(seen):
    features = NgramFeatures.learn(seen)
    return features, collect(features.find(seen), len(seen))


@given(texts)
def test_a_feature_counts_once_in_a_sentence(seen):
    features, bags = make_bags(seen)
    for index, words in enumerate(seen):
        own = bags.feature[bags.starts[index] : bags.starts[index + 1]]
        assert sorted(set(own)) == list(own)
        assert len(own[own < len(features.vocabulary)]) == len(set(words))


@given(texts, st.floats(0.1, 2))
def test_ratios_follow_the_formula(seen, smoothing):
    features, bags = make_bags(seen)
    label = np.arange(len(seen)) % 2 == 0
    ratios = log_count_ratios(bags, label, features.groups, smoothing)
    group = features.groups[0]
    held = np.array([[name in words for name in features.vocabulary.words] for words in seen])
    counts = [
        smoothing + np.array([0, *held[kind].sum(axis=0), 0], dtype=float).reshape(-1) for kind in (label, ~label)
    ]
    expected = np.log(counts[0] / counts[0].sum()) - np.log(counts[1] / counts[1].sum())
    np.testing.assert_allclose(ratios[group], expected, rtol=1e-5, atol=1e-6)


@given(texts)
def test_turning_the_labels_around_turns_every_ratio_around(seen):
    features, bags = make_bags(seen)
    label = np.arange(len(seen)) % 2 == 0
    there, back = (log_count_ratios(bags, kind, features.groups) for kind in (label, ~label))
    np.testing.assert_allclose(there, -back, atol=1e-6)


@given(texts)
def test_each_group_of_a_sentence_is_one_long_or_nothing(seen):
    features, bags = make_bags(seen)
    scaled = scale(bags, np.linspace(-1, 1.1, len(features), dtype=np.float32), features.groups)
    for index in range(len(seen)):
        own = slice(scaled.starts[index], scaled.starts[index + 1])
        for group in features.groups:
            inside = (scaled.feature[own] >= group.start) & (scaled.feature[own] < group.stop)
            length = np.linalg.norm(scaled.value[own][inside])
            assert abs(length - 1) < 1e-5 or not inside.any() or length == 0


@given(texts, st.integers(0, 2**31))
def test_a_sentence_scores_the_same_alone_and_in_any_batch(seen, seed):
    features, bags = make_bags(seen)
    torch.manual_seed(seed)
    model = RatioClassifier(len(features))
    torch.nn.init.normal_(model.weight)
    torch.nn.init.normal_(model.bias)
    scores = model(bags)
    order = np.random.default_rng(seed).permutation(len(seen))
    torch.testing.assert_close(model(bags.take(order)), scores[torch.from_numpy(order)])
    dense = np.zeros((len(seen), len(features)))
    dense[np.repeat(np.arange(len(seen)), np.diff(bags.starts)), bags.feature] = bags.value
    expected = torch.from_numpy(dense) @ model.weight.double().squeeze(1) + model.bias
    torch.testing.assert_close(scores.double(), expected, atol=1e-5, rtol=1e-5)


@given(texts, st.integers(1, 4))
def test_bags_collected_in_parts_join_to_the_whole(seen, size):
    features, bags = make_bags(seen)
    parts = [seen[start : start + size] for start in range(0, len(seen), size)]
    joined = Bags.join([collect(features.find(part), len(part)) for part in parts])
    np.testing.assert_array_equal(joined.feature, bags.feature)
    np.testing.assert_array_equal(joined.starts, bags.starts)


def test_an_empty_sentence_scores_the_bias():
    features, _ = make_bags([["good"], ["bad"]])
    model = RatioClassifier(len(features))
    torch.nn.init.ones_(model.bias)
    assert model(collect(features.find([[]]), 1)).tolist() == [1.0]
