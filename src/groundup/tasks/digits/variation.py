"""Small random changes of training pictures: what a network learns from a few pictures then holds for more of them."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

# The most that is changed, at strength 1.
MOVE = 0.1  # of the picture's side
SCALE = 0.2
SLANT = 0.3  # sideways per upwards
STROKE = 1.0  # pixels on either side of it


class VariedPictures:
    """Training pictures that are moved, scaled, slanted, and drawn with a thicker or thinner pen, all at random.

    Parameters
    ----------
    pixels : Tensor
        Grey levels, uint8, shape (pictures, height, width); 0 is paper, and comes in at the edges.
    strength : float
        How much at most: 1 moves by a tenth of the side, scales by a fifth, slants by 0.3, and makes strokes a pixel
        wider or narrower on either side.
    """

    def __init__(self, pixels: Tensor, strength: float) -> None:
        self.pixels = pixels
        self.strength = strength
        # The least and the most ink at a pixel and beside it: strokes a pixel narrower, and wider, on either side.
        wide = functional.pad(pixels, (1, 1, 1, 1))
        near = [pixels, wide[:, 1:-1, :-2], wide[:, 1:-1, 2:], wide[:, :-2, 1:-1], wide[:, 2:, 1:-1]]
        self.thinnest, self.thickest = torch.stack(near).aminmax(dim=0)

    def take(self, places: Tensor, generator: torch.Generator) -> Tensor:
        """Return the pictures at ``places``, each changed as the generator draws it: float32 grey levels."""
        draws = self.strength * (2 * torch.rand(6, len(places), generator=generator) - 1)
        across, down, wider, taller, slant, stroke = draws.to(self.pixels.device)[:, :, None, None]
        thicker = (stroke > 0).flatten()
        aims = self.thinnest.index_select(0, places)
        aims[thicker] = self.thickest.index_select(0, places[thicker])
        changed = torch.lerp(self.pixels.index_select(0, places).float(), aims.float(), STROKE * stroke.abs())
        height, width = self.pixels.shape[1:]
        # Where each pixel comes from, from -1 to 1 between the edges.
        x, y = ((2 * torch.arange(side, device=changed.device) + 1) / side - 1 for side in (width, height))
        grid = changed.new_empty(*changed.shape, 2)
        grid[..., 0] = torch.exp(SCALE * wider) * x + SLANT * slant * y[:, None] + 2 * MOVE * across
        grid[..., 1] = torch.exp(SCALE * taller) * y[:, None] + 2 * MOVE * down
        return functional.grid_sample(changed[:, None], grid, align_corners=False)[:, 0]


def shift_pictures(pixels: Tensor, most: int, generator: torch.Generator) -> Tensor:
    """Move every picture by up to ``most`` pixels each way, paper (0) coming in at the edges.

    Parameters
    ----------
    pixels : Tensor
        Grey levels, shape (pictures, height, width).
    most : int
        The largest move in pixels, at least 1.
    generator : torch.Generator
        Draws the moves.
    """
    count, height, width = pixels.shape
    wide = functional.pad(pixels, (most, most, most, most))
    moves = torch.randint(0, 2 * most + 1, (2, count, 1), generator=generator)
    rows = (moves[0] + torch.arange(height))[:, :, None].expand(-1, -1, width + 2 * most).to(pixels.device)
    columns = (moves[1] + torch.arange(width))[:, None, :].expand(-1, height, -1).to(pixels.device)
    return wide.gather(1, rows).gather(2, columns)
