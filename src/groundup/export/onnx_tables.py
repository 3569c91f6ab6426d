"""Runs on texts and on tables as ONNX graphs: words are looked up inside, so no vocabulary lies beside the file."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx
import torch
from onnx import TensorProto

from groundup.data.tables.columns import MISSING_LEVEL, ColumnCode
from groundup.estimators.sentiment_classes import AverageClasses, RatioClasses, centre
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
    if isinstance(model, AverageClasses):
        weights = centre(step.linear.weight.detach().T).numpy()
        _choose(graph, graph.add("MatMul", average, graph.hold(weights)), step.linear.bias)
        return graph.finish()
    weight = graph.hold(step.linear.weight.detach().numpy().T)
    _judge(graph, graph.add("MatMul", average, weight), float(step.linear.bias.detach()))
    return graph.finish()


def write_ratios(model: RatioSentiment) -> onnx.ModelProto:
    """Return the graph of the default model: ``words`` and ``pieces`` in, ``probability`` and ``logit`` out.

    Of several classes, ``probabilities`` and ``logits`` (batch, class) come out.

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
    if isinstance(model, RatioClasses):
        totals = [_sum_classes(graph, model, occurs, group) for group in groups]
        _choose(graph, graph.add("Sum", *totals), model.classifier.bias)
        return graph.finish()
    sums = graph.add("MatMul", occurs, graph.hold(_sum_by_group(model)))
    parts = graph.add("Slice", sums, *(graph.hold([bound], np.int64) for bound in (0, len(groups), 1)))
    squares = graph.add("Slice", sums, *(graph.hold([bound], np.int64) for bound in (len(groups), 2 * len(groups), 1)))
    length = graph.add("Max", graph.add("Sqrt", squares), graph.hold(np.finfo(np.float32).tiny, np.float32))
    logit = graph.add("ReduceSum", graph.add("Div", parts, length), graph.hold([1], np.int64), keepdims=1)
    _judge(graph, logit, float(model.classifier.bias.detach()))
    return graph.finish()


def write_table(codes: Sequence[ColumnCode], vector: np.ndarray) -> onnx.ModelProto:
    """Return the graph of a regression run: an input for every column, ``prediction`` out, all of shape (batch,).

    Parameters
    ----------
    codes : sequence of ColumnCode
        The columns. Numbers are float64, NaN where missing; words are texts, empty where missing.
    vector : array of float64
        Bias, then weights.
    """
    graph = Graph("regression")
    total = _sum_columns(graph, codes, _take_columns(graph, codes), vector)
    name = _free_name("prediction", codes)
    graph.add("Identity", total, name=name)
    graph.give(name, DOUBLE, "batch")
    return graph.finish()


def write_classes(codes: Sequence[ColumnCode], weights: np.ndarray, bias: np.ndarray) -> onnx.ModelProto:
    """Return the graph of a classification run: an input for every column, ``probabilities`` (batch, class) out.

    Parameters
    ----------
    codes : sequence of ColumnCode
        The columns, as of `write_table`.
    weights : array of float64, shape (score, feature)
        One score for two classes, else one score per class.
    bias : array of float64, shape (score,)
    """
    graph = Graph("classification")
    columns = _take_columns(graph, codes)
    totals = [
        _sum_columns(graph, codes, columns, np.array([start, *row])) for start, row in zip(bias, weights, strict=True)
    ]
    if len(totals) == 1:  # two classes: the other one's score is 0
        totals.insert(0, graph.add("Mul", totals[0], graph.hold(0.0, np.float64)))
    axis = graph.hold([1], np.int64)
    scores = graph.add("Concat", *(graph.add("Unsqueeze", total, axis) for total in totals), axis=1)
    name = _free_name("probabilities", codes)
    graph.add("Softmax", scores, name=name, axis=1)
    graph.give(name, DOUBLE, "batch", len(totals))
    return graph.finish()


def _take_columns(graph: Graph, codes: Sequence[ColumnCode]) -> list[str]:
    """Return an input for each column: its number, or its word's index; an unknown word has the one after the last."""
    columns = []
    for code in codes:
        if code.levels is not None:
            levels = ["" if level == MISSING_LEVEL else level for level in code.levels]
            columns.append(graph.look_up(levels, graph.take(code.name, STRING, "batch"), len(levels)))
            continue
        value = graph.take(code.name, DOUBLE, "batch")
        if code.fill is not None:
            value = graph.add("Where", graph.add("IsNaN", value), graph.hold(code.fill, np.float64), value)
        columns.append(value)
    return columns


def _sum_columns(graph: Graph, codes: Sequence[ColumnCode], columns: Sequence[str], vector: np.ndarray) -> str:
    """Return the bias, first in the vector, plus each column's share."""
    total, place = graph.hold(vector[0], np.float64), 1
    for code, column in zip(codes, columns, strict=True):
        weights = vector[place : place + len(code.feature_names)]
        place += len(weights)
        if code.levels is None:
            part = graph.add("Mul", column, graph.hold(weights[0], np.float64))
        else:
            # The reference adds nothing; an unknown word makes the sum NaN.
            part = graph.add("Gather", graph.hold([0.0, *weights, np.nan], np.float64), column)
        total = graph.add("Add", total, part)
    return total


def _free_name(name: str, codes: Sequence[ColumnCode]) -> str:
    """Return a name for an output that no column has."""
    while name in {code.name for code in codes}:
        name += "_"
    return name


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


def _sum_classes(graph: Graph, model: RatioClasses, occurs: str, group: slice) -> str:
    """Return what a group of features adds to each class's logit: divided by the root of how many of them occur."""
    known = np.zeros((len(model.features) + 1, 1), np.float32)
    known[group] = 1
    known[[PADDING, model.vocabulary.unknown]] = 0
    with torch.no_grad():
        weights = centre(model.classifier.weight * model.classifier.ratios).numpy()
    table = np.concatenate([weights, np.zeros((1, weights.shape[1]), np.float32)]) * known
    count = graph.add("Max", graph.add("MatMul", occurs, graph.hold(known)), graph.hold(1, np.float32))
    return graph.add("Div", graph.add("MatMul", occurs, graph.hold(table)), graph.add("Sqrt", count))


def _choose(graph: Graph, totals: str, bias: torch.Tensor) -> None:
    """Add the biases of the classes, and give their logits and probabilities."""
    graph.add("Add", totals, graph.hold(centre(bias.detach()).numpy()), name="logits")
    graph.add("Softmax", "logits", name="probabilities", axis=1)
    graph.give("probabilities", FLOAT, "batch", len(bias))
    graph.give("logits", FLOAT, "batch", len(bias))


def _judge(graph: Graph, total: str, bias: float) -> None:
    flat = graph.add("Squeeze", total, graph.hold([1], np.int64))
    logit = graph.add("Add", flat, graph.hold(bias, np.float32), name="logit")
    graph.add("Sigmoid", logit, name="probability")
    graph.give("probability", FLOAT, "batch")
    graph.give("logit", FLOAT, "batch")
