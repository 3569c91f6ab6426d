import copy

import pytest
import torch

from groundup.training.muon import Muon, orthogonalise


@pytest.mark.parametrize("shape", [(4, 4), (3, 7), (7, 3)])
def test_singular_values_become_about_one_and_directions_stay(shape):
    torch.manual_seed(0)
    matrix = torch.randn(1, *shape, dtype=torch.float64)
    left, _, right = torch.linalg.svd(matrix, full_matrices=False)
    exact = left @ right
    nearly = orthogonalise(matrix, iterations=7)
    torch.testing.assert_close(nearly, exact, atol=0.02, rtol=0)
    rough = torch.linalg.svdvals(orthogonalise(matrix, iterations=5))
    assert rough.min() > 0.6
    assert rough.max() < 1.3


def test_a_stack_is_orthogonalised_as_its_matrices_one_by_one():
    torch.manual_seed(1)
    stack = torch.randn(5, 4, 6, dtype=torch.float64)
    one_by_one = torch.cat([orthogonalise(matrix[None]) for matrix in stack])
    torch.testing.assert_close(orthogonalise(stack), one_by_one)


def test_a_tall_matrix_is_the_wide_one_turned():
    matrix = torch.randn(1, 3, 8, dtype=torch.float64)
    torch.testing.assert_close(orthogonalise(matrix.mT), orthogonalise(matrix).mT)


def make(seed=0):
    torch.manual_seed(seed)
    shapes = [(4, 6), (6, 4), (4, 6), (4, 4)]
    return [torch.nn.Parameter(torch.randn(*shape, dtype=torch.float64)) for shape in shapes]


def test_a_step_by_hand():
    (matrix, *_) = make()
    before, gradient = matrix.detach().clone(), torch.randn_like(matrix)
    optimizer = Muon([matrix], learning_rate=0.1, momentum=0.9, weight_decay=0.5)
    matrix.grad = gradient
    optimizer.step()
    direction = 0.1 * gradient + 0.9 * (0.1 * gradient)
    torch.testing.assert_close(matrix.detach(), before * (1 - 0.05) - 0.1 * orthogonalise(direction[None])[0])


def test_tall_matrices_take_longer_steps():
    _, tall, *_ = make()
    before = tall.detach().clone()
    tall.grad = torch.randn_like(tall)
    Muon([tall], learning_rate=0.1, iterations=7).step()
    moved = torch.linalg.svdvals(before - tall.detach())
    torch.testing.assert_close(moved, torch.full_like(moved, 0.1 * (6 / 4) ** 0.5), rtol=0.02, atol=0)


def test_matrices_stepped_together_go_where_each_goes_alone():
    together, alone = make(), make()
    gradients = [torch.randn_like(matrix) for matrix in together]
    optimizers = [Muon(together), *(Muon([matrix]) for matrix in alone)]
    for _ in range(3):
        for matrices in (together, alone):
            for matrix, gradient in zip(matrices, gradients, strict=True):
                matrix.grad = gradient.clone()
        for optimizer in optimizers:
            optimizer.step()
    for one, other in zip(together, alone, strict=True):
        torch.testing.assert_close(one, other)


def test_the_rest_is_adamw():
    ours, theirs = (torch.nn.Parameter(torch.linspace(-1, 1, 5)) for _ in range(2))
    optimizer = Muon([], [{"params": [ours], "lr": 0.1, "weight_decay": 0.2}], betas=(0.8, 0.9), epsilon=1e-6)
    reference = torch.optim.AdamW([theirs], lr=0.1, weight_decay=0.2, betas=(0.8, 0.9), eps=1e-6)
    for step in range(4):
        ours.grad = torch.arange(5.0) - step
        theirs.grad = ours.grad.clone()
        optimizer.step()
        reference.step()
    torch.testing.assert_close(ours, theirs)


def test_saved_and_loaded_it_goes_on_bit_for_bit():
    matrices, vector = make(), torch.nn.Parameter(torch.randn(3))
    parameters = [*matrices, vector]
    optimizer = Muon(matrices, [{"params": [vector]}])

    def steps(count, parameters, optimizer):
        for step in range(count):
            for place, parameter in enumerate(parameters):
                parameter.grad = torch.sin(parameter.detach() * (place + 1) + step)
            optimizer.step()

    steps(2, parameters, optimizer)
    saved, weights = copy.deepcopy(optimizer.state_dict()), [p.detach().clone() for p in parameters]
    steps(2, parameters, optimizer)
    others = [torch.nn.Parameter(weight) for weight in weights]
    resumed = Muon(others[:-1], [{"params": others[-1:]}])
    resumed.load_state_dict(saved)
    steps(2, others, resumed)
    assert all(torch.equal(one, other) for one, other in zip(parameters, others, strict=True))


def test_a_vector_is_refused():
    with pytest.raises(ValueError, match=r"shape \[3\] is AdamW's"):
        Muon([torch.nn.Parameter(torch.zeros(3))])
