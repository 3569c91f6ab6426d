"""What a weight of a module is for, as far as its name tells, and how a learner's weights become ours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

SYNONYMS: dict[str, tuple[str, ...]] = {
    "query_norm": ("query_norm", "q_norm", "norm_q(uery)?"),
    "key_norm": ("key_norm", "k_norm", "norm_k(ey)?"),
    "gate": ("gate", "gate_proj.*", "w_gate"),
    "query": ("quer(y|ies)", "q", "w_?q", "q_(proj|linear)", "get_quer(y|ies)", "to_q", "query_.*", "w_query"),
    "key": ("keys?", "k", "w_?k", "k_(proj|linear)", "get_keys?", "to_k", "key_.*", "w_key"),
    "value": ("values?", "v", "w_?v", "v_(proj|linear)", "get_values?", "to_v", "value_.*", "w_value"),
    "expand": ("expand", "fc_?1", "up", "up_proj.*", "lin(ear)?_?1", "c_fc", "first_linear.*", "w1"),
    "contract": ("contract", "fc_?2", "down", "down_proj.*", "lin(ear)?_?2", "second_linear.*", "w2"),
    "first_norm": (
        "first_(layer_)?norm",
        "ln_?1",
        "(layer_?)?norm_?1",
        "layer_norm_one",
        "attention_norm",
        "input_(layer_?)?norm",
    ),
    "second_norm": (
        "second_(layer_)?norm",
        "ln_?2",
        "(layer_?)?norm_?2",
        "layer_norm_two",
        "(ffn|feed_forward|post_attention)_(layer_?)?norm",
    ),
    "final_norm": ("final_(layer_)?norm", "ln_?f", "norm_f", "layer_norm_three", "final_ln"),
    "token_embedding": ("tok(en)?_emb(edding)?s?", "wte", "word_embeddings?", "embed_tokens"),
    "position_embedding": ("pos(ition(al)?)?_emb(edding)?s?", "wpe", "positional"),
    "output": ("out(put)?", "[co]_proj", "out(put)?_(pr.*|layer)", "wo", "(vocab_)?proj(ection)?", "to_out", "lm_head"),
}
LAYERS = {"Linear", "LayerNorm", "Embedding"}
FIXED = {"Linear", "Embedding", "NonDynamicallyQuantizableLinear"}
_PATTERNS = {role: re.compile(f"(?:{'|'.join(patterns)})$") for role, patterns in SYNONYMS.items()}


@dataclass(frozen=True)
class Weight:
    """A weight of a module.

    Attributes
    ----------
    name : str
        With dots, as PyTorch names it.
    shape : tuple of int
        Of the tensor.
    owner : str
        The class of the module that holds it.
    """

    name: str
    shape: tuple[int, ...]
    owner: str

    @property
    def leaf(self) -> str:
        """Return ``"bias"``, or ``"weight"`` for anything else."""
        return "bias" if self.name.rpartition(".")[2] in ("bias", "beta", "b") else "weight"

    @property
    def numbers(self) -> list[int]:
        """Return the whole numbers in the name: of a block, a head, a place in a row of layers."""
        return [int(part) for part in self.name.split(".") if part.isdigit()]

    def infer_role(self) -> str | None:
        """Return what the name says the weight is for; None if it says nothing."""
        return _infer_role(self.name)


@lru_cache(maxsize=4096)
def _infer_role(name: str) -> str | None:
    for part in reversed(name.split(".")):
        for role, pattern in _PATTERNS.items():
            if pattern.match(part.lower()):
                return role
    return None


@dataclass(frozen=True)
class WeightSlice:
    """Some rows of one of our weights, and the rows of a learner's that play their part.

    Attributes
    ----------
    ours, theirs : str
        Names.
    our_rows, their_rows : (int, int)
        From and to.
    transposed : bool
        Whether the learner's lies the other way round; its rows are counted once it is turned.
    head : int, optional
        Which matrix of a weight with three dimensions; its first two are laid together if there is none.
    """

    ours: str
    theirs: str
    our_rows: tuple[int, int]
    their_rows: tuple[int, int]
    transposed: bool = False
    head: int | None = None

    def view(self, theirs: Mapping[str, Any]) -> Any:
        """Return the learner's rows; what is written to them is written to the learner's weight."""
        tensor = theirs[self.theirs]
        if tensor.ndim == 3:
            tensor = tensor.flatten(0, 1) if self.head is None else tensor[self.head]
        tensor = tensor.T if self.transposed else tensor
        return tensor[slice(*self.their_rows)] if tensor.ndim else tensor


def gather(pieces: Sequence[WeightSlice], theirs: Mapping[str, Any]) -> dict[str, Any]:
    """Return our weights, made of a learner's; gradients flow back to the learner's."""
    import torch

    found: dict[str, list[tuple[int, Any]]] = {}
    for piece in pieces:
        found.setdefault(piece.ours, []).append((piece.our_rows[0], piece.view(theirs)))
    return {
        name: parts[0][1] if len(parts) == 1 else torch.cat([rows for _, rows in sorted(parts, key=lambda x: x[0])])
        for name, parts in found.items()
    }


def scatter(pieces: Sequence[WeightSlice], ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> None:
    """Copy our weights into a learner's."""
    for piece in pieces:
        ours_now = ours[piece.ours]
        piece.view(theirs).copy_(ours_now[slice(*piece.our_rows)] if ours_now.ndim else ours_now)


def list_weights(module: Any) -> list[Weight]:
    """Return a module's weights in the order of definition."""
    return [
        Weight(name, tuple(value.shape), type(module.get_submodule(name.rpartition(".")[0])).__name__)
        for name, value in module.named_parameters()
    ]
