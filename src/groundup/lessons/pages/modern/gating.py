"""Two feed-forward networks with equally many weights learn a product: one with ReLU, one with a gate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from groundup.steps.c4_training.optimisers import Adam
from groundup.steps.c6_gpt.plain_block import FeedForward
from groundup.steps.c6_gpt.transformer import GatedFeedForward

# Two inputs, and 42 weights in both networks: 8 nodes with biases, or 7 with a gate and without.
WIDTH, NODES = 2, 7
SIDE, REACH = 25, 2.0
STEPS, BATCH, RATE, PER_FRAME = 400, 128, 1e-2, 4


def multiply(x: Float[Tensor, "point 2"]) -> Float[Tensor, " point"]:
    """Return the product of both inputs: what the networks are to learn."""
    return x[:, 0] * x[:, 1]


def make_grid() -> Float[Tensor, "point 2"]:
    """Return the points of the maps, row by row from the top."""
    ticks = torch.linspace(-REACH, REACH, SIDE)
    return torch.cartesian_prod(ticks.flip(0), ticks).flip(1)


def learn_product(seed: int) -> Iterator[dict[str, Any]]:
    """Train both networks on the same points, a frame for every fourth step.

    Yields
    ------
    dict
        ``step``, ``steps``; ``maps``: what is wanted, what the ReLU network says, what the gated one says, rows of
        numbers; ``errors``: for each frame so far the step and both mean squared errors on the points of the map;
        ``says``.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        networks: tuple[nn.Module, nn.Module] = FeedForward(WIDTH, 0.0), GatedFeedForward(WIDTH, NODES)
    optimizers = [Adam(network.parameters(), RATE) for network in networks]
    generator = torch.Generator().manual_seed(seed)
    grid = make_grid()
    wanted = multiply(grid)
    errors: list[list[float]] = []
    for step in range(STEPS + 1):
        if step % PER_FRAME == 0:
            with torch.no_grad():
                said = [network(grid[None])[0, :, 0] for network in networks]
            errors.append([float(step), *(float((one - wanted).square().mean()) for one in said)])
            yield {
                "step": step,
                "steps": STEPS,
                "maps": [one.reshape(SIDE, SIDE) for one in (wanted, *said)],
                "errors": list(errors),
                "says": f"Step {step} of {STEPS}. Mean squared error: ReLU {errors[-1][1]:.2g}, "
                f"gate {errors[-1][2]:.2g}.",
            }
        points = REACH * (2 * torch.rand(BATCH, WIDTH, generator=generator) - 1)
        for network, optimizer in zip(networks, optimizers, strict=True):
            optimizer.zero_grad()
            (network(points[None])[0, :, 0] - multiply(points)).square().mean().backward()
            optimizer.step()
