import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from groundup.steps.c5_words.sentiment import SentimentModel
from groundup.steps.c5_words.vocabulary import pad

sentences = st.lists(st.lists(st.integers(1, 9), max_size=7), min_size=1, max_size=6)
seeds = st.integers(0, 2**31)


def make_model(seed):
    torch.manual_seed(seed)
    return SentimentModel(10).double()


@given(sentences, st.integers(0, 9), seeds)
def test_padding_never_changes_a_score(batch, more, seed):
    model = make_model(seed)
    longest = max(map(len, batch))
    together = model(pad(batch, longest + more))
    alone = torch.cat([model(pad([sentence])) for sentence in batch])
    torch.testing.assert_close(together, alone)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=7), st.randoms(use_true_random=False), seeds)
def test_the_order_of_words_does_not_matter(sentence, random, seed):
    model = make_model(seed)
    shuffled = list(sentence)
    random.shuffle(shuffled)
    torch.testing.assert_close(model(pad([sentence])), model(pad([shuffled])))


@given(sentences, seeds)
def test_shares_and_bias_add_up_to_the_logit(batch, seed):
    model = make_model(seed)
    words = pad(batch)
    shares = model.share_words(words)
    torch.testing.assert_close(shares.sum(dim=1) + model.linear.bias, model(words))
    assert (shares[words == 0] == 0).all()


def test_without_padding_it_is_embedding_average_linear_sigmoid():
    model = make_model(0)
    words = torch.tensor([[1, 2, 3], [4, 5, 6]])
    expected = functional.embedding(words, model.embedding.weight).mean(dim=1) @ model.linear.weight[0]
    torch.testing.assert_close(model.predict(words), torch.sigmoid(expected + model.linear.bias))


def test_an_empty_sentence_scores_the_bias_and_gives_no_gradient_to_a_word():
    model = make_model(0)
    scores = model(pad([[], [3]]))
    assert scores[0] == model.linear.bias
    scores[0].backward()
    assert (model.embedding.weight.grad == 0).all()


def test_leaving_a_word_out_changes_the_shares_of_the_others():
    torch.manual_seed(0)
    model = SentimentModel(5)
    with torch.no_grad():
        shares, fewer = model.share_words(torch.tensor([[1, 2, 3]]))[0], model.share_words(torch.tensor([[1, 2]]))[0]
        fall = model(torch.tensor([[1, 2, 3]])) - model(torch.tensor([[1, 2]]))
    assert torch.allclose(fewer, 1.5 * shares[:2])
    assert not torch.isclose(fall.squeeze(), shares[2])
