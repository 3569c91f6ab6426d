"""Sentiment and heights runs as ONNX graphs: words in, looked up inside, so that no vocabulary lies beside the file."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx
import torch
from onnx import TensorProto

from groundup.data.tables.columns import MISSING_LEVEL, ColumnCode
from groundup.estimators.sentiment_models import AverageSentiment, RatioSentiment
from groundup.export.onnx_file import Graph
from groundup.steps.c5_words.vocabulary import PADDING

FLOAT, DOUBLE, INT64, STRING = TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.INT64, TensorProto.STRING


def write_average(model: AverageSentiment) -> onnx.ModelProto:
    """Return the graph of the course's model: ``words`` (batch, words) in, ``probability`` and ``logit`` out."""
    graph = Graph("sentiment")
    numbers = _number_words(graph, model.vocabulary.words)
    step = model.model
    vectors = graph.add("Gather", graph.hold(step.embedding.weight.detach().numpy()), numbers)
    present = graph.add("Not", graph.add("Equal", numbers, graph.hold(PADDING, np.int64)))
    count = graph.add("Cast", present, to=FLOAT)
    inside = graph.add("Unsqueeze", present, graph.hold([2], np.int64))
    vectors = graph.add("Where", inside, vectors, graph.hold(0, np.float32))
    total = graph.add("ReduceSum", vectors, graph.hold([1], np.int64), keepdims=0)
    count = graph.add("ReduceSum", count, graph.hold([1], np.int64), keepdims=1)
    average = graph.add("Div", total, graph.add("Max", count, graph.hold(1, np.float32)))
    weight = graph.hold(step.linear.weight.detach().numpy().T)
    _judge(graph, graph.add("MatMul", average, weight), float(step.linear.bias.detach()))
    return graph.finish()


def write_ratios(model: RatioSentiment) -> onnx.ModelProto:
    """Return the graph of the default model: ``words`` and ``pieces`` in, ``probability`` and ``logit`` out.

    Features that occur are set to 1 in a row as long as all features; one matrix product then gives, for words, pairs
    and pieces apart, the sum of weight times ratio and the sum of squared ratios that it is divided by the root of.
    """
    graph, features = Graph("sentiment"), model.features
    size, groups = len(features), features.groups
    numbers = _number_words(graph, features.vocabulary.words)
    pieces = graph.take("pieces", STRING, "batch", "pieces")
    found = [
        numbers,
        _number_pairs(graph, numbers, features.pairs.tolist(), len(features.vocabulary), groups[1].start, size),
        graph.look_up([*features.pieces] or [""], pieces, size, groups[2].start),
    ]
    places = graph.add("Concat", *found, axis=1)
    one = np.ones(1, np.float32)
    ones = graph.add("ConstantOfShape", graph.add("Shape", places), value=onnx.numpy_helper.from_array(one))
    rows = graph.add("Shape", places, start=0, end=1)
    shape = graph.add("Concat", rows, graph.hold([size + 1], np.int64), axis=0)
    empty = graph.add("ConstantOfShape", shape, value=onnx.numpy_helper.from_array(0 * one))
    occurs = graph.add("ScatterElements", empty, places, ones, axis=1)
    sums = graph.add("MatMul", occurs, graph.hold(_sum_by_group(model)))
    parts = graph.add("Slice", sums, *(graph.hold([bound], np.int64) for bound in (0, len(groups), 1)))
    squares = graph.add("Slice", sums, *(graph.hold([bound], np.int64) for bound in (len(groups), 2 * len(groups), 1)))
    length = graph.add("Max", graph.add("Sqrt", squares), graph.hold(np.finfo(np.float32).tiny, np.float32))
    logit = graph.add("ReduceSum", graph.add("Div", parts, length), graph.hold([1], np.int64), keepdims=1)
    _judge(graph, logit, float(model.classifier.bias.detach()))
    return graph.finish()


def write_table(codes: Sequence[ColumnCode], vector: np.ndarray) -> onnx.ModelProto:
    """Return the graph of a heights run: an input for every column, ``prediction`` out, all of shape (batch,).

    Parameters
    ----------
    codes : sequence of ColumnCode
        The columns. Numbers are float64, NaN where missing; words are texts, empty where missing.
    vector : array of float64
        Bias, then weights.
    """
    graph = Graph("heights")
    total, place = graph.hold(vector[0], np.float64), 1
    for code in codes:
        weights = vector[place : place + len(code.feature_names)]
        place += len(weights)
        if code.levels is None:
            value = graph.take(code.name, DOUBLE, "batch")
            if code.fill is not None:
                value = graph.add("Where", graph.add("IsNaN", value), graph.hold(code.fill, np.float64), value)
            part = graph.add("Mul", value, graph.hold(weights[0], np.float64))
        else:
            value = graph.take(code.name, STRING, "batch")
            # The reference adds nothing; a word that was never met makes the prediction NaN.
            parts = graph.hold([0.0, *weights, np.nan], np.float64)
            levels = ["" if level == MISSING_LEVEL else level for level in code.levels]
            part = graph.add("Gather", parts, graph.look_up(levels, value, len(levels)))
        total = graph.add("Add", total, part)
    name = "prediction"
    while name in {code.name for code in codes}:
        name += "_"
    graph.add("Identity", total, name=name)
    graph.give(name, DOUBLE, "batch")
    return graph.finish()


def _number_words(graph: Graph, words: Sequence[str]) -> str:
    texts = graph.take("words", STRING, "batch", "words")
    return graph.look_up(["", *words], texts, len(words) + 1)


def _number_pairs(graph: Graph, numbers: str, pairs: list[int], size: int, first: int, default: int) -> str:
    """Give pairs of neighbours their feature numbers; each row's two ends count as the word 0 (`NgramFeatures`)."""
    rows = graph.add("Shape", numbers, start=0, end=1)
    shape = graph.add("Concat", rows, graph.hold([1], np.int64), axis=0)
    zero = onnx.numpy_helper.from_array(np.zeros(1, np.int64))
    edge = graph.add("ConstantOfShape", shape, value=zero)
    before = graph.add("Concat", edge, numbers, axis=1)
    after = graph.add("Concat", numbers, edge, axis=1)
    codes = graph.add("Add", graph.add("Mul", before, graph.hold(size, np.int64)), after)
    return graph.look_up(pairs or [-1], codes, default, first)


def _sum_by_group(model: RatioSentiment) -> np.ndarray:
    """Return a row for each feature: in its group's column weight times ratio, in another the ratio's square."""
    groups, vocabulary = model.features.groups, model.vocabulary
    ratios = model.classifier.ratios.numpy()
    with torch.no_grad():
        weighted = model.classifier.weight[:, 0].numpy() * ratios
    table = np.zeros((len(ratios) + 1, 2 * len(groups)), np.float32)  # the last row: whatever is not known
    for column, group in enumerate(groups):
        table[group, column] = weighted[group]
        table[group, len(groups) + column] = ratios[group] ** 2
    table[[PADDING, vocabulary.unknown]] = 0
    return table


def _judge(graph: Graph, total: str, bias: float) -> None:
    flat = graph.add("Squeeze", total, graph.hold([1], np.int64))
    logit = graph.add("Add", flat, graph.hold(bias, np.float32), name="logit")
    graph.add("Sigmoid", logit, name="probability")
    graph.give("probability", FLOAT, "batch")
    graph.give("logit", FLOAT, "batch")
