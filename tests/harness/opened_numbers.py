"""Numbers in pictures that open: each is what it opens to."""

import math

import pytest

FUNCTIONS = {
    "": lambda z: z,
    "σ(·)": lambda z: 1 / (1 + math.exp(-z)),
    "ReLU(·)": lambda z: max(z, 0.0),
    "exp(·)": math.exp,
    "(·)²": lambda z: z**2,
    "½ (·)²": lambda z: z**2 / 2,
    "−log ·": lambda z: -math.log(z),
}


def check_origins(frame, close=1e-4):
    """Check that every number of a frame is the sum of products that it opens to, and return how many there are."""
    for key, origin in frame.get("origins", {}).items():
        sums = 0.0
        for term in origin["terms"]:
            product = 1.0
            for factor in term["factors"]:
                product = product / factor["value"] if factor["over"] else product * factor["value"]
            assert product == pytest.approx(term["product"], rel=close, abs=close), key
            sums += term["product"]
        assert sums == pytest.approx(origin["sum"], rel=close, abs=close), key
        assert FUNCTIONS[origin["then"]](origin["sum"]) == pytest.approx(origin["value"], rel=close, abs=close), key
        for factor in (factor for term in origin["terms"] for factor in term["factors"]):
            source = frame["origins"].get(factor["key"])
            assert source is None or abs(source["value"]) == pytest.approx(
                abs(factor["value"]), rel=close, abs=close
            ), key
    return len(frame.get("origins", {}))
