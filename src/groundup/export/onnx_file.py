"""One ONNX file: a graph written node by node or translated by PyTorch, and what a user must know beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from groundup import __version__
from groundup.base.errors import UserError
from groundup.runs.folder import Run

# Opset 20 is of 2023: onnxruntime 1.17 and newer read it, in browsers too.
OPSET, TABLES_OPSET, IR_VERSION = 20, 4, 9
LARGEST = 2**31 - 2**20  # protobuf holds no message of 2 GB


class Graph:
    """A graph in the making: every call of `add` is one node, and gives the name of what comes out."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []

    def take(self, name: str, kind: int, *shape: int | str) -> str:
        """Add an input; a word in the shape names an axis of any length."""
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def give(self, name: str, kind: int, *shape: int | str) -> None:
        """Make an output of something that has been added."""
        self.outputs.append(helper.make_tensor_value_info(name, kind, shape))

    def hold(self, values: Any, dtype: Any = None) -> str:
        """Add numbers that never change."""
        name = f"/constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.array(values, dtype), name))
        return name

    def add(self, operator: str, *inputs: str, name: str = "", domain: str = "", **attributes: Any) -> str:
        """Add a node with one output."""
        output = name or f"/{operator.lower()}_{len(self.nodes)}"  # columns of a table are named otherwise
        self.nodes.append(helper.make_node(operator, inputs, [output], domain=domain, **attributes))
        return output

    def look_up(self, keys: list[Any], found: str, default: int, first: int = 0) -> str:
        """Give texts or whole numbers a number: the i-th key becomes ``first + i``, any other the default."""
        kind = "strings" if keys and isinstance(keys[0], str) else "int64s"
        values = list(range(first, first + len(keys)))
        options: dict[str, Any] = {f"keys_{kind}": keys, "values_int64s": values, "default_int64": default}
        return self.add("LabelEncoder", found, domain="ai.onnx.ml", **options)

    def finish(self) -> onnx.ModelProto:
        """Return the model."""
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, self.constants)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", TABLES_OPSET)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)


def finish(model: onnx.ModelProto, run: Run, about: Mapping[str, Any]) -> Callable[[Path], None]:
    """Note what a user must know in a model's own metadata, check it, and return what writes its file.

    Parameters
    ----------
    model : onnx.ModelProto
        The graph.
    run : Run
        Where it is from.
    about : mapping
        JSON-ready; texts stand as they are.

    Raises
    ------
    UserError
        It is too large for one file.
    """
    notes = {"task": run.config["task"], "run": run.name, **about}
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in notes.items()}
    helper.set_model_props(model, texts)
    model.producer_name, model.producer_version = "groundup", __version__
    for node in model.graph.node:
        del node.metadata_props[:]  # PyTorch's notes: which line of which file on this disk made it
    if model.ByteSize() > LARGEST:
        raise UserError(f"{run.folder}: too large for one ONNX file (2 GB). Try --to huggingface.")
    onnx.checker.check_model(model)
    content = model.SerializeToString()

    def write(path: Path) -> None:
        path.write_bytes(content)

    return write
