"""Refuses the library functions that a statement forbids, by whatever name or way they are called in the end.

It runs in the answer's process and imports nothing of this package.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

# Which of PyTorch's operations do the work of which forbidden function; a name ending in * stands for all like it.
OPERATIONS: dict[str, tuple[str, ...]] = {
    "layer_norm": ("layer_norm", "native_layer_norm"),
    "LayerNorm": ("layer_norm", "native_layer_norm"),
    "batch_norm": ("batch_norm", "*native_batch_norm*", "_batch_norm*"),
    "BatchNorm1d": ("batch_norm", "*native_batch_norm*", "_batch_norm*"),
    "rms_norm": ("rms_norm", "_fused_rms_norm"),
    "RMSNorm": ("rms_norm", "_fused_rms_norm"),
    "dropout": (
        "dropout",
        "dropout_",
        "native_dropout",
        "alpha_dropout*",
        "feature_dropout*",
        "feature_alpha_dropout*",
    ),
    "embedding": ("embedding", "embedding_bag"),
    "linear": ("linear", "linear_", "bilinear"),
    "scaled_dot_product_attention": ("scaled_dot_product_attention", "_scaled_dot_product_*", "_flash_attention*"),
    "MultiheadAttention": ("_native_multi_head_attention", "multi_head_attention_forward"),
    "TransformerEncoderLayer": ("_transformer_encoder_layer_fwd",),
    "cross_entropy": ("cross_entropy_loss", "cross_entropy", "nll_loss*"),
    "nll_loss": ("nll_loss*",),
}


class Forbidden(Exception):
    """The answer called what the statement forbids."""


class Forbidding:
    """Refuses some library functions.

    Parameters
    ----------
    names : sequence of str
        Dotted, as the statement has them: ``"torch.nn.functional.layer_norm"``.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.patterns: list[tuple[str, str]] = []
        for name in names:
            self._replace(name)
            self.patterns += [(pattern, name) for pattern in OPERATIONS.get(name.rpartition(".")[2], ())]

    def _replace(self, name: str) -> None:
        module_name, _, attribute = name.rpartition(".")
        root = name.partition(".")[0]
        if root not in ("torch", "numpy"):
            sys.modules[root] = None  # type: ignore[assignment]  # nothing of it is needed
            return
        original = getattr(sys.modules.get(module_name), attribute, None)
        if original is None:
            return

        def refuse(*_: Any, **__: Any) -> Any:
            raise Forbidden(name)

        if isinstance(original, type):
            # The class itself, which has several names and may be inherited from.
            original.__init__ = refuse  # type: ignore[misc]
        else:
            # Also where it is defined: torch.nn.utils.clip_grad_norm_ is that of torch.nn.utils.clip_grad.
            for holder in {module_name, str(getattr(original, "__module__", ""))} & sys.modules.keys():
                if getattr(sys.modules[holder], attribute, None) is original:
                    setattr(sys.modules[holder], attribute, refuse)

    def check(self, operation: str) -> None:
        """Raise where an operation does the work of a forbidden function."""
        for pattern, name in self.patterns:
            stem = pattern.strip("*")
            found = stem in operation if pattern.startswith("*") else operation.startswith(stem)
            if operation == pattern or (pattern.endswith("*") and found):
                raise Forbidden(name)

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Look at every function of PyTorch that is called for a while."""
        if not self.patterns or "torch" not in sys.modules:
            yield
            return
        with _make_mode()(self.check), _watch_operators(self.check):
            yield


@cache
def _make_mode() -> Callable[[Callable[[str], None]], Any]:
    """Return what looks at the functions of PyTorch and the methods of its tensors that are called."""
    from torch.overrides import TorchFunctionMode

    class Functions(TorchFunctionMode):
        def __init__(self, check: Callable[[str], None]) -> None:
            self.check = check

        def __torch_function__(self, function: Any, types: Any, arguments: Any = (), named: Any = None) -> Any:
            self.check(str(getattr(function, "__name__", "")))
            return function(*arguments, **(named or {}))

    return Functions


@contextmanager
def _watch_operators(check: Callable[[str], None]) -> Iterator[None]:
    """Look at what is called through ``torch.ops``, past the functions."""
    import torch._ops

    kinds = (torch._ops.OpOverload, torch._ops.OpOverloadPacket)
    before = [kind.__call__ for kind in kinds]

    def look(call: Any) -> Any:
        def __call__(operator: Any, /, *arguments: Any, **named: Any) -> Any:  # noqa: N807
            check(str(operator.__name__).partition(".")[0])
            return call(operator, *arguments, **named)

        return __call__

    for kind, call in zip(kinds, before, strict=True):
        kind.__call__ = look(call)  # type: ignore[method-assign]
    try:
        yield
    finally:
        for kind, call in zip(kinds, before, strict=True):
            kind.__call__ = call  # type: ignore[method-assign]
