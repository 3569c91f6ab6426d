"""The network's pieces equal PyTorch's, forward and backward, in float64."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from groundup.steps.c3_networks import activation, loss
from groundup.steps.c4_training.digits import DigitNetwork
from groundup.steps.c4_training.linear import Linear
from groundup.steps.c4_training.network import Network, collapse
from groundup.steps.c4_training.tensors import (
    add_side_of_one,
    average_columns,
    drop_side_of_one,
    join_columns,
    reshape_to_pairs,
    sum_rows,
)
from groundup.steps.c4_training.training_loop import accuracy, train

SIZES = st.integers(1, 6)
SEEDS = st.integers(0, 2**31)


def draw(seed, *shape, scale=3.0):
    generator = torch.Generator().manual_seed(seed)
    return scale * torch.randn(*shape, generator=generator, dtype=torch.float64)


def assert_equal_with_gradients(ours, theirs, *inputs):
    """Compare two functions of the inputs and the gradients that flow back to each input."""
    mine = [x.clone().requires_grad_() for x in inputs]
    other = [x.clone().requires_grad_() for x in inputs]
    left, right = ours(*mine), theirs(*other)
    torch.testing.assert_close(left, right, rtol=1e-10, atol=1e-12)
    weights = draw(7, *left.shape) if left.dim() else torch.tensor(1.0, dtype=torch.float64)
    (left * weights).sum().backward()
    (right * weights).sum().backward()
    for a, b in zip(mine, other, strict=True):
        torch.testing.assert_close(a.grad, b.grad, rtol=1e-9, atol=1e-11)


@given(SIZES, SIZES, SIZES, st.booleans(), SEEDS)
def test_linear(batch, features, nodes, bias, seed):
    layer = Linear(features, nodes, bias).double()
    peer = nn.Linear(features, nodes, bias).double()
    peer.load_state_dict(layer.state_dict())
    assert_equal_with_gradients(layer, peer, draw(seed, batch, features))
    x = draw(seed, batch, features)
    written_out = x @ layer.weight.T + (layer.bias if bias else 0)
    torch.testing.assert_close(layer(x), written_out)


def test_linear_starts_where_pytorchs_does():
    torch.manual_seed(0)
    ours = Linear(400, 300)
    assert ours.weight.abs().max() <= 1 / 20
    assert ours.weight.std().item() == pytest.approx(nn.Linear(400, 300).weight.std().item(), rel=0.02)
    assert ours.weight.std().item() == pytest.approx(1 / (3 * 400) ** 0.5, rel=0.02)
    assert ours.bias.abs().max() <= 1 / 20


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (activation.relu, torch.relu),
        (activation.sigmoid, torch.sigmoid),
        (activation.softmax, lambda x: torch.softmax(x, -1)),
    ],
)
@given(st.integers(1, 5), st.integers(1, 5), SEEDS, st.sampled_from([0.1, 3.0, 500.0]))
def test_activations(ours, theirs, rows, columns, seed, scale):
    assert_equal_with_gradients(ours, theirs, draw(seed, rows, columns, scale=scale))


def test_worked_examples():
    z = torch.tensor([-1.0, 0.0, 1.0, 2.0])
    assert activation.sigmoid(z).tolist() == pytest.approx([0.26894, 0.5, 0.73106, 0.88080], abs=1e-5)


def test_relu_at_the_edges_is_pytorchs():
    edges = torch.tensor([0.0, -0.0, torch.inf, -torch.inf, torch.nan], dtype=torch.float64)
    torch.testing.assert_close(activation.relu(edges), torch.relu(edges), equal_nan=True)
    assert_equal_with_gradients(activation.relu, torch.relu, edges[:3])


@given(st.integers(1, 5), st.integers(1, 6), SEEDS, st.sampled_from([0.1, 3.0, 500.0]))
def test_losses(rows, classes, seed, scale):
    logits, others = draw(seed, rows, classes, scale=scale), draw(seed + 1, rows, classes)
    target = torch.randint(classes, (rows,), generator=torch.Generator().manual_seed(seed))
    one_hot = functional.one_hot(target, classes).double()
    pairs = [
        (lambda x: loss.cross_entropy(x, target), lambda x: functional.cross_entropy(x, target)),
        (lambda x: loss.mean_squared_error(x, others), lambda x: functional.mse_loss(x, others)),
    ]
    for ours, theirs in pairs:
        assert_equal_with_gradients(ours, theirs, logits)
    probabilities = torch.softmax(draw(seed, rows, classes), -1).clamp(1e-5, 1 - 1e-5)
    assert_equal_with_gradients(
        lambda p: loss.categorical_cross_entropy(p, one_hot),
        lambda p: functional.nll_loss(p.log(), target),
        probabilities,
    )
    assert_equal_with_gradients(
        lambda p: loss.binary_cross_entropy(p, one_hot),
        lambda p: functional.binary_cross_entropy(p, one_hot),
        probabilities,
    )


def test_certain_and_wrong_is_finite_by_clipping():
    assert loss.binary_cross_entropy(torch.zeros(1), torch.ones(1)).item() == pytest.approx(16.118, abs=1e-3)


def test_a_sigmoid_before_cross_entropy_cannot_come_below_its_floor():
    perfect = torch.full((1, 10), -1e9)
    perfect[0, 3] = 1e9
    target = torch.tensor([3])
    assert loss.cross_entropy(activation.sigmoid(perfect), target).item() == pytest.approx(1.4612, abs=1e-4)
    assert loss.cross_entropy(perfect, target).item() == 0


@given(st.lists(SIZES, min_size=2, max_size=5), SEEDS)
def test_layers_without_activations_are_one_layer(sizes, seed):
    layers = [Linear(a, b).double() for a, b in pairwise(sizes)]
    weight, bias = collapse(layers)
    x = draw(seed, 3, sizes[0])
    torch.testing.assert_close(x @ weight.T + bias, nn.Sequential(*layers)(x))


def test_outputs_learn_independently():
    network = Network([4, 6, 6, 2])
    network(torch.randn(5, 4))[:, 0].sum().backward()
    last = network.layers[-1].weight.grad
    assert last[0].abs().sum() > 0
    assert last[1].abs().sum() == 0
    with pytest.raises(ValueError, match="inputs and outputs"):
        Network([4])


@given(st.integers(1, 5), st.integers(1, 5), SEEDS)
def test_tensor_moves(rows, columns, seed):
    x = draw(seed, rows, columns)
    torch.testing.assert_close(average_columns(x), torch.stack([column.mean() for column in x.T]))
    torch.testing.assert_close(sum_rows(x), torch.stack([row.sum() for row in x]))
    joined = join_columns(x, -x)
    assert joined.shape == (rows, 2 * columns)
    assert torch.equal(joined[:, columns:], -x)
    if x.numel() % 2:
        with pytest.raises(ValueError, match="pairs"):
            reshape_to_pairs(x)
    else:
        assert torch.equal(reshape_to_pairs(x).flatten(), x.flatten())
    column = add_side_of_one(x[0])
    assert column.shape == (columns, 1)
    assert add_side_of_one(x[0], dim=0).shape == (1, columns)
    assert torch.equal(drop_side_of_one(column), x[0])


@pytest.mark.parametrize("head", ["logits", "sigmoid"])
def test_digit_network_is_the_layers_in_a_row(head):
    network = DigitNetwork(features=12, hidden=7, classes=3, head=head).eval()
    x = torch.rand(5, 12)
    scores = functional.linear(x, network.first_linear.weight, network.first_linear.bias).relu()
    scores = functional.linear(scores, network.second_linear.weight, network.second_linear.bias)
    torch.testing.assert_close(network(x), torch.sigmoid(scores) if head == "sigmoid" else scores)
    network.train()
    assert not torch.equal(network(x), network(x))


def test_the_five_lines_learn():
    torch.manual_seed(0)
    x = torch.randn(300, 2)
    y = (x[:, 0] * x[:, 1] > 0).long()
    network = Network([2, 16, 2])
    before = accuracy(network, x, y)
    losses = train(network, loss.cross_entropy, torch.optim.SGD(network.parameters(), 0.5), x, y, 60, 32)
    assert len(losses) == 60 * 10
    assert losses[-1] < losses[0] / 3
    assert accuracy(network, x, y) > max(0.93, before)
    assert network.training


def test_digit_network_without_dropout_is_a_network():
    digits = DigitNetwork(features=12, hidden=7, classes=3, dropout=0.0).double()
    network = Network([12, 7, 3]).double()
    for theirs, ours in zip(network.layers, (digits.first_linear, digits.second_linear), strict=True):
        theirs.load_state_dict(ours.state_dict())
    x, weights = draw(0, 5, 12), draw(1, 5, 3)
    assert torch.equal(digits(x), network(x))
    for one in (digits, network):
        (one(x) * weights).sum().backward()
    for ours, theirs in zip(digits.parameters(), network.parameters(), strict=True):
        assert torch.equal(ours.grad, theirs.grad)
