import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from groundup.steps.c5_words.embedding import Embedding, find_nearest, look_up, measure_cosines, one_hot

seeds = st.integers(0, 2**31)


@given(seeds, st.integers(1, 9), st.integers(1, 5), st.integers(0, 4), st.integers(0, 6))
def test_look_up_is_one_hot_times_matrix_forward_and_backward(seed, size, channel, batch, time):
    random = torch.Generator().manual_seed(seed)
    table = torch.randn(size, channel, generator=random, dtype=torch.float64, requires_grad=True)
    words = torch.randint(size, (batch, time), generator=random)
    found, product = look_up(table, words), one_hot(words, size).double() @ table
    torch.testing.assert_close(found, product, rtol=0, atol=0)
    torch.testing.assert_close(found, functional.embedding(words, table), rtol=0, atol=0)
    pull = torch.randn(found.shape, generator=random, dtype=torch.float64)
    gradients = [torch.autograd.grad((vectors * pull).sum(), table)[0] for vectors in (found, product)]
    torch.testing.assert_close(gradients[0], gradients[1])


def test_one_hot_equals_pytorch():
    words = torch.tensor([[0, 2], [1, 1]])
    assert torch.equal(one_hot(words, 3), functional.one_hot(words, 3).float())


def test_look_up_refuses_a_number_beyond_the_table():
    with pytest.raises(IndexError):
        look_up(torch.zeros(3, 2), torch.tensor([[3]]))


@given(seeds, st.floats(0.01, 100))
def test_cosine_equals_pytorch_and_forgets_length(seed, factor):
    random = torch.Generator().manual_seed(seed)
    table = torch.randn(6, 4, generator=random, dtype=torch.float64)
    cosines = measure_cosines(table, table[2])
    torch.testing.assert_close(cosines, functional.cosine_similarity(table, table[2], dim=1))
    torch.testing.assert_close(measure_cosines(table * factor, table[2]), cosines)


def test_a_long_vector_wins_by_dot_product_and_not_by_cosine():
    table = torch.tensor([[1.0, 0.0], [0.9, 0.1], [10.0, 10.0]])
    assert (table @ table[0]).argmax() == 2
    rows, cosines = find_nearest(table, 0, 2)
    assert rows.tolist() == [1, 2]
    assert cosines[0] > cosines[1]


def test_nearest_leaves_out_the_row_itself_and_bears_zero_vectors():
    rows, cosines = find_nearest(torch.zeros(4, 2), 1, 10)
    assert rows.tolist() == [0, 2, 3]
    assert cosines.tolist() == [0, 0, 0]


@given(seeds, st.integers(1, 90), st.integers(1, 20))
def test_the_layer_begins_as_that_of_pytorch_and_looks_up(seed, size, channel):
    torch.manual_seed(seed)
    ours = Embedding(size, channel)
    torch.manual_seed(seed)
    theirs = nn.Embedding(size, channel)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert torch.equal(ours.weight, theirs.weight)
    words = torch.tensor([[0, size - 1, 0]])
    assert torch.equal(ours(words), look_up(ours.weight, words))
