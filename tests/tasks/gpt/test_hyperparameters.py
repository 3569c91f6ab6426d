import numpy as np
import pytest
import torch
from torch.nn import functional

from groundup.data.corpus.windows import TokenRow, TrainingWindows
from groundup.models.bigram_start import log_shares
from groundup.steps.c5_words.bigram import count_pairs
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.tasks.gpt.hyperparameters import make_recipe
from groundup.training.precision import Precision

SIZES = {"vocabulary": 6, "context": 16, "layers": 1, "heads": 2, "width": 32}
# Every token is told by the two before it, and not by one alone.
ROW = np.array([0, 1, 2, 0, 2, 1, 3, 0, 4, 1, 5, 2, 3, 4, 0] * 60)


def train(settings, steps, precision=None, row=None, taken=None):
    torch.manual_seed(0)
    tokens = row or TokenRow(ROW)
    recipe = make_recipe(settings, tokens, steps, precision or Precision())
    windows = TrainingWindows(tokens, settings.context, 8, seed=0)
    for group in recipe.optimizer.param_groups:
        group["initial"] = group["lr"]
    losses = []
    for step in range(taken or steps):
        for group in recipe.optimizer.param_groups:
            group["lr"] = group["initial"] * recipe.schedule(step / steps)
        inputs, targets = windows.batch(step)
        recipe.optimizer.zero_grad()
        loss = functional.cross_entropy(recipe.model(inputs).flatten(0, 1).float(), targets.flatten())
        loss.backward()
        recipe.optimizer.step()
        losses.append(float(loss.detach()))
    return losses


def bigram_loss():
    shares = log_shares(count_pairs(torch.from_numpy(ROW), 6))
    return float(-shares[ROW[:-1], ROW[1:]].mean())


def test_a_run_begins_at_the_bigrams_loss_and_learns_what_they_cannot():
    losses = train(GPTSettings(**SIZES), 60)
    assert losses[0] == pytest.approx(bigram_loss(), rel=0.1)
    assert losses[-1] < 0.3 * bigram_loss()


@pytest.mark.parametrize("change", [{"preset": "classic"}, {"tied": True}, {"key_value_heads": 1}])
def test_every_architecture_learns(change):
    losses = train(GPTSettings(**{**SIZES, **change}), 80)
    assert losses[-1] < 0.7 * bigram_loss()


def test_in_bfloat16_it_learns_as_well():
    assert train(GPTSettings(**SIZES), 60, Precision("bfloat16"))[-1] < 0.3 * bigram_loss()


@pytest.mark.parametrize("change", [{}, {"preset": "classic"}, {"tied": True}])
def test_each_weight_is_stepped_once(change):
    recipe = make_recipe(GPTSettings(**{**SIZES, **change}), TokenRow(ROW), 10, Precision())
    stepped = [id(parameter) for group in recipe.optimizer.param_groups for parameter in group["params"]]
    assert sorted(stepped) == sorted(id(parameter) for parameter in recipe.model.parameters())
    assert recipe.optimizer.param_groups[0]["muon"]


def test_a_given_rate_takes_the_others_with_it():
    own, given = (make_recipe(GPTSettings(**SIZES), TokenRow(ROW), 10, Precision(), rate) for rate in (None, 0.003))
    ratios = [
        one["lr"] / other["lr"]
        for one, other in zip(given.optimizer.param_groups, own.optimizer.param_groups, strict=True)
    ]
    assert given.optimizer.param_groups[0]["lr"] == pytest.approx(0.003)
    assert ratios[0] == pytest.approx(ratios[1])


@pytest.mark.parametrize(("steps", "most"), [(1, 1.05), (5, 1.1), (10, 1.2), (20, 1.2), (50, 1.4)])
def test_a_short_run_hardly_loses_what_it_begins_with(steps, most):
    tokens = TokenRow(np.random.default_rng(0).choice(40, size=4_000, p=np.arange(1, 41) / 820))
    losses = train(GPTSettings(vocabulary=40, context=32, layers=2, heads=4, width=128), steps, row=tokens)
    assert max(losses) < most * losses[0]


@pytest.mark.parametrize("steps", [400, 1000])
def test_the_first_steps_of_a_longer_run_do_not_undo_it_either(steps):
    tokens = TokenRow(np.random.default_rng(0).choice(40, size=4_000, p=np.arange(1, 41) / 820))
    settings = GPTSettings(vocabulary=40, context=32, layers=2, heads=4, width=128)
    losses = train(settings, steps, row=tokens, taken=20)
    assert max(losses) < 1.4 * losses[0]
