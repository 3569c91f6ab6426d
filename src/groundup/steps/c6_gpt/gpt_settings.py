"""The sizes of a GPT, all in one place; a run saves them in its ``config.json``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from groundup.base.errors import UserError
from groundup.steps.c6_gpt.positions import RotaryScaling


@dataclass(frozen=True)
class GPTSettings:
    """The sizes of a GPT; values left at ``None`` are computed from the others.

    Attributes
    ----------
    vocabulary : int
        V, the number of different tokens.
    context : int
        The largest number of tokens that the model can see at once.
    layers, heads, width : int
        The number of blocks, H query heads in each block, C channels of the residual stream.
    preset : {"modern", "classic", "plain"}
        The architecture; ``plain`` is `groundup.steps.c6_gpt.plain_block`.
    key_value_heads : int
        The number of heads of keys and values, a divisor of ``heads``; ``heads`` by default, and always in
        ``classic``.
    head_width : int
        d, the channels of a head, even in ``modern``; ``width / heads`` by default, and always in ``classic``.
    hidden : int
        The hidden channels of the feed-forward: by default ``4 · width`` in ``classic`` and ``plain``, and about
        ``8/3 · width`` in ``modern``, whose third matrix makes the number of weights about the same.
    tied : bool
        Whether the output map uses the weights of the embedding: always in ``classic``, and by default not in the
        others.
    dropout : float
        The probability that a channel is dropped in training, in the output of the attention and of the feed-forward
        and in the embeddings; in ``plain`` only in the output of the feed-forward.
    rotary_base : float
        The base of the rotary angles (``modern``).
    rotary_scaling : RotaryScaling, optional
        How slow angles are slowed further, as in Llama 3.1 (``modern``).
    query_key_norm : bool
        Whether queries and keys are normalized in every head, as in Qwen3: by default in ``modern``, which is Llama
        (Touvron et al., 2023) without it.
    norm_epsilon : float
        Added under the square root of the norms, so that they never divide by 0.

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
    query_key_norm: bool = None  # type: ignore[assignment]
    rotary_scaling: RotaryScaling | None = None

    @classmethod
    def from_mapping(cls, saved: Mapping[str, Any]) -> GPTSettings:
        """Return the settings that `dataclasses.asdict` gave, read back from JSON."""
        scaling = saved.get("rotary_scaling")
        return cls(**{**saved, "rotary_scaling": scaling and RotaryScaling(**scaling)})

    def __post_init__(self) -> None:
        classic = self.preset == "classic"
        wide = self.preset in ("classic", "plain")
        defaults: dict[str, Any] = {
            "key_value_heads": self.heads,
            "head_width": self.width // max(1, self.heads),
            "hidden": 4 * self.width if wide else max(8 * self.width // 3 // 64, 1) * 64,
            "tied": classic,
            "norm_epsilon": 1e-5 if wide else 1e-6,
            "query_key_norm": not wide,
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
                f"width={s.width} cannot be cut evenly into heads={s.heads}. Choose a width divisible by heads."
            )
    elif s.preset == "classic":
        if s.key_value_heads != s.heads or s.heads * s.head_width != s.width or not s.tied:
            raise UserError(
                f"classic is GPT-2: width={s.width} must be heads={s.heads} times head_width={s.head_width}, each head "
                "has its own keys and values, and the output is tied. Choose a width divisible by heads, or the modern "
                "preset."
            )
    elif s.rotary_scaling is not None and not s.rotary_scaling.low < s.rotary_scaling.high:
        raise UserError(
            f"rotary_scaling: low={s.rotary_scaling.low:g} must be less than high={s.rotary_scaling.high:g}."
        )
    elif s.head_width % 2:
        raise UserError(f"head_width={s.head_width}: rotary positions need pairs of channels. Choose an even number.")
