"""How much memory attention takes: all weights at once, in tiles (the step), and PyTorch's fused kernel.

Run ``python benchmarks/tiled_attention.py [--tokens T ...] [--json]``, on Linux. Each measurement is a process of its
own: one head of 64 channels in float32, causal. Told is the most memory in use while it computes, above what was in
use before, and the seconds of a processor: first for the result alone, then with the gradients of queries, keys and
values. Memory does not depend on what else the machine does.
"""

import argparse
import json
import subprocess
import sys
import time

import torch

from groundup.judge.isolation.runner import read_peak, start_peak
from groundup.steps.c6_gpt.attention import causal_attention, fused_attention
from groundup.steps.c7_beyond.tiled_attention import tiled_attention

CHANNELS = 64
FORMS = {"all at once": causal_attention, "in tiles of 128": tiled_attention, "fused kernel": fused_attention}


def measure(form: str, tokens: int, gradients: bool) -> dict[str, float]:
    """Return the most megabytes in use above those before, and the seconds of a processor."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    parts = [torch.randn(1, 1, tokens, CHANNELS, requires_grad=gradients) for _ in range(3)]
    first = FORMS[form](*(part[:, :, :256] for part in parts))  # what the first call loads does not count
    if gradients:
        first.sum().backward()
    before, started = start_peak(), time.process_time()
    result = FORMS[form](*parts)
    if gradients:
        result.sum().backward()
    return {"megabytes": round(read_peak(before), 1), "seconds": round(time.process_time() - started, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, nargs="+", default=[1024, 2048, 4096, 8192])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        form, tokens, gradients = options.one
        print(json.dumps(measure(form, int(tokens), gradients == "True")))
        return
    found = []
    for tokens in options.tokens:
        for gradients in (False, True):
            for form in FORMS:
                command = [sys.executable, __file__, "--one", form, str(tokens), str(gradients)]
                told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
                found.append({"tokens": tokens, "gradients": gradients, "form": form, **told})
                if not options.json:
                    what = "with gradients" if gradients else "result alone"
                    print(f"{tokens:>6} {what:<14} {form:<16} {told['megabytes']:>8} MB {told['seconds']:>7} s")
    if options.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
