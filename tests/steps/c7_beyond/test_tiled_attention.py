import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils._python_dispatch import TorchDispatchMode

from groundup.steps.c6_gpt.attention import causal_attention, fused_attention
from groundup.steps.c7_beyond.tiled_attention import add_tile, tiled_attention


def draw_inputs(query_time, key_time, batch=(), size=1.0):
    torch.manual_seed(query_time + 100 * key_time)
    shapes = (query_time, 3), (key_time, 3), (key_time, 2)
    return [size * torch.randn(*batch, *shape, dtype=torch.float64) for shape in shapes]


def differentiate(function, inputs):
    leaves = [part.clone().requires_grad_() for part in inputs]
    result = function(*leaves)
    return result, torch.autograd.grad((result * torch.linspace(1, 2, result.numel()).view_as(result)).sum(), leaves)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 9), st.integers(0, 5), st.integers(1, 12), st.sampled_from([(), (2,), (2, 3)]))
def test_it_is_exact_for_any_tile(query_time, earlier, tile, batch):
    inputs = draw_inputs(query_time, query_time + earlier, batch)
    wanted, gradients = differentiate(causal_attention, inputs)
    found, tiled = differentiate(lambda *parts: tiled_attention(*parts, tile=tile), inputs)
    torch.testing.assert_close(found, wanted, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(tiled, gradients, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("query_time", [130, 3])
def test_the_kernel_of_the_jobs_computes_the_same(query_time):
    queries, keys, _ = draw_inputs(query_time, 130, (2, 4))
    inputs = [queries, keys, keys.flip(-1)]
    wanted, gradients = differentiate(tiled_attention, inputs)
    found, fused = differentiate(fused_attention, inputs)
    torch.testing.assert_close(found, wanted, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(fused, gradients, rtol=1e-9, atol=1e-11)


def test_large_scores_overflow_nowhere():
    queries, keys, values = draw_inputs(7, 7, size=100.0)
    found = tiled_attention(queries.float(), keys.float(), values.float(), tile=2)
    torch.testing.assert_close(found.double(), causal_attention(queries, keys, values), rtol=1e-3, atol=1e-3)


@given(st.permutations(range(4)))
def test_the_order_of_tiles_makes_no_difference(order):
    torch.manual_seed(0)
    scores, values = torch.randn(4, 3, 5, dtype=torch.float64) * 4, torch.randn(4, 5, 2, dtype=torch.float64)
    state = torch.full((3, 1), -torch.inf, dtype=torch.float64), torch.zeros(3, 1), torch.zeros(3, 2)
    for place in order:
        state = add_tile(*state, scores[place], values[place])
    wanted = torch.cat([*scores], dim=1).softmax(dim=1) @ values.flatten(0, 1)
    torch.testing.assert_close(state[2] / state[1], wanted)


class Largest(TorchDispatchMode):
    """Remembers the most numbers that any tensor had which an operation made."""

    numbers = 0

    def __torch_dispatch__(self, function, types, arguments=(), named=None):
        made = function(*arguments, **(named or {}))
        for one in made if isinstance(made, tuple | list) else [made]:
            if isinstance(one, torch.Tensor):
                self.numbers = max(self.numbers, one.untyped_storage().nbytes() // one.element_size())
        return made


@pytest.mark.parametrize("function", [tiled_attention, causal_attention])
def test_only_the_plain_form_makes_all_weights_forwards_or_backwards(function):
    time = 160
    with Largest() as largest:
        differentiate(lambda *parts: function(*parts, *[16] * (function is tiled_attention)), draw_inputs(time, time))
    assert (largest.numbers >= time * time) is (function is causal_attention)
