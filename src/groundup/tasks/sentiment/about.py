"""The description of the sentiment task without loading it."""

from __future__ import annotations

from groundup.base.shape import anything, fields
from groundup.tasks.figures import count, curve_of_certainty, curve_of_right, figure
from groundup.tasks.protocol import SENTENCES, About

about = About(
    name="sentiment",
    summary="whether a sentence is positive or negative, and which words decide",
    report=fields({"accuracy": figure, "test_texts": count}),
    headline=lambda report: f"{report['accuracy']:.1%} of {report['test_texts']:,} new texts right",
    model=anything,
    curves={
        "validation_accuracy": curve_of_right("new texts"),
        "accuracy": curve_of_right("texts in training"),
        "loss": curve_of_certainty("in training"),
    },
    form="sentence",
    data=(SENTENCES,),
    built_in={
        "reviews": "3,000 sentences from reviews of films, restaurants and goods",
        "sentences": "224 sentences written for this project",
    },
    parts=("linear", "embedding", "optimiser"),
    parts_preset="notes",
    exports=("onnx",),
    one_process=True,
)
