r"""Muon: momentum whose step, for a matrix, has all its singular values set to about one.

A gradient's few large singular values drown the many small ones; Muon's step pushes in all their directions alike
(Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024):

.. math:: M \leftarrow \mu M + (1 - \mu) G, \qquad W \leftarrow W - \eta \sqrt{\max(1, m/n)}\; \mathrm{orth}(
          (1 - \mu) G + \mu M)

orth(X) = U Vᵀ of the singular value decomposition X = U S Vᵀ is approached by a few odd polynomials, matrix products
only: X ← aX + b(XXᵀ)X + c(XXᵀ)²X. The coefficients are those of Amsel et al. ("The polar express", 2025,
algorithm 1): each the best for what the one before leaves.

Matrices of one shape are stacked and orthogonalised together. Vectors and embeddings, for which "singular value" says
nothing, are AdamW's (Loshchilov and Hutter, 2019).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from groundup.runs.sharded_tensors import own_share
from groundup.training.optimizer import Optimizer
from groundup.training.sharding import Exchange

POLAR_EXPRESS = (
    (8.28721201814563, -23.595886519098837, 17.300387312530933),
    (4.107059111542203, -2.9478499167379106, 0.5448431082926601),
    (3.9486908534822946, -2.908902115962949, 0.5518191394370137),
    (3.3184196573706015, -2.488488024314874, 0.51004894012372),
    (2.300652019954817, -1.6689039845747493, 0.4188073119525673),
    (1.8913014077874002, -1.2679958271945868, 0.3768040894852483),
    (1.875, -1.25, 0.375),
)
# Rounding may push a singular value above one, where the polynomials explode: they are used a little inside.
SAFETY = 1.01


def orthogonalise(
    matrices: Float[Tensor, "matrix row column"], iterations: int = 5, dtype: torch.dtype | None = None
) -> Float[Tensor, "matrix row column"]:
    """Return each matrix's nearest one whose singular values are all about one.

    Parameters
    ----------
    matrices : Tensor
        A stack of matrices of one shape.
    iterations : int
        Polynomials applied: 5 bring singular values from 0.001 up to about one; 3 those from 0.05.
    dtype : torch.dtype, optional
        What to compute in; that of the matrices by default. bfloat16 is enough for training.

    Returns
    -------
    Tensor
        In ``dtype``.

    Examples
    --------
    >>> import torch
    >>> nearly = orthogonalise(torch.tensor([[[3.0, 0.0], [0.0, 0.2]]]), iterations=7)
    >>> bool(torch.allclose(nearly[0], torch.eye(2), atol=0.02))
    True
    """
    tall = matrices.shape[-2] > matrices.shape[-1]
    x = matrices.mT if tall else matrices
    x = (x / (torch.linalg.matrix_norm(x, keepdim=True) * SAFETY + 1e-7)).to(dtype or matrices.dtype)
    for step in range(iterations):
        a, b, c = POLAR_EXPRESS[min(step, len(POLAR_EXPRESS) - 1)]
        if step < len(POLAR_EXPRESS) - 1:
            a, b, c = a / SAFETY, b / SAFETY**3, c / SAFETY**5
        gram = torch.bmm(x, x.mT)
        polynomial = torch.baddbmm(gram, gram, gram, beta=b, alpha=c)
        x = torch.baddbmm(x, polynomial, x, beta=a)
    return x.mT if tall else x


class Muon(Optimizer):
    """Muon for matrices and AdamW for the rest, as one optimiser with one ``state_dict``.

    Parameters
    ----------
    matrices : iterable of Parameter
        Two-dimensional; each is orthogonalised by itself, so pass queries, keys and values apart.
    others : iterable of dict
        Groups for AdamW: ``{"params": [...], "lr": ..., "weight_decay": ...}``, the last two optional.
    learning_rate : float
        Muon's; a step moves a matrix by about this much in every direction.
    momentum : float
        Muon's μ.
    iterations : int
        See `orthogonalise`.
    weight_decay : float
        Muon's: a step shrinks the matrices by ``learning_rate · weight_decay``.
    other_learning_rate, betas, epsilon : float, pair of float, float
        AdamW's.
    dtype : torch.dtype, optional
        What `orthogonalise` computes in.
    """

    def __init__(  # noqa: PLR0913 - an optimizer's settings, all named
        self,
        matrices: Iterable[nn.Parameter],
        others: Iterable[dict[str, Any]] = (),
        *,
        learning_rate: float = 0.02,
        momentum: float = 0.95,
        iterations: int = 5,
        weight_decay: float = 0.0,
        other_learning_rate: float = 3e-3,
        betas: tuple[float, float] = (0.9, 0.95),
        epsilon: float = 1e-8,
        dtype: torch.dtype | None = None,
    ) -> None:
        self.momentum, self.iterations, self.dtype = momentum, iterations, dtype
        self.betas, self.epsilon = betas, epsilon
        matrices = list(matrices)
        for parameter in matrices:
            if parameter.ndim != 2:
                raise ValueError(f"Muon steps matrices; a tensor of shape {list(parameter.shape)} is AdamW's")
        groups = [{"params": matrices, "lr": learning_rate, "weight_decay": weight_decay, "muon": True}]
        groups += [{"lr": other_learning_rate, "weight_decay": 0.0, **group, "muon": False} for group in others]
        super().__init__([group for group in groups if group["params"]])

    @torch.no_grad()
    def step(self) -> None:
        """Take one step; parameters without a gradient stay."""
        for group in self.param_groups:
            parameters: list[Tensor] = [parameter for parameter in group["params"] if parameter.grad is not None]
            gradients: list[Tensor] = [parameter.grad for parameter in parameters]  # type: ignore[misc]
            if group["muon"]:
                self._step_matrices(group, parameters, gradients)
            else:
                self._step_others(group, parameters, gradients)

    def _step_matrices(self, group: dict[str, Any], parameters: list[Tensor], gradients: list[Tensor]) -> None:
        for parameter in parameters:
            if "momentum" not in self.state[parameter]:
                self.state[parameter]["momentum"] = torch.zeros_like(parameter)
        shares, gradients = [own_share(parameter) for parameter in parameters], [own_share(one) for one in gradients]
        momenta = [own_share(self.state[parameter]["momentum"]) for parameter in parameters]
        torch._foreach_lerp_(momenta, gradients, 1 - self.momentum)
        directions = torch._foreach_lerp(gradients, momenta, self.momentum)
        if group["weight_decay"]:
            torch._foreach_mul_(shares, 1 - group["lr"] * group["weight_decay"])
        for parameter, share, step in zip(parameters, shares, self._orthogonalise(parameters, directions), strict=True):
            rows, columns = parameter.shape
            share.add_(step, alpha=-group["lr"] * max(1, rows / columns) ** 0.5)

    def _orthogonalise(self, parameters: Sequence[Tensor], directions: Sequence[Tensor]) -> list[Tensor]:
        """Return each direction orthogonalised; where rows are spread over processes, each matrix by one of them."""
        if not parameters or own_share(parameters[0]) is parameters[0]:
            return self._orthogonalise_whole(directions)
        costs = [rows * columns * min(rows, columns) for rows, columns in (matrix.shape for matrix in parameters)]
        exchange = Exchange(parameters, costs)
        return exchange.scatter(self._orthogonalise_whole(exchange.gather(list(directions))))

    def _orthogonalise_whole(self, directions: Sequence[Tensor]) -> list[Tensor]:
        steps = list(directions)
        for places in _same_shapes(directions):
            # Tall matrices join the wide ones of their shape on their side.
            stack = torch.stack([_laid_wide(directions[place]) for place in places])
            found = orthogonalise(stack, self.iterations, self.dtype).to(stack.dtype)
            for place, step in zip(places, found, strict=True):
                steps[place] = step if _laid_wide(directions[place]) is directions[place] else step.T
        return steps

    def _step_others(self, group: dict[str, Any], parameters: list[Tensor], gradients: list[Tensor]) -> None:
        if not parameters:
            return
        states = [self.state[parameter] for parameter in parameters]
        for parameter, state in zip(parameters, states, strict=True):
            if not state:
                state["step"] = torch.zeros((), dtype=torch.float32, device=own_share(parameter).device)
                state["mean"], state["square"] = torch.zeros_like(parameter), torch.zeros_like(parameter)
        torch._fused_adamw_(
            [own_share(parameter) for parameter in parameters],
            [own_share(gradient) for gradient in gradients],
            [own_share(state["mean"]) for state in states],
            [own_share(state["square"]) for state in states],
            [],
            _count(states),
            amsgrad=False,
            lr=group["lr"],
            beta1=self.betas[0],
            beta2=self.betas[1],
            weight_decay=group["weight_decay"],
            eps=self.epsilon,
            maximize=False,
        )


def _count(states: list[dict[str, Any]]) -> list[Tensor]:
    for state in states:
        state["step"] += 1
    return [state["step"] for state in states]


def _laid_wide(matrix: Tensor) -> Tensor:
    """Return a view with no more rows than columns."""
    return matrix.T if matrix.shape[0] > matrix.shape[1] else matrix


def _same_shapes(matrices: Sequence[Tensor]) -> Iterable[list[int]]:
    """Group the places of matrices that are of one shape once laid wide."""
    found: dict[torch.Size, list[int]] = {}
    for place, matrix in enumerate(matrices):
        found.setdefault(_laid_wide(matrix).shape, []).append(place)
    return found.values()
