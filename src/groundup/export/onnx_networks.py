"""Networks as ONNX graphs, translated by PyTorch's own exporter from the code that trained them."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import onnx
import torch
from torch import Tensor, nn
from torch.export import Dim

from groundup.data.images.images import SIDE
from groundup.export.onnx_file import OPSET
from groundup.steps.c6_gpt.gpt import GPT
from groundup.tasks.digits.model import Recogniser


class PixelsToProbabilities(nn.Module):
    """A digits run from grey levels to probabilities, as `Recogniser.probabilities` has them.

    Parameters
    ----------
    recogniser : Recogniser
        The trained run.
    """

    def __init__(self, recogniser: Recogniser) -> None:
        super().__init__()
        self.recogniser, self.network = recogniser, recogniser.network

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Return probabilities and scores, both of shape (batch, classes), for uint8 of shape (batch, 28, 28)."""
        scores = self.network(self.recogniser.scale(pixels))
        if self.recogniser.settings.head == "sigmoid":
            return scores / scores.sum(1, keepdim=True), scores
        return scores.softmax(1), scores


def translate_digits(recogniser: Recogniser) -> onnx.ModelProto:
    """Return the graph of a digits run: ``pixels`` in, ``probabilities`` and ``scores`` out."""
    pixels = torch.zeros(2, SIDE, SIDE, dtype=torch.uint8)
    model = PixelsToProbabilities(recogniser).eval()
    return _translate(model, pixels, ["pixels"], ["probabilities", "scores"], {"pixels": {0: Dim("batch")}})


def translate_gpt(model: GPT) -> onnx.ModelProto:
    """Return the graph of a gpt run: ``tokens`` (batch, time) in, ``logits`` (batch, time, vocabulary) out."""
    tokens = torch.zeros(2, min(3, model.settings.context), dtype=torch.int64)
    axes = {"tokens": {0: Dim("batch"), 1: Dim("time", max=model.settings.context)}}
    return _translate(model, tokens, ["tokens"], ["logits"], axes)


def _translate(
    model: nn.Module, example: Tensor, inputs: list[str], outputs: list[str], axes: dict[str, Any]
) -> onnx.ModelProto:
    with _quietly(), torch.no_grad():
        program = torch.onnx.export(
            model,
            (example,),
            dynamo=True,
            input_names=inputs,
            output_names=outputs,
            dynamic_shapes=axes,
            opset_version=OPSET,
            verbose=False,
        )
    assert program is not None
    return program.model_proto


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep the exporter's remarks about packages that are not there, and about PyTorch itself, to itself."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
