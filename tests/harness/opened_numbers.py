"""Numbers in pictures that open: each is what it opens to."""

import math
import re

import pytest

FUNCTIONS = {
    "": lambda z: z,
    "σ(·)": lambda z: 1 / (1 + math.exp(-z)),
    "ReLU(·)": lambda z: max(z, 0.0),
    "exp(·)": math.exp,
    "(·)²": lambda z: z**2,
    "½ (·)²": lambda z: z**2 / 2,
    "min(1, ·)": lambda z: min(1.0, z),
    "max(0, ·)": lambda z: max(0.0, z),
    "−log ·": lambda z: -math.log(z),
    "√(·)": math.sqrt,
    "round(·)": round,
    "sin(·)": math.sin,
    "cos(·)": math.cos,
    "tan(·)": math.tan,
    "log(·)": math.log,
    "sqrt(·)": math.sqrt,
    "abs(·)": abs,
    "tanh(·)": math.tanh,
    "sigmoid(·)": lambda z: 1 / (1 + math.exp(-z)),
    "relu(·)": lambda z: max(z, 0.0),
}
POWER = re.compile(r"\(·\)\^(−?[\d.]+)|(−?[\d.]+)\^·")

DIVIDED = re.compile(r"· ÷ √(\d+)")


def finish(then, total):
    """Return what a panel makes of the sum."""
    if found := POWER.fullmatch(then):
        exponent, base = (number and float(number.replace("−", "-")) for number in found.groups())
        return base**total if base is not None else total**exponent
    if found := DIVIDED.fullmatch(then):
        return total / math.sqrt(int(found[1]))
    return FUNCTIONS[then](total)


def check_origins(frame, close=1e-4):
    """Check that every number of a frame is the sum of products that it opens to, and return how many there are."""
    for key, origin in frame.get("origins", {}).items():
        sums = 0.0
        for term in origin["terms"]:
            product = 1.0
            for factor in term["factors"]:
                product = product / factor["value"] if factor.get("over") else product * factor["value"]
            assert product == pytest.approx(term["product"], rel=close, abs=close), key
            sums += term["product"]
        assert sums == pytest.approx(origin["sum"], rel=close, abs=close), key
        assert finish(origin["then"], origin["sum"]) == pytest.approx(origin["value"], rel=close, abs=close), key
        for factor in (factor for term in origin["terms"] for factor in term["factors"]):
            source = frame["origins"].get(factor.get("key"))
            assert source is None or abs(source["value"]) == pytest.approx(
                abs(factor["value"]), rel=close, abs=close
            ), key
    return len(frame.get("origins", {}))
