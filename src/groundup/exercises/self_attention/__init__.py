"""Self-attention: one causal head."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.attention_mistakes import ATTENTION, CORE, DETACHED, add_biases, change_result
from groundup.exercises.module_checks import LearningCheck, RegisteredCheck, TrainingCheck, fixed_cases
from groundup.exercises.strategies import GENTLE, SEEDS, WIDTHS, scaled_tensors
from groundup.judge.exercise import Case, Edit, Exercise, Mistake
from groundup.judge.module_check import ModuleCheck


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {"SingleHeadAttention": step.SingleHeadAttention}


@st.composite
def cases(draw: st.DrawFn, scales: Sequence[float] = WIDTHS) -> Case:
    """Draw the widths of embedding and head, an input and a seed."""
    width, head = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    batch, time = draw(st.integers(1, 3)), draw(st.integers(1, 6))
    return (width, head), (draw(scaled_tensors(batch, time, width, widths=scales)),), draw(SEEDS)


def long_text() -> Case:
    """Return a case of more tokens than a mask of a fixed size is likely to have."""
    import torch

    return (3, 4), (torch.randn(1, 70, 3, generator=torch.Generator().manual_seed(0)),), 0


def sizes(built: Any, inputs: Any, seed: int) -> dict[str, int]:
    """Return batch, time, and the widths of embedding and head."""
    return {"B": inputs[0].shape[0], "T": inputs[0].shape[1], "C": built[0], "a": built[1], "d": built[1]}


def benchmark_case() -> tuple[str, Case, Case]:
    """Return a head of 64 channels over 8 texts of 256 tokens."""
    import torch

    return "SingleHeadAttention", (64, 64), (torch.randn(8, 256, 64, generator=torch.Generator().manual_seed(0)),)


HEAD, FORWARD, SHOWN = "SingleHeadAttention", "SingleHeadAttention.forward", ("built with", "inputs", "seed")
RESULT = "causal_attention(self.query(x), self.key(x), self.value(x))"
MAPS = {role: f"self.{role} = Linear(width, head_width, bias=False)" for role in ("query", "key", "value")}
BIASES = {role: Edit(made, made.replace(", bias=False", ""), HEAD) for role, made in MAPS.items()}


def forward(new: str) -> Edit:
    """Return an edit of what the head returns."""
    return Edit(f"return {RESULT}", f"return {new}", FORWARD)


exercise = Exercise(
    name="self-attention",
    title="Self-attention: one causal head",
    folder=Path(__file__).parent,
    modules=[ATTENTION],
    reference=reference,
    entries={HEAD: [HEAD, "Solution"]},
    rounding=4,
    tolerance=1e-4,
    forbidden=["torch.nn.MultiheadAttention", "torch.nn.functional.scaled_dot_product_attention"],
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        RegisteredCheck(
            "PyTorch knows of all its layers",
            HEAD,
            st.tuples(st.integers(2, 4), st.integers(2, 3)),
            examples=2,
            arguments=("embedding_dim", "attention_dim"),
        ),
        ModuleCheck("what the head puts out", HEAD, cases(), edges=[long_text()], examples=25, arguments=SHOWN),
        LearningCheck("its gradients", HEAD, cases(scales=GENTLE), edges=[long_text()], examples=10, arguments=SHOWN),
        TrainingCheck("the same in training mode", HEAD, fixed_cases((3, 4), (4, 2)), examples=2, arguments=SHOWN),
    ],
    mistakes=[
        *CORE,
        Mistake(
            "scaled by the embedding's width",
            "You divide the scores by the root of the embedding's width, √{C}. The dot products run over the head's {a} "
            "columns: divide by √{a}.",
            [
                forward(
                    "causal_attention(self.query(x) * (self.query.weight.shape[0] / self.query.weight.shape[1]) ** 0.5, self.key(x), self.value(x))"
                )
            ],
        ),
        Mistake(
            "scaled by the embedding's width, not a root",
            "You divide the scores by {C}, the embedding's width. The dot products run over the head's {a} "
            "columns: divide by √{a}, a root.",
            [
                forward(
                    "causal_attention(self.query(x) * self.query.weight.shape[0]**0.5 / self.query.weight.shape[1], self.key(x), self.value(x))"
                )
            ],
        ),
        Mistake(
            "the tokens averaged instead of their values",
            "You average the vectors that come in, not the values: the values come from a linear map of their own.",
            [forward("causal_attention(self.query(x), self.key(x), x)")],
        ),
        Mistake(
            "one map for queries and keys",
            "Your queries and keys come from one map, so that each token always gets the highest score for "
            "tokens like itself. Each has a map of its own, that it goes through in forward.",
            [
                Edit(MAPS["key"], "pass", HEAD),
                Edit("self.key(x)", "self.query(x)", FORWARD),
            ],
        ),
        Mistake(
            "one map for keys and values",
            "Your values come from the map of the keys: values and keys come from two different maps. Each has a "
            "map of its own.",
            [Edit(MAPS["value"], "pass", HEAD), Edit("self.value(x)", "self.key(x)", FORWARD)],
        ),
        Mistake(
            "one map for all three",
            "Queries, keys and values come from one map. Each has a map of its own: three nn.Linear.",
            [
                Edit(MAPS["key"], "pass", HEAD),
                Edit(MAPS["value"], "pass", HEAD),
                Edit("self.key(x)", "self.query(x)", FORWARD),
                Edit("self.value(x)", "self.query(x)", FORWARD),
            ],
        ),
        Mistake(
            "the input added",
            "You add the input to the result. That is the residual connection, which belongs to the block around the attention.",
            [forward(f"x + {RESULT}")],
        ),
        Mistake(
            "ReLU on the result",
            "You apply a ReLU to the result, which cuts off what is negative. The head returns the average as it is.",
            [forward(f"{RESULT}.relu()")],
        ),
        Mistake(
            "ReLU on queries, keys and values",
            "You apply a ReLU to queries, keys and values. They are linear maps of the tokens, without an activation.",
            [forward("causal_attention(self.query(x).relu(), self.key(x).relu(), self.value(x).relu())")],
        ),
        *change_result(RESULT, FORWARD, ATTENTION),
        *add_biases(BIASES, [("query", "key")]),
        *DETACHED,
        Mistake(
            "layers in a plain list",
            "You keep the maps in a plain list or dictionary, in which PyTorch does not find them: they are not trained, saved or moved. "
            "Make them attributes of the module, or use nn.ModuleList or nn.ModuleDict.",
            [
                *(
                    Edit(
                        made,
                        made.replace(f"self.{role} = ", f"self.{role}_ = [").replace("bias=False)", "bias=False)]"),
                        HEAD,
                    )
                    for role, made in MAPS.items()
                ),
                *(Edit(f"self.{role}(x)", f"self.{role}_[0](x)", FORWARD) for role in MAPS),
            ],
        ),
        Mistake(
            "one layer in a plain list",
            "You keep a map in a plain list or dictionary, in which PyTorch does not find it: it is not trained, saved or moved. "
            "Make it an attribute of the module, or use nn.ModuleList or nn.ModuleDict.",
            [
                Edit(MAPS["value"], "self.value_ = [Linear(width, head_width, bias=False)]", HEAD),
                Edit("self.value(x)", "self.value_[0](x)", FORWARD),
            ],
        ),
        *(
            Mistake(
                f"dropout of {rate} on the attention weights",
                "In training you drop attention weights. Some models do so, but none is asked for here: the result is the same in both modes.",
                [
                    forward(
                        f"nn.functional.dropout(attention_weights(self.query(x), self.key(x)), {rate}, self.training) @ self.value(x)"
                    )
                ],
            )
            for rate in (0.1, 0.2)
        ),
        *(
            Mistake(
                f"dropout of {rate} on the result",
                "In training you drop a part of the result. None is asked for here: the result is the same in both modes.",
                [forward(f"nn.functional.dropout({RESULT}, {rate}, self.training)")],
            )
            for rate in (0.1, 0.2)
        ),
        Mistake(
            "dropout in evaluation, too",
            "You drop attention weights in evaluation mode as well. No dropout is asked for here, and functional "
            "dropout needs training=self.training.",
            [forward("nn.functional.dropout(attention_weights(self.query(x), self.key(x)), 0.1) @ self.value(x)")],
        ),
    ],
)
