"""The description of the chat task without loading it."""

from __future__ import annotations

import math

from groundup.base.shape import fields
from groundup.tasks.figures import curve_of_choice, figure, round_figures
from groundup.tasks.gpt.about import GPT_MODEL
from groundup.tasks.protocol import SENTENCES, About

about = About(
    name="chat",
    summary="a GPT that answers, trained on dialogues from the weights of another run",
    report=fields({"best_validation_loss": figure}),
    headline=lambda report: (
        f"a choice among {round_figures(math.exp(min(report['best_validation_loss'], 700)))} tokens in new answers "
        f"({report['best_validation_loss']:.3f} nats per token)"
    ),
    model=GPT_MODEL,
    curves={
        "validation_loss": curve_of_choice("tokens", "in new answers"),
        "loss": curve_of_choice("tokens", "in training"),
    },
    form="chat",
    data=(SENTENCES,),
    parts=("answer-loss",),
    built_in={"shakespeare-dialogues": "cue and reply of Shakespeare's plays"},
    exports=("huggingface", "gguf", "onnx"),
    one_process=True,
    writes=True,
    begins_from="must",
)
