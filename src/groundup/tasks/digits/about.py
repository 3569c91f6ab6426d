"""The description of the digits task without loading it."""

from __future__ import annotations

from groundup.base.shape import fields, list_of, number, text, whole
from groundup.tasks.figures import count, figure
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
    form="drawing",
    data=(PICTURES,),
    built_in={"builtin": "1,797 handwritten digits"},
    parts=("linear", "activation", "dropout", "loss", "optimiser"),
    exports=("onnx",),
)
