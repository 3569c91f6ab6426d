"""The fast dropout is the course's dropout with another mask."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from groundup.models import fast_dropout
from groundup.models.fast_dropout import FastDropout, draw_mask, use_fast_dropout
from groundup.steps.c4_training import dropout as step
from groundup.steps.c4_training.dropout import Dropout, dropout


@given(st.floats(0.02, 0.98), st.integers(0, 2**31))
def test_it_is_the_dropout_of_the_course(p, seed):
    x = torch.randn(7, 13, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)).requires_grad_()
    mask = draw_mask(x, p)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast_dropout, "draw_mask", lambda like, p: mask)
        patch.setattr(step, "keep_mask", lambda like, p: mask.to(like.dtype))
        found, expected = FastDropout(p)(x), dropout(x, p)
    assert torch.equal(found, expected)
    slopes = [torch.autograd.grad((out * x.detach()).sum(), x)[0] for out in (found, expected)]
    assert torch.equal(*slopes)


@given(st.floats(0.02, 0.98), st.integers(0, 2**31))
def test_the_share_kept(p, seed):
    torch.manual_seed(seed)
    count = 40_000
    share = draw_mask(torch.ones(count), p).float().mean().item()
    assert abs(share - (1 - p)) < 5 * math.sqrt(p * (1 - p) / count) + 1e-4


def test_nodes_are_independent_of_their_neighbours():
    torch.manual_seed(0)
    off = (~draw_mask(torch.ones(20_000, 8), 0.3)).double()
    correlation = torch.corrcoef(off.T) - torch.eye(8, dtype=torch.float64)
    assert correlation.abs().max() < 0.04


@pytest.mark.parametrize("shape", [(), (1,), (3, 5), (0, 4)])
@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
def test_any_shape_and_both_ends(shape, p):
    x = torch.ones(shape)
    assert FastDropout(p)(x).shape == x.shape
    assert FastDropout(p).eval()(x) is x
    assert torch.equal(FastDropout(0.0)(x), x)
    assert torch.equal(FastDropout(1.0)(x), torch.zeros(shape))


def test_it_takes_the_place_of_every_dropout_of_the_course():
    model = nn.Sequential(nn.Linear(2, 2), Dropout(0.3), nn.Sequential(Dropout(0.4).eval()), nn.Dropout(0.5))
    use_fast_dropout(model)
    assert [type(layer) for layer in (model[1], model[2][0], model[3])] == [FastDropout, FastDropout, nn.Dropout]
    assert [model[1].p, model[2][0].p] == [0.3, 0.4]
    assert model[1].training
    assert not model[2][0].training
