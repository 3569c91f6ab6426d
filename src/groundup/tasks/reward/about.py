"""The description of the reward task without loading it."""

from __future__ import annotations

from groundup.base.shape import fields
from groundup.tasks.figures import REWARD, Curve, count, curve_of_right, figure
from groundup.tasks.gpt.about import GPT_MODEL
from groundup.tasks.protocol import About
from groundup.tasks.sums.about import MODEL_PARTS, QUESTION_SETTINGS

about = About(
    name="reward",
    summary="a run of sums that goes on learning from rewards of its own answers",
    report=fields({"accuracy": figure, "accuracy_before": figure, "test_questions": count}),
    headline=lambda report: (
        f"{report['accuracy']:.2%} of {report['test_questions']:,} new questions answered exactly, "
        f"{report['accuracy_before']:.2%} before"
    ),
    model=GPT_MODEL,
    curves={
        "accuracy": curve_of_right("new answers"),
        "reward": Curve("in training", REWARD, lambda reward: f"mean reward {reward:.3f}"),
        "loss": Curve("in training", "policy loss", lambda loss: f"policy loss {loss:.4f}"),
    },
    form="sum",
    data=(),
    parts=("advantage", "policy-loss"),
    kept_parts=MODEL_PARTS,
    exports=("huggingface", "gguf", "onnx"),
    one_process=True,
    writes=True,
    begins_from="must",
    begins_after="sums",
    inherited=QUESTION_SETTINGS,
    passed_on=QUESTION_SETTINGS,
)
