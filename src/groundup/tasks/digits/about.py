"""The description of the digits task without loading it."""

from __future__ import annotations

from groundup.base.shape import fields, list_of, number, text, whole
from groundup.tasks.figures import LOSS, Curve, count, curve_of_certainty, curve_of_right, figure
from groundup.tasks.protocol import PICTURES, About

about = About(
    name="digits",
    summary="handwritten digits, or any small pictures in folders",
    report=fields({"accuracy": figure, "test_pictures": count}),
    headline=lambda report: f"{report['accuracy']:.2%} of {report['test_pictures']:,} new pictures right",
    model=fields(
        {
            "features": whole(1, 10**9),
            "classes": list_of(text, least=1),
            "mean": number(0, 255),
            "spread": number(1e-30, 1e30),
        }
    ),
    curves={
        "test_accuracy": curve_of_right("new pictures"),
        "train_accuracy": curve_of_right("training pictures"),
        "accuracy": curve_of_right("pictures in training"),
        "test_loss": curve_of_certainty("on new pictures"),
        "train_loss": curve_of_certainty("on training pictures"),
        "loss": Curve("in training", LOSS, lambda loss: f"loss in training {loss:.3f} nats"),  # of smoothed labels
    },
    form="drawing",
    data=(PICTURES,),
    built_in={"builtin": "1,797 handwritten digits"},
    parts=("linear", "activation", "dropout", "loss", "optimiser"),
    exports=("onnx",),
)
