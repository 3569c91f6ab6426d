"""The sizes of a GPT, in one place, written whole into a run's ``config.json``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from groundup.base.errors import UserError


@dataclass(frozen=True)
class GPTSettings:
    """The sizes of a GPT; what is left ``None`` is filled in from the others.

    Attributes
    ----------
    vocabulary : int
        How many different tokens.
    context : int
        How many tokens it sees at once, at most.
    layers, heads, width : int
        Blocks, query heads in each, channels of the residual stream.
    preset : {"modern", "classic", "plain"}
        Which architecture; ``plain`` is `groundup.steps.c6_gpt.plain_gpt`.
    key_value_heads : int
        Heads of keys and values, a divisor of ``heads``; as many by default, and always in ``classic``.
    head_width : int
        Channels of a head, even in ``modern``; ``width / heads`` by default, and always in ``classic``.
    hidden : int
        Channels inside the feed-forward; ``4 · width`` in ``classic`` and ``plain``, about ``8/3 · width`` (as many
        weights) in ``modern`` by default.
    tied : bool
        Whether the output map is the embedding's own weights; always in ``classic``.
    dropout : float
        The share of the channels dropped in training where a block adds to the stream, and of the embeddings; in
        ``plain`` at the end of the feed-forward only.
    rotary_base : float
        The base of the rotary angles (``modern``).
    norm_epsilon : float
        Keeps the norms from dividing by zero.

    Examples
    --------
    >>> GPTSettings(vocabulary=65, width=128).hidden
    320
    """

    vocabulary: int
    context: int = 64
    layers: int = 4
    heads: int = 4
    width: int = 128
    preset: str = "modern"
    key_value_heads: int = None  # type: ignore[assignment]
    head_width: int = None  # type: ignore[assignment]
    hidden: int = None  # type: ignore[assignment]
    tied: bool = None  # type: ignore[assignment]
    dropout: float = 0.0
    rotary_base: float = 10000.0
    norm_epsilon: float = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        classic = self.preset == "classic"
        wide = self.preset in ("classic", "plain")
        defaults: dict[str, Any] = {
            "key_value_heads": self.heads,
            "head_width": self.width // max(1, self.heads),
            "hidden": 4 * self.width if wide else max(8 * self.width // 3 // 64, 1) * 64,
            "tied": classic,
            "norm_epsilon": 1e-5 if wide else 1e-6,
        }
        for name, value in defaults.items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, value)
        _check(self)


def _check(settings: GPTSettings) -> None:
    s = settings
    if s.preset not in ("modern", "classic", "plain"):
        raise UserError(f'preset "{s.preset}": choose modern, classic or plain.')
    for name in ("vocabulary", "context", "layers", "heads", "width", "key_value_heads", "head_width", "hidden"):
        if getattr(s, name) < 1:
            raise UserError(f"{name}={getattr(s, name)}: must be at least 1.")
    if s.heads % s.key_value_heads:
        raise UserError(f"heads={s.heads} cannot share key_value_heads={s.key_value_heads}: choose a divisor of heads.")
    if s.preset == "plain":
        if s.width % s.heads:
            raise UserError(
                f"width={s.width} cannot be cut evenly into heads={s.heads}. Choose a width that heads divides."
            )
    elif s.preset == "classic":
        if s.key_value_heads != s.heads or s.heads * s.head_width != s.width or not s.tied:
            raise UserError(
                f"classic is GPT-2: its width={s.width} is cut evenly into heads={s.heads}, each with its own keys, "
                "and its output is tied. Choose a width that heads divides, or the modern preset."
            )
    elif s.head_width % 2:
        raise UserError(f"head_width={s.head_width}: rotary positions turn pairs of channels; choose an even number.")
