"""Laws of logistic regression, and PyTorch's own derivatives."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from groundup.steps.c2_regression import logistic

scores = st.lists(st.floats(-800, 800), min_size=1, max_size=20).map(np.array)


def make_rows(classes, seed=0, rows=60, features=3):
    random = np.random.default_rng(seed)
    return random.normal(size=(rows, features)), random.integers(classes, size=rows)


@given(scores)
def test_the_sigmoid_of_minus_a_score_is_the_other_classs_probability(score):
    np.testing.assert_allclose(logistic.sigmoid(score) + logistic.sigmoid(-score), 1, rtol=1e-12)
    assert np.all(np.diff(logistic.sigmoid(np.sort(score))) >= 0)


@given(st.floats(-30, 30))
def test_the_score_is_the_logarithm_of_the_odds(score):
    probability = logistic.sigmoid(np.array([score]))[0]
    assert np.log(probability) - np.log(logistic.sigmoid(np.array([-score]))[0]) == pytest.approx(score, abs=1e-9)


@given(scores, st.floats(-800, 800))
def test_softmax_of_two_is_the_sigmoid_of_their_difference_and_a_shift_changes_nothing(score, shift):
    both = logistic.softmax(np.column_stack([np.zeros(len(score)), score]) + shift)
    np.testing.assert_allclose(both.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(both[:, 1], logistic.sigmoid(score), rtol=1e-9, atol=1e-12)


def test_loss_and_gradient_of_two_classes_are_those_of_pytorch():
    X, classes = make_rows(2)
    weights = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64, requires_grad=True)
    bias = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)
    truth = classes.astype(float)
    loss = functional.binary_cross_entropy_with_logits(torch.tensor(X) @ weights + bias, torch.tensor(truth))
    loss.backward()
    probability = logistic.predict(X, weights.detach().numpy(), 0.3)
    assert logistic.log_loss(probability, truth) == pytest.approx(loss.item(), rel=1e-12)
    np.testing.assert_allclose(logistic.differentiate(probability, truth, X), weights.grad.numpy(), rtol=1e-10)
    assert logistic.differentiate_bias(probability, truth) == pytest.approx(bias.grad.item(), rel=1e-10)


def test_loss_and_gradient_of_more_classes_are_those_of_pytorch():
    X, classes = make_rows(4)
    weights = torch.randn(3, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(1), requires_grad=True)
    bias = torch.zeros(4, dtype=torch.float64, requires_grad=True)
    loss = functional.cross_entropy(torch.tensor(X) @ weights + bias, torch.tensor(classes))
    loss.backward()
    truth = logistic.one_hot(classes, 4)
    probability = logistic.predict_classes(X, weights.detach().numpy(), np.zeros(4))
    assert logistic.log_loss_of_classes(probability, truth) == pytest.approx(loss.item(), rel=1e-12)
    np.testing.assert_allclose(logistic.differentiate(probability, truth, X), weights.grad.numpy(), rtol=1e-10)
    np.testing.assert_allclose(logistic.differentiate_bias(probability, truth), bias.grad.numpy(), rtol=1e-10)


def test_descent_ends_where_the_mean_probability_is_the_share_of_the_class():
    X, classes = make_rows(2, rows=200)
    weights, bias = logistic.train(X, classes.astype(float), 600, learning_rate=2.0)
    assert np.mean(logistic.predict(X, weights, bias)) == pytest.approx(classes.mean(), abs=1e-9)


def test_two_classes_as_two_columns_end_with_the_same_probabilities():
    X, classes = make_rows(2, rows=200)
    weights, bias = logistic.train(X, classes.astype(float), 600, learning_rate=2.0)
    both, biases = logistic.train_classes(X, logistic.one_hot(classes, 2), 600, learning_rate=2.0)
    found = logistic.predict_classes(X, both, biases)[:, 1]
    np.testing.assert_allclose(found, logistic.predict(X, weights, bias), atol=1e-9)
