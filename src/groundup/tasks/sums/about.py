"""The description of the sums task without loading it."""

from __future__ import annotations

from groundup.base.shape import fields
from groundup.tasks.figures import count, curve_of_choice, curve_of_right, figure
from groundup.tasks.gpt.about import GPT_MODEL
from groundup.tasks.protocol import About

# The settings that say what is asked: a run that goes on from another one keeps them.
QUESTION_SETTINGS = ("digits", "operation", "order", "working")

# What of the learner's its model may be made of and trained by: a run that goes on from one keeps these.
MODEL_PARTS = (
    "linear",
    "activation",
    "optimiser",
    "embedding",
    "attention",
    "multi-head-attention",
    "block",
)

about = About(
    name="sums",
    summary="a GPT that adds or multiplies, from generated examples",
    report=fields({"accuracy": figure, "test_questions": count}, {"steps": count}),
    headline=lambda report: f"{report['accuracy']:.2%} of {report['test_questions']:,} new questions answered exactly",
    model=GPT_MODEL,
    curves={
        "accuracy": curve_of_right("new answers"),
        "training_accuracy": curve_of_right("answers in training"),
        "loss": curve_of_choice("digits", "in training"),
    },
    form="sum",
    data=(),
    parts=(*MODEL_PARTS, "answer-loss"),
    parts_preset="plain",
    exports=("huggingface", "gguf", "onnx"),
    writes=True,
    passed_on=QUESTION_SETTINGS,
)
